// Reads the rows of leases in pages at start, and puts those aside that cannot be used: into
// lease4_set_aside or lease6_set_aside, for a person to look at.

import type Database from 'better-sqlite3'
import { RowPage, WHY_NO_KEY } from './rows.ts'
import {
  blockRow,
  type JournalTable,
  markOf,
  type PageMark,
  TABLES,
  tableOfMark,
} from './tables.ts'

const PAGE_ROWS = 4096

/** Of a page, at first, for each row. */
const RECORD_BYTES = 128

export interface ReadPage {
  /** Put records of one family. */
  readonly rows: Uint8Array<ArrayBuffer>
  /** undefined: there are no more. */
  readonly next: PageMark | undefined
}

type Aside = readonly [key: number | Buffer, reason: string]

export class RowReader {
  #leftInPlace = 0

  /**
   * The rows behind the mark. In a pair keys of those that cannot be used stay out of use: without
   * a row they would count as never given away. Throws where one cannot be kept out of it.
   */
  readPage(db: Database.Database, mark: PageMark, isPair: boolean): ReadPage {
    const table = tableOfMark(mark)
    const [key] = table.columns
    const page = db
      .prepare(
        `SELECT ${table.readColumns} FROM ${table.name} WHERE ${table.behindMark}
         ORDER BY ${key} LIMIT ${PAGE_ROWS}`,
      )
      .raw()
      .all(mark) as unknown[][]
    const records = new RowPage(table.keys, page.length * RECORD_BYTES)
    const bad: Aside[] = []
    for (const row of page) {
      const reason = records.put(row)
      if (isPair && reason === WHY_NO_KEY) throw new Error(`table ${table.name}: ${reason}`)
      if (reason !== '') bad.push([keyParameter(markOf(row)), reason])
    }
    if (bad.length > 0) this.#setAside(db, table, `${key} = ?`, bad, isPair)
    if (bad.length > 0 && isPair) return this.readPage(db, mark, isPair)
    const last = page.at(-1)
    return { rows: records.take(), next: last === undefined ? table.next : markOf(last) }
  }

  /** Moves rows away whose key is none; pages would not come across them. */
  setAsideStrays(db: Database.Database, isPair: boolean): void {
    for (const table of TABLES) {
      const { name, strays, whyStray } = table
      if (db.prepare(`SELECT 1 FROM ${name} WHERE ${strays} LIMIT 1`).get() === undefined) continue
      this.#setAside(db, table, `(${strays}) AND ? IS NOT NULL`, [[0, whyStray]], isPair)
    }
  }

  /** Rows that wait for a person: set aside, or in place where they could not be moved. */
  countSetAside(db: Database.Database): number {
    const counts = TABLES.map(({ name }) => `(SELECT count(*) FROM ${name}_set_aside)`)
    const moved = db
      .prepare(`SELECT ${counts.join(' + ')}`)
      .pluck()
      .get()
    return (moved as number) + this.#leftInPlace
  }

  /**
   * Moves the rows that `where` selects for each value. A failing disk must not prevent serving,
   * but in a pair it does: nothing would keep the addresses out of use.
   */
  #setAside(
    db: Database.Database,
    table: JournalTable,
    where: string,
    rows: readonly Aside[],
    isPair: boolean,
  ): void {
    const { name, columns } = table
    const copy = db.prepare(
      `INSERT INTO ${name}_set_aside (reason, set_aside_at_ms, ${columns})
       SELECT ?, ?, ${columns} FROM ${name} WHERE ${where}`,
    )
    const clear = db.prepare(`${isPair ? blockRow(table) : `DELETE FROM ${name}`} WHERE ${where}`)
    try {
      db.transaction(() => {
        for (const [key, reason] of rows) {
          copy.run(reason, Date.now(), key)
          clear.run(key)
        }
      }).immediate()
    } catch (error) {
      if (isPair) throw error
      this.#leftInPlace += rows.length
    }
  }
}

function keyParameter(mark: PageMark): number | Buffer {
  return typeof mark === 'number' ? mark : Buffer.from(mark, 'hex')
}
