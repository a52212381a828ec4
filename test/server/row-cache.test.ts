// Memory over a shared database: which rows that the database tells of are taken, while a change of
// this server's own is under way.

import t from 'tap'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import { RowCache } from '../../lib/server/shared/row-cache.ts'

const ADDRESS = 0xc000020f
const NOW = 1_000_000

function lease(change: number, hwAddress: string): Lease {
  const times = { start: 0, end: 600_000, validLifetime: 600 }
  return { ...freeRow(ADDRESS), state: LEASE_STATE.assigned, htype: 1, hwAddress, change, ...times }
}

/** Memory has the row `mine`, which may be under way; the database tells of `theirs`. */
function after(theirs: number, isUnderWay: boolean, isRefusal: boolean): number | undefined {
  const tables = new LeaseTables(1)
  const nothing = () => {}
  const cache = new RowCache(tables, () => isUnderWay, nothing, nothing)
  tables.apply({ kind: 'put', lease: lease(20, 'client') })
  const writer = new ChangeWriter()
  writer.put({ kind: 'put', lease: lease(theirs, 'other') })
  cache.take(writer.copy(), NOW, isRefusal)
  return tables.v4.byAddress(ADDRESS)?.change
}

t.test('which row stays', async (t) => {
  const cases: readonly [string, number, boolean, boolean, number][] = [
    ['a later one is taken', 30, false, false, 30],
    ['an earlier one is not', 10, false, false, 20],
    ['what ours was made of does not take its place', 10, true, false, 20],
    ['but the row for which it was refused does', 10, true, true, 10],
    ['who wrote over ours before we heard of it counts', 30, true, false, 30],
  ]
  for (const [title, theirs, isUnderWay, isRefusal, expected] of cases)
    t.equal(after(theirs, isUnderWay, isRefusal), expected, title)
})
