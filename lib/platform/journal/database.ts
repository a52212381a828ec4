// The journal's database as its thread uses it: rows read in pages, batches written in
// transactions, checkpoints. Everything here is synchronous and throws; the thread turns errors
// into messages.

import { randomInt } from 'node:crypto'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import type { Statement } from 'better-sqlite3'
import type { Octets } from '../../bytes/octets.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import {
  ChangeCodecError,
  checkedRecordEnd,
  keysOfRecord,
  viewOf,
} from '../../leases/change-codec.ts'
import { KEYS4 } from '../../leases/keys/family4.ts'
import { FIELD } from '../../leases/record.ts'
import type { JournalInfo, StoredEdit, StoredEvents, StoredName } from '../../ports/journal.ts'
import type { Instant } from '../../time/units.ts'
import { makeFolder } from '../folder.ts'
import { timesOfHost } from '../host-times.ts'
import { JournalClock, type ResumedClock } from './clock.ts'
import type { Meta } from './connection.ts'
import { checkReadable, connectDatabase, makeMeta, readMeta } from './connection.ts'
import { bootOfHost, CrashMark, hasCrashed, recordAfterCrash, settle } from './crash.ts'
import { fileIdentity, realPath } from './database-file.ts'
import { readDuid, writeDuid } from './duid.ts'
import { readEdits, writeEdits } from './edits.ts'
import { beginHistory, type HistoryWriter } from './history.ts'
import { KeyNumbers } from './key-numbers.ts'
import { lockDatabase } from './lock.ts'
import { JournalLog } from './log.ts'
import { readNames, writeNames } from './names.ts'
import { PUT_PAIR, pairAtStart, rowOfPair } from './pair.ts'
import type { JournalOptions } from './protocol.ts'
import { type ReadPage, RowReader } from './row-reader.ts'
import type { RowWriter } from './row-writer.ts'
import { prepareStatements } from './statements.ts'
import { type PageMark, TABLE4, TABLE6 } from './tables.ts'
import { spoilsConnection } from './trouble.ts'

/**
 * Pages, about, that are written to the log before it is brought into the database: half a
 * megabyte.
 */
const CHECKPOINT_AFTER = 500

/** Pages of a batch that are not rows. */
const BATCH_PAGES = 2

interface Connection {
  readonly db: Database.Database
  /** undefined: commits need not survive a loss of power. */
  readonly log: JournalLog | undefined
  readonly begin: Statement
  readonly commit: Statement
  readonly rows4: RowWriter
  readonly rows6: RowWriter
  readonly history: HistoryWriter | undefined
  readonly stamp: Statement
  readonly putPair: Statement
  readonly checkpoint: Statement
  readonly meta: Meta
}

export class JournalDatabase {
  readonly #options: JournalOptions
  readonly #lock: Database.Database
  readonly #boot: string
  readonly #clock: JournalClock
  /** undefined: every commit is on the disk. */
  readonly #mark: CrashMark | undefined
  #connection: Connection | undefined
  #databaseId: string
  /** As it was at start. */
  #pair: PairRecord | undefined
  #lostUnder: string | undefined
  /** Something that was stored may not be on the disk. */
  #isUnsettled = false
  /** Device and inode of the file that is served, '' until it is known. */
  #file = ''
  /** Pages in the log, about. */
  #unsaved = 0
  readonly #numbers = new KeyNumbers(randomInt(2 ** 32))
  readonly #reader = new RowReader(this.#numbers)
  /** All rows are noted in the numbers. */
  #isRead = false
  readonly #pause = new Int32Array(new SharedArrayBuffer(4))

