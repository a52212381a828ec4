// The lease record of DHCPv4 and its words. What may happen to a lease is in lifecycle.ts.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Instant, Seconds } from '../time/units.ts'

/** Kea's numbers, as they stand in its files and commands. */
export const LEASE_STATE = { assigned: 0, declined: 1, expired: 2, released: 3 } as const

export type LeaseState = (typeof LEASE_STATE)[keyof typeof LEASE_STATE]

/** Who a client is to the server: at least one of the two is not empty. */
export interface ClientIdentity {
  /** Hardware type, ARP numbers: 1 is Ethernet. */
  readonly htype: number
  /** Hardware address, 0 to 16 octets. */
  readonly hwAddress: Octets
  /** Option 61, or '' when absent or `match-client-id` is false for where the client is. */
  readonly clientId: Octets
}

export interface Lease extends ClientIdentity {
  readonly address: Ipv4
  readonly state: LeaseState
  readonly subnetId: number
  /** Kea's `pool-id`, 0 when the pool has none. */
  readonly poolId: number
  /** Without a trailing dot; '' when unknown. */
  readonly hostname: string
  readonly fqdnFwd: boolean
  readonly fqdnRev: boolean
  /**
   * The address was nobody's for a while when its holder got it, so no RELEASE of an earlier hold can
   * still be under way, and one that comes is believed at once. Not stored: false after a restart.
   */
  readonly fresh: boolean
  /** What the client was last told, seconds; 4294967295 never ends. */
  readonly validLifetime: Seconds
  /** When it was last told so (Kea: cltt). */
  readonly start: Instant
  /**
   * Until when the client may use the address: the largest of all ends ever told since the address was
   * last free, so a shorter renewal never moves it earlier. Only a RELEASE or DECLINE of the holder
   * does. For a declined lease: the end of the quarantine. NEVER for an infinite lease.
   */
  readonly end: Instant
  /** JSON text, '' when none. */
  readonly userContext: string
  /** Number of the change that wrote this version; grows with each change of the database. */
  readonly change: number
}

/** What the lease table applies and the journal stores: a new version of a row, or its removal. */
export type Change =
  | { readonly kind: 'put'; readonly lease: Lease }
  | { readonly kind: 'remove'; readonly address: Ipv4; readonly change: number }
