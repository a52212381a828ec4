// What the protocol engine may ask of the leases. The lease table implements it; nothing here
// mutates a lease. Offers are the one thing the engine notes directly: they live in memory only.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Draw } from '../time/draw.ts'
import type { Instant } from '../time/units.ts'
import type { Key, Range } from './keys/key.ts'
import type { ClientIdentity, Lease } from './lease.ts'
import type { Keys, Rights } from './rights.ts'
import type { SubnetCounts } from './table/lease-counts.ts'

export interface LeaseView<A extends Key = Ipv4> {
  /** Leases that their clients were told of anew without a write. */
  readonly reuses: ReuseNotes<A>

  /** How many leases clients of a class have, by its name. */
  readonly classes: Readonly<Record<'of' | 'prefixesOf', (name: string) => number>>

  /** What this server may give. */
  readonly rights: Rights

  /** How many leases a subnet has in each state. */
  counts(subnetId: number): SubnetCounts

  /** The row of an address, in whatever state, or undefined. */
  byAddress(address: A): Lease<A> | undefined

  /**
   * The row of this client in one subnet, in whatever state but declined: by client-id when the
   * client has one, else (or when that finds nothing) by hardware address, provided the row does
   * not carry another client-id. Of several, a live one before an ended one, then the youngest.
   */
  byClient(client: ClientIdentity, subnetId: number): Lease<A> | undefined

  /** Whether this client is the one the row was given to, by the same rule. */
  belongsTo(lease: Lease<A>, client: ClientIdentity): boolean

  /**
   * Whether the address may be given to somebody new: no row, or the row is released, or its end
   * and grace (10 s + 0.5 % of the lifetime) have passed. Says nothing of offers and reservations.
   */
  isOver(lease: Lease<A> | undefined, now: Instant): boolean

  /**
   * Keys of this server for the address, whose row is given: 0, 1 or 2 (rights.ts). With one it may
   * renew the address for the client of the row; giving it to somebody new takes both. Not more
   * than of any row around it that is not over.
   */
  keysOf(address: A, lease: Lease<A> | undefined): Keys

  /**
   * Whether this server may give the address, whose row is given, to somebody new: both keys, it is
   * over, and so is whatever it overlaps. Addresses without a row are nobody's to give while the
   * database is in doubt. Says nothing of offers and reservations.
   */
  mayGive(address: A, lease: Lease<A> | undefined, now: Instant): boolean

  /** The address currently offered to this client in the subnet, or undefined. */
  offerOf(client: ClientIdentity, subnetId: number, now: Instant): A | undefined

  /**
   * Whether the address is currently kept for a client other than this one by an offer. One that
   * was made over an older offer, where nothing else was left, keeps it for nobody: the first
   * REQUEST wins.
   */
  isOfferedToOther(address: A, client: ClientIdentity, now: Instant): boolean

  /** Notes an offer until `until`. It replaces the client's former offer in the subnet. */
  offer(address: A, client: ClientIdentity, subnetId: number, until: Instant): void

  /**
   * Forgets the client's offer in the subnet, if any: it was taken, or the client went elsewhere.
   */
  withdrawOffer(client: ClientIdentity, subnetId: number): void

  /**
   * A free address of the ranges (tried in order) of which this server has both keys, or undefined.
   * First addresses that have no row, no offer and no reservation; then ended rows. Cost does not
   * depend on how full the ranges are.
   */
  findFree(ranges: readonly Range<A>[], search: FreeSearch, now: Instant): A | undefined

  /**
   * For when findFree found none, wherever the client may be: the address of the ranges offered
   * longest ago.
   */
  findLent(ranges: readonly Range<A>[], now: Instant): A | undefined

  /**
   * For when findFree found none: whether addresses of the ranges are free, as far as it is known
   * here, that take a key of the partner to give.
   */
  elsewhere(ranges: readonly Range<A>[], draw: Draw, now: Instant): Elsewhere

  /**
   * Which part of the addresses of the ranges is taken, as far as it is known here; `except` counts
   * as free. Exact for up to 256 addresses, else as of a second ago.
   */
  occupancy(ranges: readonly Range<A>[], except: A, draw: Draw, now: Instant): number
}

export interface ReuseNotes<A extends Key = Ipv4> {
  /**
   * The client of the address is told what is left of its lease, and its row stays as it is. False:
   * that cannot be noted, and the row must be written anew.
   */
  note(address: A, now: Instant): boolean

  /** Whether a RELEASE of the address may be older than the last reuse of its lease. */
  isRecent(address: A, now: Instant): boolean
}

/**
 * soon: the partner was only just asked for them, so nobody need be offered what another client
 * was.
 */
export type Elsewhere = 'none' | 'some' | 'soon'

export interface FreeSearch {
  /** flq: of addresses that somebody had, the one that is free for longest. */
  readonly order: 'iterative' | 'random' | 'flq'
  /** Uniform in 0 … bound-1. */
  readonly draw: Draw
}
