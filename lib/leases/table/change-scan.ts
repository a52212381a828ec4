// The rows that changed behind a position, in the order of their changes: what a partner or backup
// that was away has missed. Which rows these are is settled at the beginning; what they say is read
// when they are asked for, and what has changed once more by then is left out, since its newer
// version goes its own way.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Key } from '../keys/key.ts'
import type { Lease } from '../lease.ts'
import type { LeaseRows } from './lease-rows.ts'

const NOTHING = -1

export class ChangeScan<A extends Key = Ipv4> {
  readonly #rows: LeaseRows<A>
  /** Change numbers, ascending, and the rows that had them. */
  readonly #changes: Float64Array
  readonly #found: Int32Array
  #next = 0

  /** All rows with `position` < change <= `top`. Walks once through all rows. */
  constructor(rows: LeaseRows<A>, position: number, top: number) {
    this.#rows = rows
    const matches = (row: number) => {
      const change = rows.change(row)
      return change > position && change <= top && rows.isUsed(row)
    }
    const end = rows.store.end
    let count = 0
    for (let row = 0; row < end; row++) if (matches(row)) count++
    this.#changes = new Float64Array(count)
    this.#found = new Int32Array(count).fill(NOTHING)
    for (let row = 0, at = 0; row < end; row++)
      if (matches(row)) this.#changes[at++] = rows.change(row)
    this.#changes.sort()
    for (let row = 0; row < end; row++) if (matches(row)) this.#place(row)
  }

  /** Rows that were found at the beginning. */
  get size(): number {
    return this.#found.length
  }

  /** The next rows, at most `limit` of them; none when there are no more. */
  next(limit: number): Lease<A>[] {
    const leases: Lease<A>[] = []
    for (; this.#next < this.size && leases.length < limit; this.#next++)
      if (this.#isAsFound()) leases.push(this.#rows.lease(this.#found[this.#next]!, undefined))
    return leases
  }

  /** The change number of the next row; Infinity when there are no more. */
  get nextChange(): number {
    while (this.#next < this.size && !this.#isAsFound()) this.#next++
    return this.#changes[this.#next] ?? Number.POSITIVE_INFINITY
  }

  #isAsFound(): boolean {
    const row = this.#found[this.#next]!
    return this.#rows.isUsed(row) && this.#rows.change(row) === this.#changes[this.#next]
  }

  /** Notes the row where its change number stands; rows with one number lie side by side. */
  #place(row: number): void {
    const change = this.#rows.change(row)
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#changes[middle]! < change) low = middle + 1
      else high = middle
    }
    while (this.#found[low] !== NOTHING) low++
    this.#found[low] = row
  }
}
