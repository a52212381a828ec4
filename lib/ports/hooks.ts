// Somebody outside who has a say in what clients are answered: the only port that may be wrong.
// Nothing that it answers, and no silence, may cost more than the one message that it was asked
// about.

import type { Octets } from '../bytes/octets.ts'
import type { Ticket } from '../dhcp/asking.ts'

/** About a message of a client. */
export interface QueryQuestion4 {
  /** One of MESSAGE_TYPE4. */
  readonly type: number
  readonly hwAddress: Octets
  /** The whole of option 61; undefined where the message has none. */
  readonly clientId: Octets | undefined
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
  /** Answers go to this sink from now on. */
  open(sink: HookSink): void
  /** The answer, or undefined: it comes later, with the ticket, or never. */
  ask(ticket: Ticket, question: QueryQuestion4): HookAnswer | undefined
}
