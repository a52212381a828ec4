// The leases packed into rows, and back. A row is filled from a change record (change-codec.ts),
// which is also what the journal stores, so a million rows are read at start without a million
// objects.
//
//   block    behind the lengths and flags of BLOCK: the key where a word does not hold it, hardware
//            address, client-id, hostname, user context, as in the record

import { type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import { DUID_AT } from '../binding.ts'
import { overAt } from '../grace.ts'
import type { Family, RowKeys } from '../keys/family.ts'
import type { Key } from '../keys/key.ts'
import { type ClientIdentity, LEASE_STATE, type Lease, type LeaseState } from '../lease.ts'
import { utf8FromBytes } from '../lease-text.ts'
import { FIELD, RECORD, textsLength } from '../record.ts'
import { type Keys, keysUnder, type Rights } from '../rights.ts'
import { ByteArena, bytesAre } from '../store/byte-arena.ts'
import { ROW_DOUBLES, ROW_WORDS, RowStore } from '../store/row-store.ts'

/** Doubles of a row: words 0 to 5, 18 and 19. */
const DOUBLE = { start: 0, end: 1, change: 2, knew: 9 } as const

/**
 * Words of a row. Of DHCPv6 word 6 is the preferred lifetime, as in the record. Word 11 has bytes,
 * word 12 the tags.
 */
const WORD = {
  address: 6,
  validLifetime: 7,
  subnetId: 8,
  poolId: 9,
  block: 10,
  gave: 16,
  got: 17,
} as const

/** Words of a row that belong to the indexes and the heaps. */
export const LINK = { clientId: 13, hwAddress: 14, place: 15 } as const

/** Halves of word 12: the upper 16 bits of a hash, compared before the octets are. */
export const TAG = { clientId: 24, hwAddress: 25 } as const

/** Bytes of word 11. state: in bits 0-2; in bits 3-5 the queue (expiry.ts). */
const BYTE = { state: 44, htype: 45 } as const
const STATE_MASK = 0x07
const QUEUE_SHIFT = 3
const QUEUE_MASK = 0x38

/**
 * Bytes of a block. Lengths but the first have two; flags are as in the record, without the state.
 */
const BLOCK = {
  hwLength: 0,
  flags: 1,
  clientIdLength: 2,
  hostnameLength: 4,
  contextLength: 6,
  texts: 8,
} as const

export class LeaseRows<A extends Key> implements RowKeys {
  readonly #family: Family<A>
  readonly #keyOctets: number
  readonly store = new RowStore()
  readonly #arena = new ByteArena()

  constructor(family: Family<A>) {
    this.#family = family
    this.#keyOctets = family.keyOctets
  }

  address(row: number): A {
    return this.#family.keyOf(this, row)
  }

  /** Whether it is the row of this address. One that is not in use is nobody's. */
  isOf(row: number, address: A): boolean {
    return this.isUsed(row) && this.#family.isKeyOf(this, row, address)
  }

  addressWord(row: number): number {
    return this.store.unsigned[row * ROW_WORDS + WORD.address]!
  }

  /** Whether the row is in use: then it has a block, and no block is 0. */
  isUsed(row: number): boolean {
    return this.#block(row) !== 0
  }

  /** Keys of the address under these rights. */
  keys(row: number, rights: Rights): Keys {
    if (rights.kind === 'all') return 2
    const { unsigned } = this.store
    const word = row * ROW_WORDS
    return keysUnder(
      rights,
      this.#family.homeOf(this.address(row)),
      unsigned[word + WORD.gave]!,
      unsigned[word + WORD.got]!,
    )
  }

  subnetId(row: number): number {
    return this.store.unsigned[row * ROW_WORDS + WORD.subnetId]!
  }

  poolId(row: number): number {
    return this.store.unsigned[row * ROW_WORDS + WORD.poolId]!
  }

  state(row: number): LeaseState {
    return (this.#stateByte(row) & STATE_MASK) as LeaseState
  }

  /** The state in which it counts as a lease: what was erased (lifecycle.ts) is none. */
  leaseState(row: number): LeaseState {
    const state = this.state(row)
    if (this.validLifetime(row) > 0) return state
    const canBeOff = state === LEASE_STATE.released || state === LEASE_STATE.registered
    return canBeOff ? LEASE_STATE.free : state
  }

  start(row: number): Instant {
    return this.store.doubles[row * ROW_DOUBLES + DOUBLE.start]!
  }

  end(row: number): Instant {
    return this.store.doubles[row * ROW_DOUBLES + DOUBLE.end]!
  }

  change(row: number): number {
    return this.store.doubles[row * ROW_DOUBLES + DOUBLE.change]!
  }

  validLifetime(row: number): Seconds {
    return this.store.unsigned[row * ROW_WORDS + WORD.validLifetime]!
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
    const at = row * ROW_WORDS * 4 + BYTE.state
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
    const length = this.#blockLengthOf(view, at)
    const block = this.#arena.allocate(length)
    this.store.unsigned[row * ROW_WORDS + WORD.block] = block
    this.#writeBlock(block, bytes, view, at, length)
    return row
  }

  /** Replaces what the row says. The queue stays. */
  replace(row: number, bytes: Uint8Array, view: DataView, at: number): void {
    const former = this.#block(row)
    const formerLength = this.#blockLength(row)
    const length = this.#blockLengthOf(view, at)
    let block = former
    if (!this.#arena.fits(formerLength, length)) {
      this.#arena.release(former, formerLength)
      block = this.#arena.allocate(length)
      this.store.unsigned[row * ROW_WORDS + WORD.block] = block
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
    if (view.getUint32(at + FIELD.subnetId, true) !== this.subnetId(row)) return false
    if (view.getUint8(at + FIELD.htype) !== this.htype(row)) return false
    if (view.getUint8(at + FIELD.hwLength) !== page[start + BLOCK.hwLength]!) return false
    if (
      view.getUint16(at + FIELD.clientIdLength, true) !==
      readLength(page, start + BLOCK.clientIdLength)
    )
      return false
    const length = page[start + BLOCK.hwLength]! + readLength(page, start + BLOCK.clientIdLength)
    const from = at + RECORD.putHeader + this.#keyOctets
    const own = this.octetsStart(row)
    for (let index = 0; index < length; index++)
      if (page[own + index] !== bytes[from + index]) return false
    return true
  }

  clientIdLength(row: number): number {
    return readLength(this.#page(row), this.#start(row) + BLOCK.clientIdLength)
  }

  hwAddressLength(row: number): number {
    return this.#page(row)[this.#start(row) + BLOCK.hwLength]!
  }

  clientIdIs(row: number, clientId: Octets): boolean {
    if (this.clientIdLength(row) !== clientId.length) return false
    const from = this.octetsStart(row) + this.hwAddressLength(row)
    return bytesAre(this.#page(row), from, clientId)
  }

  /** Of DHCPv6, where the row is somebody's (binding.ts). */
  kindOfBinding(row: number): number {
    return this.#page(row)[this.octetsStart(row) + this.hwAddressLength(row)]!
  }

  duidIs(row: number, duid: Octets): boolean {
    if (this.clientIdLength(row) !== DUID_AT + duid.length) return false
    const from = this.octetsStart(row) + this.hwAddressLength(row) + DUID_AT
    return bytesAre(this.#page(row), from, duid)
  }

  hwAddressIs(row: number, htype: number, hwAddress: Octets): boolean {
    if (this.htype(row) !== htype || this.hwAddressLength(row) !== hwAddress.length) return false
    return bytesAre(this.#page(row), this.octetsStart(row), hwAddress)
  }

  hostname(row: number): string {
    const length = readLength(this.#page(row), this.#start(row) + BLOCK.hostnameLength)
    const from = this.octetsStart(row) + this.hwAddressLength(row) + this.clientIdLength(row)
    return utf8FromBytes(this.#page(row), from, from + length)
  }

  userContext(row: number): string {
    const end = this.#start(row) + this.#blockLength(row)
    const length = readLength(this.#page(row), this.#start(row) + BLOCK.contextLength)
    return utf8FromBytes(this.#page(row), end - length, end)
  }

  /** The row as a record. `near` is who is asked for: where octets are equal, they are not read. */
  lease(row: number, near: ClientIdentity | undefined): Lease<A> {
    const { unsigned, doubles } = this.store
    const word = row * ROW_WORDS
    const double = row * ROW_DOUBLES
    const page = this.#page(row)
    const block = this.#start(row)
    const flags = page[block + BLOCK.flags]!
    const host =
      block +
      BLOCK.texts +
      this.#keyOctets +
      page[block + BLOCK.hwLength]! +
      readLength(page, block + BLOCK.clientIdLength)
    const context = host + readLength(page, block + BLOCK.hostnameLength)
    return {
      address: this.address(row),
      htype: this.htype(row),
      hwAddress: this.#hwAddress(row, near),
      clientId: this.#clientId(row, near),
      state: this.state(row),
      subnetId: unsigned[word + WORD.subnetId]!,
      poolId: unsigned[word + WORD.poolId]!,
      hostname: utf8FromBytes(page, host, context),
      fqdnFwd: (flags & RECORD.fqdnFwd) !== 0,
      fqdnRev: (flags & RECORD.fqdnRev) !== 0,
      fresh: (flags & RECORD.fresh) !== 0,
      validLifetime: unsigned[word + WORD.validLifetime]!,
      preferredLifetime: this.#keyOctets === 0 ? 0 : unsigned[word + WORD.address]!,
      start: doubles[double + DOUBLE.start]!,
      end: doubles[double + DOUBLE.end]!,
      userContext: utf8FromBytes(
        page,
        context,
        context + readLength(page, block + BLOCK.contextLength),
      ),
      change: doubles[double + DOUBLE.change]!,
      gave: unsigned[word + WORD.gave]!,
      got: unsigned[word + WORD.got]!,
      givenBy: (flags & RECORD.givenByPartner) === 0 ? 'us' : 'partner',
      knew: doubles[double + DOUBLE.knew]!,
    }
  }

  /** The page and the place in it where the octets begin: hardware address, client-id. */
  octetsPage(row: number): Uint8Array {
    return this.#page(row)
  }

  octetsStart(row: number): number {
    return this.#start(row) + BLOCK.texts + this.#keyOctets
  }

  /** Where the octets of the key begin, if it has any. */
  keyStart(row: number): number {
    return this.#start(row) + BLOCK.texts
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
    return this.store.bytes[row * ROW_WORDS * 4 + BYTE.state]!
  }

  htype(row: number): number {
    return this.store.bytes[row * ROW_WORDS * 4 + BYTE.htype]!
  }

  #block(row: number): number {
    return this.store.unsigned[row * ROW_WORDS + WORD.block]!
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
      readLength(page, start + BLOCK.clientIdLength) +
      readLength(page, start + BLOCK.hostnameLength) +
      readLength(page, start + BLOCK.contextLength)
    return BLOCK.texts + this.#keyOctets + page[start + BLOCK.hwLength]! + lengths
  }

  /** Bytes of the block for the octets of a record. */
  #blockLengthOf(view: DataView, at: number): number {
    return BLOCK.texts + this.#keyOctets + textsLength(view, at)
  }

  #writeNumbers(row: number, view: DataView, at: number): void {
    const { unsigned, doubles, bytes } = this.store
    const word = row * ROW_WORDS
    const double = row * ROW_DOUBLES
    doubles[double + DOUBLE.start] = view.getFloat64(at + FIELD.start, true)
    doubles[double + DOUBLE.end] = view.getFloat64(at + FIELD.end, true)
    doubles[double + DOUBLE.change] = view.getFloat64(at + FIELD.change, true)
    unsigned[word + WORD.address] = view.getUint32(at + FIELD.address, true)
    unsigned[word + WORD.validLifetime] = view.getUint32(at + FIELD.validLifetime, true)
    unsigned[word + WORD.subnetId] = view.getUint32(at + FIELD.subnetId, true)
    unsigned[word + WORD.poolId] = view.getUint32(at + FIELD.poolId, true)
    unsigned[word + WORD.gave] = view.getUint32(at + FIELD.gave, true)
    unsigned[word + WORD.got] = view.getUint32(at + FIELD.got, true)
    doubles[double + DOUBLE.knew] = view.getFloat64(at + FIELD.knew, true)
    const byte = word * 4 + BYTE.state
    bytes[byte] = (bytes[byte]! & QUEUE_MASK) | (view.getUint8(at + FIELD.flags) & STATE_MASK)
    bytes[word * 4 + BYTE.htype] = view.getUint8(at + FIELD.htype)
  }

  #writeBlock(block: number, bytes: Uint8Array, view: DataView, at: number, length: number): void {
    const page = this.#arena.page(block)
    const start = this.#arena.start(block)
    page[start + BLOCK.hwLength] = view.getUint8(at + FIELD.hwLength)
    page[start + BLOCK.flags] = view.getUint8(at + FIELD.flags) & ~RECORD.stateMask
    // Three lengths, one behind the other there and here.
    let target = start + BLOCK.clientIdLength
    for (let source = at + FIELD.clientIdLength; source < at + FIELD.zero; source++)
      page[target++] = bytes[source]!
    let source = at + RECORD.putHeader
    const end = source + length - BLOCK.texts
    while (source < end) page[target++] = bytes[source++]!
  }
}

function readLength(page: Uint8Array, at: number): number {
  return page[at]! | (page[at + 1]! << 8)
}
