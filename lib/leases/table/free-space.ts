// The search for a free address, at a cost that does not depend on how many are taken. Sets over
// the whole address space say what an address is good for; pools are only ranges to look in, so
// overlapping pools and new plans need nothing rebuilt.
//
//   taken      has a row, an offer or a reservation: everything else is untouched
//   closed     is taken, or was met untouched and found to be nobody's to give here
//   reusable   has a row that is over and both keys, and neither offer nor reservation
//   lent       is offered, and would be untouched or reusable otherwise
//
// In a pair half of the untouched addresses are the partner's. They are not marked beforehand,
// since nobody knows which ranges will be asked for: each is met once, marked, and skipped from
// then on. Where keys are too many for that (Nesting), they are stepped over, and marked only where
// many of them follow each other: marks are then as many as leases, not as keys.

import type { Family, Nesting } from '../keys/family.ts'
import type { Key, Range } from '../keys/key.ts'
import type { KeyGroup, KeySet, KeySpace } from '../keys/key-space.ts'
import type { Side } from '../rights.ts'
import type { FreeSearch } from '../view.ts'
import type { Overlaps } from './overlaps.ts'
import { drawn, type Position, sizeOf } from './positions.ts'

/** Random addresses tried before the search goes upwards from the last of them. */
const PROBES = 4

/** Addresses that are compared for the one that is free for longest. */
const COMPARED_MAX = 512

/** Keys that a search steps over before it marks further ones. */
const STEPS_MAX = 32

/** Keys that are looked at for stuck ones, and what stands in the way of each. */
const STUCK_LOOKS = 512
const BLOCKS_MAX = 64

const MARK = { taken: 1, own: 2, reusable: 4 } as const

/** Where the searches of one list of ranges stand. */
interface Cursor<A extends Key> {
  /** Addresses in all ranges; overlapping ones count twice. */
  readonly size: number
  /** The next address to look at for an untouched one: range and address. */
  fresh: Position<A>
  /** The same for a reusable one. */
  used: Position<A>
  /** Nothing of the kind was found when so much had been freed: nothing is found before more is. */
  noFreshAt: number
  noUsedAt: number
}

export class FreeSpace<A extends Key> {
  readonly #family: Family<A>
  readonly #taken: KeySet<A>
  /** Where nothing is closed that is not taken, it is the same set. */
  #closed: KeySet<A>
  readonly #own: KeySet<A>
  #home: Side | undefined
  readonly #reusable: KeySet<A>
  readonly #lent: KeySet<A>
  /** All but the last, in the order of MARK. */
  readonly #marks: KeyGroup<A> | undefined
  readonly #cursors = new WeakMap<readonly Range<A>[], Cursor<A>>()
  readonly #overlaps: Overlaps<A> | undefined
  /** How often keys have become free. */
  #freed = 0
  /** Lengths of keys that were closed because of keys below. */
  readonly #closedLengths = new Set<number>()

  constructor(family: Family<A>, space: KeySpace<A>, overlaps: Overlaps<A> | undefined) {
    this.#family = family
    this.#overlaps = overlaps
    this.#taken = space.set()
    this.#own = space.set()
    this.#closed = family.nesting === undefined ? this.#taken : this.#own
    this.#reusable = space.set()
    const nests = family.nesting !== undefined
    // In a tree each node knows what is below it: what comes and goes with every offer is noted up
    // to the root of a small one of its own.
    this.#lent = nests ? family.space().set() : space.set()
    // What is closed is a set of its own where keys nest.
    this.#marks = nests ? space.group?.([this.#taken, this.#own, this.#reusable]) : undefined
  }

