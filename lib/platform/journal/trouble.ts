// What can go wrong with the database, in sentences that say what to do.

import { type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'

export type RefusalCode =
  | 'node-too-old'
  | 'locked'
  | 'newer-schema'
  | 'foreign-database'
  | 'not-a-database'
  | 'corrupt'
  | 'spoiled-pair'
  | 'cannot-open'
  | 'import-failed'
  | 'no-package'

/** Why a journal cannot be opened; serving is impossible until a person has done something. */
export class JournalRefused extends Error {
  override readonly name = 'JournalRefused'
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string) {
    super(message)
    this.code = code
  }
}

/** SQLite's result code (`SQLITE_FULL`), an errno (`EACCES`), or ''. */
export function codeOfError(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/** An error of opening as a refusal that names the file and the way out. */
export function refusalOfError(path: string, error: unknown): JournalRefused {
  if (error instanceof JournalRefused) return error
  const code = codeOfError(error)
  const detail = error instanceof Error ? error.message : String(error)
  if (code.startsWith('SQLITE_NOTADB'))
    return new JournalRefused(
      'not-a-database',
      `${path} is not an SQLite database: move it away, or name another file in lease-database`,
    )
  if (code.startsWith('SQLITE_CORRUPT'))
    return new JournalRefused(
      'corrupt',
      `${path} is damaged (${detail}). In a pair, move it away: the partner fills a new one, and a ` +
        'rescued one may lack rows that say what was given to the partner. On its own, rescue what ' +
        `can be read with: sqlite3 '${path}' .recover | sqlite3 '${path}.rescued'; then put the ` +
        'rescued file in its place, or restore a backup. Starting with an empty one forgets every lease',
    )
  if (code.startsWith('SQLITE_BUSY'))
    return new JournalRefused('locked', `${path} is locked by another program: close it and retry`)
  return new JournalRefused('cannot-open', `${path} cannot be opened: ${openTrouble(path, error)}`)
}

/**
 * Why a file of the database cannot be opened or made: words first, the system's own text behind
 * them.
 */
export function openTrouble(path: string, error: unknown): string {
  const code = codeOfError(error)
  const detail = error instanceof Error ? error.message : String(error)
  const words = OPEN_WORDS.find(([prefix]) => code.startsWith(prefix))?.[1](path) ?? wordsOf(code)
  if (words === undefined) return `${detail}${code === '' ? '' : ` (${code})`}`
  return `${words} (${code}: ${detail})`
}

function byWhom(path: string): string | undefined {
  let found: Stats | undefined
  try {
    found = statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (codeOfError(error) !== 'EACCES') return undefined
    return `this user may not look into ${closedFolder(path)}`
  }
  if (found === undefined)
    return `this user may not make files in ${dirname(path)}, or there is no such folder`
  if (found.isDirectory()) return 'it is a folder: name a file in it'
  return 'this user may not read and write it'
}

/** The folder on the path that may be seen and not be entered. */
function closedFolder(path: string): string {
  const folder = dirname(path)
  try {
    statSync(folder)
    return folder
  } catch {
    return folder === dirname(folder) ? folder : closedFolder(folder)
  }
}

/** What else there is to say where it is opened or made: see WORDS. */
const OPEN_WORDS: readonly (readonly [
  code: string,
  words: (path: string) => string | undefined,
])[] = [
  ['SQLITE_CANTOPEN', byWhom],
  ['EACCES', byWhom],
  ['ENOENT', byWhom],
  ['EPERM', byWhom],
  ['SQLITE_READONLY', byWhom],
  ['EROFS', () => 'the file system is read-only'],
  ['ENOTDIR', (path) => `something in the path of ${dirname(path)} is not a folder`],
  ['EMFILE', () => 'this process has no file descriptor left'],
]

const WORDS: readonly (readonly [code: string, words: string])[] = [
  ['SQLITE_FULL', 'the disk is full'],
  [
    'SQLITE_IOERR_SHM',
    'the disk is full, or its file system cannot share the file of SQLite that ends in -shm',
  ],
  ['SQLITE_IOERR', 'the disk reports an error'],
  ['EIO', 'the disk reports an error'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk is full for this user'],
  ['SQLITE_READONLY', 'the database has become read-only'],
  ['SQLITE_BUSY', 'another program holds the database locked'],
  ['SQLITE_CORRUPT', 'the database is damaged'],
  ['SQLITE_NOTADB', 'the database file was overwritten'],
  ['SQLITE_CANTOPEN', 'the files of the database cannot be opened or made'],
]

function wordsOf(code: string): string | undefined {
  return WORDS.find(([prefix]) => code.startsWith(prefix))?.[1]
}

/** An error of committing, for `onFailed`: words first, SQLite's own text behind them. */
export function troubleOfError(error: unknown): string {
  const code = codeOfError(error)
  const detail = error instanceof Error ? error.message : String(error)
  const words = wordsOf(code)
  return words === undefined ? detail : `${words} (${code}: ${detail})`
}

/** Whether the connection can be trusted no longer and is opened afresh before the next commit. */
export function spoilsConnection(error: unknown): boolean {
  const code = codeOfError(error)
  return code !== '' && !/^SQLITE_(FULL|BUSY|CONSTRAINT)/.test(code)
}
