// What `whio explain FILE` knows of leases: nothing, or what the database of the file holds.

import { statSync } from 'node:fs'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import type { Key } from '../leases/keys/key.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import { lookAtLeases } from '../platform/journal/look.ts'
import { openTrouble } from '../platform/journal/trouble.ts'
import type { Instant } from '../time/units.ts'
import { Refused, type Wish } from './explain-wish.ts'
import { counted } from './load.ts'

export interface Looked {
  readonly now: Instant
  /** What is in the table by now. */
  readonly words: string
}

/** Before the first start. */
function isAbsent(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** Fills the table, where leases are to be looked at. */
export function looked<A extends Key>(
  { leases }: Wish,
  database: LeaseDatabasePlan,
  table: LeaseTable<A>,
  family: 4 | 6,
): Looked {
  const what = family === 4 ? 'address' : 'address and prefix'
  if (!leases)
    return { now: 0, words: `none: every ${what} is free (--leases looks into the database)` }
  if (!database.persist) throw new Refused('--leases: the file keeps leases in memory only')
  if (database.shared !== undefined)
    throw new Refused('--leases: they are in a database; ask the server that runs: whio why')
  const { path } = database
  if (isAbsent(path)) throw new Refused(`--leases: there is no journal at ${path} (yet)`)
  try {
    const { rows, count, now } = lookAtLeases(path, family)
    table.load(rows)
    table.completeIndexes()
    return { now, words: `${counted(count, 'row')} of ${path}` }
  } catch (error) {
    throw new Refused(`--leases: ${path} cannot be read: ${openTrouble(path, error)}`)
  }
}
