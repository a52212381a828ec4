// How many clients found nothing free lately: within the last five to ten minutes.

import type { Instant, Millis } from '../time/units.ts'

/** How long ago a refusal still says how things are; half of what is looked back. */
const WINDOW: Millis = 300_000

export class Refusals {
  /** In this window and in the one before. */
  #counts: [number, number] = [0, 0]
  #window = 0

  count(now: Instant): void {
    this.#turn(now)
    this.#counts[0]++
  }

  lately(now: Instant): number {
    this.#turn(now)
    return this.#counts[0] + this.#counts[1]
  }

  #turn(now: Instant): void {
    const window = Math.floor(now / WINDOW)
    if (window === this.#window) return
    this.#counts = [0, window === this.#window + 1 ? this.#counts[0] : 0]
    this.#window = window
  }
}
