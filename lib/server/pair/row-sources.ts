// The rows of a backlog in the order in which they are sent, from the tables of both families.

import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { ChangeScan } from '../../leases/table/change-scan.ts'
import type { AnyTable } from '../../leases/table/lease-tables.ts'

export interface RowSource {
  /** The next rows, at most `limit` of them; none when there are no more. */
  next(limit: number): readonly Lease<Key>[]
}

/** The tables that there are when it is called. */
export type RowTables = () => readonly AnyTable[]

/**
 * Rows whose changes lie behind `after` and up to `top`, in the order of their changes. None is
 * read ahead: by the time it is sent it may have changed once more.
 */
export function changedRows(tables: readonly AnyTable[], after: number, top: number): RowSource {
  const scans = tables.map((table) => table.scans.changedAfter(after, top))
  const [only] = scans
  if (only !== undefined && scans.length === 1) return only
  return {
    next(limit) {
      const rows: Lease<Key>[] = []
      while (rows.length < limit) {
        const [row] = firstOf(scans)?.next(1) ?? []
        if (row === undefined) break
        rows.push(row)
      }
      return rows
    },
  }
}

function firstOf(scans: readonly ChangeScan<Key>[]): ChangeScan<Key> | undefined {
  let first: ChangeScan<Key> | undefined
  for (const scan of scans)
    if (first === undefined || scan.nextChange < first.nextChange) first = scan
  return first
}

/** Every row that is durable, one table after the other, in the order of keys. */
export function everyRow(
  tables: readonly AnyTable[],
  isDurable: (row: Lease<Key>) => boolean,
): RowSource {
  const walks = tables.map((table) => table.walk('rows'))
  return {
    next(limit) {
      for (let walk = walks[0]; walk !== undefined; walk = walks[0]) {
        const rows = walk.next(limit)
        const durable = rows.filter(isDurable)
        if (durable.length > 0) return durable
        if (rows.length === 0) walks.shift()
      }
      return []
    },
  }
}
