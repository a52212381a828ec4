// Who comes to the url of a server of a pair and is no partner: clients are served and the partner
// is connected all the same, whatever strangers do, and however few file descriptors are left for
// them.

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { folder } from './daemon.ts'
import { type Namespace, type Running, systemSkip } from './netns.ts'
import {
  conflicts,
  Load,
  makeCertificates,
  missing,
  PairHosts,
  type PairOptions,
  SERVERS,
  tlsKeys,
} from './pair-hosts.ts'
import { begin } from './pair-stories.ts'

const skip = systemSkip('prlimit', 'openssl', 'kea-dhcp4')

/** Where strangers come from. */
function strangers(pair: PairHosts): Namespace {
  const where = pair.net.namespace('strangers')
  pair.net.veth(pair.clients, 'strangers', where, 'eth0')
  pair.clients.run('ip', 'link', 'set', 'strangers', 'master', 'cable')
  where.addAddress('eth0', '10.78.0.50/24')
  return where
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

// Kea waits for itself, and all wait for starts.
t.jobs = 3

t.test('strangers take the last file descriptor', { skip, buffered: true }, async (t) => {
  const pair = new PairHosts(t, folder(t), { mode: 'load-balancing' })
  const where = strangers(pair)
  const load = await begin(t, pair)
  for (const host of [0, 1] as const) await load.heard(50, host, 0)
  const { marks } = pair
  const one = pair.server(0)
  const { pid } = one.running
  const limit = openFiles(pid) + 8
  where.run('prlimit', '--pid', `${pid}`, `--nofile=${limit}:${limit}`)
  const crowd = where.node('test/system/idle-connections.ts', '10.78.0.1', '8000', '200')
  const { trouble } = await one.line('DHCP4_INTERFACES_UNKNOWN', {}, marks[0])
  t.comment(trouble)
  await load.heard(200, 0, load.mark)
  t.notOk(one.wrote('HA_LINK_LOST', {}, marks[0]))
  crowd.kill('SIGKILL')
  await crowd.ended
  await load.settle('renew')
  await pair.audit(t, load)
})

/** Kea's libraries, wherever the architecture puts them. */
function keaLibrary(name: string): string {
  const found = readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/kea/hooks/${name}`)
    .find((path) => existsSync(path))
  return found ?? name
}

/**
 * Kea on the second host, as the partner. It serves no clients, so that all that are served are
 * Whio's.
 */
function startKea(pair: PairHosts, options: PairOptions): Running {
  const { 'hooks-libraries': hooks, ...rest } = pair.dhcp4(1, options)
  const [map] = hooks[0]!.parameters['high-availability']
  const threads = {
    'enable-multi-threading': true,
    'http-dedicated-listener': true,
    'http-listener-threads': 1,
    'http-client-threads': 1,
  }
  const high = {
    ...map,
    'this-server-name': 'server2',
    'heartbeat-delay': 500,
    'multi-threading': threads,
  }
  const at = `${pair.at}/host2`
  const Dhcp4 = {
    ...rest,
    'interfaces-config': { interfaces: ['ha'] },
    'lease-database': { type: 'memfile', name: `${at}/leases.csv`, 'lfc-interval': 0 },
    'multi-threading': { 'enable-multi-threading': true, 'thread-pool-size': 1 },
    'hooks-libraries': [
      { library: keaLibrary('libdhcp_lease_cmds.so') },
      {
        library: keaLibrary('libdhcp_ha.so'),
        parameters: { 'high-availability': [high] },
      },
    ],
    loggers: [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
  }
  writeFileSync(`${at}/kea.json`, JSON.stringify({ Dhcp4 }))
  const environment = [`KEA_PIDFILE_DIR=${at}`, `KEA_LOCKFILE_DIR=${at}`]
  return pair.hosts[1]!.start('env', ...environment, 'kea-dhcp4', '-c', `${at}/kea.json`)
}

for (const isSecure of [false, true])
  t.test(
    `Kea as the partner, ${isSecure ? 'with' : 'without'} TLS`,
    {
      skip,
      buffered: true,
    },
    async (t) => {
      const tls = folder(t)
      const options: PairOptions = {
        mode: 'hot-standby',
        isSecure,
        ...(isSecure ? { ha: (host) => tlsKeys(tls, host) } : {}),
      }
      const pair = new PairHosts(t, folder(t), options)
      if (isSecure) makeCertificates(pair.clients, tls)
      const kea = startKea(pair, options)
      await kea.until(/HA_SERVICE_STARTED/)
      const one = pair.launch(0)

      const { msg, why } = await one.line('HA_STRANGER', { remote: /^10\.78\.0\.2:/ })
      t.comment(`${msg}: ${why}`)
      t.match(why, /HTTP but asks for no WebSocket, as Kea/)
      const { detail } = await one.line('HA_DIAL_REJECTED', { failure: 'rejected' })
      t.match(detail, /^answers like Kea: HTTP 4/)
      const [told] = await kea.until(/HA_HEARTBEAT_FAILED .*/)
      t.match(told, 'This is a server of Whio')

      const load = await Load.start(pair.clients)
      load.go()
      await one.line('DHCP4_PACKET_DROP', { reason: 'no-rights' })
      t.equal(load.mark, 0, 'a server that has never met its partner serves nobody')
      const order = pair.hosts[0]!.node('bin/whio.ts', 'serve-alone', '-c', one.configFile)
      t.equal(await order.ended, 0, order.stderr)
      await load.heard(200, 0, 0)
      await load.settle('renew')
      t.same(missing(load.acks, one.leases(), SERVERS[0]), [])
      t.same(conflicts(load.acks), [])
      t.notOk(one.wrote('INTERNAL_ERROR'))
      const lines = one.running.stdout.match(/"HA_(STRANGER|DIAL_FAILED)"/g) ?? []
      t.ok(lines.length <= 4, `${lines.length} lines tell of it, however often they call`)
    },
  )
