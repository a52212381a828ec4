// Whom the engine asks before it answers: somebody outside of this process, whose word may take a
// while. What is asked stands before anything is noted, so that the query can be stepped again with
// the answer as if for the first time, and may be forgotten without a trace.

import type { Reason4 } from '../catalogue/reasons.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/v4/message.ts'

/** Where the engine asks, a bit each: whoever listens nowhere is asked nothing. */
export const ASKING = {
  /** A message that is for this server and may be answered. */
  query: 1,
} as const

/** By which an answer that is not there yet finds the query. */
export type Ticket = number

/** `go-on`, or why the query is not to be answered. */
export type Word4 = 'go-on' | Reason4

export interface Asker4 {
  /** The bits of ASKING at which it wants to be asked. */
  readonly points: number
  /**
   * The answer, or the ticket of one to come: then the outcome is to wait. `link`: where the query
   * was received.
   */
  askOfQuery(query: Query4, link: string): Word4 | Ticket
}

/**
 * What ends a lease is never made to wait: a RELEASE is believed because it cannot be older than it
 * seems (leases/grace.ts).
 */
export function mayWait(type: number): boolean {
  return type !== MESSAGE_TYPE4.release && type !== MESSAGE_TYPE4.decline
}
