// Makes commits durable. SQLite would do it with fsync, which also writes the file's times, and so
// waits for the journal of the whole file system and whatever others have in it; fdatasync waits
// for the data alone, a fraction of the time. So SQLite is told to sync the write-ahead log only
// where it begins anew and where it is brought into the database (synchronous = NORMAL), and the
// log is synced here after each commit, which is all that synchronous = FULL does beyond that.

import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import { syncPath } from '../sync-path.ts'

export class JournalLog {
  readonly #fd: number

  /**
   * `db` is the database at `path`, which has been read from: its log exists, and stays until it is
   * closed.
   */
  constructor(db: Database.Database, path: string) {
    this.#fd = openSync(`${path}-wal`, 'r+')
    try {
      // The log may have been created a moment ago.
      syncPath(dirname(path))
      db.pragma('synchronous = NORMAL')
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Returns when everything that was committed is on the disk; throws when that is not certain. */
  sync(): void {
    fdatasyncSync(this.#fd)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
