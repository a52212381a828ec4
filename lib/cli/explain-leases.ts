// What `whio explain FILE` knows of leases: nothing, or what the database of the file holds.

import { describeDatabase } from '../config/plan/connection-plan.ts'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import { ChangeWriter } from '../leases/change-codec.ts'
import type { Key } from '../leases/keys/key.ts'
import type { AnyChange, Lease, Lease6 } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import { leasesInDatabase } from '../platform/import-shared.ts'
import { lookAtLeases } from '../platform/journal/look.ts'
import { openTrouble } from '../platform/journal/trouble.ts'
import type { Instant } from '../time/units.ts'
import { Refused, type Wish } from './explain-wish.ts'
import { isMissing } from './listing.ts'
import { counted } from './load.ts'

export interface Looked {
  readonly now: Instant
  /** What is in the table by now. */
  readonly words: string
}

/** Of a database that several servers write, with times from the moment on at which it was read. */
export interface SharedLeases {
  readonly name: string
  readonly four: readonly Lease[]
  readonly six: readonly Lease6[]
}

/** Where leases are to be looked at and are in such a database. */
export async function sharedLeases(
  { leases }: Wish,
  { shared }: LeaseDatabasePlan,
): Promise<SharedLeases | undefined> {
  if (!leases || shared === undefined) return undefined
  const name = describeDatabase(shared.connection)
  try {
    return { name, ...(await leasesInDatabase(shared.connection)) }
  } catch (error) {
    throw new Refused(`--leases: ${name} cannot be read: ${(error as Error).message}`)
  }
}

/** Fills the table, where leases are to be looked at. */
export function looked<A extends Key>(
  { leases }: Wish,
  database: LeaseDatabasePlan,
  table: LeaseTable<A>,
  family: 4 | 6,
  shared: SharedLeases | undefined,
): Looked {
  const what = family === 4 ? 'address' : 'address and prefix'
  if (!leases)
    return { now: 0, words: `none: every ${what} is free (--leases looks into the database)` }
  if (!database.persist) throw new Refused('--leases: the file keeps leases in memory only')
  if (shared !== undefined) {
    const { name, four, six } = shared
    const found = family === 4 ? four : six
    table.load(recordsOf(found))
    table.completeIndexes()
    return { now: 0, words: `${counted(found.length, 'row')} of ${name}` }
  }
  const { path } = database
  // Before the first start.
  if (isMissing(path)) throw new Refused(`--leases: there is no journal at ${path} (yet)`)
  try {
    const { rows, count, now } = lookAtLeases(path, family)
    table.load(rows)
    table.completeIndexes()
    return { now, words: `${counted(count, 'row')} of ${path}` }
  } catch (error) {
    throw new Refused(`--leases: ${path} cannot be read: ${openTrouble(path, error)}`)
  }
}

function recordsOf(leases: readonly (Lease | Lease6)[]): Uint8Array {
  const writer = new ChangeWriter()
  for (const lease of leases) writer.put({ kind: 'put', lease } as AnyChange)
  return writer.copy()
}
