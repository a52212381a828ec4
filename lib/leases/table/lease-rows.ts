// The leases packed into rows, and back. A row is filled from a change record (change-codec.ts), which
// is also what the journal stores, so a million rows are read at start without a million objects.
//
//   words of a row    0 start   2 end   4 change (doubles)   6 address   7 valid lifetime   8 subnet id
//                     9 pool id   10 block   11 state and queue, htype (bytes)   12 two tags (2 bytes each)
//                     13 link by client-id   14 by hardware address   15 heap place
//                     16 gave   17 got   18 knew (double)
//   state and queue   state in bits 0-2, queue in bits 3-5 (expiry.ts)
//   block             length of hardware address, flags as in the record without the state (1 byte
//                     each), lengths of client-id, hostname, user context (2 bytes each, as in the
//                     record), then the four, as in the record

import type { Ipv4 } from '../../address/ipv4.ts'
import { type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import { RECORD } from '../change-codec.ts'
import { overAt } from '../grace.ts'
import { type ClientIdentity, LEASE_STATE, type Lease, type LeaseState } from '../lease.ts'
import { utf8FromBytes } from '../lease-text.ts'
import { homeOf, type Keys, keysUnder, type Rights } from '../rights.ts'
import { ByteArena } from '../store/byte-arena.ts'
import { ROW_WORDS, RowStore } from '../store/row-store.ts'

/** Words of a row that belong to the indexes and the heaps. */
export const LINK = { clientId: 13, hwAddress: 14, place: 15 } as const

const STATE_BYTE = 44
const QUEUE_SHIFT = 3
const QUEUE_MASK = 0x38
const STATE_MASK = 0x07
/** Which half of word 12 holds a tag: the upper 16 bits of the hash, compared before the octets are. */
export const TAG = { clientId: 24, hwAddress: 25 } as const

const BLOCK_HEADER = 8

export class LeaseRows {
  readonly store = new RowStore()
  readonly #arena = new ByteArena()

  address(row: number): Ipv4 {
    return this.store.unsigned[row * ROW_WORDS + 6]!
  }

  /** Whether the row is in use. Nobody has the address 0. */
  isUsed(row: number): boolean {
    return this.address(row) !== 0
  }

  /** Keys of the address under these rights. */
  keys(row: number, rights: Rights): Keys {
    if (rights.kind === 'all') return 2
    const { unsigned } = this.store
    const word = row * ROW_WORDS
    return keysUnder(
      rights,
      homeOf(unsigned[word + 6]!),
      unsigned[word + 16]!,
      unsigned[word + 17]!,
    )
  }

  subnetId(row: number): number {
    return this.store.unsigned[row * ROW_WORDS + 8]!
  }

  state(row: number): LeaseState {
    return (this.#stateByte(row) & STATE_MASK) as LeaseState
  }

  start(row: number): Instant {
    return this.store.doubles[row * (ROW_WORDS / 2)]!
  }

  end(row: number): Instant {
    return this.store.doubles[row * (ROW_WORDS / 2) + 1]!
  }

  change(row: number): number {
    return this.store.doubles[row * (ROW_WORDS / 2) + 2]!
  }

  validLifetime(row: number): Seconds {
    return this.store.unsigned[row * ROW_WORDS + 7]!
  }

  /** See rowOverAt. */
  overAt(row: number): Instant {
    const end = this.end(row)
    return this.state(row) === LEASE_STATE.free ? end : overAt(end, this.validLifetime(row))
  }

  /** The queue of expiry.ts that the row is in. */
  queue(row: number): number {
    return (this.#stateByte(row) & QUEUE_MASK) >> QUEUE_SHIFT
  }

  setQueue(row: number, queue: number): void {
    const at = row * ROW_WORDS * 4 + STATE_BYTE
    this.store.bytes[at] = (this.store.bytes[at]! & ~QUEUE_MASK) | (queue << QUEUE_SHIFT)
  }

  tag(row: number, which: number): number {
    return this.store.halves[row * ROW_WORDS * 2 + which]!
  }

  setTag(row: number, which: number, tag: number): void {
    this.store.halves[row * ROW_WORDS * 2 + which] = tag
  }

  /** A new row with what the record at `at` says. */
  create(bytes: Uint8Array, view: DataView, at: number): number {
    const row = this.store.allocate()
    this.#writeNumbers(row, view, at)
    const length = blockLength(view, at)
    const block = this.#arena.allocate(length)
    this.store.unsigned[row * ROW_WORDS + 10] = block
    this.#writeBlock(block, bytes, view, at, length)
    return row
  }

  /** Replaces what the row says. The queue stays. */
  replace(row: number, bytes: Uint8Array, view: DataView, at: number): void {
    const former = this.#block(row)
    const formerLength = this.#blockLength(row)
    const length = blockLength(view, at)
    let block = former
    if (!this.#arena.fits(formerLength, length)) {
      this.#arena.release(former, formerLength)
      block = this.#arena.allocate(length)
      this.store.unsigned[row * ROW_WORDS + 10] = block
    }
    this.#writeNumbers(row, view, at)
    this.#writeBlock(block, bytes, view, at, length)
  }

  release(row: number): void {
    this.#arena.release(this.#block(row), this.#blockLength(row))
    this.store.release(row)
  }

  /** Whether the record names the same client in the same subnet as the row does. */
  hasSameKeys(row: number, bytes: Uint8Array, view: DataView, at: number): boolean {
    const page = this.#page(row)
    const start = this.#start(row)
    if (view.getUint32(at + 36, true) !== this.subnetId(row)) return false
    if (view.getUint8(at + 2) !== this.htype(row)) return false
    if (view.getUint8(at + 3) !== page[start]!) return false
    if (view.getUint16(at + 44, true) !== readLength(page, start + 2)) return false
    const length = page[start]! + readLength(page, start + 2)
    const from = at + RECORD.putHeader
    for (let index = 0; index < length; index++)
      if (page[start + BLOCK_HEADER + index] !== bytes[from + index]) return false
    return true
  }

  clientIdLength(row: number): number {
    return readLength(this.#page(row), this.#start(row) + 2)
  }

  hwAddressLength(row: number): number {
    return this.#page(row)[this.#start(row)]!
  }

  clientIdIs(row: number, clientId: Octets): boolean {
    if (this.clientIdLength(row) !== clientId.length) return false
    const from = this.#start(row) + BLOCK_HEADER + this.hwAddressLength(row)
    return bytesAre(this.#page(row), from, clientId)
  }

  hwAddressIs(row: number, htype: number, hwAddress: Octets): boolean {
    if (this.htype(row) !== htype || this.hwAddressLength(row) !== hwAddress.length) return false
    return bytesAre(this.#page(row), this.#start(row) + BLOCK_HEADER, hwAddress)
  }

  /** The row as a record. `near` is who is asked for: where octets are equal, they are not read. */
  lease(row: number, near: ClientIdentity | undefined): Lease {
    const { unsigned, doubles } = this.store
    const word = row * ROW_WORDS
    const double = row * (ROW_WORDS / 2)
    const page = this.#page(row)
    const block = this.#start(row)
    const flags = page[block + 1]!
    const host = block + BLOCK_HEADER + page[block]! + readLength(page, block + 2)
    const context = host + readLength(page, block + 4)
    return {
      address: unsigned[word + 6]!,
      htype: this.htype(row),
      hwAddress: this.#hwAddress(row, near),
      clientId: this.#clientId(row, near),
      state: this.state(row),
      subnetId: unsigned[word + 8]!,
      poolId: unsigned[word + 9]!,
      hostname: utf8FromBytes(page, host, context),
      fqdnFwd: (flags & RECORD.fqdnFwd) !== 0,
      fqdnRev: (flags & RECORD.fqdnRev) !== 0,
      fresh: (flags & RECORD.fresh) !== 0,
      validLifetime: unsigned[word + 7]!,
      start: doubles[double]!,
      end: doubles[double + 1]!,
      userContext: utf8FromBytes(page, context, context + readLength(page, block + 6)),
      change: doubles[double + 2]!,
      gave: unsigned[word + 16]!,
      got: unsigned[word + 17]!,
      givenBy: (flags & RECORD.givenByPartner) === 0 ? 'us' : 'partner',
      knew: doubles[double + 9]!,
    }
  }

  /** The page and the place in it where the octets of the row begin: hardware address, client-id. */
  octetsPage(row: number): Uint8Array {
    return this.#page(row)
  }

  octetsStart(row: number): number {
    return this.#start(row) + BLOCK_HEADER
  }

  #hwAddress(row: number, near: ClientIdentity | undefined): Octets {
    if (near !== undefined && this.hwAddressIs(row, near.htype, near.hwAddress))
      return near.hwAddress
    const start = this.octetsStart(row)
    return octetsFromBytes(this.#page(row), start, start + this.hwAddressLength(row))
  }

  #clientId(row: number, near: ClientIdentity | undefined): Octets {
    if (near !== undefined && this.clientIdIs(row, near.clientId)) return near.clientId
    const start = this.octetsStart(row) + this.hwAddressLength(row)
    return octetsFromBytes(this.#page(row), start, start + this.clientIdLength(row))
  }

  #stateByte(row: number): number {
    return this.store.bytes[row * ROW_WORDS * 4 + STATE_BYTE]!
  }

  htype(row: number): number {
    return this.store.bytes[row * ROW_WORDS * 4 + STATE_BYTE + 1]!
  }

  #block(row: number): number {
    return this.store.unsigned[row * ROW_WORDS + 10]!
  }

  #page(row: number): Uint8Array {
    return this.#arena.page(this.#block(row))
  }

  #start(row: number): number {
    return this.#arena.start(this.#block(row))
  }

  #blockLength(row: number): number {
    const page = this.#page(row)
    const start = this.#start(row)
    const lengths =
      readLength(page, start + 2) + readLength(page, start + 4) + readLength(page, start + 6)
    return BLOCK_HEADER + page[start]! + lengths
  }

  #writeNumbers(row: number, view: DataView, at: number): void {
    const { unsigned, doubles, bytes } = this.store
    const word = row * ROW_WORDS
    const double = row * (ROW_WORDS / 2)
    doubles[double] = view.getFloat64(at + 16, true)
    doubles[double + 1] = view.getFloat64(at + 24, true)
    doubles[double + 2] = view.getFloat64(at + 8, true)
    unsigned[word + 6] = view.getUint32(at + 4, true)
    unsigned[word + 7] = view.getUint32(at + 32, true)
    unsigned[word + 8] = view.getUint32(at + 36, true)
    unsigned[word + 9] = view.getUint32(at + 40, true)
    unsigned[word + 16] = view.getUint32(at + 52, true)
    unsigned[word + 17] = view.getUint32(at + 56, true)
    doubles[double + 9] = view.getFloat64(at + 60, true)
    const byte = word * 4 + STATE_BYTE
    bytes[byte] = (bytes[byte]! & QUEUE_MASK) | (view.getUint8(at + 1) & STATE_MASK)
    bytes[byte + 1] = view.getUint8(at + 2)
  }

  #writeBlock(block: number, bytes: Uint8Array, view: DataView, at: number, length: number): void {
    const page = this.#arena.page(block)
    let target = this.#arena.start(block)
    page[target] = view.getUint8(at + 3)
    page[target + 1] = view.getUint8(at + 1) & ~RECORD.stateMask
    for (let source = at + 44; source < at + 50; source++) page[target++ + 2] = bytes[source]!
    target += 2
    let source = at + RECORD.putHeader
    const end = source + length - BLOCK_HEADER
    while (source < end) page[target++] = bytes[source++]!
  }
}

/** Bytes of the block for the texts of a record. */
function blockLength(view: DataView, at: number): number {
  const lengths =
    view.getUint16(at + 44, true) + view.getUint16(at + 46, true) + view.getUint16(at + 48, true)
  return BLOCK_HEADER + view.getUint8(at + 3) + lengths
}

function readLength(page: Uint8Array, at: number): number {
  return page[at]! | (page[at + 1]! << 8)
}

function bytesAre(page: Uint8Array, from: number, octets: Octets): boolean {
  for (let index = 0; index < octets.length; index++)
    if (page[from + index] !== octets.charCodeAt(index)) return false
  return true
}
