// A relay agent (RFC 1542 §4, RFC 3046): pure rewriting of messages, and a station that carries
// them between the clients of its link and one or several servers.

import { BROADCAST, type Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Datagram, Link, NetAddress, Station } from './network.ts'
import {
  BROADCAST_FLAG,
  bytesFromPacket,
  CLIENT_PORT,
  octetsFromUint32,
  packetFromBytes,
  SERVER_PORT,
} from './packet4.ts'

export interface Relay4Settings {
  /** Its address on the clients' link, which it writes into giaddr. */
  readonly address: Ipv4
  readonly servers: readonly Ipv4[]
  /** Option 82 sub-option 1, circuit-id; '' = none. */
  readonly circuitId?: Octets
  /** Option 82 sub-option 2, remote-id; '' = none. */
  readonly remoteId?: Octets
  /** Option 82 sub-option 5, link-selection (RFC 3527); 0 = none. */
  readonly linkSelection?: Ipv4
  /** Asks for replies at the UDP port that it sends from (RFC 8357). Default false: at port 67. */
  readonly sourcePort?: boolean
}

const HOPS_MAX = 16

/** A client's message as it goes to the servers, or undefined when it is not for a relay. */
export function relayedToServers(
  bytes: Uint8Array,
  settings: Relay4Settings,
): Uint8Array | undefined {
  const packet = packetFromBytes(bytes)
  if (packet === undefined || packet.op !== 1 || packet.hops >= HOPS_MAX) return undefined
  packet.hops++
  if (packet.giaddr === 0) {
    packet.giaddr = settings.address
    const agent = agentOption(settings)
    // RFC 3046 §2.1: option 82 stands last.
    packet.options.delete(82)
    if (agent !== '') packet.options.set(82, agent)
  }
  return bytesFromPacket(packet)
}

export interface RelayedReply {
  readonly bytes: Uint8Array
  readonly destination: Ipv4
  readonly hwAddress: Octets
}

/** A server's reply as it goes to the client, or undefined when it is none of this relay. */
export function relayedToClient(
  bytes: Uint8Array,
  settings: Relay4Settings,
): RelayedReply | undefined {
  const packet = packetFromBytes(bytes)
  if (packet === undefined || packet.op !== 2 || packet.giaddr !== settings.address)
    return undefined
  packet.options.delete(82)
  const reply = bytesFromPacket(packet)
  const isBroadcast = (packet.flags & BROADCAST_FLAG) !== 0 || packet.yiaddr === 0
  if (isBroadcast) return { bytes: reply, destination: BROADCAST, hwAddress: '' }
  return { bytes: reply, destination: packet.yiaddr, hwAddress: packet.hwAddress }
}

function agentOption(settings: Relay4Settings): Octets {
  const { circuitId = '', remoteId = '', linkSelection = 0, sourcePort = false } = settings
  const part = (code: number, value: Octets) =>
    value === '' ? '' : String.fromCharCode(code, value.length) + value
  const selection = linkSelection === 0 ? '' : octetsFromUint32(linkSelection)
  const port = sourcePort ? '\x13\x00' : ''
  return part(1, circuitId) + part(2, remoteId) + part(5, selection) + port
}

/** The relay as a station on its clients' link; servers are reached through the routed network. */
export class VirtualRelay4 implements Station {
  readonly name: string
  readonly hwAddress: Octets
  readonly settings: Relay4Settings
  #link: Link

  constructor(name: string, link: Link, settings: Relay4Settings) {
    this.name = name
    this.hwAddress = `\x02\xfe${octetsFromUint32(settings.address)}`
    this.settings = settings
    this.#link = link
    link.attach(this)
  }

  holds(address: NetAddress): boolean {
    return address === this.settings.address
  }

  receive(datagram: Datagram): void {
    if (datagram.destinationPort !== SERVER_PORT) return
    const { address, servers } = this.settings
    const query = relayedToServers(datagram.bytes, this.settings)
    if (query !== undefined)
      for (const server of servers) this.#send(query, address, server, SERVER_PORT, '')
    const reply = relayedToClient(datagram.bytes, this.settings)
    if (reply !== undefined)
      this.#send(reply.bytes, address, reply.destination, CLIENT_PORT, reply.hwAddress)
  }

  #send(bytes: Uint8Array, source: Ipv4, destination: Ipv4, port: number, hwAddress: Octets): void {
    this.#link.network.send(this.#link, this, {
      source,
      sourcePort: SERVER_PORT,
      destination,
      destinationPort: port,
      hwAddress,
      bytes,
    })
  }
}
