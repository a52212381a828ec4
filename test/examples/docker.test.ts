// The files for containers, as far as they can be judged without an engine: what the build copies
// is enough to make the package, each command is one of ours, and the two files agree with each
// other and with the configuration.

import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { COMMANDS } from '../../lib/cli/commands.ts'
import { loadConfigFiles } from '../../lib/platform/config-file.ts'

const run = promisify(execFile)

const ROOT = join(import.meta.dirname, '../..')
const AT = join(ROOT, 'examples/docker')

interface Instruction {
  readonly name: string
  readonly words: string
}

/** Lines that end with a backslash go on; comments are left out. */
const instructions: readonly Instruction[] = readFileSync(join(AT, 'Dockerfile'), 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ name: line.split(' ')[0]!, words: line.slice(line.indexOf(' ') + 1) }))

const KNOWN = [
  'FROM',
  'WORKDIR',
  'COPY',
  'RUN',
  'VOLUME',
  'STOPSIGNAL',
  'HEALTHCHECK',
  'ENTRYPOINT',
  'CMD',
]

const wordsOf = (name: string) =>
  instructions.filter((one) => one.name === name).map(({ words }) => words)

/** What a line that starts whio says, behind its name. */
function judge(test: Test, words: readonly string[]): void {
  const [name = '', ...rest] = words
  const command = COMMANDS.get(name)
  test.ok(command, `whio ${name}`)
  const flags = command?.options.flatMap((option) => option.flags) ?? []
  for (const word of rest)
    if (word.startsWith('-')) test.ok(flags.includes(word), `whio ${name} ${word}`)
}

t.test('the Dockerfile', async (t) => {
  t.same([...new Set(instructions.map(({ name }) => name))].sort(), [...KNOWN].sort())
  const [nodeMajor] = /\d+/.exec(wordsOf('FROM')[0]!)!
  const { engines, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  t.equal(
    /\d+/.exec(devDependencies.node)![0],
    nodeMajor,
    `the Node that is tested (${engines.node})`,
  )
  t.same(JSON.parse(wordsOf('ENTRYPOINT')[0]!), ['whio'])
  judge(t, JSON.parse(wordsOf('CMD')[0]!))
  const [, health] = /CMD whio (.*?) \|\|/.exec(wordsOf('HEALTHCHECK')[0]!)!
  judge(t, health!.split(' '))

  const at = mkdtempSync(join(tmpdir(), 'whio-docker-'))
  t.after(() => rmSync(at, { recursive: true }))
  for (const words of wordsOf('COPY').filter((line) => !line.startsWith('--from'))) {
    const sources = words.split(' ')
    const target = sources.pop()!
    for (const source of sources) {
      t.ok(existsSync(join(ROOT, source)), source)
      const to = sources.length > 1 ? join(at, source) : join(at, target)
      cpSync(join(ROOT, source), to, { recursive: true })
    }
  }
  // In the place of `npm ci`.
  symlinkSync(join(ROOT, 'node_modules'), join(at, 'node_modules'))
  mkdirSync(join(at, 'packed'))
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`
  const env = { ...process.env, PATH: path }
  // What tap has every process load cannot load the compiler.
  const pack = ['-u', 'NODE_OPTIONS', 'npm', 'pack', '--pack-destination', join(at, 'packed')]
  await run('env', pack, { cwd: at, env })
  t.match(readdirSync(join(at, 'packed')), [/^whio-.*\.tgz$/], 'what is copied makes the package')
})

type Yaml = string | Yaml[] | { [key: string]: Yaml }

/** As much of YAML as the file has: maps and lists by indentation, and lists in brackets. */
function parseYaml(text: string): Yaml {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    .map((line) => ({ depth: line.search(/\S/), text: line.trim() }))
  const scalar = (value: string): Yaml =>
    value.startsWith('[')
      ? value
          .slice(1, -1)
          .split(',')
          .map((one) => one.trim().replace(/^"(.*)"$/, '$1'))
      : value
  const block = (depth: number): Yaml => {
    const isList = lines[0]?.text.startsWith('- ') === true
    const list: Yaml[] = []
    const map: { [key: string]: Yaml } = {}
    while (lines[0]?.depth === depth) {
      const line = lines.shift()!
      if (isList) {
        const item = line.text.slice(2)
        const isMap = /^[\w-]+: /.test(item)
        if (isMap) lines.unshift({ depth: depth + 2, text: item })
        list.push(isMap ? block(depth + 2) : scalar(item))
        continue
      }
      const [, key = '', value = ''] = /^([^:]+):(?: (.*))?$/.exec(line.text)!
      const deeper = lines[0]?.depth ?? 0
      map[key] = value === '' && deeper > depth ? block(deeper) : scalar(value)
    }
    return isList ? list : map
  }
  return block(0)
}

interface Service {
  readonly build: { readonly context: string; readonly dockerfile: string }
  readonly command: readonly string[]
  readonly networks: { readonly lan: { readonly ipv4_address: string } }
  readonly volumes: readonly string[]
  readonly secrets: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: object
  readonly volumes: object
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

/** What somebody makes before the first start, as the comment of the file says. */
const MADE = ['./pair-password']

t.test('the compose file', async (t) => {
  const text = readFileSync(join(AT, 'compose.yaml'), 'utf8')
  const compose = parseYaml(text) as unknown as Compose
  const { services, networks, volumes, secrets } = compose
  t.same(Object.keys(services), ['server1', 'server2'])
  const mounted = new Map<string, string>()
  for (const { build, command, volumes: mounts, ...service } of Object.values(services)) {
    t.ok(existsSync(join(AT, build.context, build.dockerfile)), build.dockerfile)
    judge(t, command)
    t.same(Object.keys(service.networks), Object.keys(networks))
    for (const mount of mounts) {
      const [from = '', to = ''] = mount.split(':')
      if (from.startsWith('.')) t.ok(existsSync(join(AT, from)), from)
      else t.ok(from in volumes, `volume ${from}`)
      mounted.set(to, from)
    }
    t.ok(service.secrets.every((name) => name in secrets))
    t.ok(mounted.has(command.at(-1)!), 'the configuration is mounted')
  }
  for (const { file } of Object.values(secrets)) {
    t.ok(MADE.includes(file), file)
    t.match(text, `> ${file.slice(2)} `, 'the comment says how it is made')
  }
  for (const volume of wordsOf('VOLUME')[0]!.split(' ')) t.ok(mounted.has(volume), volume)

  for (const [name, { networks: own }] of Object.entries(services)) {
    const { plan, problems } = loadConfigFiles([join(AT, 'dhcp4.conf')], {
      stateDirectory: '/var/lib/whio',
      look: () => ({ kind: 'file', text: 'a random password of this very test' }),
      localAddresses: [own.lan.ipv4_address],
      interfaceNames: ['lo', 'eth0'],
    })
    t.same(problems, [])
    t.equal(plan?.ha?.thisServer.name, name, 'each finds itself by its address')
    const { basicAuth } = plan!.ha!.thisServer
    t.ok(basicAuth)
    t.ok(plan!.database.path.startsWith('/var/lib/whio/'), 'leases are in the volume')
  }
})
