// Simulated clients over real UDP on loopback: the pure machines of lab/client4.ts, a timer each,
// and one socket for all of them that plays a relay agent, since loopback has no broadcast. What
// they send goes to every server. It asks for replies at its own port (RFC 8357), so no privilege
// is needed.

import { createSocket, type Socket } from 'node:dgram'
import { ipv4FromText, textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets, type Octets, octetsFromBytes } from '../bytes/octets.ts'
import { Client4 } from '../lab/client4.ts'
import type { Client4Action, Client4Settings } from '../lab/client4-settings.ts'
import { type Relay4Settings, relayedToClient, relayedToServers } from '../lab/relay4.ts'
import { systemDraw } from '../platform/random.ts'
import type { Draw } from '../time/draw.ts'

/** The relay's address; the subnet of the servers names it in `relay.ip-addresses`. */
export const RELAY_ADDRESS = '127.0.0.1'

const RELAY: Relay4Settings = {
  address: ipv4FromText(RELAY_ADDRESS)!,
  servers: [],
  circuitId: 'lab',
  sourcePort: true,
}

export interface UdpClient {
  readonly name: string
  readonly machine: Client4
}

export class UdpClients {
  readonly clients: readonly UdpClient[]
  readonly #byHwAddress = new Map<Octets, UdpClient>()
  readonly #timers = new Map<UdpClient, NodeJS.Timeout>()
  readonly #socket: Socket
  readonly #servers: () => readonly number[]
  readonly #onAction: (client: UdpClient, action: Client4Action) => void

  /**
   * `servers`: ports of those that are within reach now. `onAction` is told everything but sending.
   * Nothing is sent before `start`.
   */
  constructor(
    count: number,
    servers: () => readonly number[],
    settings: Partial<Client4Settings>,
    onAction: (client: UdpClient, action: Client4Action) => void,
  ) {
    const draw: Draw = systemDraw()
    this.#servers = servers
    this.#onAction = onAction
    this.clients = Array.from({ length: count }, (_, index) => {
      const number = index + 1
      const hwAddress = `\x02\x00\x00\x00${String.fromCharCode(number >> 8, number & 255)}`
      const name = `client-${number}`
      const own = { ...settings, hwAddress, hostname: name }
      return { name, machine: new Client4(own, draw) }
    })
    for (const client of this.clients)
      this.#byHwAddress.set(client.machine.settings.hwAddress, client)
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (bytes, { port }) => {
      if (this.#servers().includes(port)) this.#receive(bytes)
    })
  }

  /** Binds the socket and switches all clients on; rejects where loopback cannot be used. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject)
      this.#socket.bind(0, RELAY_ADDRESS, () => {
        this.#socket.off('error', reject)
        // A refused datagram is a lost one, which clients know how to live with.
        this.#socket.on('error', () => {})
        for (const client of this.clients)
          this.#perform(client, client.machine.start(performance.now()))
        resolve()
      })
    })
  }

  /** How many have an address that they may use now. */
  get bound(): number {
    return this.clients.filter((client) => this.remaining(client) > 0).length
  }

  /** Milliseconds for which the client may still use its address. */
  remaining({ machine }: UdpClient): number {
    return Math.max(0, (machine.lease?.until ?? 0) - performance.now())
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#socket.close()
  }

  #receive(bytes: Buffer): void {
    const reply = relayedToClient(bytes, RELAY)
    if (reply === undefined) return
    const client = this.#byHwAddress.get(octetsFromBytes(reply.bytes, 28, 34))
    if (client === undefined) return
    const { machine } = client
    this.#perform(client, machine.onMessage(reply.bytes, 0, reply.bytes.length, performance.now()))
  }

  #perform(client: UdpClient, actions: readonly Client4Action[]): void {
    for (const action of actions) {
      if (action.kind === 'send') this.#send(action.bytes)
      else this.#onAction(client, action)
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

  #send(message: Uint8Array): void {
    const query = relayedToServers(message, RELAY)
    if (query === undefined) return
    for (const port of this.#servers()) this.#socket.send(query, port, RELAY_ADDRESS, () => {})
  }
}

/** `02:00:00:00:00:01`. */
export function hwAddressText(client: UdpClient): string {
  return hexFromOctets(client.machine.settings.hwAddress, ':')
}

/** `client-1: bound 192.0.2.10 for 20 s`; '' where there is nothing to tell. */
export function clientEvent({ name }: UdpClient, action: Client4Action): string {
  switch (action.kind) {
    case 'bound':
    case 'extended': {
      const { address, lifetime } = action.lease
      return `${name}: ${action.kind} ${textFromIpv4(address)} for ${lifetime} s`
    }
    case 'unbound':
      return `${name}: lost ${textFromIpv4(action.address)} (${action.why})`
    default:
      return ''
  }
}
