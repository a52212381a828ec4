// What a DHCPv6 client of the lab is like, what states it has, and what it wants done: the
// vocabulary of client6.ts.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Millis, Seconds } from '../time/units.ts'
import { type IaKind, OPTION6 } from '../wire/v6/codes.ts'

/** An identity association: addresses (IA_NA) or prefixes (IA_PD) under one number. */
export interface ClientIa6 {
  readonly kind: IaKind
  readonly iaid: number
  /** What it wishes, before it has anything: an address, a prefix, `::/56` = any of that length. */
  readonly hint?: Prefix6
}

export interface Client6Settings {
  /** Of its network card, from which its link-local address follows. */
  readonly hwAddress: Octets
  readonly duid: Octets
  /** [] = it asks for options only. */
  readonly ias: readonly ClientIa6[]
  /** Takes a REPLY to its SOLICIT (RFC 9915 §18.2.1). */
  readonly rapidCommit: boolean
  /** Takes a key with its leases, and obeys a RECONFIGURE that is signed with it. */
  readonly acceptsReconfigure: boolean
  /** The codes that it asks for (ORO). */
  readonly requests: readonly number[]
  /** Option 39 without its end, '' = none. */
  readonly hostname: string
  /** Option 15, its one item; '' = none. */
  readonly userClass: string
  /** Looks whether somebody has an address that it got, and declines one that is in use. */
  readonly probes: boolean
  /** False: a client that does not renew; it asks anew when its leases have ended. */
  readonly renews: boolean
  /** From when lifetimes count: the first sending of what was answered, or the arrival. */
  readonly countsFrom: 'request' | 'reply'
  /** First message after start at a random time up to this (RFC 9915 §18.2.1: 1 s). */
  readonly startDelayMax: Millis
  /** Longest wait between two SOLICITs (RFC 9915 §7.6: an hour). */
  readonly solicitMax: Millis
}

export const CLIENT6_DEFAULTS: Client6Settings = {
  hwAddress: '\x02\x00\x00\x00\x00\x01',
  duid: '\x00\x03\x00\x01\x02\x00\x00\x00\x00\x01',
  ias: [{ kind: OPTION6.iaNa, iaid: 1 }],
  rapidCommit: false,
  acceptsReconfigure: false,
  requests: [OPTION6.domainNameServers, OPTION6.domainSearch],
  hostname: '',
  userClass: '',
  probes: false,
  renews: true,
  countsFrom: 'request',
  startDelayMax: 1000,
  solicitMax: 3_600_000,
}

export type Client6State =
  | 'off'
  | 'init'
  | 'soliciting'
  | 'requesting'
  | 'confirming'
  | 'bound'
  | 'renewing'
  | 'rebinding'
  | 'informing'
  | 'informed'

/** An address or prefix that a client was told to have. Times are on its own steady clock. */
export interface ClientLease6 {
  readonly kind: IaKind
  readonly iaid: number
  readonly key: Prefix6
  readonly serverId: Octets
  readonly preferred: Seconds
  readonly valid: Seconds
  /** From here on it must not be used. */
  readonly until: Millis
}

export type Client6Action =
  /** Send to all servers and relays of the link. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** It may be used from now on (`bound`), or from now on until another time (`extended`). */
  | { readonly kind: 'bound' | 'extended'; readonly lease: ClientLease6 }
  /** It may not be used any more. */
  | { readonly kind: 'unbound'; readonly lease: ClientLease6; readonly why: UnboundReason6 }
  /** The options that it asked for came without a lease; `codes` are those of the answer. */
  | { readonly kind: 'informed'; readonly codes: readonly number[] }
  /** A server has told it to send a message of this type, and it does. */
  | { readonly kind: 'reconfigured'; readonly asks: number }
  /** Ask by neighbour discovery whether somebody uses it and tell `onProbed`. */
  | { readonly kind: 'probe'; readonly key: Prefix6 }
  /** An answer that real clients throw away, as this one does, and why. */
  | { readonly kind: 'refused'; readonly why: string }

export type UnboundReason6 =
  | 'ended'
  | 'withdrawn'
  | 'not-on-link'
  | 'released'
  | 'declined'
  | 'forgotten'
