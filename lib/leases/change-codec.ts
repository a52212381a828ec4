// Changes as bytes: what goes to the journal thread, what lies in the database, what is read at start.
// Records stand one behind the other without padding; all numbers are little-endian.
//
//    at size
//     0    1  kind: 1 = put, 2 = remove
//     1    1  state in the low 4 bits; 0x10 fqdnFwd, 0x20 fqdnRev, 0x40 fresh,
//             0x80 givenBy is the partner                                     (remove: 0)
//     2    1  htype                                                           (remove: 0)
//     3    1  length of the hardware address                                  (remove: 0)
//     4    4  address
//     8    8  change number, float64, a whole number                 a remove ends here
//    16    8  start, float64 milliseconds of the lease clock
//    24    8  end, float64, Infinity = never
//    32    4  valid lifetime, seconds
//    36    4  subnet id
//    40    4  pool id
//    44    2  length of the client-id
//    46    2  length of the hostname, bytes of UTF-8
//    48    2  length of the user context, bytes of UTF-8
//    50    2  0
//    52    4  gave
//    56    4  got
//    60    8  knew, float64, a whole number
//    68       hardware address, client-id, hostname, user context

import { octetsFromBytes, writeOctets } from '../bytes/octets.ts'
import type { Instant } from '../time/units.ts'
import { type Change, LEASE_STATE, type Lease, type LeaseState } from './lease.ts'
import { LeaseTextError, utf8FromBytes, utf8Length, writeUtf8 } from './lease-text.ts'

export const RECORD = {
  put: 1,
  remove: 2,
  /** Length of a remove, and the part that both kinds share. */
  removeLength: 16,
  /** Length of the fixed part of a put. */
  putHeader: 68,
  hwAddressMax: 16,
  textMax: 0xffff,
  stateMask: 0x0f,
  fqdnFwd: 0x10,
  fqdnRev: 0x20,
  fresh: 0x40,
  givenByPartner: 0x80,
} as const

/** Bytes that are no record of this encoding; `at` is where the record began. */
export class ChangeCodecError extends Error {
  override readonly name = 'ChangeCodecError'
  readonly at: number

  constructor(what: string, at: number) {
    super(`change record at byte ${at}: ${what}`)
    this.at = at
  }
}

