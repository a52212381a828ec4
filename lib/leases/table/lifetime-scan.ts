// How long leases last, over all rows: for finding out what the longest is, and what rests for
// longer than any.

import type { Ipv4 } from '../../address/ipv4.ts'
import { INFINITE_LIFETIME, type Instant, type Seconds } from '../../time/units.ts'
import type { Key } from '../keys/key.ts'
import type { LeaseRows } from './lease-rows.ts'

export class LifetimeScan<A extends Key = Ipv4> {
  readonly #rows: LeaseRows<A>

  constructor(rows: LeaseRows<A>) {
    this.#rows = rows
  }

  /** The longest lifetime of any row; 0 without rows. */
  longest(): Seconds {
    const rows = this.#rows
    let longest = 0
    for (let row = 0; row < rows.store.end; row++)
      if (rows.isUsed(row)) longest = Math.max(longest, rows.validLifetime(row))
    return longest
  }

  /**
   * Addresses of rows that end later than `limit` though their lifetime is no infinite one; `max`
   * at most.
   */
  endingAfter(limit: Instant, max: number): A[] {
    const rows = this.#rows
    const found: A[] = []
    for (let row = 0; row < rows.store.end && found.length < max; row++)
      if (rows.isUsed(row) && rows.end(row) > limit && rows.validLifetime(row) < INFINITE_LIFETIME)
        found.push(rows.address(row))
    return found
  }
}
