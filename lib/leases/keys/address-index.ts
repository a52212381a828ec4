// The row of each address. Addresses of a network lie close together, so their rows are listed in
// pages of 64 addresses, 256 bytes each: what is asked of neighbours, one after the other, stays in
// the processor's cache, and an insertion moves nothing. A page goes when its last row does.
//
//   places[address / 2^15] -> directory[(address / 64) % 512] -> cells[address % 64]
//                                                                0 = none, else row + 1

import type { Ipv4 } from '../../address/ipv4.ts'

const CHUNK_BITS = 15
const PAGE_BITS = 6
const PAGE_SIZE = 1 << PAGE_BITS
const PAGE_MASK = PAGE_SIZE - 1
const DIRECTORY_BITS = CHUNK_BITS - PAGE_BITS
const DIRECTORY_MASK = (1 << DIRECTORY_BITS) - 1

export class AddressIndex {
  /** Number of each chunk's directory; 0 = it has none, since directory 0 stays empty. */
  readonly #places = new Int32Array(2 ** (32 - CHUNK_BITS))
  /** Directories, one behind the other: the number of each page; page 0 stays empty. */
  #directories = new Int32Array(1 << DIRECTORY_BITS)
  #directoryCount = 1
  #cells = new Int32Array(PAGE_SIZE)
  /** Rows in each page. */
  #counts = new Uint8Array(1)
  #pageCount = 1
  /** Pages that went, to be used again. */
  readonly #spares: number[] = []

  /** The row of the address, or -1. */
  get(address: Ipv4): number {
    return this.#cells[(this.#pageOf(address) << PAGE_BITS) + (address & PAGE_MASK)]! - 1
  }

  /** Notes the row of an address that has none. */
  add(address: Ipv4, row: number): void {
    const page = this.#pageOf(address) || this.#addPage(address)
    this.#cells[(page << PAGE_BITS) + (address & PAGE_MASK)] = row + 1
    this.#counts[page]!++
  }

  /** Forgets the row of an address that has one. */
  delete(address: Ipv4): void {
    const page = this.#pageOf(address)
    this.#cells[(page << PAGE_BITS) + (address & PAGE_MASK)] = 0
    if (--this.#counts[page]! > 0) return
    this.#directories[this.#entryOf(address)] = 0
    this.#spares.push(page)
  }

  #pageOf(address: Ipv4): number {
    return this.#directories[this.#entryOf(address)]!
  }

  /** Where in #directories the page of the address stands. */
  #entryOf(address: Ipv4): number {
    const directory = this.#places[address >>> CHUNK_BITS]!
    return (directory << DIRECTORY_BITS) + ((address >>> PAGE_BITS) & DIRECTORY_MASK)
  }

  #addPage(address: Ipv4): number {
    if (this.#places[address >>> CHUNK_BITS] === 0) {
      const end = this.#directoryCount << DIRECTORY_BITS
      if (end === this.#directories.length) this.#directories = doubled(this.#directories)
      this.#places[address >>> CHUNK_BITS] = this.#directoryCount++
    }
    const page = this.#spares.pop() ?? this.#newPage()
    this.#directories[this.#entryOf(address)] = page
    return page
  }

  #newPage(): number {
    if (this.#pageCount === this.#counts.length) {
      this.#cells = doubled(this.#cells)
      const counts = new Uint8Array(this.#counts.length * 2)
      counts.set(this.#counts)
      this.#counts = counts
    }
    return this.#pageCount++
  }
}

function doubled(words: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(words.length * 2)
  grown.set(words)
  return grown
}
