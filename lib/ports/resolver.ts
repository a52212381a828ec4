// Asking DNS servers. What is asked is signed, sent by UDP or TCP and sent again as long as there
// is reason to; answers that cannot be believed are not seen here.

import type { Octets } from '../bytes/octets.ts'
import type { NameServerPlan } from '../config/plan/names-plan.ts'
import type { DnsAnswer, DnsRecord, DnsRequest } from '../ddns/message.ts'
import type { Millis } from '../time/units.ts'

export interface ResolverSink {
  onDnsAnswer(ticket: number, answer: DnsAnswer): void
}

/**
 * whole    those were all records of the zone
 * refused  the server does not hand the zone out: RCODE, or the error of TSIG
 * failed   there is no whole zone to be had, for people
 */
export type TransferEnd =
  | { readonly kind: 'whole' }
  | { readonly kind: 'refused'; readonly rcode: number }
  | { readonly kind: 'failed'; readonly why: string }

export interface TransferSink {
  /** Some records of the zone, a slice's worth. */
  onRecords(records: readonly DnsRecord[]): void
  onEnd(end: TransferEnd): void
}

export interface Transfer {
  /** Nothing is heard of it any more. */
  close(): void
}

export interface Resolver {
  open(sink: ResolverSink): void
  /**
   * Each ticket gets one answer, in a later turn. `timeout` is for the first attempt: two more
   * follow, which wait longer.
   */
  send(ticket: number, server: NameServerPlan, request: DnsRequest, timeout: Millis): void
  /** All records of a zone (RFC 5936), in later turns: slices, then the end. */
  transfer(server: NameServerPlan, zone: Octets, sink: TransferSink): Transfer
  /** No answers come any more. */
  close(): void
}
