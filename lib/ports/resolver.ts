// Asking DNS servers. What is asked is signed, sent by UDP or TCP and sent again as long as there
// is reason to; answers that cannot be believed are not seen here.

import type { TsigKey } from '../config/plan/tsig-key.ts'
import type { DnsAnswer, DnsRequest } from '../ddns/message.ts'
import type { Millis } from '../time/units.ts'

export interface DnsServer {
  /** In text, of either family. */
  readonly address: string
  readonly port: number
  /** Undefined: messages are not signed. */
  readonly key: TsigKey | undefined
}

export interface ResolverSink {
  onDnsAnswer(ticket: number, answer: DnsAnswer): void
}

export interface Resolver {
  open(sink: ResolverSink): void
  /**
   * Each ticket gets one answer, in a later turn. `timeout` is for the first attempt: two more
   * follow, which wait longer.
   */
  send(ticket: number, server: DnsServer, request: DnsRequest, timeout: Millis): void
  /** No answers come any more. */
  close(): void
}
