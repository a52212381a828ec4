// The real clock: performance.now for the time that never jumps, one timer for the next wake-up.
//
// The timer keeps the process alive while a wish is pending. That is deliberate: a server that
// waits for a deadline has work to do. `cancel` lets the process end.

import type { Clock } from '../ports/clock.ts'
import type { Millis, WallTime } from '../time/units.ts'

/** Longer waits overflow the 32-bit timers of Node, which would then fire at once. */
const WAIT_MAX: Millis = 0x7fffffff

/** The three things of Node that the clock stands on; tests replace them. */
export interface TimeSource {
  monotonic(): Millis
  wall(): WallTime
  setTimer(run: () => void, waitMs: Millis): unknown
  clearTimer(timer: unknown): void
}

const NODE_TIME: TimeSource = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  setTimer: (run, waitMs) => setTimeout(run, waitMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** A clock with one pending wish. Exact to the millisecond; never fires early. */
export function systemClock(source: TimeSource = NODE_TIME): Clock {
  return new SystemClock(source)
}

class SystemClock implements Clock {
  readonly #source: TimeSource
  #timer: unknown
  #when: Millis = 0
  #fire: (() => void) | undefined
  readonly #onTimer = () => this.#timerFired()

  constructor(source: TimeSource) {
    this.#source = source
  }

  monotonic(): Millis {
    return this.#source.monotonic()
  }

  wall(): WallTime {
    return this.#source.wall()
  }

  wakeAt(when: Millis, fire: () => void): void {
    const same = this.#timer !== undefined && this.#when === when
    this.#fire = fire
    if (same) return
    this.#when = when
    this.#arm()
  }

  cancel(): void {
    this.#fire = undefined
    if (this.#timer !== undefined) this.#source.clearTimer(this.#timer)
    this.#timer = undefined
  }

  /**
   * Node rounds waits down to whole milliseconds, hence the ceiling: late is allowed, early is not.
   */
  #arm(): void {
    if (this.#timer !== undefined) this.#source.clearTimer(this.#timer)
    const wait = Math.ceil(this.#when - this.#source.monotonic())
    this.#timer = this.#source.setTimer(this.#onTimer, Math.min(Math.max(wait, 0), WAIT_MAX))
  }

  #timerFired(): void {
    this.#timer = undefined
    if (this.#source.monotonic() < this.#when) {
      this.#arm()
      return
    }
    const fire = this.#fire
    this.#fire = undefined
    fire?.()
  }
}
