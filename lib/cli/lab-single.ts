// `whio lab --single`: one server in this process, with a real journal, and its clients.

import { join } from 'node:path'
import { createServer, type DhcpServer } from '../index.ts'
import { labEnd } from './lab-end.ts'
import { labView } from './lab-view.ts'
import { HURRY, HURRY6, type LabWish } from './lab-wish.ts'
import { isTerminal } from './screen.ts'
import { clientEvent, RELAY_ADDRESS, UdpClients } from './udp-clients.ts'
import { dhcp6Config, hasLoopback6, UdpClients6 } from './udp-clients6.ts'

/** The journal's file in the lab's folder. */
const JOURNAL = 'leases.sqlite'

const hasBoth = hasLoopback6()

const CONFIG = {
  ...(hasBoth ? { Dhcp6: dhcp6Config() } : {}),
  Dhcp4: {
    'interfaces-config': { interfaces: [`lo/${RELAY_ADDRESS}`] },
    'lease-database': { type: 'memfile', name: JOURNAL },
    'valid-lifetime': 20,
    'calculate-tee-times': true,
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        relay: { 'ip-addresses': [RELAY_ADDRESS] },
        pools: [{ pool: '192.0.2.10 - 192.0.2.250' }],
        'option-data': [{ name: 'routers', data: '192.0.2.1' }],
      },
    ],
  },
}

export async function singleLab({ folder, clients: count, duration }: LabWish): Promise<number> {
  const server = createServer(CONFIG, { port: 0, port6: 0, stateDirectory: folder })
  const journal = join(folder, JOURNAL)
  const isLive = isTerminal()
  const tell = isLive ? () => {} : (line: string) => process.stdout.write(`${line}\n`)
  server.on('lease', ({ action, lease }) => tell(`server: ${action} ${lease.address}`))
  server.on('drop', ({ reason }) => tell(`server: dropped a message: ${reason}`))
  await server.start()
  const portOf = (wanted: 4 | 6) =>
    server.ports().flatMap(({ family, port }) => (family === wanted ? [port] : []))
  const [port] = portOf(4)
  if (port === undefined) return noLoopback(server)
  tell(`server: serving 192.0.2.0/24 on ${RELAY_ADDRESS}:${port}, journal ${journal}`)
  const clients = new UdpClients(
    count,
    () => [port],
    HURRY,
    (client, action) => {
      const line = clientEvent(client, action)
      if (line !== '') tell(line)
    },
  )
  const clients6 = hasBoth
    ? new UdpClients6(clients.clients, () => portOf(6), HURRY6, tell)
    : undefined
  await clients.start()
  await clients6?.start()
  const view = isLive ? labView(server, { clients, clients6 }, port, journal) : undefined
  await labEnd(duration).ended
  view?.close()
  const bound = clients.clients.filter(
    (client) => clients.remaining(client) > 0 && clients6?.addressOf(client.name) !== '',
  ).length
  clients.close()
  clients6?.close()
  await server.stop()
  process.stdout.write(`${bound} of ${count} clients bound, ${summaryOf(server)}\n`)
  return bound === count ? 0 : 1
}

/** As in a container without network. */
async function noLoopback(server: DhcpServer): Promise<number> {
  const trouble = server.status().interfaces[0]?.trouble
  await server.stop()
  process.stderr.write(`whio lab: loopback (lo, ${RELAY_ADDRESS}) cannot be used: ${trouble}\n`)
  return 1
}

function summaryOf(server: DhcpServer): string {
  const { statistics } = server.status()
  const counts = ['discover-received', 'offer-sent', 'request-received', 'ack-sent', 'nak-sent']
  return counts.map((name) => `${statistics[`pkt4-${name}`]} ${name.split('-')[0]}`).join(', ')
}
