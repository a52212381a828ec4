// Somebody outside who has a say in what clients are answered: the only port that may be wrong.
// Nothing that it answers, and no silence, may cost more than the one message that it was asked
// about.

import type { Octets } from '../bytes/octets.ts'
import type { Gate, Proposal, Ticket } from '../dhcp/asking.ts'
import type { Arrival4 } from '../dhcp4/exchange4.ts'
import type { Arrival6 } from '../dhcp6/asked6.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Query6 } from '../wire/v6/message.ts'

/** About a message of a client. */
export type HookQuestion = HookQuestion4 | HookQuestion6

interface Question {
  readonly gate: Gate
  /** What is about to be offered or given; undefined at the gate of the query. */
  readonly proposal: Proposal | undefined
  /** What was found out about this query before. */
  readonly found: unknown
  /** One of MESSAGE_TYPE4 or MESSAGE_TYPE6. */
  readonly type: number
  /** Where it was received. */
  readonly interface: string
}

export interface HookQuestion4 extends Question {
  readonly family: 4
  readonly hwAddress: Octets
  /** The whole of option 61; undefined where the message has none. */
  readonly clientId: Octets | undefined
  /** The message, which is another one as soon as `ask` is over. */
  readonly query: Query4
  readonly arrival: Arrival4
}

export interface HookQuestion6 extends Question {
  readonly family: 6
  /** The DUID; '' where the message has none. */
  readonly duid: Octets
  /** See HookQuestion4. */
  readonly query: Query6
  readonly arrival: Arrival6
}

export type HookAnswer =
  | 'go-on'
  /** The message is not answered: it is not wanted, the hook failed, or was not there in time. */
  | 'drop'
  | 'failed'
  | 'too-slow'
  /** Of what is about to be given: the client is told that it does not get it. */
  | 'refuse'
  /** Of an address of IPv4 that is about to be offered: somebody else uses it. */
  | 'in-use'
  /** It goes on; the steps of hooks are to be given this. */
  | { readonly found: unknown }

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
  ask(ticket: Ticket, question: HookQuestion): 'go-on' | 'drop' | undefined
}
