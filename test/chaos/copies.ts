// Copies of the journals of a world's hosts, as an administrator or a backup makes them, and which
// host runs with one that has not met its partner since it was put back (test/sim/old-copies.ts
// says what is promised then).

import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { readingCopy } from '../system/daemon.ts'
import type { Which } from '../system/pair-hosts.ts'

export class Copies {
  readonly #at: string
  readonly #copies: [string[], string[]] = [[], []]
  readonly #old = new Set<Which>()

  /** `at`: folder of the world. */
  constructor(at: string) {
    this.#at = at
  }

  /** Of a journal that nobody writes at present. */
  make(host: Which, journalFile: string): string {
    const copies = this.#copies[host]
    const copy = join(this.#at, `copy${host + 1}-${copies.length}`)
    for (const name of databaseFiles(journalFile).filter((name) => !name.endsWith('-shm')))
      cpSync(join(dirname(journalFile), name), join(copy, name))
    copies.push(copy)
    return copy
  }

  of(host: Which): readonly string[] {
    return this.#copies[host]
  }

  /** In place of the journal of a server that does not run. */
  putBack(host: Which, copy: string, journalFile: string): void {
    for (const name of databaseFiles(journalFile)) rmSync(join(dirname(journalFile), name))
    cpSync(copy, dirname(journalFile), { recursive: true })
    this.#old.add(host)
  }

  /** Its database may be behind what it was, and has not been made good by its partner. */
  isOld(host: Which): boolean {
    return this.#old.has(host)
  }

  get isAnyOld(): boolean {
    return this.#old.size > 0
  }

  /** Without a copy, too: its partner was told that it is off. */
  grewOld(host: Which): void {
    this.#old.add(host)
  }

  hasMet(host: Which): void {
    this.#old.delete(host)
  }

  /**
   * Whether the witness of a host has noted more than a copy knows, so that the server itself
   * notices it.
   */
  isNoticed(copy: string, stateFolder: string): boolean {
    const folder = join(stateFolder, 'whio-witness')
    if (!existsSync(folder)) return false
    const notes = readdirSync(folder).filter((name) => name.endsWith('.json'))
    const { database, change } = readingCopy(join(copy, 'leases.sqlite'), this.#at, metaOf)
    return notes.some((name) => {
      const note = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      return note.database === database && note.change > change
    })
  }
}

/** The database with what belongs to it; not the lock and the socket beside it. */
function databaseFiles(journalFile: string): string[] {
  return readdirSync(dirname(journalFile)).filter((name) =>
    /^leases\.sqlite(-wal|-shm)?$/.test(name),
  )
}

function metaOf(file: string): { database: string; change: number } {
  const db = new Database(file, { fileMustExist: true, readonly: true })
  try {
    const sql = 'SELECT database_id AS database, change FROM meta'
    return db.prepare(sql).get() as { database: string; change: number }
  } finally {
    db.close()
  }
}
