// Keys of a list of ranges by their numbers in all of them taken together, and by chance.

import type { Draw } from '../../time/draw.ts'
import type { Family } from '../keys/family.ts'
import type { Key, Range } from '../keys/key.ts'

export interface Position<A extends Key> {
  readonly range: number
  readonly address: A
}

/** A draw has so many outcomes at most. */
const DRAWN_MAX = 2 ** 32

/** In a list of more ranges, the one of a number is not looked for from the beginning. */
const FEW = 8

/** Numbers with which the ranges of a list begin, and their size at the end. */
const starts = new WeakMap<readonly Range<Key>[], Float64Array>()

/** Addresses in all ranges; overlapping ones count twice. */
export function sizeOf<A extends Key>(family: Family<A>, ranges: readonly Range<A>[]): number {
  return ranges.reduce((sum, range) => sum + family.sizeOf(range), 0)
}

/** Any address of the ranges, which have `size` together. */
export function drawn<A extends Key>(
  family: Family<A>,
  ranges: readonly Range<A>[],
  size: number,
  draw: Draw,
): Position<A> {
  if (size <= DRAWN_MAX) return positionAt(family, ranges, draw(size))
  const { range } = placeOf(family, ranges, (draw(DRAWN_MAX) / DRAWN_MAX) * size)
  return { range, address: family.any(ranges[range]!, draw) }
}

/** The address number `index` of all ranges taken together. */
export function positionAt<A extends Key>(
  family: Family<A>,
  ranges: readonly Range<A>[],
  index: number,
): Position<A> {
  const place = placeOf(family, ranges, index)
  return { range: place.range, address: family.at(ranges[place.range]!, place.index) }
}

/** The range of a number, and the number within it. Sizes that are rounded may lead behind it. */
function placeOf<A extends Key>(
  family: Family<A>,
  ranges: readonly Range<A>[],
  index: number,
): { range: number; index: number } {
  let range = 0
  if (ranges.length > FEW) {
    const begin = startsOf(family, ranges)
    range = lastBelow(begin, ranges.length, index)
    return { range, index: index - begin[range]! }
  }
  for (; range < ranges.length - 1; range++) {
    const size = family.sizeOf(ranges[range]!)
    if (index < size) break
    index -= size
  }
  return { range, index }
}

function startsOf<A extends Key>(family: Family<A>, ranges: readonly Range<A>[]): Float64Array {
  const known = starts.get(ranges)
  if (known !== undefined) return known
  const begin = new Float64Array(ranges.length)
  for (let range = 1; range < ranges.length; range++)
    begin[range] = begin[range - 1]! + family.sizeOf(ranges[range - 1]!)
  starts.set(ranges, begin)
  return begin
}

/** The last of the first `count` that is not above the number. */
function lastBelow(begin: Float64Array, count: number, index: number): number {
  let low = 0
  let high = count
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (begin[middle]! <= index) low = middle
    else high = middle
  }
  return low
}
