// What the engine answers to a query. The engine sends, stores and logs nothing itself: the server
// carries an outcome out in the order journal, partner, client.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import { REASONS4, type Reason4 } from '../catalogue/reasons.ts'
import type { AddressCheckPlan, Subnet4 } from '../config/plan/plan4.ts'
import type { Ticket } from '../dhcp/asking.ts'
import type { LookUp } from '../dhcp/look-up.ts'
import type { Change, ClientIdentity, Lease, LeaseAction } from '../leases/lease.ts'
import { MESSAGE_TYPE4, type MessageType4 } from '../wire/v4/message.ts'

export type Outcome4 =
  /** Nothing is answered and nothing changes. */
  | {
      readonly kind: 'drop'
      readonly reason: Reason4
      /**
       * Where the partner should hand on keys, so that the client can be served when it asks again.
       * Empty where that would not help.
       */
      readonly wanted: readonly Ipv4Range[]
      /** That was selected, where no address for the client was found in it or beside it. */
      readonly subnet: Subnet4 | undefined
      /** An OFFER of no address, that tells the client so (RFC 2563). */
      readonly notice: ReplyOutcome4 | undefined
    }
  /**
   * Nothing was done or noted: the query is to be stepped again with the answer that this ticket
   * brings.
   */
  | { readonly kind: 'wait'; readonly ticket: Ticket }
  /** As wait, until a database has said what is reserved for the client. */
  | LookUp
  /**
   * As wait, until it is known whether somebody has this address: it is to be asked for on the
   * wire. Meanwhile an offer keeps it for the client.
   */
  | {
      readonly kind: 'check'
      readonly address: Ipv4
      /** Who the client is to the leases of the subnet. */
      readonly client: ClientIdentity
      readonly subnetId: number
      readonly check: AddressCheckPlan
    }
  /** Nothing is answered, but leases change (RELEASE, DECLINE). */
  | {
      readonly kind: 'changes'
      readonly changes: readonly Change[]
      readonly action: LeaseAction
      /** The row before: a declined one does not say whose it was. */
      readonly former: Lease
    }
  /** A reply, which may leave once the changes are durable. */
  | {
      readonly kind: 'reply'
      readonly type: MessageType4
      /** Bytes of the reply, written to the `out` of the step at its `outAt`. */
      readonly length: number
      readonly destination: Destination4
      /** That is offered, given or refused; 0 = none. */
      readonly address: Ipv4
      /** Of a NAK why, '' else. */
      readonly refusal: string
      /** Empty for OFFER, NAK, the ACK of an INFORM and that of a lease that is reused. */
      readonly changes: readonly Change[]
      /** What they are to whoever is told of them; undefined where there is none. */
      readonly action: LeaseAction | undefined
      /**
       * The row of another identifier of the client's host, which ends with this one: as if its
       * holder had released it. Undefined for nearly all replies.
       */
      readonly ended: Lease | undefined
      /** As above: the client keeps what it has until its reserved address can be given here. */
      readonly wanted: readonly Ipv4Range[]
    }

export type ReplyOutcome4 = Extract<Outcome4, { kind: 'reply' }>

/** The reply, with this address wanted of the partner. */
export function wanting(outcome: Outcome4, address: Ipv4): Outcome4 {
  if (outcome.kind !== 'reply') return outcome
  return { ...outcome, wanted: [{ first: address, last: address }] }
}

/** Whether a client is told what is left of its lease, and nothing is written. */
export function isReuse({ type, address, changes }: ReplyOutcome4): boolean {
  return type === MESSAGE_TYPE4.ack && address !== 0 && changes.length === 0
}

/** RFC 2131 §4.1: where a reply goes. The interface is always the one the query came from. */
export interface Destination4 {
  readonly address: Ipv4
  readonly port: number
  /**
   * Not '': the client has no address yet and did not ask for broadcast, so the datagram for
   * `address` goes in a frame to this hardware address. Where the platform cannot, it broadcasts
   * instead.
   */
  readonly hwAddress: Octets
  /**
   * The address of the interface that the reply comes from: the one that was asked, as far as it is
   * known.
   */
  readonly source: Ipv4
  /**
   * Of a relayed query: who sent it to this server. The reply goes back there where no route leads
   * to `address`. Else 0.
   */
  readonly lastHop: Ipv4
}

/** Nothing that the partner could hand on would help. */
export const NOTHING_WANTED: readonly Ipv4Range[] = []

/** One object for each reason. */
const DROPS = Object.fromEntries(
  Object.keys(REASONS4).map((reason) => [
    reason,
    { kind: 'drop', reason, wanted: NOTHING_WANTED, subnet: undefined, notice: undefined },
  ]),
) as Record<Reason4, Outcome4>

/** Nothing is answered and nothing changes. */
export function drop(reason: Reason4): Outcome4 {
  return DROPS[reason]
}

/** No address for the client: see `subnet` and `wanted` of the outcome. */
export function dropWithout(
  reason: Reason4,
  subnet: Subnet4,
  wanted: readonly Ipv4Range[] = NOTHING_WANTED,
): Outcome4 {
  return { kind: 'drop', reason, wanted, subnet, notice: undefined }
}

/** A drop that this address, handed on by the partner, would have spared. */
export function dropWantingAddress(reason: Reason4, address: Ipv4): Outcome4 {
  const wanted = [{ first: address, last: address }]
  return { kind: 'drop', reason, wanted, subnet: undefined, notice: undefined }
}
