// The record of the pair (ha/pair-record.ts) between memory and its row in table `pair`. It decides
// what this server may give, so nothing in it is guessed: a row that makes no sense is refused at
// start.

import Sqlite, { type Database } from 'better-sqlite3'
import type { Life, Point } from '../../ha/history.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type { Side } from '../../leases/rights.ts'
import { NEVER } from '../../time/units.ts'
import type { RowsSummary } from './connection.ts'
import { MIGRATIONS, PAIR_COLUMNS } from './schema.ts'
import { JournalRefused } from './trouble.ts'

const RIGHTS: readonly unknown[] = ['shared', 'sole', 'none'] satisfies PairRecord['rights'][]
const NONE_BECAUSE: readonly unknown[] = [
  'fresh',
  'lost',
  'handed-over',
] satisfies PairRecord['noneBecause'][]

const UINT32_MAX = 0xffffffff

/** `INSERT` that takes what rowOfPair returns. */
export const PUT_PAIR = `INSERT OR REPLACE INTO pair (one, ${PAIR_COLUMNS})
  VALUES (1, ${PAIR_COLUMNS.map(() => '?')})`

/**
 * The record as it stands at start, undefined in the database of a server on its own. Throws
 * JournalRefused where what the server may give cannot be told from the database.
 */
export function pairAtStart(
  db: Database,
  path: string,
  rows: RowsSummary,
  hasMeta: boolean,
): PairRecord | undefined {
  const row = db.prepare(`SELECT ${PAIR_COLUMNS} FROM pair`).raw().get() as unknown[] | undefined
  const reason = reasonAgainstStart(row, rows, hasMeta)
  if (reason !== '')
    throw new JournalRefused(
      'spoiled-pair',
      `${path}: ${reason}. What this server of a pair may give depends on it; a guess could give one ` +
        'address to two clients. Put it right, or move the database away: the partner fills a new one',
    )
  return row && pairOfRow(row)
}

function reasonAgainstStart(
  row: readonly unknown[] | undefined,
  rows: RowsSummary,
  hasMeta: boolean,
): string {
  if (row === undefined)
    return rows.countsKeys === ''
      ? ''
      : `table pair is empty, but rows of table ${rows.countsKeys} count keys`
  const reason = reasonAgainstPair(row)
  if (reason !== '') return `in table pair, ${reason}`
  if (!hasMeta) return 'table meta, which names the database, is empty or spoiled'
  return rows.strays
}

/**
 * What a journal says of its pair, for people, beside a server that writes to it: its record,
 * undefined where there is none, and its highest change number. Throws where it cannot be read, or
 * is no journal of this version.
 */
export function pairInJournal(path: string): { pair: PairRecord | undefined; change: number } {
  const db = new Sqlite(path, { readonly: true, fileMustExist: true })
  try {
    const schema = db.pragma('user_version', { simple: true }) as number
    if (schema < MIGRATIONS.length)
      throw new Error('it is of an older version of Whio, and brought up to date at the next start')
    if (schema > MIGRATIONS.length) throw new Error('it is of a newer version of Whio')
    const row = db.prepare(`SELECT ${PAIR_COLUMNS} FROM pair`).raw().get() as unknown[] | undefined
    const reason = row === undefined ? '' : reasonAgainstPair(row)
    if (reason !== '') throw new Error(`in table pair, ${reason}`)
    const change = db.prepare('SELECT change FROM meta').pluck().get()
    return { pair: row && pairOfRow(row), change: typeof change === 'number' ? change : 0 }
  } finally {
    db.close()
  }
}

