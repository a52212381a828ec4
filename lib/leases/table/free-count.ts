// How many addresses of a pool are free, and for whom: counted where they are few, estimated from a
// sample where they are many, so that asking costs the same for a /8 as for a /20.

import type { Draw } from '../../time/draw.ts'
import type { Family } from '../keys/family.ts'
import type { Key, Range } from '../keys/key.ts'
import { drawn, positionAt, sizeOf } from './positions.ts'

/** Up to so many addresses are counted one by one. */
const COUNTED_MAX = 4096
const SAMPLE_SIZE = 2048
/** Where nobody will ever need to know it so well, what is looked at is less. */
const HUGE = 2 ** 32
const HUGE_SAMPLE_SIZE = 256

/**
 * Free addresses: those this server may give, those that only its partner may, those whose two keys
 * are apart, so that nobody may before one is given back, and those that this server may give when
 * its database is no more in doubt.
 */
export interface FreeCount {
  readonly mine: number
  readonly foreign: number
  readonly tied: number
  readonly resting: number
}

/** Addresses of overlapping ranges count twice. */
export function countFree<A extends Key>(
  family: Family<A>,
  ranges: readonly Range<A>[],
  draw: Draw,
  freeFor: (address: A) => keyof FreeCount | undefined,
): FreeCount {
  const found = { mine: 0, foreign: 0, tied: 0, resting: 0 }
  const scale = look(family, ranges, draw, (address) => {
    const whose = freeFor(address)
    if (whose !== undefined) found[whose]++
  })
  const scaled = (count: number) => Math.round(count * scale)
  return {
    mine: scaled(found.mine),
    foreign: scaled(found.foreign),
    tied: scaled(found.tied),
    resting: scaled(found.resting),
  }
}

/** About how many addresses of the ranges satisfy `isCounted`. */
export function countWhere<A extends Key>(
  family: Family<A>,
  ranges: readonly Range<A>[],
  draw: Draw,
  isCounted: (address: A) => boolean,
): number {
  let found = 0
  const scale = look(family, ranges, draw, (address) => {
    if (isCounted(address)) found++
  })
  return Math.round(found * scale)
}

/** Looks at all addresses, or at a sample; returns for how many each of them stands. */
function look<A extends Key>(
  family: Family<A>,
  ranges: readonly Range<A>[],
  draw: Draw,
  visit: (address: A) => void,
): number {
  const size = sizeOf(family, ranges)
  const isSampled = size > COUNTED_MAX
  const sample = size > HUGE ? HUGE_SAMPLE_SIZE : SAMPLE_SIZE
  const looks = isSampled ? sample : size
  for (let at = 0; at < looks; at++)
    visit((isSampled ? drawn(family, ranges, size, draw) : positionAt(family, ranges, at)).address)
  return isSampled ? size / sample : 1
}
