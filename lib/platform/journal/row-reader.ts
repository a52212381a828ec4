// Reads the rows of leases in pages at start, and puts those aside that cannot be used: into
// lease4_set_aside or lease6_set_aside, for a person to look at.

import type Database from 'better-sqlite3'
import { PREFIX6_OCTETS } from '../../address/prefix6.ts'
import type { KeyNumbers } from './key-numbers.ts'
import { RowPage, WHY_NO_KEY, writeHex } from './rows.ts'
import { COLUMN } from './schema.ts'
import { blockRow, type JournalTable, type PageMark, TABLE6, TABLES } from './tables.ts'

const PAGE_ROWS = 4096

/** Of a page, at first, for each row. */
const RECORD_BYTES = 128

export interface ReadPage {
  /** Put records of one family. */
  readonly rows: Uint8Array<ArrayBuffer>
  /** undefined: there are no more. */
  readonly next: PageMark | undefined
}

const WHY_TWICE = 'key stands in a later row, too'

/** Numbers without a row that a table may have before its rows are numbered anew. */
const GAPS_MAX = 100_000

type Aside = readonly [number: number, reason: string]

export class RowReader {
  readonly #numbers: KeyNumbers
  readonly #key = new Uint8Array(PREFIX6_OCTETS)
  /** Rows of DHCPv6 up to this one are noted. */
  #notedTo = 0
  #leftInPlace = 0

  /** Rows of DHCPv6 that are read are noted in `numbers`. */
  constructor(numbers: KeyNumbers) {
    this.#numbers = numbers
  }

  /**
   * The rows behind the mark. In a pair keys of those that cannot be used stay out of use: without
   * a row they would count as never given away. Throws where one cannot be kept out of it.
   */
  readPage(db: Database.Database, mark: PageMark, isPair: boolean): ReadPage {
    const { table, behind } = mark
    const { name, keys, readColumns, number, numberAt, numberMax } = table
    const columns = table === TABLE6 ? [...readColumns, number] : readColumns
    const page = db
      .prepare(
        `SELECT ${columns} FROM ${name} WHERE ${number} > ? AND ${number} <= ${numberMax}
         ORDER BY ${number} LIMIT ${PAGE_ROWS}`,
      )
      .raw()
      .all(behind) as unknown[][]
    const records = new RowPage(keys, page.length * RECORD_BYTES)
    const bad: Aside[] = []
    for (const row of page) {
      const reason = records.put(row)
      if (isPair && reason === WHY_NO_KEY) throw new Error(`table ${name}: ${reason}`)
      if (reason !== '') bad.push([row[numberAt] as number, reason])
    }
    if (bad.length > 0) this.#setAside(db, table, `${number} = ?`, bad, isPair)
    if (bad.length > 0 && isPair) return this.readPage(db, mark, isPair)
    if (table === TABLE6) this.#note(db, page, new Set(bad.map(([row]) => row)), isPair)
    const last = page.at(-1)
    if (last !== undefined)
      return { rows: records.take(), next: { table, behind: last[numberAt] as number } }
    const next = TABLES[TABLES.indexOf(table) + 1]
    return { rows: records.take(), next: next && { table: next, behind: 0 } }
  }

  /**
   * Of two rows of one key the later one counts, as the lease table takes them. Somebody has typed
   * one in; what it does to the rights of a pair nobody can tell.
   */
  #note(db: Database.Database, page: unknown[][], bad: Set<number>, isPair: boolean): void {
    const twins: Aside[] = []
    this.#notedTo = (page.at(-1)?.[COLUMN.number] as number | undefined) ?? this.#notedTo
    for (const row of page) {
      const number = row[COLUMN.number] as number
      if (bad.has(number)) {
        this.#numbers.noteKeyless(number)
        continue
      }
      writeHex(row[COLUMN.address] as string, this.#key, 0)
      const former = this.#numbers.note(number, this.#key, 0)
      if (former !== 0) twins.push([former, WHY_TWICE])
    }
    if (twins.length === 0) return
    if (isPair) throw new Error(`table ${TABLE6.name}: ${WHY_TWICE}`)
    this.#setAside(db, TABLE6, `${TABLE6.number} = ?`, twins, isPair)
  }

  /** The numbers of all rows, for who does not read the pages of these. */
  noteNumbers(db: Database.Database): void {
    const page = db
      .prepare(
        `SELECT number, hex(key) FROM lease6 WHERE number > ? AND NOT (${TABLE6.strays})
         ORDER BY number LIMIT ${PAGE_ROWS}`,
      )
      .raw()
    for (;;) {
      const rows = page.all(this.#notedTo) as [number, string][]
      for (const [number, key] of rows) {
        writeHex(key, this.#key, 0)
        this.#numbers.note(number, this.#key, 0)
      }
      if (rows.length === 0) return
      this.#notedTo = rows.at(-1)![0]
    }
  }

  /**
   * Numbers rows of DHCPv6 anew where many are gone: numbers are few, and memory is kept for each.
   * A failing disk must not prevent serving.
   */
  closeGaps(db: Database.Database): void {
    const [highest, count] = db.prepare('SELECT max(number), count(*) FROM lease6').raw().get() as [
      number | null,
      number,
    ]
    if ((highest ?? 0) - 2 * count < GAPS_MAX) return
    const numbers = db.prepare('SELECT number FROM lease6 ORDER BY number').pluck().all()
    const renumber = db.prepare('UPDATE lease6 SET number = ? WHERE number = ?')
    try {
      db.transaction(() => {
        // From the lowest: what a row gets was another one's before, or nobody's.
        for (const [index, number] of numbers.entries())
          if (number !== index + 1) renumber.run(index + 1, number)
      }).immediate()
    } catch {}
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
