// Whether this machine stood still with its steady clock while the database was away. The database
// has counted on then, and memory believes that more is left of leases than is. It shows in the
// calendar, once that is set: CLOCK_MONOTONIC stands still while a machine sleeps or a virtual one
// is paused. In a pause of a virtual machine all clocks of it stand still, that of its uptime too,
// so a calendar that nobody sets shows nothing.

import type { Clock } from '../../ports/clock.ts'
import { JUMP_MIN } from '../../time/downtime.ts'
import type { Instant, Millis } from '../../time/units.ts'

export class Standstill {
  readonly #clock: Pick<Clock, 'wall'>
  readonly #now: () => Instant
  /** By how much calendar and lease clock differed at the last answer. */
  #offset: Millis = 0
  /** Since when it is suspected. */
  #since: Instant | undefined

  constructor(clock: Pick<Clock, 'wall'>, now: () => Instant) {
    this.#clock = clock
    this.#now = now
  }

  /** The lease clock shows what the database does. */
  begin(stamp: Instant): void {
    this.#offset = this.#clock.wall() - stamp
  }

  /** An answer that was asked for before does not tell how far the database has counted. */
  get isSuspected(): boolean {
    const ahead = this.#clock.wall() - this.#now() - this.#offset
    if (this.#since === undefined && ahead > JUMP_MIN) this.#since = this.#now()
    return this.#since !== undefined
  }

  /** The database has answered what was asked for so long ago. `isJump`: by another time. */
  heard(took: Millis, isJump: boolean): void {
    if (this.isSuspected && !isJump && this.#now() - took <= this.#since!) return
    this.#since = undefined
    this.#offset = this.#clock.wall() - this.#now()
  }
}
