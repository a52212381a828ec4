// Whom an engine asks before it answers: somebody outside of this process, whose word may take a
// while. What is asked stands before anything is noted, so that the query can be stepped again with
// the answer as if for the first time, and may be forgotten without a trace.

/** Where the engine asks, a bit each: whoever listens nowhere is asked nothing. */
export const ASKING = {
  /** A message that is for this server and may be answered. */
  query: 1,
} as const

/** By which an answer that is not there yet finds the query. */
export type Ticket = number

/** `go-on`, or why the query is not to be answered. */
export type Word<Reason extends string> = 'go-on' | Reason

export interface Asker<Query, Reason extends string> {
  /** The bits of ASKING at which it wants to be asked. */
  readonly points: number
  /**
   * The answer, or the ticket of one to come: then the outcome is to wait. `link`: where the query
   * was received.
   */
  askOfQuery(query: Query, link: string): Word<Reason> | Ticket
}
