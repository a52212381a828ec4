// Opens the journal's database: durability, schema, migrations, damage found before serving begins.

import { randomUUID } from 'node:crypto'
import Database from 'better-sqlite3'
import type { Instant, Millis } from '../../time/units.ts'
import type { Unsettled } from './crash.ts'
import type { JournalOptions } from './protocol.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'
import { type JournalTable, TABLES } from './tables.ts'
import { JournalRefused } from './trouble.ts'

/** How long a commit waits for somebody who writes with the sqlite3 shell. */
const BUSY_TIMEOUT_MS = 2000

/** Small pages make a renewal of one lease among a million cost a quarter less (test/bench). */
const PAGE_BYTES = 1024

const CACHE_KIB = 16384

/** After a checkpoint the write-ahead log is cut back to this. */
const WAL_BYTES_KEPT = 16_777_216

export interface Meta {
  readonly databaseId: string
  readonly stamp: Instant
  readonly change: number
  /** See StoredClock. */
  readonly note: string
  readonly counted: Millis
  /** undefined: everything that was stored is on the disk. */
  readonly unsettled: Unsettled | undefined
}

/**
 * Opens or creates the database and brings its schema up to date. Throws whatever stands against
 * it.
 */
export function connectDatabase(options: JournalOptions, mustExist: boolean): Database.Database {
  const db = new Database(options.path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: mustExist })
  try {
    refuseForeign(db, options.path)
    configure(db, options)
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** What the rows say all together. */
export interface RowsSummary {
  /** The highest change number. */
  readonly change: number
  readonly start: Instant
  /** A table that counts keys which went from one server of a pair to the other; '' = none. */
  readonly countsKeys: string
  /** Some row has a key that is none: what is wrong; '' = nothing. */
  readonly strays: string
}

/** Reads every page that holds leases once, so that damage shows before serving begins. */
export function checkReadable(db: Database.Database): RowsSummary {
  const rows = TABLES.map((table) => summaryOf(db, table))
  return {
    change: Math.max(...rows.map(({ change }) => change)),
    start: Math.max(...rows.map(({ start }) => start)),
    countsKeys: rows.find(({ countsKeys }) => countsKeys !== '')?.countsKeys ?? '',
    strays: rows.find((each) => each.strays !== '')?.strays ?? '',
  }
}

function summaryOf(db: Database.Database, table: JournalTable): RowsSummary {
  const { name, strays, whyStray } = table
  const row = db
    .prepare(
      `SELECT max(CASE WHEN typeof(change) = 'integer' THEN change END),
         max(CASE WHEN typeof(start_ms) IN ('integer', 'real') THEN start_ms END),
         max(gave BETWEEN 1 AND 4294967295 OR got BETWEEN 1 AND 4294967295),
         max(${strays}) FROM ${name}`,
    )
    .raw()
    .get() as (number | null)[]
  const [change, start, countsKeys, isStray] = row
  return {
    change: isCount(change) ? change : 0,
    start: isCount(start) ? start : 0,
    countsKeys: countsKeys === 1 ? name : '',
    strays: isStray === 1 ? `table ${name} has rows whose ${whyStray}` : '',
  }
}

/** The database's own record; undefined when it is missing or spoiled. */
export function readMeta(db: Database.Database): Meta | undefined {
  const row = db
    .prepare(
      'SELECT database_id, stamp_ms, change, unsettled, unsettled_boot, clock_note, counted_ms FROM meta',
    )
    .raw()
    .get() as unknown[] | undefined
  const [databaseId, stamp, change, durability, boot, noted, counted] = row ?? []
  if (typeof databaseId !== 'string' || !isCount(stamp) || !isCount(change)) return undefined
  const unsettled =
    durability === null ? undefined : { durability: `${durability}`, boot: `${boot ?? ''}` }
  const note = typeof noted === 'string' ? noted : ''
  return { databaseId, stamp, change, unsettled, note, counted: isCount(counted) ? counted : 0 }
}

/**
 * Makes the database's own record from the rows: of a new database, or where it is missing or
 * spoiled.
 */
export function makeMeta(db: Database.Database, rows: RowsSummary): Meta {
  const { start, change } = rows
  const meta: Meta = {
    ...{ databaseId: randomUUID(), stamp: start, change, unsettled: undefined },
    ...{ note: '', counted: 0 },
  }
  db.prepare(
    `INSERT OR REPLACE INTO meta (one, database_id, schema_version, stamp_ms, change, stamped_at_ms)
     VALUES (1, ?, ?, ?, ?, ?)`,
  ).run(meta.databaseId, MIGRATIONS.length, meta.stamp, meta.change, Date.now())
  return meta
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

function refuseForeign(db: Database.Database, path: string): void {
  const application = db.pragma('application_id', { simple: true })
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (application !== APPLICATION_ID && tables !== 0)
    throw new JournalRefused(
      'foreign-database',
      `${path} is the database of another program: name another file in lease-database`,
    )
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > MIGRATIONS.length)
    throw new JournalRefused(
      'newer-schema',
      `${path} was written by a newer Whio (schema ${version}, this one knows ${MIGRATIONS.length}): ` +
        'run that version, or name another file in lease-database',
    )
}

function configure(db: Database.Database, options: JournalOptions): void {
  db.pragma(`page_size = ${PAGE_BYTES}`)
  const mode = db.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal')
    throw new JournalRefused(
      'cannot-open',
      `${options.path}: the file system does not allow a write-ahead log (journal mode ${mode}); ` +
        'put the database on a local disk',
    )
  db.pragma(`synchronous = ${options.durability.toUpperCase()}`)
  db.pragma(`cache_size = -${CACHE_KIB}`)
  db.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`)
  // Checkpoints are run by the journal after the acknowledgement, never inside a commit.
  db.pragma('wal_autocheckpoint = 0')
}

function migrate(db: Database.Database): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version === MIGRATIONS.length) return
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) db.exec(step)
    db.pragma(`user_version = ${MIGRATIONS.length}`)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.prepare('UPDATE meta SET schema_version = ?').run(MIGRATIONS.length)
  }).immediate()
}
