// The examples are what people copy: the programs run and print what they promise, the
// configurations have nothing to complain of, the units agree with the server.

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import type { CompileContext, FileLook } from '../../lib/config/plan/compile-context.ts'
import { loadConfigFiles } from '../../lib/platform/config-file.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')

const OUTPUTS: Record<string, readonly string[]> = {
  'embed.ts': [
    'granted: 192.0.2.10 to 02:00:00:00:00:01',
    'acknowledged: 192.0.2.10 for 3600 s',
    'router: 192.0.2.1',
  ],
  'lab.ts': [
    'bound: 192.0.2.11 192.0.2.10 192.0.2.12',
    'leases after the crash: 3',
    'the first one again: 192.0.2.11',
    'the latecomer: 192.0.2.13',
    'all bound after 12 hours: true',
    'broken promises: 0',
  ],
  'events.ts': [
    'state serving',
    'no answer: the datagram is shorter than a BOOTP header',
    'log warn DHCP4_PACKET_DROP: no subnet fits the place the message came from',
    'no answer: no subnet fits the place the message came from',
    'granted 192.0.2.11',
    'log warn DHCP4_REPLY_DROP: replies that were made did not leave',
    'state failed',
    'log error JOURNAL_FAILED: leases cannot be stored, so nothing is answered until they can',
    'log warn DHCP4_PACKET_DROP: the lease could not be stored',
    'no answer: the lease could not be stored',
    'granted 192.0.2.12',
    'state serving',
    'state stopping',
    'state stopped',
  ],
  'pair-in-a-test.ts': [
    'normal: true, bound: true',
    'leases on each disk: 8 and 8',
    'one is dead: serving both halves, partner down',
    'all have kept their addresses: true',
    'a new client: true, left for more: true',
    'together again: true',
    'leases on each disk: 9 and 9',
    'cut: partner-down and partner-down',
    'healed: true, bound: true',
    'broken promises: 0',
  ],
}

const files = readdirSync(EXAMPLES)

t.test('every program is run', async (t) => {
  t.same(
    files.filter((name) => name.endsWith('.ts')),
    Object.keys(OUTPUTS).sort(),
  )
})

for (const [name, lines] of Object.entries(OUTPUTS))
  t.test(`${name} prints what happens`, async (t) => {
    const { error, stdout, stderr } = await run(join(EXAMPLES, name))
    t.equal(error, null, stderr)
    t.same(stdout.trimEnd().split('\n'), lines)
  })

const KNOWN_PASSWORD = 'the password of the example is known to everybody'

for (const name of files.filter((name) => name.endsWith('.json')))
  t.test(`${name} is a good configuration`, async (t) => {
    // Where no pair is configured this changes nothing.
    const { plan, problems } = loadOn('server1', name)
    const others = problems.filter(({ message }) => !message.startsWith(KNOWN_PASSWORD))
    t.same(others, [])
    t.equal(problems.length, name === 'pair-load-balancing.json' ? 2 : 0, 'it is to be changed')
    t.ok([plan!.dhcp4, plan!.dhcp6].some((one) => one !== undefined && one.subnets.length > 0))
  })

for (const [name, mode, servers] of [
  ['pair-load-balancing.json', 'load-balancing', 2],
  ['pair-hot-standby.json', 'hot-standby', 2],
  ['pair-dual-stack.json', 'hot-standby', 2],
  ['pair-names-bind.json', 'load-balancing', 2],
  ['pair-with-backup.json', 'load-balancing', 3],
  ['pair-tls.json', 'load-balancing', 2],
] as const)
  t.test(`${name} serves on each host of its pair`, async (t) => {
    const { ha } = loadOn('server1', name).plan!
    t.match(ha, { mode, peers: { length: servers } })
    for (const { name: thisServer, url } of ha!.peers) {
      const here = loadConfigFiles([join(EXAMPLES, name)], host({ localAddresses: [url.host] }))
      t.same(here.problems, loadOn('server1', name).problems)
      t.equal(here.plan?.ha?.thisServer.name, thisServer, 'which the address of the host tells')
      t.equal(here.plan?.fingerprint, loadOn('server1', name).plan?.fingerprint)
    }
    const nowhere = loadConfigFiles([join(EXAMPLES, name)], host({ localAddresses: ['192.0.2.1'] }))
    t.match(nowhere.problems, [{ severity: 'error', code: 'ha-this-server' }])
    for (const { url, tls, basicAuth } of ha!.peers) {
      t.equal(url.secure, name === 'pair-tls.json')
      t.ok(tls ?? basicAuth, 'nobody else can pose as this server')
    }
  })

