// The same clients at Kea of the system and at Whio: the statistics of both move alike. Kea is 2.2,
// so that names which 3.x has besides are only here.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { asked } from './both-servers.ts'
import { folder } from './daemon.ts'
import { type Namespace, network, type Running, systemSkip } from './netns.ts'

const SERVER = '192.0.2.1'
const RELAY = '192.0.2.2'

type Statistics = Readonly<Record<string, readonly (readonly [number, string])[]>>

/** What 3.x counts, by whole names. */
const NEWER =
  /^pkt4-(lease-query|service-|queue-|duplicate|rfc-|admin-|not-for|processing-|limit-)|-(reuses|conflicts)$|^(assigned|cumulative-assigned)-addresses$|pool\[/

/** Values that differ, and why. */
const DIFFERENCES: readonly (readonly [name: RegExp, why: string])[] = [
  [/assigned-addresses$/, 'declined addresses count as assigned since 3.1.2'],
]

interface Place {
  readonly host: Namespace
  readonly relay: Namespace
  readonly at: string
}

function placeOf(t: Test, word: string): Place {
  const net = network(t)
  const [host, relay] = [net.namespace(word), net.namespace(`${word}r`)] as const
  net.veth(host, 'eth0', relay, 'eth0')
  host.run('ip', 'addr', 'add', `${SERVER}/24`, 'dev', 'eth0')
  relay.run('ip', 'addr', 'add', `${RELAY}/24`, 'dev', 'eth0')
  for (const one of [host, relay]) one.up('eth0')
  return { host, relay, at: folder(t) }
}

function documentOf(socket: string, more: object): string {
  return JSON.stringify({
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'], 'dhcp-socket-type': 'udp' },
      'control-socket': { 'socket-type': 'unix', 'socket-name': socket },
      'valid-lifetime': 3600,
      authoritative: true,
      subnet4: [{ id: 7, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.19' }] }],
      ...more,
    },
  })
}

async function told({ relay }: Place, socket: string): Promise<Statistics> {
  const client: Running = relay.node('test/system/statistics-relay.ts', RELAY, SERVER)
  await client.until(/told/)
  const reply = await asked(socket, JSON.stringify({ command: 'statistic-get-all' }))
  return (JSON.parse(reply) as { arguments: Statistics }).arguments
}

async function ofKea(t: Test): Promise<Statistics> {
  const place = placeOf(t, 'kea')
  const socket = join(place.at, 'kea.sock')
  const file = join(place.at, 'kea.json')
  const loggers = [{ name: 'kea-dhcp4', output_options: [{ output: 'stdout' }], severity: 'INFO' }]
  const leases = { type: 'memfile', persist: false }
  writeFileSync(file, documentOf(socket, { loggers, 'lease-database': leases }))
  const folders = [`KEA_PIDFILE_DIR=${place.at}`, `KEA_LOCKFILE_DIR=${place.at}`]
  await place.host.start('env', ...folders, 'kea-dhcp4', '-c', file).until(/STARTED/)
  return told(place, socket)
}

async function ofWhio(t: Test): Promise<Statistics> {
  const place = placeOf(t, 'whio')
  const socket = join(place.at, 'whio.sock')
  const file = join(place.at, 'whio.json')
  const leases = { type: 'memfile', persist: true, name: join(place.at, 'leases') }
  writeFileSync(file, documentOf(socket, { 'lease-database': leases }))
  const server = place.host.node('bin/whio.ts', 'serve', '-c', file)
  await server.until(/CONTROL_SOCKET_OPEN/)
  await server.until(/DHCP4_INTERFACE_SERVING/)
  return told(place, socket)
}

t.test('statistics of Kea and Whio', { skip: systemSkip('kea-dhcp4') }, async (t) => {
  const [kea, whio] = await Promise.all([ofKea(t), ofWhio(t)])
  const missing = Object.keys(kea).filter((name) => whio[name] === undefined)
  t.same(missing, [], 'each name of Kea is here')
  const more = Object.keys(whio).filter((name) => kea[name] === undefined && !NEWER.test(name))
  t.same(more, [], 'and no others, but those of later versions')
  const unlike = Object.keys(kea)
    .filter((name) => whio[name]?.[0]?.[0] !== kea[name]?.[0]?.[0])
    .map((name) => `${name}: ${kea[name]?.[0]?.[0]} | ${whio[name]?.[0]?.[0]}`)
  t.same(
    unlike.filter((line) => !DIFFERENCES.some(([name]) => name.test(line.split(':')[0]!))),
    [],
    'newest values',
  )
  const values = (one: Statistics, name: string) => one[name]?.map(([value]) => value)
  for (const name of ['pkt4-received', 'pkt4-discover-received', 'pkt4-ack-sent'])
    t.same(values(whio, name), values(kea, name), `samples of ${name}`)
})