/** Collects the changes of a batch. One writer is used again and again; it keeps its buffer. */
export class ChangeWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #length = 0
  #count = 0

  constructor(sizeBytes = 16384) {
    this.#bytes = new Uint8Array(sizeBytes)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** How many changes were put since the last clear. */
  get count(): number {
    return this.#count
  }

  /** Bytes of the encoded changes. */
  get length(): number {
    return this.#length
  }

  /** The encoded changes: a view that is valid until the next put or clear. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /** The encoded changes in a buffer of their own, to be given away. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  /** The whole buffer and a view of it, for a reader that knows where the records are. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#bytes
  }

  get view(): DataView {
    return this.#view
  }

  clear(): void {
    this.#length = 0
    this.#count = 0
  }

  /** Appends a change. Throws LeaseTextError, and appends nothing, when a text is over its maximum. */
  put(change: Change): void {
    if (change.kind === 'put') this.#putLease(change.lease, 0)
    else this.#putRemoval(change.address, change.change)
    this.#count++
  }

  /** Appends a row with its times relative to `now`; throws as put does. */
  putRelative(lease: Lease, now: Instant): void {
    this.#putLease(lease, now)
    this.#count++
  }

  #putRemoval(address: number, change: number): void {
    this.#reserve(RECORD.removeLength)
    const at = this.#length
    this.#view.setUint32(at, RECORD.remove, true)
    this.#view.setUint32(at + 4, address, true)
    this.#view.setFloat64(at + 8, change, true)
    this.#length = at + RECORD.removeLength
  }

  #putLease(lease: Lease, now: Instant): void {
    const hostLength = utf8Length(lease.hostname)
    const contextLength = utf8Length(lease.userContext)
    checkTexts(lease, hostLength, contextLength)
    const tail = lease.hwAddress.length + lease.clientId.length + hostLength + contextLength
    this.#reserve(RECORD.putHeader + tail)
    this.#writeHeader(lease, now, hostLength, contextLength)
    const bytes = this.#bytes
    let at = this.#length + RECORD.putHeader
    at = writeOctets(lease.hwAddress, bytes, at)
    at = writeOctets(lease.clientId, bytes, at)
    at = writeUtf8(lease.hostname, bytes, at)
    this.#length = writeUtf8(lease.userContext, bytes, at)
  }

  #writeHeader(lease: Lease, now: Instant, hostLength: number, contextLength: number): void {
    const view = this.#view
    const at = this.#length
    view.setUint8(at, RECORD.put)
    view.setUint8(at + 1, flagsOf(lease))
    view.setUint8(at + 2, lease.htype)
    view.setUint8(at + 3, lease.hwAddress.length)
    view.setUint32(at + 4, lease.address, true)
    view.setFloat64(at + 8, lease.change, true)
    view.setFloat64(at + 16, lease.start - now, true)
    view.setFloat64(at + 24, lease.end - now, true)
    view.setUint32(at + 32, lease.validLifetime, true)
    view.setUint32(at + 36, lease.subnetId, true)
    view.setUint32(at + 40, lease.poolId, true)
    view.setUint16(at + 44, lease.clientId.length, true)
    view.setUint16(at + 46, hostLength, true)
    view.setUint16(at + 48, contextLength, true)
    view.setUint16(at + 50, 0)
    view.setUint32(at + 52, lease.gave, true)
    view.setUint32(at + 56, lease.got, true)
    view.setFloat64(at + 60, lease.knew, true)
  }

  #reserve(length: number): void {
    const needed = this.#length + length
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/**
 * Calls `visit` for each record without decoding it: whether it is a put, its address, and the bytes
 * `start` to `end` that hold it. Every length is checked; throws ChangeCodecError.
 */
export function forEachRecord(
  bytes: Uint8Array,
  visit: (isPut: boolean, address: number, start: number, end: number) => void,
): void {
  const view = viewOf(bytes)
  let at = 0
  while (at < bytes.length) {
    const end = checkedRecordEnd(view, at)
    visit(view.getUint8(at) === RECORD.put, view.getUint32(at + 4, true), at, end)
    at = end
  }
}

/** Calls `visit` for each change, in order. Throws ChangeCodecError at the first bad record. */
export function forEachChange(bytes: Uint8Array, visit: (change: Change) => void): void {
  const view = viewOf(bytes)
  let at = 0
  while (at < bytes.length) {
    const end = checkedRecordEnd(view, at)
    visit(decodeRecord(bytes, view, at))
    at = end
  }
}

/** A view on exactly these bytes, for checkedRecordEnd. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Where the record at `at` ends. Checks everything that a reader relies on: kind, state, lengths,
 * numbers. Throws ChangeCodecError.
 */
export function checkedRecordEnd(view: DataView, at: number): number {
  const left = view.byteLength - at
  if (left < RECORD.removeLength) throw new ChangeCodecError('truncated', at)
  if (!isChangeNumber(view.getFloat64(at + 8, true)))
    throw new ChangeCodecError('change number is not a whole number', at)
  const kind = view.getUint8(at)
  if (kind === RECORD.remove) return checkedRemovalEnd(view, at)
  if (kind !== RECORD.put) throw new ChangeCodecError(`unknown kind ${kind}`, at)
  if (left < RECORD.putHeader) throw new ChangeCodecError('truncated', at)
  checkNumbers(view, at)
  const hwLength = view.getUint8(at + 3)
  if (hwLength > RECORD.hwAddressMax)
    throw new ChangeCodecError(`hardware address of ${hwLength} octets`, at)
  const texts =
    view.getUint16(at + 44, true) + view.getUint16(at + 46, true) + view.getUint16(at + 48, true)
  const length = RECORD.putHeader + hwLength + texts
  if (left < length) throw new ChangeCodecError('truncated', at)
  return at + length
}

