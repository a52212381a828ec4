// Messages of DNS as far as updates need them: what is said to a server, and what came of it. Names
// are octets in lower case without a final dot; '' is the root.

import type { Octets } from '../bytes/octets.ts'
import type { Seconds } from '../time/units.ts'

/** A resource record (RFC 1035 §4.1.3). Names in `data` are labels with their lengths. */
export interface DnsRecord {
  readonly name: Octets
  readonly type: number
  readonly dnsClass: number
  readonly ttl: Seconds
  readonly data: Octets
}

/** Which records there are. */
export interface DnsQuery {
  readonly kind: 'query'
  readonly name: Octets
  readonly type: number
}

/** What is to be changed, all or nothing, if all prerequisites hold (RFC 2136 §2). */
export interface DnsUpdate {
  readonly kind: 'update'
  readonly zone: Octets
  readonly prerequisites: readonly DnsRecord[]
  readonly updates: readonly DnsRecord[]
}

export type DnsRequest = DnsQuery | DnsUpdate

/** A server has answered, and may be believed. */
export interface DnsReply {
  readonly kind: 'reply'
  /** RCODE, or the error of TSIG where that says more (codes.ts has both). */
  readonly rcode: number
  readonly answers: readonly DnsRecord[]
  readonly authority: readonly DnsRecord[]
  /** How far the server's clock is ahead of this one's; 0 unless it was said to be too far. */
  readonly clockAhead: Seconds
}

/**
 * Nobody has. `untrusted`: replies came, but none with a signature that holds.
 */
export interface DnsSilence {
  readonly kind: 'silence'
  readonly trouble: 'timeout' | 'refused' | 'unreachable' | 'untrusted'
  /** For people, '' = the trouble says it all. */
  readonly detail: string
}

export type DnsAnswer = DnsReply | DnsSilence
