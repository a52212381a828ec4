// Rows on a link, as bytes. The records are those of leases/change-codec.ts, puts only, with
// `start` and `end` relative to the sender's lease clock: remaining times travel, so two clocks
// need not agree. Little-endian.
//
//    at size
//     0    1  format: 1
//     1    1  lane: 0 live, 1 backlog, 2 refill
//     2    1  1 = the last frame of its lane
//     3    1  0
//     4    4  how many records follow
//     8    8  the frame's mark, float64, a whole number
//    16    8  the sender's lease clock, float64, whole milliseconds; 0 = not told
//    24       records

import {
  ChangeCodecError,
  ChangeWriter,
  checkedRecordEnd,
  forEachMixedChange,
  keysOfRecord,
} from '../leases/change-codec.ts'
import type { RecordKeys } from '../leases/keys/family.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Change, Lease } from '../leases/lease.ts'
import { isUtf8 } from '../leases/lease-text.ts'
import { FIELD, RECORD } from '../leases/record.ts'
import type { Instant } from '../time/units.ts'
import { CHANGES_MAX, CLOCK_MAX } from './limits.ts'

export type Lane = 'live' | 'backlog' | 'refill'

/** What a frame says beside its rows. */
export interface RowFrame {
  readonly lane: Lane
  readonly last: boolean
  /**
   * By this it is acknowledged. In the live lane and in a backlog the position of the sender's
   * stream that is reached with it; in a refill only a number that rises.
   */
  readonly mark: number
  readonly count: number
  /** The sender's lease clock, see Hello.clock; 0 = not told. */
  readonly clock: number
}

/** No frame is longer: half of what a connection admits. */
export const ROW_FRAME_MAX = 1 << 19

const LANES: readonly Lane[] = ['live', 'backlog', 'refill']
const FORMAT = 1
const LAST = 1
const HEADER = 24

/** Fixed part of a record, its key and the longest hardware address, with room to spare. */
const RECORD_ROOM = 120

/**
 * No lease ends later than this after now unless it never ends, and none began longer ago:
 * milliseconds.
 */
const TIME_MAX = 2 ** 52

/** Makes frames, one after the other. It keeps its buffer. */
export class RowFrameWriter {
  readonly #records = new ChangeWriter()
  #lane: Lane = 'live'
  #length = HEADER

  /** Bytes of the frame so far. */
  get length(): number {
    return this.#length
  }

  get count(): number {
    return this.#records.count
  }

  begin(lane: Lane): void {
    this.#lane = lane
    this.#records.clear()
    this.#length = HEADER
  }