function checkedRemovalEnd(view: DataView, at: number): number {
  if (view.getUint32(at, true) !== RECORD.remove)
    throw new ChangeCodecError('a removal carries more than an address', at)
  return at + RECORD.removeLength
}

function checkNumbers(view: DataView, at: number): void {
  const state = view.getUint8(at + 1) & RECORD.stateMask
  if (state > LEASE_STATE.free) throw new ChangeCodecError(`unknown state ${state}`, at)
  if (view.getUint16(at + 50) !== 0) throw new ChangeCodecError('bytes 50 and 51 are not 0', at)
  if (!isChangeNumber(view.getFloat64(at + 60, true)))
    throw new ChangeCodecError('knew is not a whole number', at)
  if (!Number.isFinite(view.getFloat64(at + 16, true)))
    throw new ChangeCodecError('start is not a time', at)
  // A comparison that NaN fails too.
  if (!(view.getFloat64(at + 24, true) > Number.NEGATIVE_INFINITY))
    throw new ChangeCodecError('end is not a time', at)
}

function isChangeNumber(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value)
}

/** The record at `at`, which checkedRecordEnd has found good. */
function decodeRecord(bytes: Uint8Array, view: DataView, at: number): Change {
  const address = view.getUint32(at + 4, true)
  const change = view.getFloat64(at + 8, true)
  if (view.getUint8(at) === RECORD.remove) return { kind: 'remove', address, change }
  const flags = view.getUint8(at + 1)
  const hwStart = at + RECORD.putHeader
  const clientStart = hwStart + view.getUint8(at + 3)
  const hostStart = clientStart + view.getUint16(at + 44, true)
  const contextStart = hostStart + view.getUint16(at + 46, true)
  const end = contextStart + view.getUint16(at + 48, true)
  const lease: Lease = {
    address,
    htype: view.getUint8(at + 2),
    hwAddress: octetsFromBytes(bytes, hwStart, clientStart),
    clientId: octetsFromBytes(bytes, clientStart, hostStart),
    state: (flags & RECORD.stateMask) as LeaseState,
    subnetId: view.getUint32(at + 36, true),
    poolId: view.getUint32(at + 40, true),
    hostname: utf8FromBytes(bytes, hostStart, contextStart),
    fqdnFwd: (flags & RECORD.fqdnFwd) !== 0,
    fqdnRev: (flags & RECORD.fqdnRev) !== 0,
    fresh: (flags & RECORD.fresh) !== 0,
    validLifetime: view.getUint32(at + 32, true),
    start: view.getFloat64(at + 16, true),
    end: view.getFloat64(at + 24, true),
    userContext: utf8FromBytes(bytes, contextStart, end),
    change,
    gave: view.getUint32(at + 52, true),
    got: view.getUint32(at + 56, true),
    givenBy: (flags & RECORD.givenByPartner) === 0 ? 'us' : 'partner',
    knew: view.getFloat64(at + 60, true),
  }
  return { kind: 'put', lease }
}

/** State and flags as the byte at 1 of a put. */
function flagsOf(lease: Lease): number {
  let flags: number = lease.state
  if (lease.fqdnFwd) flags |= RECORD.fqdnFwd
  if (lease.fqdnRev) flags |= RECORD.fqdnRev
  if (lease.fresh) flags |= RECORD.fresh
  if (lease.givenBy === 'partner') flags |= RECORD.givenByPartner
  return flags
}

function checkTexts(lease: Lease, hostLength: number, contextLength: number): void {
  if (lease.hwAddress.length > RECORD.hwAddressMax)
    throw new LeaseTextError('hwAddress', lease.hwAddress.length, RECORD.hwAddressMax)
  if (lease.clientId.length > RECORD.textMax)
    throw new LeaseTextError('clientId', lease.clientId.length, RECORD.textMax)
  if (hostLength > RECORD.textMax) throw new LeaseTextError('hostname', hostLength, RECORD.textMax)
  if (contextLength > RECORD.textMax)
    throw new LeaseTextError('userContext', contextLength, RECORD.textMax)
}
