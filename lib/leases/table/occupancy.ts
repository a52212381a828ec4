// How much of the pools that are open to a client is taken: counted where they are small, estimated
// from a sample and kept for a moment where they are large, since it is asked with each lease.

import type { Draw } from '../../time/draw.ts'
import type { Instant, Millis } from '../../time/units.ts'
import type { Family } from '../keys/family.ts'
import type { Key, Range } from '../keys/key.ts'
import { countWhere } from './free-count.ts'
import { sizeOf } from './positions.ts'

/** Up to so many addresses are counted each time. */
const SMALL_MAX = 256

/** How long the count of others is good. */
const COUNT_WAIT: Millis = 1000

interface Count {
  readonly size: number
  taken: number
  at: Instant
}

export class Occupancies<A extends Key> {
  readonly #family: Family<A>
  readonly #isTaken: (address: A) => boolean
  readonly #counts = new WeakMap<readonly Range<A>[], Count>()

  /** `isTaken`: somebody has a lease of the address, or it is declined. */
  constructor(family: Family<A>, isTaken: (address: A) => boolean) {
    this.#family = family
    this.#isTaken = isTaken
  }

  /** See LeaseView.occupancy. */
  of(ranges: readonly Range<A>[], except: A, draw: Draw, now: Instant): number {
    const count = this.#countOf(ranges)
    if (count.size === 0) return 0
    if (count.size <= SMALL_MAX || now - count.at >= COUNT_WAIT) {
      count.taken = countWhere(this.#family, ranges, draw, this.#isTaken)
      count.at = now
    }
    const others = this.#isTaken(except) ? count.taken - 1 : count.taken
    return Math.max(0, others) / count.size
  }

  #countOf(ranges: readonly Range<A>[]): Count {
    const known = this.#counts.get(ranges)
    if (known !== undefined) return known
    const count = {
      size: sizeOf(this.#family, ranges),
      taken: 0,
      at: Number.NEGATIVE_INFINITY,
    }
    this.#counts.set(ranges, count)
    return count
  }
}
