// The samples of one statistic, newest first, as Kea keeps them: one for each step that the value
// has made. Whoever looks at it from time to time sees where it has got to; the steps on the way
// there are made up, which for what is counted one by one is what they were.

import type { Seconds, WallTime } from '../../time/units.ts'

export type Value = number | bigint

export interface Sample {
  readonly value: Value
  readonly at: WallTime
}

/** One of the two counts: so many samples, or those of so many seconds before the newest. */
export type Limit = { readonly count: number } | { readonly age: Seconds }

/** Whatever the limits are. */
export const SAMPLES_MAX = 1000

/**
 * `count`: it only grows, and begins at 0 again where it is reset. `state`: it is what it is, which
 * nobody can reset.
 */
export type Kind = 'count' | 'state'

export class History {
  readonly #kind: Kind
  #samples: Sample[] = []
  #limit: Limit
  /** What of the count is not told: it was reset. */
  #offset = 0
  /** Where it stood when it was removed: while it stays there, there is no such statistic. */
  #removedAt: Value | undefined = undefined
  #seen: Value

  /** `first`: its value at this time. */
  constructor(kind: Kind, limit: Limit, first: Value, at: WallTime) {
    this.#kind = kind
    this.#limit = limit
    this.#seen = first
    this.#samples = [{ value: first, at }]
  }

  /** Empty: it was removed, and nothing has happened since. */
  get samples(): readonly Sample[] {
    return this.#samples
  }

  /** It stands there now; returns whether it has moved. */
  see(value: Value, at: WallTime): boolean {
    if (value === this.#seen) return false
    const from = this.#seen
    this.#seen = value
    this.#removedAt = undefined
    this.#step(this.#told(from), this.#told(value), at)
    this.#forgetOld()
    return true
  }

  reset(at: WallTime): void {
    if (this.#kind === 'count') this.#offset = Number(this.#seen)
    this.#samples = [{ value: this.#told(this.#seen), at }]
  }

  /** The next change brings it back, with its samples and limits as in the beginning. */
  remove(limit: Limit): void {
    if (this.#kind === 'count') this.#offset = Number(this.#seen)
    this.#removedAt = this.#seen
    this.#limit = limit
    this.#samples = []
  }

  get isRemoved(): boolean {
    return this.#removedAt !== undefined
  }

  limit(limit: Limit): void {
    this.#limit = limit
    this.#forgetOld()
  }

  #told(value: Value): Value {
    return this.#kind === 'count' && typeof value === 'number' ? value - this.#offset : value
  }

  #step(from: Value, to: Value, at: WallTime): void {
    const most = mostOf(this.#limit)
    if (typeof from !== 'number' || typeof to !== 'number') {
      this.#samples.unshift({ value: to, at })
      return
    }
    const steps = Math.min(Math.abs(to - from), most)
    const way = to > from ? 1 : -1
    const made = Array.from({ length: steps }, (_, back) => ({ value: to - way * back, at }))
    this.#samples = steps === most ? made : made.concat(this.#samples as typeof made).slice(0, most)
  }

  #forgetOld(): void {
    const limit = this.#limit
    const newest = this.#samples[0]
    if (newest === undefined) return
    this.#samples.length = Math.min(mostOf(limit), this.#samples.length)
    if ('age' in limit)
      this.#samples = this.#samples.filter(({ at }) => newest.at - at <= limit.age * 1000)
  }
}

function mostOf(limit: Limit): number {
  return 'count' in limit ? Math.min(limit.count, SAMPLES_MAX) : SAMPLES_MAX
}
