// What the engine answers to a query. The engine sends, stores and logs nothing itself: the server
// carries an outcome out in the order journal, partner, client.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Reason4 } from '../catalogue/reasons.ts'
import type { Change } from '../leases/lease.ts'
import type { MessageType4 } from '../wire/v4/message.ts'
import type { Ticket } from './asking.ts'

export type Outcome4 =
  /** Nothing is answered and nothing changes. */
  | {
      readonly kind: 'drop'
      readonly reason: Reason4
      /**
       * Where the partner should hand on keys, so that the client can be served when it asks again. Empty
       * where that would not help.
       */
      readonly wanted: readonly Ipv4Range[]
    }
  /** Nothing was done or noted: the query is to be stepped again with the answer that this ticket brings. */
  | { readonly kind: 'wait'; readonly ticket: Ticket }
  /** Nothing is answered, but leases change (RELEASE, DECLINE). */
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
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
      /** Empty for OFFER, NAK and the ACK of an INFORM. */
      readonly changes: readonly Change[]
      /** As above: the client keeps what it has until its reserved address can be given here. */
      readonly wanted: readonly Ipv4Range[]
    }

export type ReplyOutcome4 = Extract<Outcome4, { kind: 'reply' }>

/** RFC 2131 §4.1: where a reply goes. The interface is always the one the query came from. */
export interface Destination4 {
  readonly address: Ipv4
  readonly port: number
  /**
   * Not '': the client has no address yet and did not ask for broadcast, so the datagram for `address`
   * goes in a frame to this hardware address. Where the platform cannot, it broadcasts instead.
   */
  readonly hwAddress: Octets
  /** The address of the interface that the reply comes from: the one that was asked, as far as it is known. */
  readonly source: Ipv4
  /**
   * Of a relayed query: who sent it to this server. The reply goes back there where no route leads to
   * `address`. Else 0.
   */
  readonly lastHop: Ipv4
}
