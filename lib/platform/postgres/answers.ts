// What the statements of a shared database answer (statements.ts), read from bytes.

import type { Prefix6 } from '../../address/prefix6.ts'
import { ChangeWriter, checkedRecordEnd, keysOfRecord, viewOf } from '../../leases/change-codec.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { AnyChange } from '../../leases/lease.ts'
import type { SharedAnswer, SharedMember } from '../../ports/shared-journal.ts'
import { type FramedRows, rowsOfFrames } from './frames.ts'
import type { Cells, RawAnswer } from './session.ts'

/** What each answer begins with (time, and STANDING), and the columns behind. */
export function readAnswer({ rows: [row], took }: RawAnswer): {
  answer: SharedAnswer
  own: Cells
} {
  const [time, rank, members, jumps, ...own] = row!
  const [count, last, doubt] = jumps!.split(' ').map(Number)
  const told = { count: count!, last: last!, doubt: doubt! }
  const standing = { rank: Number(rank), members: Number(members), jumps: told }
  return { answer: { time: Number(time), took, ...standing }, own }
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

export function touchAnswer(raw: RawAnswer): TouchAnswer {
  const { answer, own } = readAnswer(raw)
  const others = JSON.parse(own[1] ?? '[]') as SharedMember[]
  return { answer, isTaken: own[0] === null, others }
}

export interface CommitAnswer {
  readonly answer: SharedAnswer
  /** Another process is this member now: nothing was stored. */
  readonly isTaken: boolean
  /** Places, ascending. */
  readonly conflicts: readonly number[]
}

export function commitAnswer(raw: RawAnswer): CommitAnswer {
  const { answer, own } = readAnswer(raw)
  const places = bytesOfCell(own[2])
  const conflicts: number[] = []
  for (let at = 0; at < places.length; at += 4) conflicts.push(places.readInt32BE(at))
  conflicts.sort((a, b) => a - b)
  return { answer, isTaken: own[0] === null, conflicts }
}

export interface RowsAnswer {
  readonly answer: SharedAnswer
  readonly rows: FramedRows
}

/** Rows of both families, a column each. */
function bothOf([rows4, rows6]: Cells, member: number): FramedRows {
  const four = rowsOfFrames(bytesOfCell(rows4), member)
  const six = rowsOfFrames(bytesOfCell(rows6), member)
  return {
    rows: six.rows.length === 0 ? four.rows : joined(four.rows, six.rows),
    highest: Math.max(four.highest, six.highest),
    spoiled: four.spoiled + six.spoiled,
  }
}

export function rowsAnswer(raw: RawAnswer, member: number): RowsAnswer {
  const { answer, own } = readAnswer(raw)
  return { answer, rows: bothOf(own, member) }
}

export interface TailAnswer extends RowsAnswer {
  /** How far that is, by member. */
  readonly positions: readonly (readonly [server: number, seq: number])[]
  readonly batches: number
  /** Batches are gone that were not read: everything is to be read anew. */
  readonly isTrimmed: boolean
}

export function tailAnswer(raw: RawAnswer, member: number): TailAnswer {
  const { answer, own } = readAnswer(raw)
  const [positions, batches, trimmed, ...rows] = own
  return {
    answer,
    positions: positionsOf(bytesOfCell(positions)),
    batches: Number(batches),
    isTrimmed: Number(trimmed) > 0,
    rows: bothOf(rows, member),
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

export function pageAnswer(raw: RawAnswer, version: 4 | 6, member: number): PageAnswer {
  const { answer, own } = readAnswer(raw)
  const [count, last, rows] = own
  return {
    answer,
    count: Number(count),
    last: last == null ? undefined : version === 4 ? last : bytesOfCell(last),
    rows: rowsOfFrames(bytesOfCell(rows), member),
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
