// Builds any DHCPv6 message from values: for the clients and relays of the lab and for tests, where
// being plain matters more than being fast. The server writes its replies with writer.ts.

import type { Ipv6 } from '../../address/ipv6.ts'
import type { Prefix6 } from '../../address/prefix6.ts'
import { octetsFromUint } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { bytesFromOctets, octetsFromBytes } from '../../bytes/octets.ts'
import { type IaKind, MESSAGE_TYPE6, OPTION6 } from './codes.ts'
import { type OptionPair6, octetsFromOptions6 } from './octets6.ts'

export function encodeMessage6(
  type: number,
  xid: number,
  options: readonly OptionPair6[],
): Uint8Array {
  const head = String.fromCharCode(type) + octetsFromUint(xid, 3)
  return bytesFromOctets(head + octetsFromOptions6(options))
}

/** What is not given is 0, ::, or no option. */
export interface RelayFields6 {
  readonly hopCount?: number
  readonly linkAddress?: Ipv6
  readonly peerAddress?: Ipv6
  /** In front of the message. */
  readonly options?: readonly OptionPair6[]
}

const UNSPECIFIED = '\0'.repeat(16)

/** A message as a relay passes it on towards servers. */
export function encodeRelayForward(message: Uint8Array, fields: RelayFields6): Uint8Array {
  const { hopCount = 0, linkAddress = UNSPECIFIED, peerAddress = UNSPECIFIED } = fields
  const options: OptionPair6[] = [
    ...(fields.options ?? []),
    [OPTION6.relayMessage, octetsFromBytes(message)],
  ]
  const head = String.fromCharCode(MESSAGE_TYPE6.relayForward, hopCount)
  return bytesFromOctets(head + linkAddress + peerAddress + octetsFromOptions6(options))
}

/** What is not given is 0. */
export interface IaTimes6 {
  readonly t1?: number
  readonly t2?: number
}

/** The option that an IA is. */
export function iaOption6(
  kind: IaKind,
  iaid: number,
  options: readonly OptionPair6[] = [],
  { t1 = 0, t2 = 0 }: IaTimes6 = {},
): OptionPair6 {
  const head = octetsFromUint(iaid, 4) + octetsFromUint(t1, 4) + octetsFromUint(t2, 4)
  return [kind, head + octetsFromOptions6(options)]
}

/** The option by which an IA of this kind names an address or prefix. */
export function iaEntry6(
  kind: IaKind,
  key: Prefix6,
  preferred = 0,
  valid = 0,
  options: readonly OptionPair6[] = [],
): OptionPair6 {
  const lifetimes = octetsFromUint(preferred, 4) + octetsFromUint(valid, 4)
  const inside = octetsFromOptions6(options)
  if (kind === OPTION6.iaNa) return [OPTION6.iaAddress, key.slice(1) + lifetimes + inside]
  return [OPTION6.iaPrefix, lifetimes + key + inside]
}

/** Codes as the value of the option request option. */
export function octetsFromCodes(codes: readonly number[]): Octets {
  return codes.map((code) => octetsFromUint(code, 2)).join('')
}