  mark(address: A, taken: boolean, reusable: boolean, lent: boolean): void {
    if (!taken || reusable) this.#freed++
    if (this.#marks !== undefined) {
      const closed = taken ? MARK.taken | MARK.own : 0
      this.#marks.put(address, closed | (reusable ? MARK.reusable : 0))
      return this.#lent.set(address, lent)
    }
    this.#taken.set(address, taken)
    if (this.#closed !== this.#taken) this.#closed.set(address, taken)
    this.#reusable.set(address, reusable)
    this.#lent.set(address, lent)
  }

  /** Only addresses of this home are ours while they are untouched; undefined: all are. */
  setHome(home: Side | undefined): void {
    if (home === this.#home) return
    this.#freed++
    this.#home = home
    const isSame = home === undefined && this.#family.nesting === undefined
    this.#closed = isSame ? this.#taken : this.#own
    if (isSame) this.#own.clear()
    else this.#own.assign(this.#taken)
  }

  /** A key below others stands in nobody's way any more. */
  reopen(below: A): void {
    const nesting = this.#family.nesting!
    this.#freed++
    for (const length of this.#closedLengths)
      if (length < nesting.lengthOf(below)) {
        const above = nesting.above(below, length)
        this.#closed.set(above, this.#taken.has(above))
      }
  }

  isTaken(address: A): boolean {
    return this.#taken.has(address)
  }

  isReusable(address: A): boolean {
    return this.#reusable.has(address)
  }

  /** The lowest untouched address of ours from `first` to `last`, or undefined. */
  nextFresh(first: A, last: A): A | undefined {
    if (this.#family.nesting !== undefined)
      return this.#nextNested(first, last, this.#family.nesting)
    let address = this.#closed.nextClear(first, last)
    while (
      address !== undefined &&
      this.#home !== undefined &&
      this.#family.homeOf(address) !== this.#home
    ) {
      this.#closed.add(address)
      address = this.#closed.nextClear(this.#family.after(address), last)
    }
    return address
  }

  #nextNested(first: A, last: A, nesting: Nesting<A>): A | undefined {
    let address = this.#closed.nextClear(first, last)
    for (let steps = 0; address !== undefined; steps++) {
      const next = this.#step(address, nesting, steps >= STEPS_MAX)
      if (next === address) return address
      address = this.#closed.nextClear(next, last)
    }
    return undefined
  }

  /** The untouched key, if it may be given; else the next that may be. */
  #step(key: A, nesting: Nesting<A>, isMarked: boolean): A {
    const next = this.#family.after(key)
    if (this.#home !== undefined && this.#family.homeOf(key) !== this.#home) {
      const behind = nesting.behindHome(key)
      if (isMarked && behind === next) this.#closed.add(key)
      return behind
    }
    const overlap = this.#overlaps!.of(key)
    if (overlap === undefined) return key
    const length = nesting.lengthOf(key)
    if (nesting.lengthOf(overlap) < length)
      return this.#family.after(nesting.below(overlap, length).last)
    if (isMarked) {
      this.#closed.add(key)
      this.#closedLengths.add(length)
    }
    return next
  }

  /** The lowest address from `first` to `last` whose row is over, or undefined. */
  nextReusable(first: A, last: A): A | undefined {
    return this.#nextOf(this.#reusable, first, last)
  }

  #nextOf(keys: KeySet<A>, first: A, last: A): A | undefined {
    let found = keys.nextSet(first, last)
    while (found !== undefined && this.#overlaps?.of(found) !== undefined)
      found = keys.nextSet(this.#family.after(found), last)
    return found
  }

  /**
   * Keys from `first` to `last` that would be free but for what stands in their way, where that is
   * `isAway`; those without a row only if `untouched`.
   */
  stuck(
    { first, last }: Range<A>,
    max: number,
    untouched: boolean,
    isAway: (key: A) => boolean,
  ): A[] {
    const nesting = this.#family.nesting!
    const found: A[] = []
    let left = STUCK_LOOKS
    let key = this.#reusable.nextSet(first, last)
    for (; key !== undefined && found.length < max && left > 0; left--) {
      if (this.#blockOf(key, isAway) === 'away') found.push(key)
      key = this.#reusable.nextSet(this.#family.after(key), last)
    }
    key = untouched ? this.#taken.nextClear(first, last) : undefined
    for (; key !== undefined && found.length < max && left > 0; left--) {
      const isOurs = this.#home === undefined || this.#family.homeOf(key) === this.#home
      const block = isOurs ? this.#blockOf(key, isAway) : undefined
      if (block === 'away') found.push(key)
      const isBelow = block !== undefined && block !== 'away'
      const next = isBelow ? nesting.below(block, nesting.lengthOf(key)).last : key
      key = this.#taken.nextClear(isOurs ? this.#family.after(next) : nesting.behindHome(key), last)
    }
    return found
  }

  /**
   * 'away': what stands in the way of the key is; else a key above it that is not. undefined: it is
   * free, or something below it is not away.
   */
  #blockOf(key: A, isAway: (key: A) => boolean): A | 'away' | undefined {
    const blocks = this.#overlaps!.all(key, BLOCKS_MAX)
    if (blocks.length === 0) return undefined
    const near = blocks.find((each) => !isAway(each))
    if (near === undefined) return 'away'
    const { lengthOf } = this.#family.nesting!
    return lengthOf(near) < lengthOf(key) ? near : undefined
  }

  isLent(address: A): boolean {
    return this.#lent.has(address)
  }

  /** An address of ours in the ranges that nobody has, had or was promised. */
  findFresh(ranges: readonly Range<A>[], search: FreeSearch): A | undefined {
    if (ranges.length === 0) return undefined
    const cursor = this.#cursor(ranges)
    if (cursor.noFreshAt === this.#freed) return undefined
    const near = search.order === 'random' ? this.#probe(ranges, cursor, search) : undefined
    const found = this.#findFrom(ranges, near, cursor.fresh, false)
    if (found !== undefined) cursor.fresh = this.#behind(found)
    else cursor.noFreshAt = this.#freed
    return found?.address
  }

  /** An address of the ranges whose row is over. */
  findUsed(ranges: readonly Range<A>[], search: FreeSearch): A | undefined {
    if (ranges.length === 0) return undefined
    const cursor = this.#cursor(ranges)
    if (cursor.noUsedAt === this.#freed) return undefined
    const isRandom = search.order === 'random'
    const near = isRandom ? drawn(this.#family, ranges, cursor.size, search.draw) : undefined
    const found = this.#findFrom(ranges, near, cursor.used, true)
    if (found !== undefined) cursor.used = this.#behind(found)
    else cursor.noUsedAt = this.#freed
    return found?.address
  }

  /**
   * Of the addresses whose row is over, the one of the earliest end: of all of them where they are
   * few, as in a pool that is nearly full, else of the next COMPARED_MAX.
   */
  findOldest(ranges: readonly Range<A>[], endOf: (address: A) => number): A | undefined {
    if (ranges.length === 0) return undefined
    const cursor = this.#cursor(ranges)
    const start = cursor.used
    let oldest: A | undefined
    let earliest = Number.POSITIVE_INFINITY
    let left = COMPARED_MAX
    for (let step = 0; step <= ranges.length && left > 0; step++) {
      const range = (start.range + step) % ranges.length
      const { first, last } = ranges[range]!
      let address = this.nextReusable(step === 0 ? start.address : first, last)
      for (; address !== undefined && left > 0; left--) {
        const end = endOf(address)
        if (end < earliest) {
          oldest = address
          earliest = end
        }
        cursor.used = this.#behind({ range, address })
        address = this.nextReusable(cursor.used.address, last)
      }
    }
    return oldest
  }

  /** An address of the ranges that is lent, whichever. */
  findLent(ranges: readonly Range<A>[]): A | undefined {
    for (const range of ranges) {
      const found = this.#nextOf(this.#lent, range.first, range.last)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** A random position; one whose address is untouched, if a few draws find one. */
  #probe(ranges: readonly Range<A>[], cursor: Cursor<A>, search: FreeSearch): Position<A> {
    let position = drawn(this.#family, ranges, cursor.size, search.draw)
    for (let probe = 1; probe < PROBES && !this.#isOpen(position.address); probe++)
      position = drawn(this.#family, ranges, cursor.size, search.draw)
    return position
  }

  /** Of a pair, half of what is drawn is at home elsewhere: that is seen without a search. */
  #isOpen(address: A): boolean {
    const isOurs =
      this.#family.nesting === undefined ||
      this.#home === undefined ||
      this.#family.homeOf(address) === this.#home
    return isOurs && !this.#closed.has(address)
  }

  /**
   * Near the position that was drawn, if any; else from the other one to the end of the ranges,
   * then from their beginning up to there. Where thousands of ranges are full, the latter is where
   * one was found last that is not.
   */
  #findFrom(
    ranges: readonly Range<A>[],
    near: Position<A> | undefined,
    from: Position<A>,
    used: boolean,
  ): Position<A> | undefined {
    const found = near && this.#findNear(ranges, near, used)
    if (found !== undefined) return found
    for (let step = 0; step <= ranges.length; step++) {
      const range = (from.range + step) % ranges.length
      const { first, last } = ranges[range]!
      const start = step === 0 ? from.address : first
      const address = used ? this.nextReusable(start, last) : this.nextFresh(start, last)
      if (address !== undefined) return { range, address }
    }
    return undefined
  }

  /** In the range of a position that was drawn: from there on, then from its beginning. */
  #findNear(
    ranges: readonly Range<A>[],
    { range, address: drawn }: Position<A>,
    used: boolean,
  ): Position<A> | undefined {
    const { first, last } = ranges[range]!
    const next = (start: A) => (used ? this.nextReusable(start, last) : this.nextFresh(start, last))
    const address = next(drawn) ?? next(first)
    return address === undefined ? undefined : { range, address }
  }

  #cursor(ranges: readonly Range<A>[]): Cursor<A> {
    const known = this.#cursors.get(ranges)
    if (known !== undefined) return known
    const start = { range: 0, address: ranges[0]!.first }
    const none = { noFreshAt: -1, noUsedAt: -1 }
    const cursor = { size: sizeOf(this.#family, ranges), fresh: start, used: start, ...none }
    this.#cursors.set(ranges, cursor)
    return cursor
  }

  /** May lie one behind its range; the search then goes on with the next range. */
  #behind({ range, address }: Position<A>): Position<A> {
    return { range, address: this.#family.after(address) }
  }
}
