// What a relay said of a client (option 82), kept in the user context of its lease as Kea keeps it
// (`store-extended-info`):
//
//   { "ISC": { "relay-agent-info":
//     { "sub-options": "0x0104…", "remote-id": "…", "relay-id": "…" } } }
//
// Up to Kea 2.2 the sub-options stood there alone. Whatever else the context holds is kept.

import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { subOptions } from '../wire/options/sub-options.ts'
import { contextMembers, membersOf, withoutMember } from './json-context.ts'
import { utf8Length } from './lease-text.ts'
import { RECORD } from './record.ts'

export interface RelayInfo {
  /** Everything within the option. */
  readonly subOptions: Octets
  /** Sub-options 2 and 12, '' = none. */
  readonly remoteId: Octets
  readonly relayId: Octets
}

/** The context with this information in place of the former; unchanged where it cannot hold it. */
export function withRelayInfo(userContext: string, info: RelayInfo): string {
  const noted = {
    'sub-options': `0x${upperHex(info.subOptions)}`,
    ...(info.remoteId === '' ? {} : { 'remote-id': upperHex(info.remoteId) }),
    ...(info.relayId === '' ? {} : { 'relay-id': upperHex(info.relayId) }),
  }
  const alone = JSON.stringify({ ISC: { 'relay-agent-info': noted } })
  if (userContext === '' || userContext === alone) return alone
  const context = contextMembers(userContext)
  if (context === undefined) return userContext
  const isc = membersOf(context.ISC) ?? {}
  const text = JSON.stringify({ ...context, ISC: { ...isc, 'relay-agent-info': noted } })
  return utf8Length(text) <= RECORD.textMax ? text : userContext
}

/** The context without it, and without what relays of DHCPv6 said (relay-info6.ts). */
export function withoutRelayInfo(userContext: string): string {
  return withoutMember(withoutMember(userContext, 'ISC', 'relay-agent-info'), 'ISC', 'relay-info')
}

/** The sub-options that are kept there, '' = none. */
export function relaySubOptionsOf(userContext: string): Octets {
  if (!userContext.includes('"relay-agent-info"')) return ''
  const kept = membersOf(contextMembers(userContext)?.ISC)?.['relay-agent-info']
  const text = typeof kept === 'string' ? kept : membersOf(kept)?.['sub-options']
  if (typeof text !== 'string') return ''
  return octetsFromHex(text.replace(/^0x/i, '')) ?? ''
}

/** By which relays, or lines of a relay, are told apart. */
export type RelaySearch = { readonly code: 2 | 12; readonly id: Octets }

/**
 * Whether a relay has said this, by the context of the lease. Most contexts do not hold the octets
 * at all, and are not taken apart.
 */
export function searchForRelay({ code, id }: RelaySearch): (userContext: string) => boolean {
  const hex = upperHex(id)
  return (userContext) => {
    if (userContext === '' || !userContext.toUpperCase().includes(hex)) return false
    const inside = subOptions(relaySubOptionsOf(userContext), 1)
    return inside?.some(([own, value]) => own === code && value === id) === true
  }
}

function upperHex(octets: Octets): string {
  return hexFromOctets(octets).toUpperCase()
}
