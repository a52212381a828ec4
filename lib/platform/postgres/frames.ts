// Rows of leases as the database hands them over: one value of bytes for as many as there are, so
// that a page of some thousand costs the loop about what copying it does.
//
//   length of the record (4, big-endian) · start (8) · end (8) · version (8) · the record
//
// Times are milliseconds: of the database's clock while all rows are read, later from the moment of
// the answer on.

import {
  ChangeCodecError,
  checkedRecordEnd,
  keysOfRecord,
  viewOf,
} from '../../leases/change-codec.ts'
import { FIELD, RECORD } from '../../leases/record.ts'
import { writerOf } from '../../ports/shared-journal.ts'

const HEAD = 28

/**
 * A frame in SQL, of a row `l`. `base`: what its times are told from, an expression in milliseconds
 * of the epoch.
 */
export function frameSql(base: string): string {
  const time = (column: string) => `float8send(date_part('epoch', l.${column}) * 1000 - ${base})`
  const numbers = [time('starts'), time('ends'), 'int8send(l.version)']
  return `int4send(length(l.body)) || ${numbers.join(' || ')} || l.body`
}

export interface FramedRows {
  /** Put records, one behind the other. */
  readonly rows: Uint8Array<ArrayBuffer>
  readonly highest: number
  /** Rows that make no sense. */
  readonly spoiled: number
}

/** `member`: what others gave is noted as the partner's. */
export function rowsOfFrames(frames: Buffer, member: number): FramedRows {
  const bytes = new Uint8Array(frames.length)
  const view = viewOf(bytes)
  let length = 0
  let highest = 0
  let spoiled = 0
  for (let at = 0; at < frames.length; ) {
    const size = frames.readInt32BE(at)
    const version = Number(frames.readBigInt64BE(at + 20))
    const body = frames.subarray(at + HEAD, at + HEAD + size)
    bytes.set(body, length)
    if (size >= RECORD.putHeader) {
      view.setFloat64(length + FIELD.start, frames.readDoubleBE(at + 4), true)
      view.setFloat64(length + FIELD.end, frames.readDoubleBE(at + 12), true)
      view.setFloat64(length + FIELD.change, version, true)
      if (writerOf(version) !== member) bytes[length + FIELD.flags]! |= RECORD.givenByPartner
    }
    if (isRecord(bytes, length, size)) {
      length += size
      highest = Math.max(highest, version)
    } else spoiled++
    at += HEAD + size
  }
  return { rows: new Uint8Array(bytes.buffer, 0, length), highest, spoiled }
}

function isRecord(bytes: Uint8Array, at: number, size: number): boolean {
  try {
    const view = viewOf(bytes.subarray(at, at + size))
    const kind = view.getUint8(FIELD.kind)
    if (kind !== RECORD.put && kind !== RECORD.put6) return false
    return checkedRecordEnd(view, 0, keysOfRecord(view, 0)) === size
  } catch (error) {
    if (error instanceof ChangeCodecError || error instanceof RangeError) return false
    throw error
  }
}
