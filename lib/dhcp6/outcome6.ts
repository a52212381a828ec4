// What the engine answers to a query. The engine sends, stores and logs nothing itself: the server
// carries an outcome out in the order journal, partner, client.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import { REASONS6, type Reason6 } from '../catalogue/reasons6.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import type { Ticket } from '../dhcp/asking.ts'
import type { LookUp } from '../dhcp/look-up.ts'
import type { Range } from '../leases/keys/key.ts'
import type { Change, Lease, LeaseAction } from '../leases/lease.ts'
import type { MessageType6 } from '../wire/v6/codes.ts'
import type { IaAnswer6 } from './ia-answer6.ts'

export type Outcome6 =
  /** Nothing is answered and nothing changes. */
  | {
      readonly kind: 'drop'
      readonly reason: Reason6
      /**
       * Where the partner should hand on keys, so that the client can be served when it asks again.
       * Empty where that would not help.
       */
      readonly wanted: readonly Range<Prefix6>[]
    }
  /** A reply, which may leave once the changes are durable. */
  | {
      readonly kind: 'reply'
      readonly type: MessageType6
      /** Bytes of the reply, written to the `out` of the step at its `outAt`. */
      readonly length: number
      readonly destination: Destination6
      /** The status of the whole message in words (`NotOnLink`), '' = Success or none. */
      readonly refusal: string
      /** What it says of each IA; empty where it is about none. */
      readonly ias: readonly IaAnswer6[]
      /** Empty for an ADVERTISE, for what is reused, and where nothing is given. */
      readonly changes: readonly Done6[]
      /** As above: for what the client did not get, or will move to. */
      readonly wanted: readonly Range<Prefix6>[]
      /** IAs that got nothing, and why. */
      readonly unserved: readonly Unserved6[]
      /** Leases that go on though their client gave them up. */
      readonly kept: readonly Kept6[]
    }

/**
 * What the engine says of a query. wait: an answer is to come, and nothing is noted yet; look-up:
 * that of a database of reservations.
 */
export type Stepped6 = Outcome6 | { readonly kind: 'wait'; readonly ticket: Ticket } | LookUp

export type ReplyOutcome6 = Extract<Outcome6, { kind: 'reply' }>

/** A change of a lease with what it is to whoever is told of it. */
export interface Done6 {
  readonly change: Change<Prefix6>
  readonly action: LeaseAction
  /** The row before, where there was one: a declined one does not say whose it was. */
  readonly former: Lease<Prefix6> | undefined
  /**
   * The row of another identifier of the client's host, or of another of its IAs, which ends with
   * this change: as if its holder had released it.
   */
  readonly ended: Lease<Prefix6> | undefined
}

/** A RELEASE or DECLINE that does not count, as in DHCPv4. */
export interface Kept6 {
  readonly key: Prefix6
  /**
   * given-by-partner: the partner extended the lease last. release-too-soon: the message may be
   * older than the lease. kept-for-host: a former binding of the host may use it yet.
   * from-elsewhere: it came from another hardware address, or another port of a relay.
   */
  readonly why: 'from-elsewhere' | 'given-by-partner' | 'release-too-soon' | 'kept-for-host'
}

export const NOTHING_KEPT6: readonly Kept6[] = []

/** An IA that got no address or prefix. */
export interface Unserved6 {
  /** That was selected. */
  readonly subnet: Subnet6
  /**
   * none-free: every one is taken. none-own: the partner has free ones. no-pool: no pool is for
   * this client.
   */
  readonly why: 'none-free' | 'none-own' | 'no-pool'
}

/** Where a reply goes. The interface is always the one that the query came from. */
export interface Destination6 {
  readonly address: Ipv6
  readonly port: number
  /** The address of this host that was asked; '' where a group was: the kernel chooses. */
  readonly source: Ipv6
}

/** Nothing that the partner could hand on would help. */
export const NOTHING_WANTED6: readonly Range<Prefix6>[] = []
export const NOTHING_DONE6: readonly Done6[] = []
export const NOBODY_UNSERVED6: readonly Unserved6[] = []

/** One object for each reason. */
const DROPS = Object.fromEntries(
  Object.keys(REASONS6).map((reason) => [
    reason,
    { kind: 'drop', reason, wanted: NOTHING_WANTED6 },
  ]),
) as Record<Reason6, Outcome6>

/** Nothing is answered and nothing changes. */
export function drop(reason: Reason6): Outcome6 {
  return DROPS[reason]
}

/** A drop that these keys, handed on by the partner, would have spared. */
export function dropWanting(reason: Reason6, wanted: readonly Range<Prefix6>[]): Outcome6 {
  return { kind: 'drop', reason, wanted }
}
