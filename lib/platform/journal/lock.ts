// One server per database. SQLite's own locks guard single transactions only, and its exclusive
// mode would shut out the sqlite3 shell. So a small database beside the journal, `<path>.lock`, is
// held in an open write transaction: a second holder is refused, readers learn from it who the
// holder is, and the kernel lets go of it however the process ends.

import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { codeOfError, JournalRefused } from './trouble.ts'

/** Takes the lock or throws JournalRefused; closing the connection that is returned releases it. */
export function lockDatabase(path: string): Database.Database {
  const lock = new Database(`${path}.lock`, { timeout: 0 })
  try {
    lock.pragma('synchronous = OFF')
    signLock(lock)
    lock.exec('BEGIN IMMEDIATE')
    return lock
  } catch (error) {
    const holder = holderOf(lock)
    lock.close()
    if (!codeOfError(error).startsWith('SQLITE_BUSY')) throw error
    throw new JournalRefused(
      'locked',
      `${path} is in use by ${holder}: a database is served by one server at a time`,
    )
  }
}

/**
 * Writes who holds the lock. A full disk is no reason to refuse: the lock holds without the name.
 */
function signLock(lock: Database.Database): void {
  const holder = `process ${process.pid} on ${hostname()} since ${new Date().toISOString()}`
  try {
    lock.exec('BEGIN IMMEDIATE')
    lock.exec('CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY, name TEXT)')
    lock.prepare('INSERT OR REPLACE INTO holder VALUES (1, ?)').run(holder)
    lock.exec('COMMIT')
  } catch (error) {
    if (lock.inTransaction) lock.exec('ROLLBACK')
    if (!/^SQLITE_(FULL|IOERR)/.test(codeOfError(error))) throw error
  }
}

function holderOf(lock: Database.Database): string {
  try {
    const name = lock.prepare('SELECT name FROM holder').pluck().get()
    return typeof name === 'string' ? name : 'another process'
  } catch {
    // The holder is just signing, or never could.
    return 'another process'
  }
}
