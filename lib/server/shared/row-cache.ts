// Memory as a cache over a shared database: what the database tells of rows comes into the tables,
// unless this server knows better. A row of which a change of its own is under way stays, until the
// database has said what became of that, or has a later one.

import { forEachMixedChange } from '../../leases/change-codec.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Change } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Instant, Millis } from '../../time/units.ts'

/** Jumps that are remembered: no lease lasts through more. */
const JUMPS_MAX = 100

export class RowCache {
  readonly #tables: LeaseTables
  /** Whether a version is one of this server's own that the database has not acknowledged. */
  readonly #isUnderWay: (version: number) => boolean
  readonly #countFrom: (version: number) => void
  /** Told before the table has it. */
  readonly #merging: (change: Change<Key>) => void

  constructor(
    tables: LeaseTables,
    isUnderWay: (version: number) => boolean,
    countFrom: (version: number) => void,
    merging: (change: Change<Key>) => void,
  ) {
    this.#tables = tables
    this.#isUnderWay = isUnderWay
    this.#countFrom = countFrom
    this.#merging = merging
  }

  /** What was written before a jump of the database's clock ends so much later than it says. */
  readonly #jumps: { readonly seenAt: Instant; readonly by: Millis }[] = []

  /** `seenAt`: by the lease clock. */
  jumped(seenAt: Instant, by: Millis): void {
    this.#jumps.push({ seenAt, by })
    if (this.#jumps.length > JUMPS_MAX) this.#jumps.shift()
  }

  /**
   * Rows with times relative to this one. `isRefusal`: they are why changes of this server are not
   * stored. Returns the keys that were there, with the version that the database has of each.
   */
  take(rows: Uint8Array, at: Instant, isRefusal = false): Map<Key, number> {
    const seen = new Map<Key, number>()
    forEachMixedChange(rows, (told) => {
      const change = told as Change<Key>
      const key = change.kind === 'put' ? change.lease.address : change.address
      const version = change.kind === 'put' ? change.lease.change : 0
      this.#countFrom(version)
      seen.set(key, version)
      if (!this.#isNews(key, version, isRefusal)) return
      const news = this.absolute(change, at)
      this.#merging(news)
      this.#tables.apply(news)
    })
    return seen
  }

  #isNews(key: Key, version: number, isRefusal: boolean): boolean {
    const mine = this.#tables.of(key).byAddress(key)
    if (mine === undefined) return version > 0
    // Who writes over a change of ours has a higher version: then ours was stored, and is no more.
    return version > mine.change || (isRefusal && this.#isUnderWay(mine.change))
  }

  /** By the lease clock, which was at `at` when the times were relative to now. */
  absolute(change: Change<Key>, at: Instant): Change<Key> {
    if (change.kind === 'remove') return change
    const { lease } = change
    const start = lease.start + at
    let end = lease.end + at
    for (const { seenAt, by } of this.#jumps) if (start < seenAt) end += by
    return { kind: 'put', lease: { ...lease, start, end } }
  }
}
