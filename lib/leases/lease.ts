// The lease record of both families and its words. What may happen to a lease is in lifecycle.ts.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Instant, Seconds } from '../time/units.ts'
import type { Key } from './keys/key.ts'

/**
 * Kea's numbers, as they stand in its files and commands, but for the last two. `free` is ours: a
 * row without a client that is kept for its counters (rights.ts) and seen by nothing else.
 * `registered`, of DHCPv6 alone (RFC 9686): the client has made the address itself and told of it;
 * Kea's number for it is 4.
 */
export const LEASE_STATE = {
  assigned: 0,
  declined: 1,
  expired: 2,
  released: 3,
  free: 4,
  registered: 5,
} as const

export type LeaseState = (typeof LEASE_STATE)[keyof typeof LEASE_STATE]

/** Who a client is to the server: at least one of the two is not empty. */
export interface ClientIdentity {
  /** Hardware type, ARP numbers: 1 is Ethernet. */
  readonly htype: number
  /** Hardware address, 0 to 16 octets. */
  readonly hwAddress: Octets
  /**
   * Option 61, or '' when absent or `match-client-id` is false for where the client is. Of DHCPv6
   * the binding (binding.ts).
   */
  readonly clientId: Octets
}

export interface Lease<A extends Key = Ipv4> extends ClientIdentity {
  readonly address: A
  readonly state: LeaseState
  readonly subnetId: number
  /** Kea's `pool-id`, 0 when the pool has none. */
  readonly poolId: number
  /** Without a trailing dot; '' when unknown. */
  readonly hostname: string
  readonly fqdnFwd: boolean
  readonly fqdnRev: boolean
  /**
   * The address was nobody's for a while when its holder got it, so no RELEASE of an earlier hold
   * can still be under way, and one that comes is believed at once. Not stored: false after a
   * restart.
   */
  readonly fresh: boolean
  /** What the client was last told, seconds; 4294967295 never ends. */
  readonly validLifetime: Seconds
  /** Of it, how long the client was told to prefer the address: of DHCPv6, 0 in DHCPv4. */
  readonly preferredLifetime: Seconds
  /** When it was last told so (Kea: cltt). */
  readonly start: Instant
  /**
   * Until when the client may use the address: the largest of all ends ever told since the address
   * was last free, so a shorter renewal never moves it earlier. Only a RELEASE or DECLINE of the
   * holder does. For a declined lease: the end of the quarantine. NEVER for an infinite lease.
   */
  readonly end: Instant
  /** JSON text, '' when none. */
  readonly userContext: string
  /**
   * Number of the last change of this server that its partners are told of; grows with each of
   * them. What is done here alone (a partner's row taken, an ended lease noted in a pair) leaves it
   * as it is.
   */
  readonly change: number
  /** Keys of the address that were ever given to the partner (rights.ts), a 32-bit count. */
  readonly gave: number
  /** The highest `gave` that the partner ever told for the address. */
  readonly got: number
  /** Whose ACK was the last. */
  readonly givenBy: 'us' | 'partner'
  /**
   * Of a row that was released or declined here: up to which change of the partner everything was
   * stored here then. Its grants behind that are younger than the RELEASE. An emptied row keeps it;
   * 0 else.
   */
  readonly knew: number
}

/**
 * A lease of DHCPv6, of an address or a prefix. Its hardware address is what is known of the client
 * beside its binding, '' and 0 when nothing is.
 */
export type Lease6 = Lease<Prefix6>

/** What the lease table applies and the journal stores: a new version of a row, or its removal. */
export type Change<A extends Key = Ipv4> =
  | { readonly kind: 'put'; readonly lease: Lease<A> }
  | { readonly kind: 'remove'; readonly address: A; readonly change: number }

/** Of whichever family: the key of the lease says of which, and so does its record. */
export type AnyChange = Change | Change<Prefix6>

/**
 * What a change of a lease is to whoever is told of it. superseded: another identifier of its host
 * gets the address, as if the client had released it. occupied: the address was found in use by a
 * host that has no lease of it. added, amended, deleted: by an operator.
 */
export type LeaseAction =
  | 'granted'
  | 'renewed'
  | 'released'
  | 'superseded'
  | 'declined'
  | 'occupied'
  | 'expired'
  | 'added'
  | 'amended'
  | 'deleted'

/** As histories keep them, by their place: only ever appended to. */
export const LEASE_ACTIONS: readonly (LeaseAction | undefined)[] = [
  undefined,
  'granted',
  'renewed',
  'released',
  'superseded',
  'declined',
  'occupied',
  'expired',
  'added',
  'amended',
  'deleted',
]
