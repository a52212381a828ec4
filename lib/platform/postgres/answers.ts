// What the statements of a shared database answer (statements.ts), read from bytes.

import type { Prefix6 } from '../../address/prefix6.ts'
import { ChangeWriter, checkedRecordEnd, keysOfRecord, viewOf } from '../../leases/change-codec.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { AnyChange } from '../../leases/lease.ts'
import type { SharedAnswer, SharedMember } from '../../ports/shared-journal.ts'
import type { Millis } from '../../time/units.ts'
import { type FramedRows, rowsOfFrames } from './frames.ts'
import type { Cells, RawAnswer } from './session.ts'

/** Of its first columns: time, rank, members. */
export function answerOf(row: Cells, took: Millis): SharedAnswer {
  return {
    time: Number(row[0]),
    took,
    rank: Number(row[1]),
    members: Number(row[2]),
  }
}

/** The bytes of a bytea; none where it is NULL. */
export function bytesOfCell(cell: string | null | undefined): Buffer {
  return cell == null ? Buffer.alloc(0) : Buffer.from(cell.slice(2), 'hex')
}

export interface TouchAnswer {
  readonly answer: SharedAnswer
  /** Another process is this member now. */
  readonly isTaken: boolean
  readonly others: readonly SharedMember[]
}

export function touchAnswer({ rows: [row], took }: RawAnswer): TouchAnswer {
  const others = JSON.parse(row![4] ?? '[]') as SharedMember[]
  return { answer: answerOf(row!, took), isTaken: row![3] === null, others }
}

export interface CommitAnswer {
  readonly answer: SharedAnswer
  /** Another process is this member now: nothing was stored. */
  readonly isTaken: boolean
  /** Places, ascending. */
  readonly conflicts: readonly number[]
}

export function commitAnswer({ rows: [row], took }: RawAnswer): CommitAnswer {
  const places = bytesOfCell(row![5])
  const conflicts: number[] = []
  for (let at = 0; at < places.length; at += 4) conflicts.push(places.readInt32BE(at))
  conflicts.sort((a, b) => a - b)
  return { answer: answerOf(row!, took), isTaken: row![3] === null, conflicts }
}

export interface RowsAnswer {
  readonly answer: SharedAnswer
  readonly rows: FramedRows
}

/** Rows of both families in the columns from `at` on. */
function bothOf(row: Cells, at: number, member: number): FramedRows {
  const four = rowsOfFrames(bytesOfCell(row[at]), member)
  const six = rowsOfFrames(bytesOfCell(row[at + 1]), member)
  return {
    rows: six.rows.length === 0 ? four.rows : joined(four.rows, six.rows),
    highest: Math.max(four.highest, six.highest),
    spoiled: four.spoiled + six.spoiled,
  }
}

export function rowsAnswer({ rows: [row], took }: RawAnswer, member: number): RowsAnswer {
  return { answer: answerOf(row!, took), rows: bothOf(row!, 3, member) }
}

export interface TailAnswer extends RowsAnswer {
  /** How far that is, by member. */
  readonly positions: readonly (readonly [server: number, seq: number])[]
  readonly batches: number
  /** Batches are gone that were not read: everything is to be read anew. */
  readonly isTrimmed: boolean
}

export function tailAnswer({ rows: [row], took }: RawAnswer, member: number): TailAnswer {
  return {
    answer: answerOf(row!, took),
    positions: positionsOf(bytesOfCell(row![3])),
    batches: Number(row![4]),
    isTrimmed: Number(row![5]) > 0,
    rows: bothOf(row!, 6, member),
  }
}

/** A number and a seq each. */
function positionsOf(bytes: Buffer): (readonly [number, number])[] {
  const positions: (readonly [number, number])[] = []
  for (let at = 0; at < bytes.length; at += 12)
    positions.push([bytes.readInt32BE(at), Number(bytes.readBigInt64BE(at + 4))])
  return positions
}

export interface PageAnswer extends RowsAnswer {
  readonly count: number
  /** As it goes into the question for the next page. */
  readonly last: Buffer | string | undefined
}

export function pageAnswer(
  { rows: [row], took }: RawAnswer,
  version: 4 | 6,
  member: number,
): PageAnswer {
  const last = row![4]
  return {
    answer: answerOf(row!, took),
    count: Number(row![3]),
    last: last == null ? undefined : version === 4 ? last : bytesOfCell(last),
    rows: rowsOfFrames(bytesOfCell(row![5]), member),
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** The rows, and a removal for each of these keys that has none. */
export function withRemovals(rows: Uint8Array, keys: Iterable<Key>): Uint8Array {
  const absent = new Set(keys)
  forEachKey(rows, (key) => absent.delete(key))
  if (absent.size === 0) return rows
  const writer = new ChangeWriter(64 * absent.size)
  for (const address of absent) writer.put({ kind: 'remove', address, change: 0 } as AnyChange)
  return joined(rows, writer.bytes)
}

/** The key of each record, its place, and where it begins and ends. */
export function forEachKey(
  records: Uint8Array,
  visit: (key: Key, place: number, start: number, end: number) => void,
): void {
  const view = viewOf(records)
  for (let at = 0, place = 0; at < records.length; place++) {
    const keys = keysOfRecord(view, at)
    const end = checkedRecordEnd(view, at, keys)
    visit(keys.read(records, view, at), place, at, end)
    at = end
  }
}

/** Keys of both families, as they stand in a question. */
export function splitKeys(keys: Iterable<Key>): { four: number[]; six: Uint8Array[] } {
  const four: number[] = []
  const six: Uint8Array[] = []
  for (const key of keys)
    if (typeof key === 'number') four.push(key)
    else six.push(Buffer.from(key as Prefix6 as string, 'latin1'))
  return { four, six }
}
