// Walks over all rows of a table, in whatever order they lie.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Key } from '../keys/key.ts'
import { ChangeScan } from './change-scan.ts'
import type { LeaseRows } from './lease-rows.ts'
import { RowScan, type Sought } from './row-scan.ts'

export class Scans<A extends Key = Ipv4> {
  readonly #rows: LeaseRows<A>

  constructor(rows: LeaseRows<A>) {
    this.#rows = rows
  }

  /** Rows with `position` < change <= `top`, to be read in the order of their changes. */
  changedAfter(position: number, top: number): ChangeScan<A> {
    return new ChangeScan(this.#rows, position, top)
  }

  /** Leases by what no index knows them by. */
  sought(sought: Sought): RowScan<A> {
    return new RowScan(this.#rows, sought)
  }
}
