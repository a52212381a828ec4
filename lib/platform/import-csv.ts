// Reads Kea's lease file into the journal: by itself, once, when a configuration names a CSV file and
// there is no journal yet; or by hand (`whio import`). The CSV file is never written.

import { closeSync, existsSync, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { ChangeWriter } from '../leases/change-codec.ts'
import { Csv4Reader, type CsvProblem } from '../leases/csv4.ts'
import type { Lease } from '../leases/lease.ts'
import { LeaseTable } from '../leases/lease-table.ts'
import type { JournalInfo, JournalSink } from '../ports/journal.ts'
import type { Log } from '../ports/log.ts'
import { MESSAGES } from '../server/messages.ts'
import type { Instant } from '../time/units.ts'
import { openJournal, type SqliteJournal } from './journal.ts'

const CHUNK_SIZE = 1 << 16

export interface ImportResult {
  /** Leases that are in the journal now. */
  readonly taken: number
  /** Leases of the file that were left out, since the journal has a live lease of another client. */
  readonly kept: readonly Lease[]
  /** The first rows that could not be used. */
  readonly problems: readonly CsvProblem[]
  readonly problemCount: number
}

/**
 * Reads the file in when there is no journal at `path` yet. What is interrupted leaves no journal behind,
 * so that the next start does it again. A file that is not there is no problem.
 */
export async function importOnce(csv: string, path: string, log: Log): Promise<void> {
  if (existsSync(path) || !existsSync(csv)) return
  const making = `${path}.import`
  for (const file of leftovers(making)) rmSync(file, { force: true })
  const result = await importCsv(csv, making)
  renameSync(making, path)
  for (const file of leftovers(making)) rmSync(file, { force: true })
  const { level, text } = MESSAGES.JOURNAL_IMPORTED
  const rows = { leases: result.taken, unusable: result.problemCount }
  log.write(level, 'JOURNAL_IMPORTED', text, { file: csv, journal: path, ...rows })
  for (const problem of result.problems) {
    const row = MESSAGES.JOURNAL_IMPORT_ROW
    const fields = { file: csv, line: problem.line, trouble: problem.text }
    log.write(row.level, 'JOURNAL_IMPORT_ROW', row.text, fields)
  }
}

/**
 * Adds the leases of a CSV file to the journal at `path`, made when it is not there, in one transaction.
 * A lease that the journal has, live and of another client, stays. Rejects with JournalRefused while a
 * server uses the journal; throws where the file cannot be read.
 */
export async function importCsv(csv: string, path: string): Promise<ImportResult> {
  const journal = await openJournal({ path, durability: 'full' })
  const disk = new JournalPromises(journal)
  try {
    const table = new LeaseTable()
    const { stamp, change } = await disk.load(table)
    const reader = readCsv(csv, new Csv4Reader(Date.now(), stamp))
    const writer = new ChangeWriter()
    const kept: Lease[] = []
    for (const lease of reader.leases(change + 1)) {
      const former = table.byAddress(lease.address)
      const isFree = former === undefined || table.isOver(former, stamp)
      if (isFree || table.belongsTo(former, lease)) writer.put({ kind: 'put', lease })
      else kept.push(lease)
    }
    await disk.commit(writer, stamp)
    const { problems, problemCount } = reader
    return { taken: writer.count, kept, problems, problemCount }
  } finally {
    await disk.close()
  }
}

/** Feeds a file to the reader line by line. Kea writes ASCII; other bytes pass as UTF-8. */
function readCsv(file: string, reader: Csv4Reader): Csv4Reader {
  const descriptor = openSync(file, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK_SIZE)
    const decoder = new StringDecoder('utf8')
    let rest = ''
    for (;;) {
      const length = readSync(descriptor, chunk)
      const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n')
      rest = lines.pop()!
      for (const line of lines) reader.take(line)
      if (length === 0) break
    }
    // A last line without its line feed was not written to its end.
    return reader
  } finally {
    closeSync(descriptor)
  }
}

/** What SQLite leaves beside a database. */
function leftovers(path: string): string[] {
  return ['', '-wal', '-shm', '.lock', '.lock-journal'].map((suffix) => path + suffix)
}

/** A journal whose answers are awaited one by one. */
class JournalPromises implements JournalSink {
  readonly #journal: SqliteJournal
  #table: LeaseTable | undefined
  #resolve: (info: JournalInfo) => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor(journal: SqliteJournal) {
    this.#journal = journal
  }

  load(table: LeaseTable): Promise<JournalInfo> {
    this.#table = table
    return this.#answer(() => this.#journal.open(this))
  }

  async commit(writer: ChangeWriter, stamp: Instant): Promise<void> {
    await this.#answer(() => this.#journal.commit(writer.copy(), writer.count, stamp))
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#journal.close(resolve))
  }

  onRows(rows: Uint8Array): void {
    this.#table?.load(rows)
  }

  onReady(info: JournalInfo): void {
    this.#resolve(info)
  }

  onCommitted(): void {
    this.#resolve({ stamp: 0, change: 0, setAside: 0 })
  }

  onFailed(trouble: string): void {
    this.#reject(new Error(trouble))
  }

  #answer(ask: () => void): Promise<JournalInfo> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      ask()
    })
  }
}
