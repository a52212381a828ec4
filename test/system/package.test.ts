// The package as somebody gets it: packed, installed into an empty folder, run from there. What
// only works in the checkout (sources, development tools, the Node that npm ci brings) shows here.
// Needs no root, and of npm what `npm ci` left in its cache.

import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { folder } from './daemon.ts'

// npm may have to wait for a busy machine.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of PATH in `cwd`; `node` (an executable) is the first one that scripts find. */
function run(cwd: string, node: string, program: string, ...args: string[]): Promise<Ended> {
  const env = environment(node)
  // tap puts its hooks into the environment of every child, also a cleaned one.
  const words = ['-u', 'NODE_OPTIONS', program, ...args]
  return new Promise((resolve) => {
    execFile('env', words, { cwd, env, encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr })
    })
  })
}

/** Shows what the program said only where it failed. */
function succeeded(t: Test, { code, stdout, stderr }: Ended, name = 'succeeded'): void {
  t.equal(code, 0, code === 0 ? name : stdout + stderr)
}

/** What a person at a prompt has: nothing of the test runner, nothing of the checkout. */
function environment(node: string): NodeJS.ProcessEnv {
  const env = { ...process.env }
  for (const name of Object.keys(env))
    if (
      /^_?TAP|^NODE_OPTIONS$|^npm_(package|lifecycle|command|execpath|node)|^INIT_CWD$/.test(name)
    )
      delete env[name]
  delete env.npm_config_local_prefix
  const path = (env.PATH ?? '').split(delimiter).filter((at) => !at.includes('node_modules'))
  return { ...env, PATH: [dirname(node), ...path].join(delimiter) }
}

/**
 * A server in the consumer's own program: one exchange over UDP, of an address that no host has
 * (RFC 2544).
 */
const EMBED = `
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type DecodedMessage4, decodeMessage4, encodeMessage4, octetsFromIpv4 } from 'whio'

const LOOPBACK = '127.0.0.1'
const [DISCOVER, REQUEST] = [1, 3]
const config = {
  Dhcp4: {
    'interfaces-config': { interfaces: ['lo/' + LOOPBACK] },
    subnet4: [
      {
        id: 1,
        subnet: '198.18.0.0/24',
        relay: { 'ip-addresses': [LOOPBACK] },
        pools: [{ pool: '198.18.0.10 - 198.18.0.20' }],
      },
    ],
  },
}
const stateDirectory = process.argv[2]
const server = createServer(config, { port: 0, ...(stateDirectory && { stateDirectory }) })
server.on('lease', ({ action, lease }) => console.log(action, lease.address))
server.on('drop', ({ reason }) => console.log('dropped', reason))
await server.start()
const port = server.ports()[0]!.port

const relay = createSocket('udp4').bind(0, LOOPBACK)
await once(relay, 'listening')
const hwAddress = '02:00:00:00:00:01'
// RFC 8357: the reply comes to the port that was sent from.
const ownPort: [number, string] = [82, '\\x13\\0']

async function ask(type: number, options: [number, string][]): Promise<DecodedMessage4> {
  const fields = { xid: 7, hops: 1, giaddr: LOOPBACK, hwAddress }
  relay.send(
    encodeMessage4(fields, [[53, String.fromCharCode(type)], ...options, ownPort]),
    port,
    LOOPBACK,
  )
  const [bytes] = (await once(relay, 'message')) as [Uint8Array]
  return decodeMessage4(bytes)
}

const offer = await ask(DISCOVER, [])
const address: [number, string] = [50, octetsFromIpv4(offer.yiaddr)]
const ack = await ask(REQUEST, [[54, offer.octets(54) ?? ''], address])
console.log('type', ack.type, 'address', ack.yiaddr)
relay.close()
await server.stop()
`

const readJson = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))

/** A folder that depends on nothing but the tarball. */
function manifestOf(tarball: string): object {
  // As in the checkout: these have what they need in their packages, npm need not build it.
  const { allowScripts } = readJson('package.json')
  return {
    name: 'app',
    private: true,
    type: 'module',
    allowScripts,
    dependencies: { whio: tarball },
  }
}

/**
 * Its lock file: the versions that the checkout is tested with, which `npm ci` there has left in
 * npm's cache. So nothing is asked for, as long as each entry says where it came from.
 */
function lockOf(tarball: string, registry: string): object {
  const { version, bin, engines, dependencies, optionalDependencies } = readJson('package.json')
  const whio = { version, bin, engines, dependencies, optionalDependencies, resolved: tarball }
  const packages: Record<string, object> = {
    '': { name: 'app', dependencies: { whio: tarball } },
    'node_modules/whio': whio,
  }
  for (const [at, one] of Object.entries<Locked>(readJson('package-lock.json').packages)) {
    if (at === '' || one.dev === true) continue
    packages[at] = { resolved: originOf(at, one, registry), ...one }
  }
  return { name: 'app', lockfileVersion: 3, requires: true, packages }
}

/** Where npm got a package from, which the lock file leaves out. */
function originOf(at: string, { version }: Locked, registry: string): string {
  const name = at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length)
  return new URL(`${name}/-/${name.split('/').at(-1)}-${version}.tgz`, registry).href
}

interface Locked {
  readonly version: string
  readonly dev?: boolean
}

