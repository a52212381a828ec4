// Many small runs of bytes (the identifiers and texts of leases) without an object for each. Blocks
// are multiples of 8 bytes, at most 512 KiB, in pages of 1 MiB; freed blocks are chained by size
// and used again.

import type { Octets } from '../../bytes/octets.ts'

const PAGE_BITS = 20
const PAGE_BYTES = 2 ** PAGE_BITS
/** A handle counts granules of 8 bytes over all pages. */
const GRANULE_BITS = 3
const HANDLE_PAGE_BITS = PAGE_BITS - GRANULE_BITS
const HANDLE_MASK = 2 ** HANDLE_PAGE_BITS - 1
/** Up to this many granules there is a size for each number; above, sizes are powers of two. */
const FINE_GRANULES = 32

export class ByteArena {
  readonly #pages: Uint8Array[] = []
  /** First free block of each size, by granules; 0 = none. */
  readonly #free = new Map<number, number>()
  /** Next granule that was never used; the first one stays unused, so that no handle is 0. */
  #fresh = 1

  /** A block for `length` bytes, with what it held before. */
  allocate(length: number): number {
    const granules = granulesFor(length)
    const freed = this.#free.get(granules) ?? 0
    if (freed === 0) return this.#allocateFresh(granules)
    this.#free.set(granules, readHandle(this.page(freed), this.start(freed)))
    return freed
  }

  /** Gives back a block that was allocated for `length` bytes. */
  release(handle: number, length: number): void {
    const granules = granulesFor(length)
    writeHandle(this.page(handle), this.start(handle), this.#free.get(granules) ?? 0)
    this.#free.set(granules, handle)
  }

  /** Whether a block for `former` bytes also holds `length` bytes and no smaller one would. */
  fits(former: number, length: number): boolean {
    return granulesFor(former) === granulesFor(length)
  }

  /** The page that holds a block. */
  page(handle: number): Uint8Array {
    return this.#pages[handle >>> HANDLE_PAGE_BITS]!
  }

  /** Where in its page a block starts. */
  start(handle: number): number {
    return (handle & HANDLE_MASK) << GRANULE_BITS
  }

  #allocateFresh(granules: number): number {
    const left = HANDLE_MASK + 1 - (this.#fresh & HANDLE_MASK)
    // A block never crosses pages; the rest of the page is given up.
    if (granules > left) this.#fresh += left
    const handle = this.#fresh
    if (handle >>> HANDLE_PAGE_BITS === this.#pages.length)
      this.#pages.push(new Uint8Array(PAGE_BYTES))
    this.#fresh += granules
    return handle
  }
}

function granulesFor(length: number): number {
  const granules = Math.max(1, (length + 7) >>> GRANULE_BITS)
  return granules <= FINE_GRANULES ? granules : 2 ** (32 - Math.clz32(granules - 1))
}

function readHandle(page: Uint8Array, at: number): number {
  return (page[at]! | (page[at + 1]! << 8) | (page[at + 2]! << 16) | (page[at + 3]! << 24)) >>> 0
}

function writeHandle(page: Uint8Array, at: number, handle: number): void {
  page[at] = handle
  page[at + 1] = handle >>> 8
  page[at + 2] = handle >>> 16
  page[at + 3] = handle >>> 24
}

/** Whether these octets stand in the page from there on. */
export function bytesAre(page: Uint8Array, from: number, octets: Octets): boolean {
  for (let index = 0; index < octets.length; index++)
    if (page[from + index] !== octets.charCodeAt(index)) return false
  return true
}
