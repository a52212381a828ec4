// Keys that no pool has to give any more: a file had another delegated length once. They only stand
// in the way of those that lie in them or around them (rule 1d(b) of lib/ha/README.md).

import type { Stocks } from '../../config/plan/stocks.ts'
import { areOverlapping, type Key, type Range, versionOf } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import { keysUnder } from '../../leases/rights.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import type { Instant } from '../../time/units.ts'

/** Whether the row is one of those, with both keys here, and over. */
export function isStray(
  row: Lease<Key>,
  table: LeaseTable<Key>,
  stocks: Stocks,
  now: Instant,
): boolean {
  const { address, gave, got } = row
  if (versionOf(address) === 4 || stocks.isReserved(address) || !table.isOver(row, now))
    return false
  // Whoever has what lies around it keeps that, wherever these keys are.
  const keys = keysUnder(table.rights, table.homeOf(address), gave, got)
  const one = { first: address, last: address }
  return keys === 2 && !rangesAt(stocks, address).some((range) => areOverlapping(range, one))
}

/** What may be given in the places of the key. */
export function rangesAt(stocks: Stocks, key: Key): readonly Range<Key>[] {
  return stocks.at(key).flatMap(({ ranges }) => ranges)
}
