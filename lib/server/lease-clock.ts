// The lease clock: the platform's steady clock, moved so that it goes on from the time the journal holds.

import type { Clock } from '../ports/clock.ts'
import type { Instant, Millis } from '../time/units.ts'

export class LeaseClock {
  readonly #clock: Clock
  #base: Millis | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether it has been set. */
  get isSet(): boolean {
    return this.#base !== undefined
  }

  /** From now on it shows this time and what passes. */
  set(stamp: Instant): void {
    this.#base = stamp - this.#clock.monotonic()
  }

  /** Before it is set, the time of the steady clock. */
  now(): Instant {
    return this.#clock.monotonic() + (this.#base ?? 0)
  }

  /** Calls `fire` once at or after this time, replacing the former wish. */
  wakeAt(when: Instant, fire: () => void): void {
    this.#clock.wakeAt(when - (this.#base ?? 0), fire)
  }
}
