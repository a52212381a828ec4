// What the loop asks of a family of addresses, and what a family asks of the loop. The loop has
// time, the journal, the numbers of changes, the order of delivery and the pair; a service has
// datagrams, an engine and its leases.

import type { Octets } from '../bytes/octets.ts'
import type { CommonReason } from '../catalogue/common-reasons.ts'
import type { OrderResult } from '../catalogue/order-result.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import type { WhyReport } from '../explain/why4.ts'
import type { Key, Range } from '../leases/keys/key.ts'
import type { Change, Lease } from '../leases/lease.ts'
import type { LeaseTables } from '../leases/table/lease-tables.ts'
import type { Instant, Millis } from '../time/units.ts'
import type { LeaseAction, ServerEvent } from './events.ts'
import type { HostBooksDuties } from './hosts/host-books.ts'
import type { KeptKeys } from './kept-keys.ts'
import type { NamesDuties, NamesPair } from './names/names-duties.ts'
import type { Parked, ParkedReply } from './parked.ts'
import type { ReclaimOrder } from './reclaimer.ts'
import type { ReconfigureOrder } from './reconfigure/reconfigurer6.ts'
import type { ReplyArena } from './reply-arena.ts'
import type { SharedSide } from './shared/shared-side.ts'
import type { Slices } from './slices.ts'
import type { ServiceStatus } from './status.ts'

export interface Service {
  readonly family: 4 | 6
  /** Subnets of the plan in force. */
  readonly subnets: number
  /** What of its keys no client is to get. */
  readonly kept: KeptKeys
  /** By which clients of DHCPv6 know this server. */
  readonly duid?: Octets
  /**
   * A new plan is in force, between two batches. One that does not have the family leaves it as it
   * was: whether it is served is decided at the start.
   */
  use(plan: Plan): void
  /** All rows of the journal have come. */
  ready(): void
  /** Starts to receive; and stops: `done` is called when nothing comes any more. */
  open(): void
  close(done: () => void): void
  /** Leases that have ended change their state, so many as a round has; whether any did. */
  reclaim(now: Instant, order?: ReclaimOrder): boolean
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
  forget(replies: readonly ParkedReply[]): void
  /** A lease of the family has changed, durably, as it was put: whoever wants to know is told. */
  tell(action: LeaseAction, lease: Lease<Key>): void
  /** Has clients told to ask again; of DHCPv6 alone (RFC 9915 §18.3.11). */
  reconfigure?(order: ReconfigureOrder): OrderResult
  status(now: Instant): ServiceStatus
  /** What is remembered of a client. */
  why(about: string, now: Instant): WhyReport
}

export interface ServiceDuties {
  /** The lease clock. */
  now(): Instant
  /** The same when something has come: whether the process was held up shows then. */
  turn(): Instant
  /**
   * Why no message of the family is taken at the moment. `isRelease`: it would end a lease, and
   * must not be older than it seems.
   */
  refusal(family: 4 | 6, isRelease: boolean, now: Instant): CommonReason | undefined
  /** The leases of both families. */
  readonly tables: LeaseTables
  /** Where the next reply is written. */
  readonly arena: ReplyArena
  readonly nextChange: () => number
  /** Whether everything up to this change is durable here, and where replies wait for it. */
  readonly isSettled: (change: number) => boolean
  /**
   * A change that is about to be applied to the table and must become durable. `isStreamed`: the
   * other servers get its row.
   */
  put(change: Change<Key>, action: LeaseAction | undefined, isStreamed: boolean): void
  /** Keeps a reply until everything put so far is durable. */
  park(reply: Parked): void
  /** What is in force. */
  plan(): Plan
  readonly delivery: NamesDuties['delivery']
  /** What came has been worked through: send, store, go on. */
  proceed(): void
  /** See Slices.add. */
  inSlices: Slices['add']
  tell(event: ServerEvent): void
  readonly switches: HostBooksDuties['switches']
  /** See HostBooksDuties.compile. */
  compileHosts: HostBooksDuties['compile']
  /** Undefined for a server on its own. */
  readonly pair: PairFace | undefined
  /** Undefined where no other server writes its database. */
  readonly shared: SharedSide | undefined
}

/** What a family asks of the pair. */
export interface PairFace {
  /** Whether clients may know the partner by this DUID. */
  mayBePartner(duid: Octets): boolean
  readonly plan: HaPlan
  /** Whether the partner, when it was met last, had the same subnets and pools. */
  readonly isPartnerConfigKnown: boolean
  /** The same, and it is connected and hands keys on. */
  readonly isPartnerSharing: boolean
  /** Whether every lease that the partner gives is known here, too. */
  knowsAll(now: Instant): boolean
  /** What is known of the partner for the sake of names in DNS. */
  readonly names: NamesPair
  /**
   * Why a message of this owner's client is not for this server at present. `ends`: it gives a
   * lease back.
   */
  admits(owner: number, ends: boolean): CommonReason | undefined
  /**
   * Whether this owner's client of DHCPv6, which names this DUID, is answered as if it had named
   * this server: it is one of the partner's, which may be down, or may have taken this server's
   * clients over while that was. Where the client is not served, the partner answers itself.
   */
  answersFor(duid: Octets, owner: number): boolean
  /** Whether it matters that clients of the partner wait. */
  watchesClients(now: Instant): boolean
  /** A client of the partner was heard, which waits for so long by its own account. */
  heard(client: Octets, waited: Millis, now: Instant): void
  /** A change of the engine with what the pair must know of it. */
  stamp<A extends Key>(change: Change<A>): Change<A>
  /**
   * An operator is to change what stands at an address, and keys of it are with the partner.
   * `running`: also where somebody has it. `done` is called once, with why they stay, or ''.
   */
  askForKeys(key: Key, running: boolean, done: (why: string) => void): void
  /** Whether it matters that clients are served, since some were not. */
  readonly awaitsClients: boolean
  /**
   * What a client was answered, or not: `wanted` are the ranges that it could use an address of.
   */
  noteNeed(client: Octets, wanted: readonly Range<Key>[], now: Instant): void
}