  /** Takes the lock and opens. `resume` names the database that must be found, '' for whichever. */
  constructor(options: JournalOptions, resume: string) {
    makeFolder(dirname(options.path))
    this.#options = { ...options, path: realPath(options.path) }
    this.#databaseId = resume
    this.#boot = options.bootId ?? bootOfHost()
    const { durability } = options
    this.#mark = durability === 'full' ? undefined : new CrashMark(durability, this.#boot)
    this.#lock = lockDatabase(this.#options.path)
    try {
      this.#connection = this.#connect()
      if (this.#isUnsettled && this.#mark === undefined) this.#connection = this.#settled()
    } catch (error) {
      this.#lock.close()
      throw error
    }
    const { databaseId, counted } = this.#connection.meta
    this.#databaseId = databaseId
    this.#clock = new JournalClock(this.#options.path, counted, () => timesOfHost(this.#boot))
  }

  get meta(): Meta {
    return this.#ready().meta
  }

  /** As it is on the disk now; it was undamaged at start. */
  metaNow(): Meta {
    return readMeta(this.#ready().db) ?? this.meta
  }

  get path(): string {
    return this.#options.path
  }

  get pair(): PairRecord | undefined {
    return this.#pair
  }

  /** Where the lease clock goes on, now that the server begins. */
  resumeClock(isCopy: boolean): ResumedClock {
    return this.#clock.resume(isCopy ? { ...this.meta, note: '' } : this.meta)
  }

  /** See JournalInfo. */
  get lostUnder(): string | undefined {
    return this.#lostUnder
  }

  /** The rows behind the mark: see RowReader. */
  readPage(mark: PageMark): ReadPage {
    const page = this.#reader.readPage(this.#ready().db, mark, this.#pair !== undefined)
    if (page.next === undefined) this.#isRead = true
    return page
  }

  /** See RowReader. */
  setAsideStrays(): void {
    const { db } = this.#ready()
    this.#reader.setAsideStrays(db, this.#pair !== undefined)
    this.#reader.closeGaps(db)
  }

  /** See RowReader. */
  countSetAside(): number {
    return this.#reader.countSetAside(this.#ready().db)
  }

  /** One transaction. When it throws, nothing of the batch is stored. */
  commit(
    changes: Uint8Array,
    count: number,
    stamp: Instant,
    pair?: PairRecord,
    edits?: readonly StoredEdit[],
    names?: readonly StoredName[],
    told?: StoredEvents,
  ): void {
    const connection = this.#ready()
    this.#readNumbers(connection.db)
    const mark = this.#mark?.isDue(pair) ? this.#mark : undefined
    try {
      mark?.begin(connection.db)
      connection.begin.run()
      const change = this.#write(connection, changes, count)
      connection.history?.note(changes, Date.now(), told)
      connection.stamp.run(stamp, change, Date.now())
      this.#clock.put(connection.db, stamp)
      if (pair !== undefined) connection.putPair.run(rowOfPair(pair))
      if (edits !== undefined) writeEdits(connection.db, edits)
      if (names !== undefined) writeNames(connection.db, names)
      mark?.put(connection.db)
      if (mark !== undefined) this.#isUnsettled = true
      if (this.#options.commitDelayMs) Atomics.wait(this.#pause, 0, 0, this.#options.commitDelayMs)
      connection.commit.run()
      connection.log?.sync()
      mark?.end(connection.db, pair)
      this.#numbers.settle()
    } catch (error) {
      this.#numbers.forget()
      this.#abandon(connection, error)
      throw error
    }
    this.#unsaved += BATCH_PAGES
  }

  /** What is stored beside leases. */
  readTexts(): Pick<JournalInfo, 'edits' | 'names'> {
    const { db } = this.#ready()
    return { edits: readEdits(db), names: readNames(db) }
  }

  /** See beginHistory. */
  beginHistory(): number | undefined {
    return beginHistory(this.#ready().db, this.#options.history)
  }

  /** Of the server; '' = there is none. */
  get duid(): Octets {
    return readDuid(this.#ready().db)
  }

  /** On the disk when this returns. */
  keepDuid(duid: Octets): void {
    const { db, log } = this.#ready()
    writeDuid(db, duid)
    log?.sync()
  }

  /** Brings the write-ahead log into the database once it has grown; called when nobody waits. */
  checkpoint(): void {
    if (this.#unsaved < CHECKPOINT_AFTER || this.#connection === undefined) return
    this.#unsaved = 0
    try {
      this.#connection.checkpoint.get()
    } catch {
      // The log stays longer; a disk in trouble shows in the next commit, which somebody waits for.
    }
  }

  close(): void {
    try {
      // The last connection to close brings the whole log into the database and removes it.
      if (this.#connection !== undefined) this.#closeWell(this.#connection)
    } finally {
      this.#connection = undefined
      this.#lock.close()
    }
  }

  #closeWell(connection: Connection): void {
    closeConnection(connection)
    if (!this.#isUnsettled) return
    try {
      this.#refuseOtherFile()
      settle(this.#options.path)
    } catch {
      // The mark stays, so that after a crash of the host the partner is asked for what may not be
      // missing.
    }
  }

  /** With `full` from now on, what a former service left is brought to the disk once. */
  #settled(): Connection {
    if (this.#connection !== undefined) closeConnection(this.#connection)
    settle(this.#options.path)
    return this.#connect()
  }

  /** Writes the records of a batch and returns the highest change number among them. */
  #write(connection: Connection, changes: Uint8Array, count: number): number {
    const bytes = Buffer.from(changes.buffer, changes.byteOffset, changes.byteLength)
    const view = viewOf(changes)
    const { rows4, rows6 } = connection
    rows4.begin()
    rows6.begin()
    let highest = 0
    let seen = 0
    let former4 = 0
    let former6 = 0
    for (let at = 0; at < bytes.length; seen++) {
      const keys = keysOfRecord(view, at)
      const end = checkedRecordEnd(view, at, keys)
      if (keys === KEYS4) {
        const number = rows4.add(bytes, view, at)
        if (Math.abs(number - former4) > TABLE4.pageRows) this.#unsaved++
        former4 = number
      } else {
        const number = rows6.add(bytes, view, at)
        if (Math.abs(number - former6) > TABLE6.pageRows) this.#unsaved++
        former6 = number
      }
      highest = Math.max(highest, view.getFloat64(at + FIELD.change, true))
      at = end
    }
    rows4.end()
    rows6.end()
    if (seen !== count) throw new ChangeCodecError(`${seen} records where ${count} were said`, 0)
    return highest
  }

  /** In a thread that replaces another no pages were read. */
  #readNumbers(db: Database.Database): void {
    if (this.#isRead) return
    this.#reader.noteNumbers(db)
    this.#isRead = true
  }

  /** The open connection; after trouble a new one, provided the file is still the one we served. */
  #ready(): Connection {
    if (this.#databaseId !== '') this.#refuseOtherFile()
    this.#connection ??= this.#connect()
    return this.#connection
  }

  #connect(): Connection {
    const known = this.#databaseId
    const db = connectDatabase(this.#options, known !== '')
    try {
      const meta = known === '' ? this.#firstLook(db) : readMeta(db)
      if (meta === undefined || (known !== '' && meta.databaseId !== known))
        throw new Error(`${this.#options.path} is another database: restart to use it`)
      const statements = prepareStatements(db, this.#numbers, this.#options.history)
      const isFull = this.#options.durability === 'full'
      const log = isFull ? new JournalLog(db, this.#options.path) : undefined
      return { db, log, meta, ...statements }
    } catch (error) {
      db.close()
      throw error
    }
  }

  /** Sees to it that the database can be served, and reads all but its leases. */
  #firstLook(db: Database.Database): Meta {
    const rows = checkReadable(db)
    const meta = readMeta(db)
    this.#pair = pairAtStart(db, this.#options.path, rows, meta !== undefined)
    this.#isUnsettled = meta?.unsettled !== undefined
    if (hasCrashed(meta?.unsettled, this.#boot)) this.#lose(db, meta!.unsettled!.durability)
    if (meta === undefined) return makeMeta(db, rows)
    return { ...meta, change: Math.max(meta.change, rows.change) }
  }

  /** What this server told last may be missing. On the disk before anything is served. */
  #lose(db: Database.Database, durability: string): void {
    const lost = recordAfterCrash(this.#pair)
    if (lost === undefined) return
    db.pragma('synchronous = FULL')
    db.prepare(PUT_PAIR).run(rowOfPair(lost))
    db.pragma(`synchronous = ${this.#options.durability.toUpperCase()}`)
    this.#pair = lost
    this.#lostUnder = durability
  }

  /**
   * What is committed into a deleted file is lost, and the log of one database would be played into
   * another that took its place. Looking costs 2 us a batch.
   */
  #refuseOtherFile(): void {
    const file = fileIdentity(this.#options.path)
    if (this.#file === '') this.#file = file
    else if (this.#file !== file)
      throw new Error(`${this.#options.path} was replaced by another file: restart to use it`)
  }

  #abandon(connection: Connection, error: unknown): void {
    try {
      if (connection.db.inTransaction) connection.db.exec('ROLLBACK')
      if (!spoilsConnection(error)) return
    } catch {
      // A connection that cannot even roll back is closed, which does.
    }
    this.#connection = undefined
    closeConnection(connection)
  }
}

/** The log first: once the database is closed, its file is gone. */
function closeConnection({ db, log }: Connection): void {
  log?.close()
  db.close()
}
