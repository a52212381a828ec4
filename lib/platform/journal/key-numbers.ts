// Under which number the row of each key of DHCPv6 stands. Keys of large pools are drawn at random:
// in a table ordered by them each lease would be a page of the database, while rows that are
// numbered as they come share one. An index of the database would be such a table again, so that
// the journal's thread keeps this one in memory, in 25 bytes or so for each row.
//
//   slots     number of a row, 0 = none     open addressing: the next slot where one is taken
//   keys      17 octets for each number     in blocks; without a row: NO_ROW, the next such number

import { PREFIX6_OCTETS } from '../../address/prefix6.ts'
import { viewOf } from '../../leases/change-codec.ts'
import { hashBytes } from '../../leases/store/octets-hash.ts'

const BLOCK_SHIFT = 12
const BLOCK_ROWS = 1 << BLOCK_SHIFT
const SLOTS_FIRST = 1024

/** In place of a length. */
const NO_ROW = 0xff
const NO_KEY = 0xfe

export class KeyNumbers {
  readonly #seed: number
  readonly #blocks: Uint8Array[] = []
  #slots = new Uint32Array(SLOTS_FIRST)
  #count = 0
  /** Above all numbers that have or had a row. */
  #end = 1
  /** The first number below that has none, 0 = each has one. */
  #free = 0
  /** Rows that the batch under way removes: their numbers are free once that is stored. */
  readonly #removed = new Set<number>()

  /** `seed` makes hashes unpredictable to clients. */
  constructor(seed: number) {
    this.#seed = seed
  }

  /** The number of the row whose key stands at `at`, 0 = there is none. */
  find(bytes: Uint8Array, at: number): number {
    return this.#slots[this.#slotOf(bytes, at)]!
  }

  /** The same, for a row that is put: it has a number from now on. */
  numberFor(bytes: Uint8Array, at: number): number {
    const slot = this.#slotOf(bytes, at)
    const found = this.#slots[slot]!
    if (found !== 0) {
      if (this.#removed.size > 0) this.#removed.delete(found)
      return found
    }
    const number = this.#take()
    this.#setKey(number, bytes, at)
    this.#occupy(slot, number)
    return number
  }

  /**
   * A row that was read. Numbers rise; those between have no row. Returns the row of the same key
   * that was read before, 0 = there was none.
   */
  note(number: number, bytes: Uint8Array, at: number): number {
    this.#skipTo(number)
    this.#setKey(number, bytes, at)
    const slot = this.#slotOf(bytes, at)
    const former = this.#slots[slot]!
    if (former === 0) this.#occupy(slot, number)
    if (former === 0 || former === number) return 0
    this.#slots[slot] = number
    this.#blockOf(former)[startOf(former)] = NO_KEY
    return former
  }

  /** The same of a row whose key is none. */
  noteKeyless(number: number): void {
    this.#skipTo(number)
    this.#blockOf(number)[startOf(number)] = NO_KEY
  }

  /** The batch under way removes the row; until that is stored no other key gets its number. */
  remove(number: number): void {
    this.#removed.add(number)
  }

  /** The batch is stored. */
  settle(): void {
    if (this.#removed.size === 0) return
    for (const number of this.#removed) this.#drop(number)
    this.#removed.clear()
  }

  /** Nothing of the batch is stored: what it removed is there, what it put has its number. */
  forget(): void {
    this.#removed.clear()
  }

  // ---- numbers

  #take(): number {
    const number = this.#free
    if (number === 0) {
      this.#reach(this.#end)
      return this.#end++
    }
    this.#free = this.#nextFree(number)
    return number
  }

  /** So that numbers are given from low to high, the highest is chained first. */
  #skipTo(number: number): void {
    if (number < this.#end) return
    this.#reach(number)
    for (let between = number - 1; between >= this.#end; between--) this.#setFree(between)
    this.#end = number + 1
  }

  #setFree(number: number): void {
    const block = this.#blockOf(number)
    const start = startOf(number)
    block[start] = NO_ROW
    viewOf(block).setUint32(start + 1, this.#free)
    this.#free = number
  }

  #nextFree(number: number): number {
    return viewOf(this.#blockOf(number)).getUint32(startOf(number) + 1)
  }

  #drop(number: number): void {
    this.#vacate(this.#slotOf(this.#blockOf(number), startOf(number)))
    this.#setFree(number)
  }

  // ---- keys

  #reach(number: number): void {
    while (this.#blocks.length <= number >> BLOCK_SHIFT)
      this.#blocks.push(new Uint8Array(BLOCK_ROWS * PREFIX6_OCTETS))
  }

  #blockOf(number: number): Uint8Array {
    return this.#blocks[number >> BLOCK_SHIFT]!
  }

  #setKey(number: number, bytes: Uint8Array, at: number): void {
    const block = this.#blockOf(number)
    const start = startOf(number)
    for (let octet = 0; octet < PREFIX6_OCTETS; octet++) block[start + octet] = bytes[at + octet]!
  }

  #isKey(number: number, bytes: Uint8Array, at: number): boolean {
    const block = this.#blockOf(number)
    const start = startOf(number)
    // From behind: what is drawn of an address differs there.
    for (let octet = PREFIX6_OCTETS - 1; octet >= 0; octet--)
      if (block[start + octet] !== bytes[at + octet]) return false
    return true
  }

  // ---- slots

  /** The slot of the key, or the empty one where it would be. */
  #slotOf(bytes: Uint8Array, at: number): number {
    const slots = this.#slots
    const last = slots.length - 1
    let slot = this.#hash(bytes, at) & last
    for (let number = slots[slot]!; number !== 0; number = slots[slot]!) {
      if (this.#isKey(number, bytes, at)) return slot
      slot = (slot + 1) & last
    }
    return slot
  }

  #hash(bytes: Uint8Array, at: number): number {
    return hashBytes(bytes, at, at + PREFIX6_OCTETS, this.#seed)
  }

  #occupy(slot: number, number: number): void {
    this.#slots[slot] = number
    if (++this.#count * 3 > this.#slots.length * 2) this.#grow()
  }

  /** What was led past the slot moves up. */
  #vacate(slot: number): void {
    const slots = this.#slots
    const last = slots.length - 1
    this.#count--
    for (let next = (slot + 1) & last; slots[next] !== 0; next = (next + 1) & last) {
      const number = slots[next]!
      const wanted = this.#hash(this.#blockOf(number), startOf(number)) & last
      if (((next - wanted) & last) < ((next - slot) & last)) continue
      slots[slot] = number
      slot = next
    }
    slots[slot] = 0
  }

  #grow(): void {
    const former = this.#slots
    const slots = new Uint32Array(former.length * 2)
    const last = slots.length - 1
    for (const number of former) {
      if (number === 0) continue
      let slot = this.#hash(this.#blockOf(number), startOf(number)) & last
      while (slots[slot] !== 0) slot = (slot + 1) & last
      slots[slot] = number
    }
    this.#slots = slots
  }
}

/** Where the key of a number stands in its block. */
function startOf(number: number): number {
  return (number & (BLOCK_ROWS - 1)) * PREFIX6_OCTETS
}
