// The messages of a client (RFC 2131 §4.4, table 5) and what it reads in an ACK.

import { BROADCAST, type Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import { INFINITE_LIFETIME, type Millis, type Seconds } from '../time/units.ts'
import type { Client4Action, Client4Settings, ClientLease4 } from './client4-settings.ts'
import {
  BROADCAST_FLAG,
  bytesFromPacket,
  octetsFromUint32,
  optionUint32,
  type Packet4,
} from './packet4.ts'

export const TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
} as const

const MESSAGE_SIZE_MAX = 1400

/**
 * A message of this type with what every client says of itself; `secs` seconds after the exchange
 * began.
 */
export function clientMessage(
  settings: Client4Settings,
  type: number,
  xid: number,
  secs: number,
): Packet4 {
  const options = new Map<number, Octets>([[53, String.fromCharCode(type)]])
  if (settings.clientId !== '') options.set(61, settings.clientId)
  if (type === TYPE.discover || type === TYPE.request) {
    if (settings.lifetime !== 0) options.set(51, octetsFromUint32(settings.lifetime))
    if (settings.hostname !== '') options.set(12, settings.hostname)
    if (settings.vendorClass !== '') options.set(60, settings.vendorClass)
    options.set(55, String.fromCharCode(...settings.parameters))
    options.set(57, String.fromCharCode(MESSAGE_SIZE_MAX >> 8, MESSAGE_SIZE_MAX & 255))
  }
  return {
    op: 1,
    hops: 0,
    xid,
    secs: Math.min(0xffff, Math.max(0, Math.floor(secs))),
    flags: settings.broadcast ? BROADCAST_FLAG : 0,
    ciaddr: 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: 0,
    hwAddress: settings.hwAddress,
    options,
  }
}

/** The lease of an ACK whose lifetime counts from `from`; undefined where it gives none. */
export function leaseInAck(packet: Packet4, from: Millis): ClientLease4 | undefined {
  const lifetime = optionUint32(packet, 51)
  const serverId = optionUint32(packet, 54)
  if (packet.yiaddr === 0 || lifetime === undefined || serverId === undefined) return undefined
  const t1 = optionUint32(packet, 58) ?? lifetime * 0.5
  const t2 = optionUint32(packet, 59) ?? lifetime * 0.875
  return {
    address: packet.yiaddr,
    serverId,
    lifetime,
    renewAt: endOf(from, lifetime === INFINITE_LIFETIME ? lifetime : t1),
    rebindAt: endOf(from, lifetime === INFINITE_LIFETIME ? lifetime : t2),
    until: endOf(from, lifetime),
    options: packet.options,
  }
}

export function broadcast(packet: Packet4): Client4Action & { kind: 'send' } {
  return { kind: 'send', bytes: bytesFromPacket(packet), source: 0, destination: BROADCAST }
}

export function unicast(packet: Packet4, source: Ipv4, destination: Ipv4): Client4Action {
  return { kind: 'send', bytes: bytesFromPacket(packet), source, destination }
}

function endOf(from: Millis, lifetime: Seconds): Millis {
  return lifetime === INFINITE_LIFETIME ? Number.POSITIVE_INFINITY : from + lifetime * 1000
}
