// A DHCPv6 message as it stands on the wire (RFC 9915 §8, §9), decoded in place: what is no number
// stays a position in the datagram until it is asked for. One Message6 is reused for every
// datagram, so nothing of it may be kept beyond the step that handles it; octets that were asked
// for may.

import type { Ipv6 } from '../../address/ipv6.ts'
import type { Prefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Suppliable } from '../supplied.ts'
import type { IaKind } from './codes.ts'

/** Why a datagram is no message that could be answered; each is a word of the catalogue, too. */
export type DecodeTrouble =
  /** Fewer bytes than a header has. */
  | 'too-short'
  /** More options than any client sends. */
  | 'too-long'
  /** A relay's part with a cut option, from a server, or without exactly one message in it. */
  | 'bad-relay'
  | 'too-many-relays'
  /** Options in options in options; a DUID that is cut short, or a server's that is none. */
  | 'bad-option'
  | 'bad-client-id'
  /** Two identifiers of the client or of the server. */
  | 'several-ids'

/** What can be asked of a run of options. */
export interface Options6 {
  has(code: number): boolean
  /**
   * The value of the first option with this code that is well-formed, or undefined. Two of one code
   * are never joined.
   */
  option(code: number): Octets | undefined
  /** The values of all options with this code, in the order of the wire. */
  all(code: number): readonly Octets[]
  /** The codes of the options in the order of the wire. */
  codes(): readonly number[]
}

/** What a relay put around the message (RFC 9915 §9). */
export interface Relay6 extends Options6 {
  readonly hopCount: number
  readonly linkAddress: Ipv6
  readonly peerAddress: Ipv6
  /** All options as they came, code and length included, but those with this code. */
  allBut(code: number): Octets
}

/** An address or a prefix that an IA names: IAADDR (RFC 9915 §21.6), IAPREFIX (§21.22). */
export interface IaEntry6 extends Options6 {
  /** Of an address, the prefix of 128 bits. */
  readonly key: Prefix6
  readonly preferred: number
  readonly valid: number
}

/** IA_NA (RFC 9915 §21.4) or IA_PD (§21.21). */
export interface Ia6 extends Options6 {
  readonly kind: IaKind
  readonly iaid: number
  readonly t1: number
  readonly t2: number
  /** In the order of the wire. */
  readonly entries: readonly IaEntry6[]
}

export interface Query6 extends Options6, Suppliable {
  readonly type: number
  /** 24 bits. */
  readonly xid: number
  /** Length of the datagram in bytes. */
  readonly size: number
  /** [0] is the one nearest this server, the last one is nearest the client; [] = none. */
  readonly relays: readonly Relay6[]
  /** The DUID of the client, '' = none. */
  readonly clientId: Octets
  /** The DUID of the server that the message is for, '' = none. */
  readonly serverId: Octets
  /**
   * In the order of the wire: at most 32 with at most 64 entries in all of them. Of what is beyond,
   * and of IAs that are malformed, nothing is known.
   */
  readonly ias: readonly Ia6[]
  /** Hundredths of a second since the client began to ask, 0xffff = more; -1 = it does not say. */
  readonly elapsed: number
  /** Whether the client asks for the option (ORO, RFC 9915 §21.7). */
  isRequested(code: number): boolean
  /** The datagram, as it came, relays' parts included. */
  copy(): Uint8Array
}
