// The lease clock: the platform's steady clock, moved so that it goes on from the time the journal
// holds, and from what has certainly passed while the server was off.

import type { Clock } from '../ports/clock.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'

export class LeaseClock {
  readonly #clock: Clock
  #base: Millis | undefined
  #counted: Millis = 0
  #wakeAt: Instant = NEVER

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether it has been set. */
  get isSet(): boolean {
    return this.#base !== undefined
  }

  /**
   * From now on it shows this time and what passes. `counted` of it passed while nobody served the
   * database.
   */
  set(stamp: Instant, counted: Millis = 0): void {
    this.#base = stamp - this.#clock.monotonic()
    this.#counted = counted
  }

  /**
   * For how long this database has been served: an older copy has been for less, however long it
   * lay about.
   */
  served(): Instant {
    return this.now() - this.#counted
  }

  /**
   * 0 before it is set: a table that heard of a later time would take what is still to be read for
   * ended.
   */
  now(): Instant {
    return this.#base === undefined ? 0 : this.#clock.monotonic() + this.#base
  }

  /**
   * Calls `fire` once at or after this time. An earlier wish stays: waking for nothing is cheaper
   * than arming a timer for each batch.
   */
  wakeBy(when: Instant, fire: () => void): void {
    if (when >= this.#wakeAt) return
    this.#wakeAt = when
    const base = this.#base ?? -this.#clock.monotonic()
    this.#clock.wakeAt(when - base, () => {
      this.#wakeAt = NEVER
      fire()
    })
  }

  /** Takes the wish back. */
  cancel(): void {
    this.#wakeAt = NEVER
    this.#clock.cancel()
  }
}
