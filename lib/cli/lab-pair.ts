// The two servers of a pair in `whio lab`, each a process of its own, a cable between them, and
// clients that reach both through one relay. What can be done to them is done from outside: signals
// and a cut cable.

import { join } from 'node:path'
import { ipv4FromText } from '../address/ipv4.ts'
import { CableEnd } from './lab-cable.ts'
import { LabServer, type LogLine } from './lab-server.ts'
import { HURRY, HURRY6, type LabWish } from './lab-wish.ts'
import { clientEvent, RELAY_ADDRESS, type UdpClient, UdpClients } from './udp-clients.ts'
import { dhcp6Config, hasLoopback6, UdpClients6 } from './udp-clients6.ts'

const NAMES = ['server1', 'server2'] as const

/** By which clients tell the servers apart: both are on one address of loopback. */
const IDENTIFIERS = ['192.0.2.1', '192.0.2.2'] as const

/** Lines of the log that the view remembers. */
const EVENTS_MAX = 20

export class LabPair {
  readonly servers: readonly LabServer[]
  readonly clients: UdpClients
  /** The same hosts by DHCPv6, where this machine speaks IPv6 with itself. */
  readonly clients6: UdpClients6 | undefined
  /** What happened last, newest first. */
  readonly events: string[] = []
  isLinkCut = false
  #hasMet = false

  constructor(
    wish: LabWish,
    [link1 = 0, link2 = 0, cable1 = 0, cable2 = 0]: readonly number[],
    tell: (line: string) => void,
  ) {
    const note = (line: string) => {
      this.events.unshift(line)
      this.events.length = Math.min(this.events.length, EVENTS_MAX)
      tell(line)
    }
    const urls = [
      [link1, cable2],
      [cable1, link2],
    ]
    const cables = [new CableEnd(cable1, link1), new CableEnd(cable2, link2)]
    this.servers = NAMES.map(
      (name, index) =>
        new LabServer({
          name,
          folder: wish.folder,
          config: configOf(index, urls[index]!, wish.folder),
          cable: cables[index]!,
          onLog: (_, line) => {
            const text = eventOf(line)
            if (text !== '') note(`${name}: ${text}`)
          },
        }),
    )
    const within = (family: 4 | 6) => () =>
      this.servers.flatMap((server) => server.port(family) ?? [])
    this.clients = new UdpClients(wish.clients, within(4), HURRY, (client, action) => {
      const line = clientEvent(client, action)
      if (line !== '') tell(line)
    })
    const hosts = this.clients.clients
    this.clients6 = hasLoopback6() ? new UdpClients6(hosts, within(6), HURRY6, tell) : undefined
  }

  /** How many have an address of each family that is there. */
  get bound(): number {
    const { clients, clients6 } = this
    return clients.clients.filter(
      (client) => clients.remaining(client) > 0 && clients6?.addressOf(client.name) !== '',
    ).length
  }

  /** The server that acknowledged the client's lease last. */
  serverOf({ machine }: UdpClient): string {
    const id = machine.lease?.serverId
    return NAMES[IDENTIFIERS.findIndex((text) => ipv4FromText(text) === id)] ?? '-'
  }

  /**
   * Whether the two have met. Before that nothing can be done to them: who has never met its
   * partner serves nobody, and the lab would be over before it begins.
   */
  get hasMet(): boolean {
    this.#hasMet ||= this.servers.every(({ status }) => status?.ha?.rights === 'shared')
    return this.#hasMet
  }

  kill(server: LabServer): void {
    if (this.hasMet) server.kill()
  }

  pause(server: LabServer): void {
    if (this.hasMet) server.pause()
  }

  /** Cuts the link between the two, or mends it. Clients notice nothing of that. */
  toggleLink(): void {
    if (!this.hasMet) return
    this.isLinkCut = !this.isLinkCut
    this.#updateCables()
  }

