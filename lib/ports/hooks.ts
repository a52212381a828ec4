// Somebody outside who has a say in what clients are answered: the only port that may be wrong.
// Nothing that it answers, and no silence, may cost more than the one message that it was asked
// about.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Ipv6 } from '../address/ipv6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { HookPlan } from '../config/plan/hook-plan.ts'
import type { Gate, Proposal, Ticket } from '../dhcp/asking.ts'
import type { Steps } from '../dhcp/steps.ts'
import type { Arrival4 } from '../dhcp4/arrival.ts'
import type { Arrival6 } from '../dhcp6/asked6.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Lease, LeaseAction } from '../leases/lease.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { Metric } from './metrics.ts'

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

/** What has happened and whoever listens is told of, a bit each. */
export const OBSERVING = {
  /** What leases have become, for good. */
  committed: 1,
  /** Replies that leave. */
  sent: 2,
} as const

export interface SentBatch {
  readonly family: 4 | 6
  /** Their bytes may be others when the call returns. */
  readonly replies: readonly SentOne[]
}

export interface SentOne {
  readonly type: number
  readonly through: { readonly name: string }
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly address: Ipv4 | Ipv6
  readonly port: number
}

export interface HookStatus {
  /** By which lines and metrics name it. */
  readonly hook: string
  readonly family: 4 | 6
  readonly library: string
  /** Of its text. */
  readonly digest: string
  /** off: it has failed too often, or held the server up, and is not called any more. */
  readonly state: 'on' | 'off'
  /** '' while it is on. */
  readonly whyOff: string
  readonly calls: number
  readonly failures: number
  /** Gates that did not answer in time; promises that are not kept yet. */
  readonly late: number
  readonly waiting: number
  /** Events that it did not take in time. */
  readonly lost: number
  /** Threads of it that ended, and were started anew. */
  readonly restarts: number
  /** Messages that it refused, by its reasons. */
  readonly refused: Readonly<Record<string, number>>
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
  /** Steps of those in force, for one plan. When absent, there never are any. */
  steps4?(): Steps<Query4, Arrival4> | undefined
  steps6?(): Steps<Query6, Arrival6> | undefined
  /** The bits of OBSERVING at which it listens; 0 when absent. None of this may throw or wait. */
  readonly observes?: number
  changed?(action: LeaseAction, lease: Lease<Key>, family: 4 | 6): void
  sent?(batch: SentBatch): void
  /**
   * Makes those of a plan ready. `isAnew`: also where they are the ones in force. `done` is called
   * once, with why they cannot be in force, or ''.
   */
  prepare?(plans: readonly HookPlan[], isAnew: boolean, done: (trouble: string) => void): void
  /** Those that were made ready last are in force from now on, and the former ones are unloaded. */
  adopt?(): void
  /** The server has stopped: all are unloaded. */
  close?(done: () => void): void
  /** Names what is in force: two servers of a pair should have the same. '' = nothing. */
  readonly fingerprint?: string
  status?(): readonly HookStatus[]
  metrics?(): readonly Metric[]
}