/** The record as values of PAIR_COLUMNS. Throws where it could not be read again. */
export function rowOfPair(pair: PairRecord): unknown[] {
  const row = [
    pair.pairId,
    pair.side,
    pair.partnerDatabase,
    pair.rights,
    pair.noneBecause,
    pair.handOver,
    pair.longestLifetime,
    pair.doubtUntil === NEVER ? null : pair.doubtUntil,
    JSON.stringify(pair.applied),
    JSON.stringify(pair.clocks ?? {}),
    pair.doubtFrom,
    JSON.stringify(pair.lives),
    JSON.stringify(pair.heard),
    pair.toldLifetime,
    JSON.stringify(pair.whole),
    JSON.stringify(pair.partnerDuids),
  ]
  const reason = reasonAgainstPair(row)
  if (reason !== '') throw new Error(`the record of the pair cannot be stored: ${reason}`)
  return row
}

/** The record of a row in which reasonAgainstPair found nothing wrong. */
function pairOfRow(row: readonly unknown[]): PairRecord {
  return {
    pairId: row[0] as string,
    side: row[1] as Side,
    partnerDatabase: row[2] as string,
    rights: row[3] as PairRecord['rights'],
    noneBecause: row[4] as PairRecord['noneBecause'],
    handOver: row[5] as number,
    longestLifetime: row[6] as number,
    doubtUntil: (row[7] as number | null) ?? NEVER,
    applied: parsed(row[8]) as Record<string, number>,
    clocks: parsed(row[9]) as Record<string, number>,
    doubtFrom: row[10] as number,
    lives: parsed(row[11]) as Life[],
    heard: parsed(row[12]) as Record<string, Point>,
    toldLifetime: row[13] as number,
    whole: parsed(row[14]) as string[],
    partnerDuids: parsed(row[15]) as string[],
  }
}

/** What is wrong with a row of PAIR_COLUMNS, naming the column; '' when it can be used. */
function reasonAgainstPair(row: readonly unknown[]): string {
  if (typeof row[0] !== 'string') return 'pair_id is not a text'
  if (row[1] !== 0 && row[1] !== 1) return 'side is not 0 or 1'
  if (typeof row[2] !== 'string') return 'partner_database is not a text'
  if (!RIGHTS.includes(row[3])) return `rights is not ${RIGHTS.join(', ')}`
  if (!NONE_BECAUSE.includes(row[4])) return `none_because is not ${NONE_BECAUSE.join(', ')}`
  if (!isCount(row[5])) return 'hand_over is not a whole number'
  if (!isLifetime(row[6])) return 'longest_lifetime is not 0 to 4294967295'
  if (row[7] !== null && !isTime(row[7])) return 'doubt_until_ms is not a time'
  if (!isPositions(parsed(row[8]))) return 'applied is not a JSON object of change numbers'
  if (!isPositions(parsed(row[9]))) return 'clocks is not a JSON object of lease clocks'
  if (!isTime(row[10])) return 'doubt_from_ms is not a time'
  if (!isLives(parsed(row[11]))) return 'lives is not a JSON list of lives'
  if (!isPoints(parsed(row[12]))) return 'heard is not a JSON object of points'
  if (!isLifetime(row[13])) return 'told_lifetime is not 0 to 4294967295'
  if (!isTexts(parsed(row[14]))) return 'whole is not a JSON list of databases'
  if (!isTexts(parsed(row[15]))) return 'partner_duids is not a JSON list of DUIDs'
  if (row[0] === '' && row[3] === 'shared') return 'rights is shared, and pair_id names no pair'
  return ''
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(text as string)
  } catch {
    return undefined
  }
}

function isPositions(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isCount)
}

function isLives(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  return value.every((life) => isObject(life) && isText(life, 'id') && isCount(life.from))
}

function isPoints(value: unknown): boolean {
  if (!isObject(value)) return false
  return Object.values(value).every(
    (point) => isObject(point) && isText(point, 'life') && isCount(point.position),
  )
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(object: Readonly<Record<string, unknown>>, name: string): boolean {
  return typeof object[name] === 'string'
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isLifetime(value: unknown): boolean {
  return isCount(value) && value <= UINT32_MAX
}

function isTime(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0
}
