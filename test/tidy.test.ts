// The house rules that a machine can check: imports go down the floors only, and only the rooms
// that touch the world may use what reaches it. TypeScript 7 has no parser API, so sources are read
// as text with comments and strings taken out.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')

/** Floor of each room; a room may import its own files and rooms of lower floors. */
const FLOORS: Record<string, number> = {
  bytes: 0,
  catalogue: 0,
  time: 0,
  address: 0.5, // stands on bytes
  wire: 1,
  leases: 2,
  classify: 2,
  names: 2,
  config: 3,
  dhcp: 3.5, // what the engines of both families do alike
  dhcp4: 4,
  dhcp6: 4,
  ha: 4,
  ddns: 4,
  leasequery: 4.5, // stands on what clients of DHCPv4 are told
  ports: 5,
  explain: 5.5, // what the engine decided, in words: for the server and the command line
  server: 6,
  platform: 7,
  lab: 7,
  control: 7,
  api: 7.5,
  'index.ts': 8,
  cli: 9, // the lab command is a user of the public API
}

const WORLDLY = new Set(['platform', 'cli', 'api', 'index.ts'])

const BANNED: readonly (readonly [string, RegExp])[] = [
  ['Date', /\bDate\b/],
  ['timers', /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ['Math.random', /\bMath\.random\b/],
  ['process', /\bprocess\b/],
  ['console', /\bconsole\b/],
  ['async', /\b(async|await|Promise)\b/],
]

interface Source {
  /** Path below lib/, as `wire/v4/message.ts`. */
  readonly path: string
  readonly room: string
  readonly text: string
}

const sources: Source[] = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({
    path,
    room: path.split('/')[0]!,
    text: readFileSync(join(ROOT, 'lib', path), 'utf8'),
  }))

/** Code without comments; the contents of strings and template texts are blanked. */
function bare(text: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  return text.replace(token, (part) => {
    if (part.startsWith('/')) return ' '
    if (!part.startsWith('`')) return "''"
    return [...part.matchAll(/\$\{([^}]*)\}/g)].map((hole) => hole[1]).join(' ')
  })
}

function imports(text: string): string[] {
  const code = text.replace(/^\s*\/\/[^\n]*$/gm, '')
  return [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g)].map((m) => m[1]!)
}

function roomOf(from: string, specifier: string): string {
  return join(from, '..', specifier).split('/')[0]!
}

t.test('there are sources, and the checks see what they must', async (t) => {
  t.ok(sources.length > 20)
  t.same(imports("import a from './a.ts'\nexport * from '../b/c.ts'"), ['./a.ts', '../b/c.ts'])
  t.same(imports("const x = await import('node:fs')"), ['node:fs'])
  t.match(bare(`const t = \`\${Date.now()}\` // Math.random`), 'Date.now()')
  t.notMatch(bare("// Date\nconst x = 'Date'"), 'Date')
})

t.test('every file is in a room', async (t) => {
  for (const { path, room } of sources) t.ok(room in FLOORS || path === 'index.ts', `lib/${path}`)
})

t.test('imports go down the floors only', async (t) => {
  const upward = sources.flatMap(({ path, room, text }) =>
    imports(text)
      .filter((specifier) => specifier.startsWith('.'))
      .filter((specifier) => !isDown(room, roomOf(path, specifier)))
      .map((specifier) => `lib/${path} imports ${specifier}`),
  )
  t.same(upward, [])
})

/**
 * Wings of a room, lowest first: a wing imports those before it, and no wing what stands beside
 * them.
 */
const WINGS: Readonly<Record<string, readonly string[]>> = {
  config: ['text', 'plan', 'keys', 'ha', 'compile', 'canonical', 'backend'],
}

t.test('within a room, imports go down its wings only', async (t) => {
  const upward = sources.flatMap(({ path, room, text }) => {
    const order = WINGS[room]
    if (order === undefined) return []
    const rank = (file: string): number => rankOf(file, order)
    return imports(text)
      .filter((specifier) => specifier.startsWith('.') && roomOf(path, specifier) === room)
      .filter((specifier) => rank(join(path, '..', specifier)) > rank(path))
      .map((specifier) => `lib/${path} imports ${specifier}`)
  })
  t.same(upward, [])
  const folders = Object.entries(WINGS).flatMap(([room, order]) =>
    order.map((wing) => `${room}/${wing}/`),
  )
  for (const folder of folders)
    t.ok(
      sources.some(({ path }) => path.startsWith(folder)),
      `there is a lib/${folder}`,
    )
})

t.test('only platform, api and cli touch the world', async (t) => {
  const worldly: string[] = []
  for (const { path, room, text } of sources) {
    if (WORLDLY.has(room)) continue
    const code = bare(text)
    for (const [name, pattern] of BANNED)
      if (pattern.test(code)) worldly.push(`lib/${path} uses ${name}`)
    for (const specifier of imports(text))
      if (specifier.startsWith('node:') && !isHash(room, specifier))
        worldly.push(`lib/${path} imports ${specifier}`)
  }
  t.same(worldly, [])
})

/** Digests are functions of what they are given: those of DNS are too many to write them again. */
function isHash(room: string, specifier: string): boolean {
  return room === 'ddns' && specifier === 'node:crypto'
}

