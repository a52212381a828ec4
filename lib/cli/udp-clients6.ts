// The same clients by DHCPv6: the pure machines of lab/client6.ts behind one socket on ::1 that
// plays a relay agent, and asks for replies at its own port (RFC 8357).

import { createSocket, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { type Ipv6, ipv6FromText } from '../address/ipv6.ts'
import { textFromPrefix6 } from '../address/prefix6.ts'
import { linkLocalOf } from '../lab/addresses6.ts'
import { Client6 } from '../lab/client6.ts'
import type { Client6Action, Client6Settings, ClientLease6 } from '../lab/client6-settings.ts'
import { type Relay6Settings, relayedToClient6, relayedToServers6 } from '../lab/relay6.ts'
import { systemDraw } from '../platform/random.ts'
import type { UdpClient } from './udp-clients.ts'

/** The relay's address; the subnet of the servers names it in `relay.ip-addresses`. */
export const RELAY_ADDRESS6 = '::1'

const RELAY: Relay6Settings = {
  linkAddress: ipv6FromText(RELAY_ADDRESS6)!,
  servers: [],
  asksForPort: true,
}

/** Whether this machine speaks IPv6 with itself: in a container it may not. */
export function hasLoopback6(): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.some(({ address }) => address === RELAY_ADDRESS6)
}

interface UdpClient6 {
  readonly name: string
  readonly machine: Client6
}

export class UdpClients6 {
  readonly #byName = new Map<string, UdpClient6>()
  readonly #byLinkLocal = new Map<Ipv6, UdpClient6>()
  readonly #timers = new Map<UdpClient6, NodeJS.Timeout>()
  readonly #socket: Socket
  readonly #servers: () => readonly number[]
  readonly #tell: (line: string) => void

  /** Those of DHCPv4 by the other family. `servers`: ports that are within reach now. */
  constructor(
    hosts: readonly UdpClient[],
    servers: () => readonly number[],
    settings: Partial<Client6Settings>,
    tell: (line: string) => void,
  ) {
    const draw = systemDraw()
    this.#servers = servers
    this.#tell = tell
    for (const { name, machine } of hosts) {
      const { hwAddress } = machine.settings
      const duid = `\0\x03\0\x01${hwAddress}`
      const client = {
        name,
        machine: new Client6({ ...settings, hwAddress, duid, hostname: name }, draw),
      }
      this.#byName.set(name, client)
      this.#byLinkLocal.set(linkLocalOf(hwAddress), client)
    }
    this.#socket = createSocket('udp6')
    this.#socket.on('message', (bytes, { port }) => {
      if (this.#servers().includes(port)) this.#receive(bytes)
    })
  }

  /** Binds the socket and switches all clients on; rejects where loopback cannot be used. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject)
      this.#socket.bind(0, RELAY_ADDRESS6, () => {
        this.#socket.off('error', reject)
        this.#socket.on('error', () => {})
        for (const client of this.#byName.values())
          this.#perform(client, client.machine.start(performance.now()))
        resolve()
      })
    })
  }

  /** What a client may use now, `2001:db8::10`; '' where it has nothing. */
  addressOf(name: string): string {
    const [lease] = this.#byName.get(name)?.machine.holds(performance.now()) ?? []
    return lease === undefined ? '' : keyText(lease)
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#socket.close()
  }

  #receive(bytes: Buffer): void {
    const reply = relayedToClient6(bytes, RELAY)
    const client = reply && this.#byLinkLocal.get(reply.destination)
    if (client === undefined) return
    const { bytes: message } = reply!
    this.#perform(client, client.machine.onMessage(message, 0, message.length, performance.now()))
  }

  #perform(client: UdpClient6, actions: readonly Client6Action[]): void {
    for (const action of actions) {
      if (action.kind === 'send') this.#send(client, action.bytes)
      else if (action.kind === 'bound' || action.kind === 'extended')
        this.#tell(
          `${client.name}: ${action.kind} ${keyText(action.lease)} for ${action.lease.valid} s`,
        )
      else if (action.kind === 'unbound')
        this.#tell(`${client.name}: lost ${keyText(action.lease)} (${action.why})`)
    }
    clearTimeout(this.#timers.get(client))
    const wait = client.machine.deadline - performance.now()
    if (wait === Number.POSITIVE_INFINITY) return
    const timer = setTimeout(
      () => this.#perform(client, client.machine.onDeadline(performance.now())),
      Math.min(Math.max(0, wait), 0x7fffffff),
    )
    this.#timers.set(client, timer)
  }

  #send({ machine }: UdpClient6, message: Uint8Array): void {
    const { hwAddress } = machine.settings
    const query = relayedToServers6(message, linkLocalOf(hwAddress), hwAddress, RELAY)
    if (query === undefined) return
    for (const port of this.#servers()) this.#socket.send(query, port, RELAY_ADDRESS6, () => {})
  }
}

function keyText({ key }: ClientLease6): string {
  return textFromPrefix6(key)
}

/** What the servers of a lab are told beside DHCPv4, where this machine speaks IPv6. */
export function dhcp6Config(more: object = {}): object {
  return {
    'interfaces-config': { interfaces: [`lo/${RELAY_ADDRESS6}`] },
    'valid-lifetime': 20,
    'preferred-lifetime': 15,
    'calculate-tee-times': true,
    subnet6: [
      {
        id: 1,
        subnet: '2001:db8::/64',
        relay: { 'ip-addresses': [RELAY_ADDRESS6] },
        pools: [{ pool: '2001:db8::10 - 2001:db8::ff' }],
      },
    ],
    ...more,
  }
}
