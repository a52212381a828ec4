// What a server knows for good about its pair: stored in the journal beside the leases, in the same
// transaction as the rows that it speaks of. Times are on this database's lease clock.

import type { Side } from '../leases/rights.ts'
import type { Instant, Seconds } from '../time/units.ts'
import type { Life, Point } from './history.ts'

export interface PairRecord {
  /** Names the pair, made up at the first meeting; '' before it. */
  readonly pairId: string
  readonly side: Side
  /** Database of the partner as last met, '' before. */
  readonly partnerDatabase: string
  /**
   * shared: each server has the keys that the rows say. sole: every key is here. none: nothing may
   * be given until the partner has sent its rows.
   */
  readonly rights: 'shared' | 'sole' | 'none'
  /**
   * Why there are no rights. fresh: the database has met nobody and holds nothing. lost: it is new
   * or restored, and the former one may have given leases that nobody knows here. handed-over: this
   * server gave everything to its partner.
   */
  readonly noneBecause: 'fresh' | 'lost' | 'handed-over'
  /** Number of the last hand-over that this server has begun, received or returned. */
  readonly handOver: number
  /**
   * The longest lifetime that was ever given here or by a partner that was met; 4294967295 = for
   * ever.
   */
  readonly longestLifetime: Seconds
  /** See Rights.doubtUntil; NEVER until a human says that old leases are over. */
  readonly doubtUntil: Instant
  /**
   * See Rights.doubtFrom: rows whose last ACK is older are of the past until then. 0: rows are
   * right.
   */
  readonly doubtFrom: Instant
  /**
   * For each other database: the change number of its stream up to which everything is stored here.
   * `highest`: the highest of any of them, where one has gone back.
   */
  readonly applied: Readonly<Record<string, number>>
  /**
   * For each other database: the highest lease clock that it has told (Hello.clock, row frames), by
   * which a restored backup of it is known. Absent = nothing was noted.
   */
  readonly clocks: Readonly<Record<string, number>>
  /** The history of this database; empty in one of a version before. */
  readonly lives: readonly Life[]
  /**
   * For each other database: the last point of its history that this one has heard of. A database
   * that has not been there is an older copy. It stays true when this database turns out to be an
   * old one itself.
   */
  readonly heard: Readonly<Record<string, Point>>
  /**
   * The longest lifetime that the partner is known to have stored, so that a quarantine there lasts
   * long enough: no lease is given for longer. 0: it has told none yet, or is of a version before.
   */
  readonly toldLifetime: Seconds
  /**
   * Those of the other databases whose position in `applied` counts rows of both families. Of
   * others it counts rows of DHCPv4 alone: they were of a version that did not tell of DHCPv6.
   */
  readonly whole: readonly string[]
  /**
   * DUIDs of the partner, in hexadecimal, the last one that it told of first: its clients of DHCPv6
   * name them, also while it is down.
   */
  readonly partnerDuids: readonly string[]
}
