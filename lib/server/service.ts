// What the loop asks of a family of addresses, and what a family asks of the loop. The loop has
// time, the journal, the numbers of changes, the order of delivery and the pair; a service has
// datagrams, an engine and its leases.

import type { Ipv4Range } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { Change, Lease } from '../leases/lease.ts'
import type { Instant, Millis } from '../time/units.ts'
import type { LeaseAction, ServerEvent } from './events.ts'
import type { Parked, ParkedReply4 } from './parked.ts'
import type { ReplyArena } from './reply-arena.ts'
import type { ServiceStatus } from './status.ts'

export interface Service {
  readonly family: 4
  /** A new plan is in force, between two batches. */
  use(plan: Plan): void
  /** Rows of the journal; all of them have come when `ready` is called. */
  load(rows: Uint8Array): void
  ready(): void
  /** Starts to receive; and stops: `done` is called when nothing comes any more. */
  open(): void
  close(done: () => void): void
  /** Whether nobody may be given anything, since a partner has all rights. */
  readonly hasNoRights: boolean
  /** Leases that have ended change their state, so many as a round has. */
  reclaim(now: Instant): void
  /** When `reclaim` or `flush` has something to do though nothing comes. */
  readonly deadline: Instant
  /**
   * Replies without changes leave, and who has waited too long for an answer from outside waits no
   * more.
   */
  flush(): void
  /** What was parked is durable: the replies of this family leave. */
  release(parked: readonly Parked[], now: Instant): void
  /** Replies whose changes are not durable will never leave. */
  forget(replies: readonly ParkedReply4[]): void
  /** A lease as whoever wants to know is told of it, once it is durable. */
  told(lease: Lease): Lease
  /** Whoever watches leases is told of one, as it was put. */
  notify(action: LeaseAction, lease: Lease): void
  status(now: Instant): ServiceStatus
}

export interface ServiceDuties {
  /** The lease clock. */
  now(): Instant
  /** The same when something has come: whether the process was held up shows then. */
  turn(): Instant
  /**
   * Why no message is taken at the moment. `isRelease`: it would end a lease, and must not be older
   * than it seems.
   */
  refusal(isRelease: boolean, now: Instant): Reason4 | undefined
  /** Where the next reply is written. */
  readonly arena: ReplyArena
  readonly nextChange: () => number
  /** Whether everything up to this change is durable here, and where replies wait for it. */
  readonly isSettled: (change: number) => boolean
  /**
   * A change that has been applied to the table and must become durable. `isStreamed`: the other
   * servers get its row.
   */
  put(change: Change, action: LeaseAction | undefined, isStreamed: boolean): void
  /** Keeps a reply until everything put so far is durable. */
  park(reply: Parked): void
  /** What came has been worked through: send, store, go on. */
  proceed(): void
  tell(event: ServerEvent): void
  /** Undefined for a server on its own. */
  readonly pair: PairFace | undefined
}

/** What a family asks of the pair. */
export interface PairFace {
  readonly plan: HaPlan
  /** Whether the partner, when it was met last, had the same subnets and pools. */
  readonly isPartnerConfigKnown: boolean
  /** The same, and it is connected and hands keys on. */
  readonly isPartnerSharing: boolean
  /**
   * Why a message of this owner's client is not for this server at present. `ends`: it gives a
   * lease back.
   */
  admits(owner: number, ends: boolean): Reason4 | undefined
  /** Whether it matters that clients of the partner wait. */
  watchesClients(now: Instant): boolean
  /** A client of the partner was heard, which waits for so long by its own account. */
  heard(client: Octets, waited: Millis, now: Instant): void
  /** A change of the engine with what the pair must know of it. */
  stamp(change: Change): Change
  /** Whether it matters that clients are served, since some were not. */
  readonly awaitsClients: boolean
  /**
   * What a client was answered, or not: `wanted` are the ranges that it could use an address of.
   */
  noteNeed(client: Octets, wanted: readonly Ipv4Range[], now: Instant): void
}
