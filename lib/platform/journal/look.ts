// The leases of a journal, for who only looks: read beside a server that writes to it, and without
// the repairs that a start makes.

import Database from 'better-sqlite3'
import type { Instant } from '../../time/units.ts'
import { readDuid } from './duid.ts'
import { RowPage } from './rows.ts'
import { TABLE4, TABLE6 } from './tables.ts'

export interface LookedAt {
  /** Records, as the lease table of the family loads them. */
  readonly rows: Uint8Array
  readonly count: number
  /** What the lease clock shows about now: it stands still while no server runs. */
  readonly now: Instant
}

/** Whether the journal knows the DUID that its server is given when it first serves DHCPv6. */
export function hasServed6(path: string): boolean {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'server_duid'")
    return table.get() !== undefined && readDuid(database) !== ''
  } finally {
    database.close()
  }
}

export function hasLeases4(path: string): boolean {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return database.prepare('SELECT 1 FROM lease4 LIMIT 1').get() !== undefined
  } finally {
    database.close()
  }
}

/** Those of one family. Throws where the file is not there or is no journal. */
export function lookAtLeases(path: string, version: 4 | 6): LookedAt {
  const database = new Database(path, { readonly: true, fileMustExist: true })
  try {
    const [stamp, wall] = database
      .prepare('SELECT stamp_ms, stamped_at_ms FROM meta')
      .raw()
      .get() as [number, number]
    const { name, keys, readColumns } = version === 4 ? TABLE4 : TABLE6
    const page = new RowPage(keys, 65_536)
    let count = 0
    const isThere = database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name)
    if (isThere !== undefined) {
      const query = database.prepare(`SELECT ${readColumns} FROM ${name}`)
      for (const row of query.raw().iterate() as IterableIterator<unknown[]>)
        if (page.put(row) === '') count++
    }
    return { rows: page.take(), count, now: stamp + Math.max(0, Date.now() - wall) }
  } finally {
    database.close()
  }
}