t.test('the packed package, installed', async (t) => {
  const at = folder(t)
  const app = join(at, 'app')
  const node = process.execPath
  const packed = await run(ROOT, node, 'npm', 'pack', '--json', '--pack-destination', at)
  succeeded(t, packed)
  // What prepare prints stands before the JSON.
  const json = packed.stdout.slice(packed.stdout.indexOf('[\n'))
  const [tarball] = JSON.parse(json) as [{ filename: string; files: { path: string }[] }]
  const files = tarball.files.map(({ path }) => path)
  for (const file of ['dist/bin/whio.js', 'dist/lib/index.d.ts', 'examples/lan.json', 'LICENSE'])
    t.ok(files.includes(file), `has ${file}`)
  t.same(
    files.filter((file) => /^(test|lib|bin)\/|sqlite/.test(file)),
    [],
    'and nothing else',
  )

  mkdirSync(app)
  const source = `file:../${tarball.filename}`
  const registry = (await run(app, node, 'npm', 'config', 'get', 'registry')).stdout.trim()
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifestOf(source)))
  writeFileSync(join(app, 'package-lock.json'), JSON.stringify(lockOf(source, registry)))
  const options = ['--prefer-offline', '--fetch-retries=0', '--no-audit', '--no-fund']
  const installed = await run(app, node, 'npm', 'ci', ...options)
  succeeded(t, installed)

  await t.test('the command', async (t) => {
    const good = await run(
      app,
      node,
      'npx',
      '--no',
      'whio',
      'check',
      'node_modules/whio/examples/lan.json',
    )
    succeeded(t, good)
    const mistake = '{ "Dhcp4": {\n  "valid-lifetime": "long",\n  "no-such-key": 1 } }'
    writeFileSync(join(app, 'bad.json'), mistake)
    const bad = await run(app, node, 'npx', '--no', 'whio', 'check', 'bad.json')
    t.equal(bad.code, 1)
    const text = bad.stdout + bad.stderr
    t.match(text, /bad\.json:2:\d+.*valid-lifetime/, 'says where')
    t.match(text, /bad\.json:3:\d+.*no-such-key/, 'says everything at once')
  })

  await t.test('the API', async (t) => {
    writeFileSync(join(app, 'embed.ts'), EMBED)
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node']
    const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
    const checked = await run(app, node, tsc, ...strict, ...types, 'embed.ts')
    succeeded(t, checked, 'its types are good for a strict consumer')
    const expected = 'granted 198.18.0.10\ntype 5 address 198.18.0.10\n'
    const memory = await run(app, node, 'node', 'embed.ts')
    succeeded(t, memory)
    t.same(memory.stdout.split('\n').sort(), expected.split('\n').sort(), 'leases in memory')
    const disk = await run(app, node, 'node', 'embed.ts', at)
    succeeded(t, disk)
    t.same(disk.stdout.split('\n').sort(), expected.split('\n').sort(), 'leases on disk')
    t.ok(existsSync(join(at, 'whio-leases4.sqlite')), 'its journal has been made')
  })

  const old = await oldNode()
  const skip = old === undefined && 'PATH has no Node that is too old'
  await t.test('a Node that is too old', { skip }, async (t) => {
    const refused = await run(app, old!, 'npx', '--no', 'whio', 'check', 'bad.json')
    t.equal(refused.code, 1)
    t.match(refused.stderr, /whio needs Node\.js 22\.18 or newer; \S+ is v\d+/)
    t.notMatch(refused.stderr, /at .*:\d+:\d+/, 'a sentence, not a stack')
  })
})

t.test('a checkout without tools for development', async (t) => {
  const at = folder(t)
  const node = process.execPath
  const registry = (await run(at, node, 'npm', 'config', 'get', 'registry')).stdout.trim()
  for (const part of [
    'package.json',
    'build.mjs',
    'tsconfig.json',
    'tsconfig.build.json',
    '.npmrc',
  ])
    cpSync(join(ROOT, part), join(at, part))
  for (const part of ['bin', 'lib', 'schemas', 'examples'])
    cpSync(join(ROOT, part), join(at, part), { recursive: true })
  const lock = readJson('package-lock.json')
  for (const [place, one] of Object.entries<Locked>(lock.packages))
    if (place !== '') lock.packages[place] = { resolved: originOf(place, one, registry), ...one }
  writeFileSync(join(at, 'package-lock.json'), JSON.stringify(lock))
  const options = ['--omit=dev', '--prefer-offline', '--fetch-retries=0', '--no-audit', '--no-fund']
  succeeded(t, await run(at, node, 'npm', 'ci', ...options), 'npm ci --omit=dev')
  t.notOk(existsSync(join(at, 'node_modules/typescript')))
  const checked = await run(at, node, 'node', 'bin/whio.ts', 'check', 'examples/lan.json')
  succeeded(t, checked, 'it runs as it is')
  const packed = await run(at, node, 'npm', 'pack')
  t.not(packed.code, 0)
  t.match(
    packed.stderr,
    /cannot be made without the compiler/,
    'no package without a program in it',
  )
})

/** The first Node of PATH that Whio does not run on. */
async function oldNode(): Promise<string | undefined> {
  for (const at of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(at, 'node')
    if (at === '' || !existsSync(file)) continue
    const { stdout } = await run(ROOT, file, file, '--version')
    const [major = 99, minor = 0] = stdout.slice(1).split('.').map(Number)
    if (major < 22 || (major === 22 && minor < 18)) return file
  }
  return undefined
}
