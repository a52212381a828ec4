// Whether the host has crashed while its database was served with `durability` below full: then
// what was told last may be missing. As long as something that was stored may not be on the disk,
// table meta says under which durability and on which boot of a host that is. With `full` it never
// says so, and nothing here costs anything.

import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import type { PairRecord } from '../../ha/pair-record.ts'
import { loseDatabase } from '../../ha/pair-steps.ts'
import { syncPath } from '../sync-path.ts'

/** What meta says of a database in which not everything needs to be on the disk. */
export interface Unsettled {
  readonly durability: string
  /** Of the host that serves it, or served it last; '' = unknown. */
  readonly boot: string
}

type Synchronous = 'normal' | 'off'

/**
 * Another one after each start of the host; '' where the system does not tell, which is no boot
 * twice.
 */
export function bootOfHost(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Rule 9b of ha/README.md. The end of a process alone loses nothing: the kernel has what it wrote.
 */
export function hasCrashed(unsettled: Unsettled | undefined, boot: string): boolean {
  return unsettled !== undefined && (boot === '' || unsettled.boot !== boot)
}

/**
 * The record after a crash of the host; undefined where it stays as it is. Without rights nothing
 * was told. Before the first meeting there is nobody who could know more, so such a server is as
 * one without a pair.
 */
export function recordAfterCrash(record: PairRecord | undefined): PairRecord | undefined {
  if (record === undefined || record.pairId === '' || record.rights === 'none') return undefined
  return loseDatabase(record)
}

/** Sees to it that meta says so before anything is acknowledged that a crash could take back. */
export class CrashMark {
  readonly #durability: Synchronous
  readonly #boot: string
  #isSet = false
  /** Of the record that is on the disk for certain. */
  #rights: PairRecord['rights'] | undefined

  constructor(durability: Synchronous, boot: string) {
    this.#durability = durability
    this.#boot = boot
  }

  /**
   * Whether a batch must reach the disk: the first, with the mark, and whatever changes the rights,
   * since they tell after a crash whether anything can have been lost.
   */
  isDue(pair: PairRecord | undefined): boolean {
    return !this.#isSet || (pair !== undefined && pair.rights !== this.#rights)
  }

  /** Before the transaction of such a batch. */
  begin(db: Database.Database): void {
    db.pragma('synchronous = FULL')
  }

  /** Within it. */
  put(db: Database.Database): void {
    db.prepare('UPDATE meta SET unsettled = ?, unsettled_boot = ?').run(
      this.#durability,
      this.#boot,
    )
  }

  /**
   * After its commit, by which it is in a log on the disk. Throws where that is not enough, and not
   * more can be done.
   */
  end(db: Database.Database, pair: PairRecord | undefined): void {
    if (this.#durability === 'off') emptyLog(db)
    db.pragma(`synchronous = ${this.#durability.toUpperCase()}`)
    this.#isSet = true
    if (pair !== undefined) this.#rights = pair.rights
  }
}

/**
 * With `off` the log is brought into the database without a sync and begun anew: after a crash it
 * may be there from its former beginning. So nothing of it may be left when that starts.
 */
function emptyLog(db: Database.Database): void {
  const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
  if (result?.busy !== 0)
    throw Object.assign(new Error('somebody reads for long'), { code: 'SQLITE_BUSY' })
}

/**
 * Brings everything to the disk and takes the mark away. Only while this process has the database
 * closed: closing a file takes back the locks that SQLite has on it.
 */
export function settle(path: string): void {
  syncPath(path)
  if (existsSync(`${path}-wal`)) syncPath(`${path}-wal`)
  // What was removed must not be there again, either.
  syncPath(dirname(path))
  const db = new Database(path, { fileMustExist: true })
  try {
    db.pragma('synchronous = FULL')
    db.exec('UPDATE meta SET unsettled = NULL, unsettled_boot = NULL')
  } finally {
    db.close()
  }
}
