// What a relay said of a client (option 82), kept in the user context of its lease as Kea keeps it
// (`store-extended-info`):
//
//   { "ISC": { "relay-agent-info":
//     { "sub-options": "0x0104…", "remote-id": "…", "relay-id": "…" } } }
//
// Up to Kea 2.2 the sub-options stood there alone. Whatever else the context holds is kept.

import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { utf8Length } from './lease-text.ts'
import { RECORD } from './record.ts'

export interface RelayInfo {
  /** Everything within the option. */
  readonly subOptions: Octets
  /** Sub-options 2 and 12, '' = none. */
  readonly remoteId: Octets
  readonly relayId: Octets
}

type Members = { [key: string]: unknown }

/** The context with this information in place of the former; unchanged where it cannot hold it. */
export function withRelayInfo(userContext: string, info: RelayInfo): string {
  const noted = {
    'sub-options': `0x${upperHex(info.subOptions)}`,
    ...(info.remoteId === '' ? {} : { 'remote-id': upperHex(info.remoteId) }),
    ...(info.relayId === '' ? {} : { 'relay-id': upperHex(info.relayId) }),
  }
  const alone = JSON.stringify({ ISC: { 'relay-agent-info': noted } })
  if (userContext === '' || userContext === alone) return alone
  const context = membersOf(parsed(userContext))
  if (context === undefined) return userContext
  const isc = membersOf(context.ISC) ?? {}
  const text = JSON.stringify({ ...context, ISC: { ...isc, 'relay-agent-info': noted } })
  return utf8Length(text) <= RECORD.textMax ? text : userContext
}

/** The context without it. */
export function withoutRelayInfo(userContext: string): string {
  if (!userContext.includes('"relay-agent-info"')) return userContext
  const context = membersOf(parsed(userContext))
  const isc = membersOf(context?.ISC)
  if (context === undefined || isc === undefined) return userContext
  const { 'relay-agent-info': _, ...otherIsc } = isc
  const { ISC: __, ...others } = context
  const left = Object.keys(otherIsc).length === 0 ? others : { ...context, ISC: otherIsc }
  return Object.keys(left).length === 0 ? '' : JSON.stringify(left)
}

/** The sub-options that are kept there, '' = none. */
export function relaySubOptionsOf(userContext: string): Octets {
  if (!userContext.includes('"relay-agent-info"')) return ''
  const kept = membersOf(membersOf(parsed(userContext))?.ISC)?.['relay-agent-info']
  const text = typeof kept === 'string' ? kept : membersOf(kept)?.['sub-options']
  if (typeof text !== 'string') return ''
  return octetsFromHex(text.replace(/^0x/i, '')) ?? ''
}

function upperHex(octets: Octets): string {
  return hexFromOctets(octets).toUpperCase()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function membersOf(value: unknown): Members | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap ? (value as Members) : undefined
}
