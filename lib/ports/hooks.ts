// Somebody outside who has a say in what clients are answered: the only port that may be wrong.
// Nothing that it answers, and no silence, may cost more than the one message that it was asked
// about.

import type { Octets } from '../bytes/octets.ts'
import type { Ticket } from '../dhcp/asking.ts'

/** About a message of a client. */
export type QueryQuestion = QueryQuestion4 | QueryQuestion6

export interface QueryQuestion4 {
  readonly family: 4
  /** One of MESSAGE_TYPE4. */
  readonly type: number
  readonly hwAddress: Octets
  /** The whole of option 61; undefined where the message has none. */
  readonly clientId: Octets | undefined
  /** Where it was received. */
  readonly interface: string
}

export interface QueryQuestion6 {
  readonly family: 6
  /** One of MESSAGE_TYPE6. */
  readonly type: number
  /** The DUID; '' where the message has none. */
  readonly duid: Octets
  /** Where it was received. */
  readonly interface: string
}

/** drop: the message is not answered. */
export type HookAnswer = 'go-on' | 'drop'

export interface HookSink {
  /**
   * The answer to what was asked with this ticket; never called within `ask`. One that nobody waits
   * for any more has no effect.
   */
  onAnswer(ticket: Ticket, answer: HookAnswer): void
}

export interface Hooks {
  /** The bits of ASKING at which it listens. */
  readonly points: number
  /** Answers about messages of this family go to this sink from now on. */
  open(sink: HookSink, family: 4 | 6): void
  /**
   * The answer, or undefined: it comes later, with the ticket, or never. Each family has tickets of
   * its own.
   */
  ask(ticket: Ticket, question: QueryQuestion): HookAnswer | undefined
}
