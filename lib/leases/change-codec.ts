// Changes as bytes: what goes to the journal thread, what lies in the database, what is read at
// start. What the bytes mean is in record.ts.

import type { Ipv4 } from '../address/ipv4.ts'
import { octetsFromBytes, writeOctets } from '../bytes/octets.ts'
import type { Instant } from '../time/units.ts'
import type { RecordKeys } from './keys/family.ts'
import { KEYS4 } from './keys/family4.ts'
import type { Key } from './keys/key.ts'
import { KEYS6 } from './keys/keys6.ts'
import type { AnyChange, Change, Lease, LeaseState } from './lease.ts'
import { LeaseTextError, utf8FromBytes, utf8Length, writeUtf8 } from './lease-text.ts'
import { FIELD, RECORD, textsLength } from './record.ts'

/** Bytes that are no record of this encoding; `at` is where the record began. */
export class ChangeCodecError extends Error {
  override readonly name = 'ChangeCodecError'
  readonly at: number

  constructor(what: string, at: number) {
    super(`change record at byte ${at}: ${what}`)
    this.at = at
  }
}

/**
 * Collects the changes of a batch, of both families. One writer is used again and again; it keeps
 * its buffer.
 */
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

  /**
   * Appends a change. Throws LeaseTextError, and appends nothing, when a text is over its maximum.
   */
  put(change: Change<Key>): void {
    if (change.kind === 'put') this.#putLease(change.lease, 0)
    else this.#putRemoval(change.address, change.change)
    this.#count++
  }

  /** Appends a row with its times relative to `now`; throws as put does. */
  putRelative(lease: Lease<Key>, now: Instant): void {
    this.#putLease(lease, now)
    this.#count++
  }

  #putRemoval(address: Key, change: number): void {
    const keys = keysFor(address)
    const length = RECORD.removeLength + keys.keyOctets
    this.#reserve(length)
    const at = this.#length
    this.#view.setUint32(at + FIELD.kind, keys.remove, true)
    this.#view.setUint32(at + FIELD.address, 0)
    keys.write(address, this.#bytes, this.#view, at)
    this.#view.setFloat64(at + FIELD.change, change, true)
    this.#length = at + length
  }

  #putLease(lease: Lease<Key>, now: Instant): void {
    const hostLength = utf8Length(lease.hostname)
    const contextLength = utf8Length(lease.userContext)
    checkTexts(lease, hostLength, contextLength)
    const tail = lease.hwAddress.length + lease.clientId.length + hostLength + contextLength
    const fixed = RECORD.putHeader + keysFor(lease.address).keyOctets
    this.#reserve(fixed + tail)
    this.#writeHeader(lease, now, hostLength, contextLength)
    const bytes = this.#bytes
    let at = this.#length + fixed
    at = writeOctets(lease.hwAddress, bytes, at)
    at = writeOctets(lease.clientId, bytes, at)
    at = writeUtf8(lease.hostname, bytes, at)
    this.#length = writeUtf8(lease.userContext, bytes, at)
  }

  #writeHeader(lease: Lease<Key>, now: Instant, hostLength: number, contextLength: number): void {
    const view = this.#view
    const at = this.#length
    const keys = keysFor(lease.address)
    view.setUint8(at + FIELD.kind, keys.put)
    view.setUint8(at + FIELD.flags, flagsOf(lease))
    view.setUint8(at + FIELD.htype, lease.htype)
    view.setUint8(at + FIELD.hwLength, lease.hwAddress.length)
    view.setUint32(at + FIELD.preferredLifetime, lease.preferredLifetime, true)
    keys.write(lease.address, this.#bytes, view, at)
    view.setFloat64(at + FIELD.change, lease.change, true)
    view.setFloat64(at + FIELD.start, lease.start - now, true)
    view.setFloat64(at + FIELD.end, lease.end - now, true)
    view.setUint32(at + FIELD.validLifetime, lease.validLifetime, true)
    view.setUint32(at + FIELD.subnetId, lease.subnetId, true)
    view.setUint32(at + FIELD.poolId, lease.poolId, true)
    view.setUint16(at + FIELD.clientIdLength, lease.clientId.length, true)
    view.setUint16(at + FIELD.hostnameLength, hostLength, true)
    view.setUint16(at + FIELD.contextLength, contextLength, true)
    view.setUint16(at + FIELD.zero, 0)
    view.setUint32(at + FIELD.gave, lease.gave, true)
    view.setUint32(at + FIELD.got, lease.got, true)
    view.setFloat64(at + FIELD.knew, lease.knew, true)
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

/** By the key: those of DHCPv4 are numbers. */
function keysFor(key: Key): RecordKeys<Key> {
  return typeof key === 'number' ? KEYS4 : KEYS6
}

/** By its kind, of the record at `at`. Throws ChangeCodecError where it has none. */
export function keysOfRecord(view: DataView, at: number): RecordKeys<Key> {
  const kind = view.getUint8(at + FIELD.kind)
  if (kind === RECORD.put || kind === RECORD.remove) return KEYS4
  if (kind === RECORD.put6 || kind === RECORD.remove6) return KEYS6
  throw new ChangeCodecError(`unknown kind ${kind}`, at)
}

/**
 * Calls `visit` for each record without decoding it: whether it is a put, its address, and the
 * bytes `start` to `end` that hold it. Every length is checked; throws ChangeCodecError, as where a
 * record is of another family than `keys`.
 */
export function forEachRecord<A extends Key = Ipv4>(
  bytes: Uint8Array,
  visit: (isPut: boolean, address: A, start: number, end: number) => void,
  keys: RecordKeys<A> = KEYS4 as RecordKeys<Key> as RecordKeys<A>,
): void {
  const view = viewOf(bytes)
  let at = 0
  while (at < bytes.length) {
    const end = checkedRecordEnd(view, at, keys)
    visit(view.getUint8(at + FIELD.kind) === keys.put, keys.read(bytes, view, at), at, end)
    at = end
  }
}

/** Calls `visit` for each change, in order. Throws ChangeCodecError at the first bad record. */
export function forEachChange<A extends Key = Ipv4>(
  bytes: Uint8Array,
  visit: (change: Change<A>) => void,
  keys: RecordKeys<A> = KEYS4 as RecordKeys<Key> as RecordKeys<A>,
): void {
  const view = viewOf(bytes)
  let at = 0
  while (at < bytes.length) {
    const end = checkedRecordEnd(view, at, keys)
    visit(decodeRecord(bytes, view, at, keys))
    at = end
  }
}

/** The same for changes of both families, as in the batches of the journal. */
export function forEachMixedChange(bytes: Uint8Array, visit: (change: AnyChange) => void): void {
  const view = viewOf(bytes)
  let at = 0
  while (at < bytes.length) {
    const keys = keysOfRecord(view, at)
    const end = checkedRecordEnd(view, at, keys)
    visit(decodeRecord(bytes, view, at, keys) as AnyChange)
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
export function checkedRecordEnd<A extends Key>(
  view: DataView,
  at: number,
  keys: RecordKeys<A>,
): number {
  const left = view.byteLength - at
  if (left < RECORD.removeLength) throw new ChangeCodecError('truncated', at)
  if (!isChangeNumber(view.getFloat64(at + FIELD.change, true)))
    throw new ChangeCodecError('change number is not a whole number', at)
  const kind = view.getUint8(at + FIELD.kind)
  if (kind === keys.remove) return checkedRemovalEnd(view, at, keys)
  if (kind !== keys.put) throw new ChangeCodecError(`unknown kind ${kind}`, at)
  if (left < RECORD.putHeader) throw new ChangeCodecError('truncated', at)
  checkNumbers(view, at, keys.stateMax)
  const hwLength = view.getUint8(at + FIELD.hwLength)
  if (hwLength > RECORD.hwAddressMax)
    throw new ChangeCodecError(`hardware address of ${hwLength} octets`, at)
  const length = RECORD.putHeader + keys.keyOctets + textsLength(view, at)
  if (left < length) throw new ChangeCodecError('truncated', at)
  if (!keys.isSound(view, at)) throw new ChangeCodecError('bits behind the prefix length', at)
  return at + length
}

function checkedRemovalEnd<A extends Key>(view: DataView, at: number, keys: RecordKeys<A>): number {
  if (view.getUint32(at + FIELD.kind, true) !== keys.remove)
    throw new ChangeCodecError('a removal carries more than an address', at)
  const end = at + RECORD.removeLength + keys.keyOctets
  if (view.byteLength < end) throw new ChangeCodecError('truncated', at)
  if (!keys.isSound(view, at)) throw new ChangeCodecError('bits behind the prefix length', at)
  return end
}

function checkNumbers(view: DataView, at: number, stateMax: number): void {
  const state = view.getUint8(at + FIELD.flags) & RECORD.stateMask
  if (state > stateMax) throw new ChangeCodecError(`unknown state ${state}`, at)
  if (view.getUint16(at + FIELD.zero) !== 0)
    throw new ChangeCodecError('bytes 50 and 51 are not 0', at)
  if (!isChangeNumber(view.getFloat64(at + FIELD.knew, true)))
    throw new ChangeCodecError('knew is not a whole number', at)
  if (!Number.isFinite(view.getFloat64(at + FIELD.start, true)))
    throw new ChangeCodecError('start is not a time', at)
  // A comparison that NaN fails too.
  if (!(view.getFloat64(at + FIELD.end, true) > Number.NEGATIVE_INFINITY))
    throw new ChangeCodecError('end is not a time', at)
}

function isChangeNumber(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value)
}

/** The record at `at`, which checkedRecordEnd has found good. */
function decodeRecord<A extends Key>(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  keys: RecordKeys<A>,
): Change<A> {
  const address = keys.read(bytes, view, at)
  const change = view.getFloat64(at + FIELD.change, true)
  if (view.getUint8(at + FIELD.kind) === keys.remove) return { kind: 'remove', address, change }
  const flags = view.getUint8(at + FIELD.flags)
  const hwStart = at + RECORD.putHeader + keys.keyOctets
  const clientStart = hwStart + view.getUint8(at + FIELD.hwLength)
  const hostStart = clientStart + view.getUint16(at + FIELD.clientIdLength, true)
  const contextStart = hostStart + view.getUint16(at + FIELD.hostnameLength, true)
  const end = contextStart + view.getUint16(at + FIELD.contextLength, true)
  const lease: Lease<A> = {
    address,
    htype: view.getUint8(at + FIELD.htype),
    hwAddress: octetsFromBytes(bytes, hwStart, clientStart),
    clientId: octetsFromBytes(bytes, clientStart, hostStart),
    state: (flags & RECORD.stateMask) as LeaseState,
    subnetId: view.getUint32(at + FIELD.subnetId, true),
    poolId: view.getUint32(at + FIELD.poolId, true),
    hostname: utf8FromBytes(bytes, hostStart, contextStart),
    fqdnFwd: (flags & RECORD.fqdnFwd) !== 0,
    fqdnRev: (flags & RECORD.fqdnRev) !== 0,
    fresh: (flags & RECORD.fresh) !== 0,
    validLifetime: view.getUint32(at + FIELD.validLifetime, true),
    preferredLifetime:
      keys.keyOctets === 0 ? 0 : view.getUint32(at + FIELD.preferredLifetime, true),
    start: view.getFloat64(at + FIELD.start, true),
    end: view.getFloat64(at + FIELD.end, true),
    userContext: utf8FromBytes(bytes, contextStart, end),
    change,
    gave: view.getUint32(at + FIELD.gave, true),
    got: view.getUint32(at + FIELD.got, true),
    givenBy: (flags & RECORD.givenByPartner) === 0 ? 'us' : 'partner',
    knew: view.getFloat64(at + FIELD.knew, true),
  }
  return { kind: 'put', lease }
}

/** FIELD.flags of a put. */
function flagsOf(lease: Lease<Key>): number {
  let flags: number = lease.state
  if (lease.fqdnFwd) flags |= RECORD.fqdnFwd
  if (lease.fqdnRev) flags |= RECORD.fqdnRev
  if (lease.fresh) flags |= RECORD.fresh
  if (lease.givenBy === 'partner') flags |= RECORD.givenByPartner
  return flags
}

function checkTexts(lease: Lease<Key>, hostLength: number, contextLength: number): void {
  if (lease.hwAddress.length > RECORD.hwAddressMax)
    throw new LeaseTextError('hwAddress', lease.hwAddress.length, RECORD.hwAddressMax)
  if (lease.clientId.length > RECORD.textMax)
    throw new LeaseTextError('clientId', lease.clientId.length, RECORD.textMax)
  if (hostLength > RECORD.textMax) throw new LeaseTextError('hostname', hostLength, RECORD.textMax)
  if (contextLength > RECORD.textMax)
    throw new LeaseTextError('userContext', contextLength, RECORD.textMax)
}
