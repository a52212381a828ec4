// The clock of a shared database, as its answers show it. Only it counts for when leases end: rows
// come with the time that is left of them, and memory counts on from there. So nothing is to be
// done where it is simply another one than that of this machine; but where it jumps ahead, leases
// that were written before seem to have ended, and where this machine stood still, memory believes
// that they last longer than they do.

import type { SharedAnswer } from '../../ports/shared-journal.ts'
import { JUMP_MIN } from '../../time/downtime.ts'
import type { Instant } from '../../time/units.ts'

export class DatabaseClock {
  /** The least and the most by which it was ahead of the lease clock when it was heard last. */
  #least = Number.NaN
  #most = Number.NaN

  /** How far it has jumped since the last answer; 0: it has not. Negative: back. */
  heard({ time, took }: SharedAnswer, now: Instant): number {
    const [least, most] = [time - now, time - (now - took)]
    const ahead = least - this.#most
    const back = most - this.#least
    this.#least = least
    this.#most = most
    if (ahead > JUMP_MIN) return ahead
    return back < -JUMP_MIN ? back : 0
  }
}
