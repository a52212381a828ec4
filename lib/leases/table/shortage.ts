// Where a server of a pair has run out of free addresses while its partner may still have some.
// Those come within a moment when they are asked for, so clients of the first second are not
// offered what others were promised.

import type { Instant, Millis } from '../../time/units.ts'
import type { Key, Range } from '../keys/key.ts'

/** What the partner has to give has come within this time. */
const ASK_WAIT: Millis = 1000

/** A shortage that nobody has met for so long is another one. */
const SHORT_WAIT: Millis = 10_000

/** How long what was counted is good. */
const COUNT_WAIT: Millis = 100

interface Short {
  since: Instant
  metAt: Instant
  isElsewhere: boolean
  countedAt: Instant
}

export class Shortages<A extends Key> {
  #shorts = new WeakMap<readonly Range<A>[], Short>()
  #isAny = false

  /** A free address of the ranges was found. */
  end(ranges: readonly Range<A>[]): void {
    if (this.#isAny) this.#shorts.delete(ranges)
  }

  /**
   * Nothing of the ranges is free here: whether what the partner may have to give can still be on
   * its way.
   */
  isNew(ranges: readonly Range<A>[], now: Instant): boolean {
    const short = this.#of(ranges)
    if (now - short.metAt > SHORT_WAIT) short.since = now
    short.metAt = now
    return now - short.since <= ASK_WAIT
  }

  /** What `isElsewhere` says; a crowd of clients does not have it counted for each. */
  isElsewhere(ranges: readonly Range<A>[], now: Instant, isElsewhere: () => boolean): boolean {
    const short = this.#of(ranges)
    if (now - short.countedAt > COUNT_WAIT) {
      short.countedAt = now
      short.isElsewhere = isElsewhere()
    }
    return short.isElsewhere
  }

  #of(ranges: readonly Range<A>[]): Short {
    const known = this.#shorts.get(ranges)
    if (known !== undefined) return known
    const never = Number.NEGATIVE_INFINITY
    const short = { since: never, metAt: never, isElsewhere: false, countedAt: never }
    this.#shorts.set(ranges, short)
    this.#isAny = true
    return short
  }
}
