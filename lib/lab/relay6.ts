// A relay agent of DHCPv6 (RFC 9915 §19): pure wrapping of messages, and a station that carries
// them between the clients of its link and servers, or another relay.

import type { Ipv6 } from '../address/ipv6.ts'
import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { bytesFromOctets, octetsFromBytes } from '../bytes/octets.ts'
import { encodeRelayForward } from '../wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { RELAY_HEADER_SIZE } from '../wire/v6/layout.ts'
import { type OptionPair6, optionAt6 } from '../wire/v6/octets6.ts'
import { linkLocalOf } from './addresses6.ts'
import type { Datagram, Link, NetAddress, Station } from './network.ts'
import { CLIENT_PORT6, SERVER_PORT6 } from './packet6.ts'

export interface Relay6Settings {
  /** What it says of its clients' link: an address of its own there, or :: beside interface-id. */
  readonly linkAddress: Ipv6
  /** Its address towards servers, by which they answer. Default: `linkAddress`. */
  readonly address?: Ipv6
  /** Servers, or the next relay. */
  readonly servers: readonly Ipv6[]
  /** Option 18, '' = none. */
  readonly interfaceId?: Octets
  /** Option 37 with its enterprise number, '' = none. */
  readonly remoteId?: Octets
  /** Option 38, '' = none. */
  readonly subscriberId?: Octets
  /** Wants replies at the port that it sends from (RFC 8357). Default false. */
  readonly asksForPort?: boolean
  /** Says the hardware address of clients (RFC 6939). Default false. */
  readonly saysHardware?: boolean
}

/** RFC 9915 §7.6: what went through so many relays goes no further. */
const HOP_COUNT_LIMIT = 8

/** RFC 9915 §19.1: a message as it goes on towards servers; undefined = it does not. */
export function relayedToServers6(
  bytes: Uint8Array,
  peerAddress: Ipv6,
  hwAddress: Octets,
  settings: Relay6Settings,
): Uint8Array | undefined {
  const isRelayed = bytes[0] === MESSAGE_TYPE6.relayForward
  const hopCount = isRelayed ? bytes[1]! + 1 : 0
  if (hopCount > HOP_COUNT_LIMIT) return undefined
  const { linkAddress, interfaceId = '', remoteId = '', subscriberId = '' } = settings
  const options: OptionPair6[] = []
  if (interfaceId !== '') options.push([OPTION6.interfaceId, interfaceId])
  if (remoteId !== '') options.push([OPTION6.remoteId, remoteId])
  if (subscriberId !== '') options.push([OPTION6.subscriberId, subscriberId])
  if (settings.asksForPort === true) options.push([OPTION6.relaySourcePort, '\0\0'])
  if (settings.saysHardware === true && !isRelayed)
    options.push([OPTION6.clientLinkLayerAddress, octetsFromUint(1, 2) + hwAddress])
  return encodeRelayForward(bytes, { hopCount, linkAddress, peerAddress, options })
}

export interface RelayedReply6 {
  readonly bytes: Uint8Array
  readonly destination: Ipv6
  readonly port: number
}

/** RFC 9915 §19.2: what a server or relay sent back, as it goes on; undefined = it does not. */
export function relayedToClient6(
  bytes: Uint8Array,
  { linkAddress, interfaceId = '' }: Relay6Settings,
): RelayedReply6 | undefined {
  if (bytes[0] !== MESSAGE_TYPE6.relayReply || bytes.length < RELAY_HEADER_SIZE) return undefined
  const octets = octetsFromBytes(bytes)
  const echoed = valueAt(octets, optionAt6(octets, RELAY_HEADER_SIZE, OPTION6.interfaceId))
  if (octets.slice(2, 18) !== linkAddress || (echoed ?? '') !== interfaceId) return undefined
  const inner = valueAt(octets, optionAt6(octets, RELAY_HEADER_SIZE, OPTION6.relayMessage))
  if (inner === undefined) return undefined
  const isForRelay = inner.charCodeAt(0) === MESSAGE_TYPE6.relayReply
  return {
    bytes: bytesFromOctets(inner),
    destination: octets.slice(18, 34),
    port: isForRelay ? SERVER_PORT6 : CLIENT_PORT6,
  }
}

/** The value of the option that begins there, as {@link optionAt6} finds it. */
function valueAt(octets: Octets, at: number): Octets | undefined {
  return at < 0 ? undefined : octets.slice(at, at + uintFromOctets(octets, at - 2, 2))
}

/** The relay as a station on its clients' link; servers are reached through the routed network. */
export class VirtualRelay6 implements Station {
  readonly name: string
  readonly hwAddress: Octets
  readonly settings: Relay6Settings
  readonly address: Ipv6
  readonly #linkLocal: Ipv6
  #link: Link

  constructor(name: string, link: Link, settings: Relay6Settings) {
    this.name = name
    this.address = settings.address ?? settings.linkAddress
    this.hwAddress = `\x02\xfe${this.address.slice(12)}`
    this.#linkLocal = linkLocalOf(this.hwAddress)
    this.settings = settings
    this.#link = link
    link.attach(this)
  }

  holds(address: NetAddress): boolean {
    return address === this.address || address === this.#linkLocal
  }

  receive(datagram: Datagram): void {
    const { source, destinationPort, bytes } = datagram
    if (destinationPort !== SERVER_PORT6 || typeof source !== 'string') return
    const reply = relayedToClient6(bytes, this.settings)
    if (reply !== undefined) this.#send(reply.bytes, reply.destination, reply.port)
    if (bytes[0] === MESSAGE_TYPE6.relayReply) return
    const hwAddress = this.#link.stations.find((one) => one.holds(source))?.hwAddress ?? ''
    const query = relayedToServers6(bytes, source, hwAddress, this.settings)
    if (query === undefined) return
    for (const server of this.settings.servers) this.#send(query, server, SERVER_PORT6)
  }

  /** Its address on the link where the destination is on it. */
  #send(bytes: Uint8Array, destination: Ipv6, destinationPort: number): void {
    const isNear = destination.startsWith('\xfe\x80')
    this.#link.network.send(this.#link, this, {
      source: isNear ? this.#linkLocal : this.address,
      sourcePort: SERVER_PORT6,
      destination,
      destinationPort,
      hwAddress: '',
      bytes,
    })
  }
}
