// The search for a free address, at a cost that does not depend on how many are taken. Bitmaps over the
// whole address space say what an address is good for; pools are only ranges to look in, so overlapping
// pools and new plans need nothing rebuilt.
//
//   taken      has a row, an offer or a reservation: everything else is untouched
//   closed     is taken, or was met untouched and found to belong to the partner
//   reusable   has a row that is over and both keys, and neither offer nor reservation
//   lent       is offered, and would be untouched or reusable otherwise
//
// In a pair half of the untouched addresses are the partner's. They are not marked beforehand, since nobody
// knows which ranges will be asked for: each is met once, marked, and skipped from then on.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import { AddressBitmap } from '../keys/address-bitmap.ts'
import { homeOf, type Side } from '../rights.ts'
import type { FreeSearch } from '../view.ts'

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

export interface Position {
  readonly range: number
  readonly address: Ipv4
}

export class FreeSpace {
  readonly #taken = new AddressBitmap()
  /** The same bitmap as #taken where every address is ours. */
  #closed = this.#taken
  #home: Side | undefined
  readonly #reusable = new AddressBitmap()
  readonly #lent = new AddressBitmap()
  readonly #cursors = new WeakMap<readonly Ipv4Range[], Cursor>()

  mark(address: Ipv4, taken: boolean, reusable: boolean, lent: boolean): void {
    this.#taken.set(address, taken)
    if (this.#closed !== this.#taken) this.#closed.set(address, taken)
    this.#reusable.set(address, reusable)
    this.#lent.set(address, lent)
  }

  /** Only addresses of this home are ours while they are untouched; undefined: all are. */
  setHome(home: Side | undefined): void {
    if (home === this.#home) return
    this.#home = home
    this.#closed = home === undefined ? this.#taken : this.#taken.copy()
  }

  isTaken(address: Ipv4): boolean {
    return this.#taken.has(address)
  }

  isReusable(address: Ipv4): boolean {
    return this.#reusable.has(address)
  }

  /** The lowest untouched address of ours from `first` to `last`, or undefined. */
  nextFresh(first: Ipv4, last: Ipv4): Ipv4 | undefined {
    let address = this.#closed.nextClear(first, last)
    while (address !== undefined && this.#home !== undefined && homeOf(address) !== this.#home) {
      this.#closed.add(address)
      address = this.#closed.nextClear(address + 1, last)
    }
    return address
  }

  /** The lowest address from `first` to `last` whose row is over, or undefined. */
  nextReusable(first: Ipv4, last: Ipv4): Ipv4 | undefined {
    return this.#reusable.nextSet(first, last)
  }

  isLent(address: Ipv4): boolean {
    return this.#lent.has(address)
  }

  /** An address of ours in the ranges that nobody has, had or was promised. */
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
    for (let probe = 1; probe < PROBES && this.#closed.has(position.address); probe++)
      position = positionAt(ranges, search.draw(cursor.size))
    return position
  }

  /** From the position to the end of the ranges, then from their beginning up to the position. */
  #findFrom(ranges: readonly Ipv4Range[], from: Position, used: boolean): Position | undefined {
    for (let step = 0; step <= ranges.length; step++) {
      const range = (from.range + step) % ranges.length
      const { first, last } = ranges[range]!
      const start = step === 0 ? from.address : first
      const address = used ? this.nextReusable(start, last) : this.nextFresh(start, last)
      if (address !== undefined) return { range, address }
    }
    return undefined
  }

  #cursor(ranges: readonly Ipv4Range[]): Cursor {
    const known = this.#cursors.get(ranges)
    if (known !== undefined) return known
    const start = { range: 0, address: ranges[0]!.first }
    const cursor = { size: sizeOf(ranges), fresh: start, used: start }
    this.#cursors.set(ranges, cursor)
    return cursor
  }
}

/** May lie one behind its range; the search then goes on with the next range. */
function behind(position: Position): Position {
  return { range: position.range, address: position.address + 1 }
}

/** Addresses in all ranges; overlapping ones count twice. */
export function sizeOf(ranges: readonly Ipv4Range[]): number {
  return ranges.reduce((sum, range) => sum + range.last - range.first + 1, 0)
}

/** The address number `index` of all ranges taken together. */
export function positionAt(ranges: readonly Ipv4Range[], index: number): Position {
  for (let range = 0; range < ranges.length; range++) {
    const { first, last } = ranges[range]!
    if (index <= last - first) return { range, address: first + index }
    index -= last - first + 1
  }
  throw new RangeError(`the ranges end ${index} addresses before the number drawn`)
}
