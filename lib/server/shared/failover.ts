// Another copy of the database took over, which may lack what was stored last. What this server
// knows to have been written lately is compared with what is there now, page by page, and stored
// again (lost-writes.ts); until that is done, nothing is given anew.

import { forEachMixedChange } from '../../leases/change-codec.ts'
import type { Key } from '../../leases/keys/key.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import type { Change, Lease } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Instant } from '../../time/units.ts'
import type { ChangeNumbers } from '../change-numbers.ts'
import type { Delivery } from '../delivery.ts'
import type { Reporter } from '../reporter.ts'
import { mend, type RecentWrites } from './lost-writes.ts'
import type { RowCache } from './row-cache.ts'

export interface FailoverDuties {
  readonly tables: LeaseTables
  readonly delivery: Delivery
  readonly numbers: ChangeNumbers
  readonly reporter: Reporter
  readonly recent: RecentWrites
  readonly cache: RowCache
  now(): Instant
  /** Own, and the database has not said that it is stored. */
  isUnderWay(version: number): boolean
  /** Nothing is given anew for a while from now on. */
  doubt(): void
  /** Rows of these keys as they are stored, with times relative to `at` of the lease clock. */
  read(keys: readonly Key[], then: (rows: Uint8Array, at: Instant) => void): void
}

export class Failover {
  readonly #duties: FailoverDuties
  /** Rows that were stored again. */
  restored = 0

  constructor(duties: FailoverDuties) {
    this.#duties = duties
  }

  /** `lost`: so many batches of this server are missing. */
  begin(lost: number): void {
    const { doubt, read, recent, reporter } = this.#duties
    reporter.say('DATABASE_FAILED_OVER', { batches: lost })
    doubt()
    const pages = recent.pages()
    const next = () => {
      const keys = pages.shift()
      if (keys === undefined) return
      doubt()
      read(keys, (rows, at) => {
        const theirs = this.#rowsOf(rows, at)
        for (const key of keys) this.#mend(key, theirs.get(key))
        next()
      })
    }
    next()
  }

  /** What came with the return is compared, row by row. */
  take(rows: Uint8Array, at: Instant): void {
    const { cache, tables } = this.#duties
    for (const [key, row] of this.#rowsOf(rows, at)) {
      const ours = tables.of(key).byAddress(key)
      if (ours === undefined || (row?.change ?? 0) > ours.change) this.#mend(key, row)
    }
    cache.take(rows, at)
  }

  #mend(key: Key, theirs: Lease<Key> | undefined): void {
    const { delivery, isUnderWay, now, numbers, reporter, tables } = this.#duties
    const isAgain = mend(key, theirs, now(), {
      ...{ tables, isUnderWay, nextChange: numbers.nextChange },
      put: (change) => delivery.add(change, undefined),
      lost: (ours, row) =>
        reporter.say('DATABASE_LEASE_LOST', {
          address: textFromKey(key),
          subnet: ours.subnetId,
          given: row.subnetId,
        }),
    })
    if (isAgain) this.restored++
  }

  #rowsOf(rows: Uint8Array, at: Instant): Map<Key, Lease<Key> | undefined> {
    const found = new Map<Key, Lease<Key> | undefined>()
    forEachMixedChange(rows, (told) => {
      const change = told as Change<Key>
      if (change.kind === 'remove') return void found.set(change.address, undefined)
      const { lease } = change
      this.#duties.numbers.countFrom(lease.change)
      const row = this.#duties.cache.absolute(change, at)
      if (row.kind === 'put') found.set(lease.address, row.lease)
    })
    return found
  }
}
