// What relays said of a client of DHCPv6, kept in the user context of its lease as Kea keeps it
// (`store-extended-info`), the relay nearest the server first:
//
//   { "ISC": { "relay-info": [{ "hop": 0, "link": "2001:db8::1", "peer": "fe80::1",
//     "options": "0x0012…", "remote-id": "…", "relay-id": "…" }] } }
//
// Whatever else the context holds is kept.

import { type Ipv6, ipv6FromText, textFromIpv6 } from '../address/ipv6.ts'
import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { contextMembers, membersOf } from './json-context.ts'
import { utf8Length } from './lease-text.ts'
import { RECORD } from './record.ts'

export interface RelayInfo6 {
  readonly hopCount: number
  readonly linkAddress: Ipv6
  readonly peerAddress: Ipv6
  /** All of the relay as they came, without the message inside; '' = none. */
  readonly options: Octets
  /** '' = none. */
  readonly remoteId: Octets
  readonly relayId: Octets
}

/**
 * The context with this information in place of the former; unchanged where it cannot hold it.
 * `relays` is not empty.
 */
export function withRelayInfo6(userContext: string, relays: readonly RelayInfo6[]): string {
  const noted = relays.map((relay) => textOf(relay))
  const alone = JSON.stringify({ ISC: { 'relay-info': noted } })
  if (userContext === alone) return userContext
  const context = userContext === '' ? {} : contextMembers(userContext)
  if (context === undefined) return userContext
  const isc = membersOf(context.ISC) ?? {}
  const text = JSON.stringify({ ...context, ISC: { ...isc, 'relay-info': noted } })
  return utf8Length(text) <= RECORD.textMax ? text : userContext
}

function textOf({ hopCount, linkAddress, peerAddress, ...relay }: RelayInfo6) {
  const { options, remoteId, relayId } = relay
  return {
    hop: hopCount,
    link: textFromIpv6(linkAddress),
    peer: textFromIpv6(peerAddress),
    ...(options === '' ? {} : { options: `0x${upperHex(options)}` }),
    ...(remoteId === '' ? {} : { 'remote-id': upperHex(remoteId) }),
    ...(relayId === '' ? {} : { 'relay-id': upperHex(relayId) }),
  }
}

function upperHex(octets: Octets): string {
  return hexFromOctets(octets).toUpperCase()
}

/** The options of the relay nearest the client that are kept there, '' = none. */
export function relayOptionsOf(userContext: string): Octets {
  return optionsIn(relaysIn(userContext).at(-1))
}

/** All relays that are kept there, in their order; [] = none, or one of them cannot be read. */
export function relayInfos6(userContext: string): readonly RelayInfo6[] {
  const relays = relaysIn(userContext).map(relayIn)
  return relays.every((relay) => relay !== undefined) ? relays : []
}

function relaysIn(userContext: string): readonly unknown[] {
  if (!userContext.includes('"relay-info"')) return []
  const list = membersOf(contextMembers(userContext)?.ISC)?.['relay-info']
  return Array.isArray(list) ? list : []
}

function relayIn(one: unknown): RelayInfo6 | undefined {
  const { hop, link, peer, 'remote-id': remoteId, 'relay-id': relayId } = membersOf(one) ?? {}
  const linkAddress = typeof link === 'string' ? ipv6FromText(link) : undefined
  const peerAddress = typeof peer === 'string' ? ipv6FromText(peer) : undefined
  if (linkAddress === undefined || peerAddress === undefined) return undefined
  if (!Number.isInteger(hop) || (hop as number) < 0 || (hop as number) > 255) return undefined
  return {
    ...{ hopCount: hop as number, linkAddress, peerAddress, options: optionsIn(one) },
    ...{ remoteId: octetsIn(remoteId), relayId: octetsIn(relayId) },
  }
}

function optionsIn(one: unknown): Octets {
  return octetsIn(membersOf(one)?.options)
}

/** Hexadecimal, with 0x or without; '' = none, or none that can be read. */
function octetsIn(text: unknown): Octets {
  return typeof text === 'string' ? (octetsFromHex(text.replace(/^0x/i, '')) ?? '') : ''
}