t.test('the units of systemd agree with the server', async (t) => {
  const service = unit('whio.service')
  const socket = unit('whio.socket')
  t.match(service.get('ExecStart'), /whio serve -c \/etc\/whio\/dhcp4\.conf \$WHIO_OPTIONS$/)
  t.equal(service.get('ExecReload'), '/bin/kill -HUP $MAINPID')
  t.match(service.get('AmbientCapabilities'), /CAP_NET_RAW/, 'replies go to hardware addresses')
  t.notOk(service.has('Environment'), 'NODE_OPTIONS=--disable-sigusr1 blocks SIGUSR1 for good')
  t.notOk(service.has('MemoryDenyWriteExecute'), 'V8 could not run')
  const { plan } = loadConfigFiles([join(EXAMPLES, 'lan.json')])
  const [leases] = service.get('StateDirectory')!.split(' ')
  const folder = `/var/lib/${leases}/`
  t.ok(plan!.database.path.startsWith(folder), 'the journal lies where it may be written')
  t.equal(socket.get('ListenDatagram'), '0.0.0.0:67')
  t.equal(socket.get('FileDescriptorName'), socket.get('BindToDevice'))
  t.equal(socket.get('Service'), 'whio.service')
})

function loadOn(thisServer: string, name: string) {
  return loadConfigFiles([join(EXAMPLES, name)], host({ thisServer }))
}

/** A host that has the files the examples name. */
function host(more: Partial<CompileContext>): CompileContext {
  const machine = {
    localAddresses: [],
    interfaceNames: ['eth0', 'eth1', 'lo'],
    prefixesOf: () => [prefix6FromText('2001:db8:7:ff01::/64')!],
  }
  return { stateDirectory: '/var/lib/whio', look, ...machine, ...more }
}

function look(path: string): FileLook {
  const texts: Record<string, string> = {
    '/etc/whio/pair-password': 'secret\n',
    '/etc/whio/tsig-secret': 'c2VjcmV0\n',
    '/etc/whio/tls/ca.crt': '-----BEGIN CERTIFICATE-----',
    '/etc/whio/tls/server.crt': '-----BEGIN CERTIFICATE-----',
    '/etc/whio/tls/server.key': '-----BEGIN PRIVATE KEY-----',
  }
  const text = texts[path]
  return text === undefined ? { kind: 'trouble', trouble: 'absent' } : { kind: 'file', text }
}

/**
 * Runs a program as it stands, but for the network of documentation: this host may have addresses
 * of it, which a server never gives, and none of 198.18.0.0/15 (RFC 2544).
 */
function run(file: string) {
  return new Promise<{ error: Error | null; stdout: string; stderr: string }>((resolve) => {
    // The hooks of the test runner are not wanted inside. The examples import the package: here its
    // sources.
    const node = ['-u', 'NODE_OPTIONS', process.execPath, '--conditions=whio-source']
    const args = [...node, '--input-type=module-typescript']
    const child = execFile('env', args, { cwd: EXAMPLES }, (error, stdout, stderr) =>
      resolve({ error, stdout: stdout.replaceAll('198.18.0.', '192.0.2.'), stderr }),
    )
    child.stdin!.end(readFileSync(file, 'utf8').replaceAll('192.0.2.', '198.18.0.'))
  })
}

/** The directives of a unit file; none of ours stands twice. */
function unit(name: string): Map<string, string> {
  const text = readFileSync(join(EXAMPLES, 'systemd', name), 'utf8')
  return new Map([...text.matchAll(/^([A-Z]\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]))
}
