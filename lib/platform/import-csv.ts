// Reads Kea's lease files into the journal: by itself, once, when a configuration names a CSV file
// and there is no journal yet; or by hand (`whio import`). A new journal is made under another name
// and moved into place when it is whole, so that an import that was interrupted is done again. A
// server must not start without the leases that it was told of: what stands in the way is
// JournalRefused.

import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { ChangeWriter } from '../leases/change-codec.ts'
import type { AnyChange, Lease, Lease6 } from '../leases/lease.ts'
import type { JournalInfo, JournalSink } from '../ports/journal.ts'
import { type Log, tell } from '../ports/log.ts'
import type { Instant } from '../time/units.ts'
import { makeFolder } from './folder.ts'
import { csvSource, filesSource, type ImportSource } from './import-source.ts'
import { ImportTables } from './import-tables.ts'
import { openJournal, refuseOldNode, type SqliteJournal } from './journal/journal.ts'
import { lockDatabase } from './journal/lock.ts'
import { hasLeases4, hasServed6 } from './journal/look.ts'
import { JournalRefused, refusalOfError } from './journal/trouble.ts'
import { type KeaFileProblem, keaFiles } from './kea-files.ts'
import { syncPath } from './sync-path.ts'

export interface ImportResult {
  /** The files that were read: the named one and those that Kea keeps beside it. */
  readonly files: readonly string[]
  /** Leases that were put into the journal. */
  readonly taken: number
  /**
   * Leases of the files that were left out, since there is a live lease of another client, or of
   * a prefix that overlaps.
   */
  readonly kept: readonly (Lease | Lease6)[]
  /** The first rows that could not be used. */
  readonly problems: readonly KeaFileProblem[]
  readonly problemCount: number
}

/**
 * Reads the leases of these files in when there is no journal at `path` yet; files that are not
 * there are no problem. Rejects with JournalRefused where they are there and cannot be read in.
 */
export async function importOnce(csvs: readonly string[], path: string, log: Log): Promise<void> {
  if (existsSync(path)) return
  let result: ImportResult | undefined
  try {
    const files = csvs.flatMap(keaFiles)
    if (files.length === 0) return
    result = await importNew(filesSource(files), path)
  } catch (error) {
    throw importRefusal(csvs.join(' and '), error)
  }
  if (result !== undefined) tellImported(result, csvs.join(', '), path, log)
}

/**
 * The same of Kea's leases of DHCPv6, into a journal that has not served DHCPv6 yet: who takes over
 * the two servers of Kea one after the other has a journal by then. A pair takes nothing from
 * outside, and goes on without them.
 */
export async function importBegun6(csv: string, path: string, log: Log): Promise<void> {
  await importLater(csv, path, log, () => !hasServed6(path))
}

/** The same of those of DHCPv4, into a journal that has served DHCPv6 and has none. */
export async function importBegun4(csv: string, path: string, log: Log): Promise<void> {
  await importLater(csv, path, log, () => hasServed6(path) && !hasLeases4(path))
}

async function importLater(
  csv: string,
  path: string,
  log: Log,
  isNew: () => boolean,
): Promise<void> {
  try {
    const files = keaFiles(csv)
    if (files.length === 0 || !existsSync(path) || !isTrue(isNew)) return
    tellImported(await importInto(path, filesSource(files)), csv, path, log)
  } catch (error) {
    const isPairs = error instanceof JournalRefused && error.code === 'import-failed'
    if (!isPairs) throw importRefusal(csv, error)
    tell(log, 'JOURNAL_IMPORT_LEFT', { file: csv, journal: path, trouble: error.message })
  }
}

/** A journal that cannot be looked at is told of by who opens it. */
function isTrue(looks: () => boolean): boolean {
  try {
    return looks()
  } catch {
    return false
  }
}

/**
 * Adds leases to the journal at `path`, made when it is not there, in one transaction. A lease that
 * the journal has, live and of another client, stays. Rejects with JournalRefused while a server
 * uses the journal and where it belongs to a pair, and with other errors where a file cannot be
 * read; then the journal is as it was.
 */
export async function importCsv(csv: string, path: string): Promise<ImportResult> {
  return importFrom(csvSource(csv), path)
}

/** The same of leases from elsewhere. */
export async function importFrom(source: ImportSource, path: string): Promise<ImportResult> {
  const result = existsSync(path) ? undefined : await importNew(source, path)
  return result ?? importInto(path, source)
}