  /** Nobody reaches the server any more: its host is unplugged. */
  cutOff(server: LabServer): void {
    if (!this.hasMet) return
    server.isCutOff = true
    this.#updateCables()
  }

  /** Whatever was done to the server is over. */
  revive(server: LabServer): void {
    server.isCutOff = false
    server.revive()
    this.#updateCables()
  }

  async start(): Promise<void> {
    for (const server of this.servers) server.start()
    await this.clients.start()
    await this.clients6?.start()
  }

  async stop(): Promise<void> {
    this.clients.close()
    this.clients6?.close()
    await Promise.all(this.servers.map((server) => server.stop()))
  }

  #updateCables(): void {
    const isCut = this.isLinkCut || this.servers.some(({ isCutOff }) => isCutOff)
    for (const { cable } of this.servers) cable.setCut(isCut)
  }
}

/** One configuration for both but for names; ports in `urls` are those of this server's view. */
function configOf(index: number, urls: readonly number[], folder: string): object {
  const peers = NAMES.map((name, peer) => ({
    name,
    role: peer === 0 ? 'primary' : 'secondary',
    url: `http://${RELAY_ADDRESS}:${urls[peer]}/`,
  }))
  const relationship = {
    'this-server-name': NAMES[index],
    mode: 'load-balancing',
    peers,
    // Silence is followed by a countdown that one can watch; two clients that wait in vain end it.
    'max-response-delay': 2000,
    'max-ack-delay': 1000,
    'max-unacked-clients': 2,
  }
  const database = { type: 'memfile', name: join(folder, `${NAMES[index]}.sqlite`) }
  return {
    ...(hasLoopback6()
      ? { Dhcp6: dhcp6Config({ 'lease-database': database, 'server-id': serverIdOf(index) }) }
      : {}),
    Dhcp4: {
      'interfaces-config': { interfaces: [`lo/${RELAY_ADDRESS}`] },
      'lease-database': database,
      'valid-lifetime': 20,
      'calculate-tee-times': true,
      'option-data': [{ name: 'dhcp-server-identifier', data: IDENTIFIERS[index] }],
      subnet4: [
        {
          id: 1,
          subnet: '192.0.2.0/24',
          relay: { 'ip-addresses': [RELAY_ADDRESS] },
          pools: [{ pool: '192.0.2.10 - 192.0.2.250' }],
          'option-data': [{ name: 'routers', data: '192.0.2.254' }],
        },
      ],
      'hooks-libraries': [
        { library: 'libdhcp_ha.so', parameters: { 'high-availability': [relationship] } },
      ],
    },
  }
}

/** On one host, started in one second, both would make the same one. The number is of RFC 5612. */
function serverIdOf(index: number): object {
  return { type: 'EN', 'enterprise-id': 32_473, identifier: `0${index + 1}` }
}

/** Fields that make a line understood; in this order. */
const TOLD = ['from', 'to', 'why', 'peer', 'address', 'failure', 'reason', 'trouble', 'problem']

/** What leases do is told by the clients; what the view shows or the next line says is left out. */
const UNTOLD = new Set([
  ...['DHCP4_LEASE_ALLOC', 'DHCP4_RELEASE', 'HA_LISTENING', 'JOURNAL_READY'],
  ...['DHCP6_LEASE_ALLOC', 'DHCP6_RELEASE', 'DHCP6_SERVER_ID_MADE'],
  ...['HA_PARTNER_DOWN', 'HA_NO_RIGHTS', 'HA_MORE'],
  // The cable of the lab is where each calls the other.
  'HA_URL_DIFFERS',
])

function eventOf(line: LogLine): string {
  if (UNTOLD.has(line.id)) return ''
  if (line.id === 'HA_STATE_TRANSITION') return `${line.to}: ${line.why}`
  const fields = TOLD.filter((name) => line[name] !== undefined)
  const details = fields.map((name) => String(line[name])).join(', ')
  return details === '' ? line.msg : `${line.msg} (${details})`
}