  /**
   * Adds a row whose times are on the lease clock that shows `now`. False, and nothing added, where
   * the frame would become too long; an empty frame takes every row.
   */
  put(lease: Lease<Key>, now: Instant): boolean {
    if (this.#length + roomOf(lease) > ROW_FRAME_MAX && this.#records.count > 0) return false
    this.#records.putRelative(lease, now)
    this.#length = HEADER + this.#records.length
    return true
  }

  /** The frame, in a buffer of its own to be given away. `mark`, `clock`: see RowFrame. */
  finish(mark: number, last: boolean, clock: Instant = 0): Uint8Array<ArrayBuffer> {
    const frame = new Uint8Array(this.#length)
    const view = new DataView(frame.buffer)
    view.setUint8(0, FORMAT)
    view.setUint8(1, LANES.indexOf(this.#lane))
    view.setUint8(2, last ? LAST : 0)
    view.setUint32(4, this.#records.count, true)
    view.setFloat64(8, mark, true)
    view.setFloat64(16, Math.floor(clock), true)
    frame.set(this.#records.bytes, HEADER)
    return frame
  }
}

/**
 * Reads a frame and calls `visit` for each row, its times on the lease clock that shows `now`. A
 * string is what is wrong with the frame; then `visit` has not been called at all.
 */
export function readRowFrame(
  bytes: Uint8Array,
  now: Instant,
  visit: (lease: Lease<Key>) => void,
): RowFrame | string {
  const header = readHeader(bytes)
  if (typeof header === 'string') return header
  const records = bytes.subarray(HEADER)
  const reason = reasonAgainst(records, header.count)
  if (reason !== '') return reason
  forEachMixedChange(records, (change: Change<Key>) => {
    if (change.kind === 'put') visit(shifted(change.lease, now))
  })
  return header
}

/** The lane of a frame, from its second byte alone; undefined where that is none. */
export function laneOf(bytes: Uint8Array): Lane | undefined {
  return LANES[bytes[1] ?? LANES.length]
}

function readHeader(bytes: Uint8Array): RowFrame | string {
  if (bytes.length < HEADER) return 'rows: a frame without a whole header'
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER)
  const format = view.getUint8(0)
  if (format !== FORMAT) return `rows: unknown format ${format}`
  const lane = LANES[view.getUint8(1)]
  if (lane === undefined) return `rows: unknown lane ${view.getUint8(1)}`
  const flags = view.getUint8(2)
  if (flags > LAST || view.getUint8(3) !== 0) return 'rows: unknown flags'
  const mark = view.getFloat64(8, true)
  const clock = view.getFloat64(16, true)
  if (!isCount(mark) || mark > CHANGES_MAX) return 'rows: mark is no change number'
  if (!isCount(clock) || clock > CLOCK_MAX) return 'rows: clock is no lease clock'
  return { lane, last: flags === LAST, mark, count: view.getUint32(4, true), clock }
}

/** What is wrong with the records, '' when nothing is. */
function reasonAgainst(records: Uint8Array, count: number): string {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let found = 0
  let reason = ''
  try {
    for (let at = 0; at < records.length; found++) {
      const keys = keysOfRecord(view, at)
      const end = checkedRecordEnd(view, at, keys)
      reason = reasonAgainstRow(records, view, at, end, keys) || reason
      at = end
    }
  } catch (error) {
    if (error instanceof ChangeCodecError) return `rows: ${error.message}`
    throw error
  }
  if (reason === '' && found !== count) return `rows: ${found} records, ${count} announced`
  return reason
}

/** The same of the record from `at` to `end`, which is a whole one. */
function reasonAgainstRow(
  records: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  keys: RecordKeys<Key>,
): string {
  if (view.getUint8(at + FIELD.kind) !== keys.put) return 'rows: a removal'
  if (keys.read(records, view, at) === 0) return 'rows: address 0.0.0.0'
  if (!areTimes(view, at)) return 'rows: a time out of range'
  const isText = isUtf8(records, textsStart(view, at, keys), end)
  return isText ? '' : 'rows: a text that is no UTF-8'
}

/** Start and end of the record at `at`; that they are numbers at all is known. */
function areTimes(view: DataView, at: number): boolean {
  const start = view.getFloat64(at + FIELD.start, true)
  const end = view.getFloat64(at + FIELD.end, true)
  return (
    Math.abs(start) <= TIME_MAX && (Math.abs(end) <= TIME_MAX || end === Number.POSITIVE_INFINITY)
  )
}

/** Where hostname and user context of the record at `at` begin: they are its end. */
function textsStart(view: DataView, at: number, { keyOctets }: RecordKeys<Key>): number {
  return (
    at +
    RECORD.putHeader +
    keyOctets +
    view.getUint8(at + FIELD.hwLength) +
    view.getUint16(at + FIELD.clientIdLength, true)
  )
}

/**
 * The row on the receiver's lease clock. Where that clock is younger than the lease, the times
 * would be negative; later is safe, so they become 0.
 */
function shifted<A extends Key>(lease: Lease<A>, now: Instant): Lease<A> {
  const start = Math.max(0, lease.start + now)
  return { ...lease, start, end: Math.max(0, lease.end + now) }
}

function isCount(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value)
}

/** At least as many bytes as the record of the row will have. */
function roomOf({ clientId, hostname, userContext }: Lease<Key>): number {
  return RECORD_ROOM + clientId.length + 3 * (hostname.length + userContext.length)
}
