// What this server may give: two keys per address, held by the two servers of a pair. To give an
// address to somebody new a server needs both, to renew it for the client in its row one. Keys move
// by durable records only (counters in the rows); who is silent, gone or back plays no part.
//
//   keys = start - gave + got        start: 2 at the home of the address, 0 at the other server

import type { Ipv4 } from '../address/ipv4.ts'
import type { Instant, Seconds } from '../time/units.ts'
import { scramble } from './store/octets-hash.ts'

export type Side = 0 | 1
export type Keys = 0 | 1 | 2

/**
 * all    every key: no partner plays a part, or it has handed everything over
 * keys   what the counters of the rows say
 * none   nothing may be given, renewed or refused
 */
export interface Rights {
  readonly kind: 'all' | 'keys' | 'none'
  readonly side: Side
  /**
   * Whether the database belongs to a pair: then rows are never removed, only emptied, because
   * their counters must last.
   */
  readonly paired: boolean
  /**
   * The database was in doubt: before this time no address without a row is given, and under `all`
   * none at all. 0 = it never was.
   */
  readonly doubtUntil: Instant
  /**
   * Rows are in doubt, too, whose last ACK was given before this time: until `doubtUntil` they
   * count only for a client that renews, since nobody else can have what it uses. Absent or 0 =
   * rows are right.
   */
  readonly doubtFrom?: Instant
  /** No lease is given for longer, whatever the configuration says: absent = it decides. */
  readonly longest?: Seconds
  /**
   * The database is written by other servers, too, and decides about each change: no key moves, and
   * what has ended is stored by one of them.
   */
  readonly isShared?: boolean
}

/** A server on its own. */
export const ALONE: Rights = { kind: 'all', side: 0, paired: false, doubtUntil: 0 }

/** One of several on one database. Rows stay, since their versions must. */
export const SHARED: Rights = { ...ALONE, paired: true, isShared: true }

/**
 * The side that an address belongs to until keys move. A hash of the address and nothing else: two
 * servers with different configurations agree on it. It is part of what the databases mean and
 * never changes.
 */
export function homeOf(address: Ipv4): Side {
  return (scramble(address) & 1) as Side
}

/**
 * Keys by the home of the address and counters; out-of-range counters (a damaged row) count as
 * none.
 */
export function keysByCounters(home: Side, side: Side, gave: number, got: number): Keys {
  const start = home === side ? 2 : 0
  const keys = start - gave + got
  return keys === 1 || keys === 2 ? keys : 0
}

/**
 * Keys of an address with this home and these counters (0 and 0 where it has no row) under these
 * rights.
 */
export function keysUnder(rights: Rights, home: Side, gave: number, got: number): Keys {
  if (rights.kind === 'all') return 2
  if (rights.kind === 'none') return 0
  return keysByCounters(home, rights.side, gave, got)
}
