// When samples of counters are taken: where something may have moved, as soon as it has, and at
// most ten times a second. Nothing is done for a single message, and nothing at all where nobody
// keeps samples.

import { type Instant, type Millis, NEVER } from '../time/units.ts'

export const SAMPLE_PACE: Millis = 100

export class SampleClock {
  /**
   * Reads the counters: what it finds has moved by this time, and by the pace before at most.
   * Returns whether anything has.
   */
  watcher: ((at: Instant) => boolean) | undefined = undefined
  /** Since the last samples something may have moved, the last time then. */
  #moved: Instant = NEVER
  #taken: Instant = Number.NEGATIVE_INFINITY

  /** Something has come, and nothing is counted of it yet. */
  before(now: Instant): void {
    if (this.#moved + SAMPLE_PACE <= now) this.#take(this.#moved)
  }

  /** What has come was worked through. */
  after(now: Instant): void {
    if (this.watcher === undefined) return
    if (now - this.#taken >= SAMPLE_PACE) this.#take(now)
    else this.#moved = now
  }

  /** Somebody asks. */
  settle(now: Instant): void {
    this.#take(Math.min(this.#moved, now))
  }

  #take(at: Instant): void {
    this.#moved = NEVER
    if (this.watcher?.(at) === true) this.#taken = at
  }
}
