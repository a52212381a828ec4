// What a database has forgotten: another copy took over that had not got the last batches, though
// their clients were answered. Memory has the rows yet, and each server knows which were written
// lately, by whomever. They are compared and stored again, over what the database has now. Where it
// has given an address to somebody else meanwhile, two clients have it: that is an alarm.

import { isLive } from '../../leases/holding.ts'
import { isSameClient } from '../../leases/identity.ts'
import type { Key } from '../../leases/keys/key.ts'
import { type Change, LEASE_STATE, type Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Instant, Millis } from '../../time/units.ts'

/** A copy that lags more is none. */
const KEPT_FOR: Millis = 600_000

/** Keys that are kept: about ten minutes of a busy server. */
export const RECENT_MAX = 1 << 20

/** Keys that are compared in one question. */
export const PAGE_KEYS = 500

/** Keys that were written lately, the longest ago first. */
export class RecentWrites {
  readonly #at = new Map<Key, Instant>()

  note(key: Key, now: Instant): void {
    this.#at.delete(key)
    this.#at.set(key, now)
    for (const [oldest, at] of this.#at) {
      if (at > now - KEPT_FOR && this.#at.size <= RECENT_MAX) break
      this.#at.delete(oldest)
    }
  }

  pages(): Key[][] {
    const keys = [...this.#at.keys()]
    const pages: Key[][] = []
    for (let start = 0; start < keys.length; start += PAGE_KEYS)
      pages.push(keys.slice(start, start + PAGE_KEYS))
    return pages
  }
}

export interface MendingDuties {
  readonly tables: LeaseTables
  nextChange(): number
  isUnderWay(version: number): boolean
  /** The change is about to be applied, and is to be stored. */
  put(change: Change<Key>): void
  /** Two clients have the address: `ours` was acknowledged, and is forgotten. */
  lost(ours: Lease<Key>, theirs: Lease<Key>): void
}

/**
 * Brings memory and database together for a key; `theirs` is the row of the database. Returns
 * whether the row is stored again.
 */
export function mend(
  key: Key,
  theirs: Lease<Key> | undefined,
  now: Instant,
  duties: MendingDuties,
): boolean {
  const table = duties.tables.of(key)
  const ours = table.byAddress(key)
  if (ours === undefined || duties.isUnderWay(ours.change)) return false
  if (theirs !== undefined && theirs.change === ours.change) return false
  const isTaken = theirs !== undefined && isLive(theirs, now) && !isSameClient(theirs, ours)
  if (isTaken && isLive(ours, now)) duties.lost(ours, theirs)
  const isNewer = theirs !== undefined && theirs.change > ours.change
  table.apply(theirs === undefined ? removalOf(ours) : { kind: 'put', lease: theirs })
  if (isTaken || isNewer || ours.state === LEASE_STATE.free) return false
  const change = { kind: 'put', lease: { ...ours, change: duties.nextChange() } } as const
  duties.put(change)
  table.apply(change)
  return true
}

function removalOf({ address, change }: Lease<Key>): Change<Key> {
  return { kind: 'remove', address, change }
}
