// Whom an engine asks before it answers: somebody outside of this process, whose word may take a
// while. What is asked stands before anything is noted, so that the query can be stepped again with
// what was heard as if for the first time, and may be forgotten without a trace.

/** Where the engine asks, a bit each: whoever listens nowhere is asked nothing. */
export const ASKING = {
  /** A message that is for this server and may be answered. */
  query: 1,
  /** Addresses that are about to be offered; they are held for the client meanwhile. */
  offer: 2,
  /** Leases that are about to be given, before anything of them is stored. */
  grant: 4,
} as const

export type Gate = (typeof ASKING)[keyof typeof ASKING]

/** By which an answer that is not there yet finds the query. */
export type Ticket = number

/** `go-on`, or why the query is not to be answered. */
export type Word<Reason extends string> = 'go-on' | Reason

/** What is about to be offered or given. */
export interface Proposal {
  readonly subnetId: number
  /** `192.0.2.10`, `2001:db8::10`, `2001:db8:0:100::/56`. */
  readonly addresses: readonly string[]
}

/** What was heard of outside about a query that had to wait for it: nothing is asked twice. */
export interface Heard {
  /** It was counted by rate limits before it waited. */
  readonly isCounted: boolean
  /** What hooks have found out about the query, for themselves to read. */
  readonly found: unknown
  /** The addresses of the proposal that was agreed to, or refused aloud; '' = none was. */
  readonly judged: string
  /** The proposal was refused, and the client is to know it. */
  readonly isRefused: boolean
  /** How often it has waited. */
  readonly waits: number
}

export const NOTHING_HEARD: Heard = {
  isCounted: false,
  found: undefined,
  judged: '',
  isRefused: false,
  waits: 0,
}

export interface Asker<Query, Arrival, Reason extends string> {
  /** The bits of ASKING at which it wants to be asked. */
  readonly points: number
  /**
   * The answer, or the ticket of one to come: then the outcome is to wait. `heard`: before, by this
   * query.
   */
  ask(
    gate: Gate,
    query: Query,
    arrival: Arrival,
    proposal: Proposal | undefined,
    heard: Heard | undefined,
  ): Word<Reason> | Ticket
}

/** Names what is proposed. */
export function nameOf({ addresses }: Proposal): string {
  return addresses.join(' ')
}