t.test('no files import each other in a circle', async (t) => {
  const arrows = new Map(
    sources.map(({ path, text }) => [
      path,
      imports(text)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => join(path, '..', specifier)),
    ]),
  )
  t.same(circlesOf(arrows), [])
})

t.test('a circle of imports is found, and who only leads to it is not on it', async (t) => {
  const arrows = Object.entries({ a: ['b'], b: ['c', 'd'], c: ['b'], d: ['e'], e: [], f: ['f'] })
  t.same(circlesOf(new Map(arrows)), [['b', 'c'], ['f']])
})

/** Names of files in texts, comments and strings: `v4/message.ts`, `../system/netns.ts`. */
const FILE_NAMED = /(?<![\w.-])(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.(?:ts|md|mjs|sh)\b/g

/** Made up, or made by a build or an installation. */
const NOT_HERE = new Set([
  ...[
    'a.ts',
    'b/c.ts',
    'whio.mjs',
    'etc/whio/hooks/guests.mjs',
    'etc/whio/hooks/hello.mjs',
    'hello.ts',
  ],
  ...['dist/lib/index.d.ts', 'whio/examples/ha/make-certificates.sh'],
])

t.test('every file that is named somewhere exists', async (t) => {
  const folders = ['lib', 'test', 'bin', 'examples', 'schemas']
  const files = [
    ...readdirSync(ROOT).filter((name) => /\.(ts|mjs|md|json)$/.test(name)),
    ...folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    ),
  ]
  const ends = new Set(files.flatMap((path) => endsOf(path)))
  const missing = files
    .filter((path) => /\.(ts|mjs|md|sh|json)$/.test(path) && path !== 'package-lock.json')
    .flatMap((path) => {
      const named = readFileSync(join(ROOT, path), 'utf8').match(FILE_NAMED) ?? []
      return named
        .filter((name) => !ends.has(name) && !NOT_HERE.has(name))
        .map((name) => `${path} names ${name}`)
    })
  t.same(missing, [])
})

t.test('the map names what there is, and where it is', async (t) => {
  const [map = ''] = readFileSync(join(ROOT, 'lib/README.md'), 'utf8').split('\n## Tests')
  const rows = [...map.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)]
  const files = rows.flatMap(([, room, text]) =>
    [...text!.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file]) => `${room}/${file}`),
  )
  const places = [...map.matchAll(/(?<![\w/.-])(?:lib\/)?(\w+\/[\w/-]+)(?![\w.-])/g)]
    .map(([, place]) => place!)
    .filter((place) => place.split('/')[0]! in FLOORS)
  const known = new Set(sources.flatMap(({ path }) => startsOf(path)))
  t.ok(rows.length > 12 && places.length > 5, 'the map is read')
  t.same(
    [...files, ...places].filter((place) => !known.has(place)),
    [],
  )
})

/** Tables are as long as what they list. */
const TABLES = new Set([
  'wire/options/options4.ts',
  'catalogue/reasons.ts',
  'catalogue/reasons6.ts',
  'catalogue/messages.ts',
])

t.test('no file outgrows what one would like to inherit', async (t) => {
  const long = sources
    .filter(({ path, text }) => !TABLES.has(path) && text.split('\n').length > 400)
    .map(({ path }) => path)
  t.same(long, [])
})

/** Files beside the wings stand above them all, and so does a folder that is not in the order. */
function rankOf(path: string, order: readonly string[]): number {
  const [, wing, file] = path.split('/')
  const rank = file === undefined ? -1 : order.indexOf(wing!)
  return rank < 0 ? order.length : rank
}

function isDown(room: string, target: string): boolean {
  return target === room || (FLOORS[target] ?? 99) < FLOORS[room]!
}

/** Sets of files that reach each other: what is on a way from a file back to it, sorted. */
function circlesOf(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...arrows.keys()].map((path) => [path, reachedFrom(path, arrows)]))
  const circles = [...reached]
    .filter(([path, others]) => others.has(path))
    .map(([path, others]) => [...others].filter((other) => reached.get(other)!.has(path)).sort())
  return [...new Map(circles.map((circle) => [circle.join(' '), circle])).values()]
}

function reachedFrom(start: string, arrows: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>()
  const waiting = [start]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
    for (const next of arrows.get(path) ?? []) {
      if (reached.has(next) || !arrows.has(next)) continue
      reached.add(next)
      waiting.push(next)
    }
  return reached
}

/** Of a path its last part, its last two parts and so on. */
function endsOf(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(index).join('/'))
}

/** Each folder on a path, and the file with its ending and without. */
function startsOf(path: string): string[] {
  const parts = path.split('/')
  return [
    path.replace(/\.ts$/, ''),
    ...parts.map((_, index) => parts.slice(0, index + 1).join('/')),
  ]
}

/** The head of a table whose rows have a width of their own, and what a tool wants on one line. */
const WIDE = /^ *(?:\/\/ {10,}waiting syncing ready|\/\/ biome-ignore)/

t.test('comments are within 100 columns', async (t) => {
  const wide = ['lib', 'bin', 'test', 'examples'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) =>
        readFileSync(join(ROOT, folder, path), 'utf8')
          .split('\n')
          .filter((line) => line.length > 100 && /^ *(?:\/\/|\/?\*)/.test(line))
          .filter((line) => !WIDE.test(line))
          .map((line) => `${folder}/${path}: ${line.trim()}`),
      ),
  )
  t.same(wide, [])
})