/** Makes the journal; undefined when another process made it at the same moment. */
async function importNew(source: ImportSource, path: string): Promise<ImportResult | undefined> {
  const lock = lockedPlace(path)
  const making = `${path}.import`
  try {
    if (existsSync(path)) return undefined
    for (const file of filesOf(making)) rmSync(file, { force: true })
    const result = await importInto(making, source)
    if (result.taken === 0 && result.problemCount > 0)
      throw new Error(`none of its rows can be used; the first: ${textOf(result.problems[0]!)}`)
    // Closing moves everything into the database itself; a log that is left over says it could not.
    if (existsSync(`${making}-wal`)) throw new Error(`${making} could not be written to its end`)
    renameSync(making, path)
    syncPath(dirname(path))
    return result
  } finally {
    for (const file of filesOf(making)) rmSync(file, { force: true })
    lock.close()
  }
}

/** Two servers that start at once must not both make the journal. */
function lockedPlace(path: string) {
  refuseOldNode(process.versions.node)
  try {
    makeFolder(dirname(path))
    return lockDatabase(path)
  } catch (error) {
    throw refusalOfError(path, error)
  }
}

async function importInto(path: string, source: ImportSource): Promise<ImportResult> {
  const journal = await openJournal({ path, durability: 'full' })
  const disk = new JournalPromises(journal)
  try {
    const tables = new ImportTables()
    const { stamp, change, pair } = await disk.load(tables)
    if (pair !== undefined) throw pairRefusal(path)
    const { leases, problems, problemCount } = await source.read(stamp)
    const { taken, kept } = tables.chosen(leases, stamp)
    const writer = new ChangeWriter()
    for (const [index, lease] of taken.entries())
      writer.put({ kind: 'put', lease: { ...lease, change: change + 1 + index } } as AnyChange)
    await disk.commit(writer, stamp)
    return { files: source.names, taken: writer.count, kept, problems, problemCount }
  } finally {
    await disk.close()
  }
}

/**
 * Which of the two may give an address is settled by then; a lease out of a file could cross that.
 */
function pairRefusal(path: string): JournalRefused {
  return new JournalRefused(
    'import-failed',
    `${path} is the journal of a server that has been started in a pair: leases can be read in only ` +
      'before that',
  )
}

function importRefusal(csv: string, error: unknown): JournalRefused {
  if (error instanceof JournalRefused) return error
  return new JournalRefused(
    'import-failed',
    `the leases of Kea in ${csv} cannot be read in: ${(error as Error).message}. Without them their ` +
      'addresses would go to other clients. Mend that, or name a lease-database that is no CSV file',
  )
}

function tellImported(result: ImportResult, csv: string, path: string, log: Log): void {
  const { taken, problemCount, problems } = result
  const rows = { leases: taken, unusable: problemCount }
  tell(log, 'JOURNAL_IMPORTED', { file: csv, journal: path, ...rows })
  for (const { file, line, text: trouble } of problems)
    tell(log, 'JOURNAL_IMPORT_ROW', { file, line, trouble })
}

function textOf({ file, line, text }: KeaFileProblem): string {
  return `${file}:${line}: ${text}`
}

/** A database and what SQLite and the lock leave beside it. */
function filesOf(path: string): string[] {
  return ['', '-wal', '-shm', '.lock', '.lock-journal', '.clock'].map((suffix) => path + suffix)
}

/** A journal whose answers are awaited one by one. */
class JournalPromises implements JournalSink {
  readonly #journal: SqliteJournal
  #tables: ImportTables | undefined
  #info: JournalInfo | undefined
  #resolve: () => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor(journal: SqliteJournal) {
    this.#journal = journal
  }

  async load(tables: ImportTables): Promise<JournalInfo> {
    this.#tables = tables
    await this.#answer(() => this.#journal.open(this))
    return this.#info!
  }

  async commit(writer: ChangeWriter, stamp: Instant): Promise<void> {
    await this.#answer(() => this.#journal.commit(writer.copy(), writer.count, stamp))
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#journal.close(resolve))
  }

  onRows(rows: Uint8Array): void {
    this.#tables?.load(rows)
  }

  onReady(info: JournalInfo): void {
    this.#info = info
    this.#resolve()
  }

  onCommitted(): void {
    this.#resolve()
  }

  onFailed(trouble: string): void {
    this.#reject(new Error(trouble))
  }

  #answer(ask: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      ask()
    })
  }
}
