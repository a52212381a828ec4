// The search for a free address, at a cost that does not depend on how many are taken. Three bitmaps
// over the whole address space say what an address is good for; pools are only ranges to look in, so
// overlapping pools and new plans need nothing rebuilt.
//
//   taken      has a row, an offer or a reservation: everything else is untouched
//   reusable   has a row that is over, and neither offer nor reservation
//   lent       is offered, and would be untouched or reusable otherwise

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import { AddressBitmap } from './address-bitmap.ts'
import type { FreeSearch } from './view.ts'

/** Random addresses tried before the search goes upwards from the last of them. */
const PROBES = 4

/** Where the searches of one list of ranges stand. */
interface Cursor {
  /** Addresses in all ranges; overlapping ones count twice. */
  readonly size: number
  /** The next address to look at for an untouched one: range and address. */
  fresh: Position
  /** The same for a reusable one. */
  used: Position
}

interface Position {
  readonly range: number
  readonly address: Ipv4
}

export class FreeSpace {
  readonly #taken = new AddressBitmap()
  readonly #reusable = new AddressBitmap()
  readonly #lent = new AddressBitmap()
  readonly #cursors = new WeakMap<readonly Ipv4Range[], Cursor>()

  mark(address: Ipv4, taken: boolean, reusable: boolean, lent: boolean): void {
    this.#taken.set(address, taken)
    this.#reusable.set(address, reusable)
    this.#lent.set(address, lent)
  }

  isLent(address: Ipv4): boolean {
    return this.#lent.has(address)
  }

  /** An address of the ranges that nobody has, had or was promised. */
  findFresh(ranges: readonly Ipv4Range[], search: FreeSearch): Ipv4 | undefined {
    if (ranges.length === 0) return undefined
    const cursor = this.#cursor(ranges)
    const from = search.order === 'random' ? this.#probe(ranges, cursor, search) : cursor.fresh
    const found = this.#findFrom(ranges, from, false)
    if (found !== undefined) cursor.fresh = behind(found)
    return found?.address
  }

  /** An address of the ranges whose row is over. */
  findUsed(ranges: readonly Ipv4Range[], search: FreeSearch): Ipv4 | undefined {
    if (ranges.length === 0) return undefined
    const cursor = this.#cursor(ranges)
    const isRandom = search.order === 'random'
    const from = isRandom ? positionAt(ranges, search.draw(cursor.size)) : cursor.used
    const found = this.#findFrom(ranges, from, true)
    if (found !== undefined) cursor.used = behind(found)
    return found?.address
  }

  /** An address of the ranges that is lent, whichever. */
  findLent(ranges: readonly Ipv4Range[]): Ipv4 | undefined {
    for (const range of ranges) {
      const found = this.#lent.nextSet(range.first, range.last)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** A random position; one whose address is untouched, if a few draws find one. */
  #probe(ranges: readonly Ipv4Range[], cursor: Cursor, search: FreeSearch): Position {
    let position = positionAt(ranges, search.draw(cursor.size))
    for (let probe = 1; probe < PROBES && this.#taken.has(position.address); probe++)
      position = positionAt(ranges, search.draw(cursor.size))
    return position
  }

  /** From the position to the end of the ranges, then from their beginning up to the position. */
  #findFrom(ranges: readonly Ipv4Range[], from: Position, used: boolean): Position | undefined {
    for (let step = 0; step <= ranges.length; step++) {
      const range = (from.range + step) % ranges.length
      const { first, last } = ranges[range]!
      const start = step === 0 ? from.address : first
      const address = used
        ? this.#reusable.nextSet(start, last)
        : this.#taken.nextClear(start, last)
      if (address !== undefined) return { range, address }
    }
    return undefined
  }

  #cursor(ranges: readonly Ipv4Range[]): Cursor {
    const known = this.#cursors.get(ranges)
    if (known !== undefined) return known
    const start = { range: 0, address: ranges[0]!.first }
    const size = ranges.reduce((sum, range) => sum + range.last - range.first + 1, 0)
    const cursor = { size, fresh: start, used: start }
    this.#cursors.set(ranges, cursor)
    return cursor
  }
}

/** May lie one behind its range; the search then goes on with the next range. */
function behind(position: Position): Position {
  return { range: position.range, address: position.address + 1 }
}

/** The address number `index` of all ranges taken together. */
function positionAt(ranges: readonly Ipv4Range[], index: number): Position {
  for (let range = 0; range < ranges.length; range++) {
    const { first, last } = ranges[range]!
    if (index <= last - first) return { range, address: first + index }
    index -= last - first + 1
  }
  throw new RangeError(`the ranges end ${index} addresses before the number drawn`)
}
