// Asking DNS servers. What is asked is signed, sent by UDP or TCP and sent again as long as there
// is reason to; answers that cannot be believed are not seen here.

import type { NameServerPlan } from '../config/plan/names-plan.ts'
import type { DnsAnswer, DnsRequest } from '../ddns/message.ts'
import type { Millis } from '../time/units.ts'

export interface ResolverSink {
  onDnsAnswer(ticket: number, answer: DnsAnswer): void
}

export interface Resolver {
  open(sink: ResolverSink): void
  /**
   * Each ticket gets one answer, in a later turn. `timeout` is for the first attempt: two more
   * follow, which wait longer.
   */
  send(ticket: number, server: NameServerPlan, request: DnsRequest, timeout: Millis): void
  /** No answers come any more. */
  close(): void
}
