// Of how many answers notes are made for `whio why` (recent.ts, recent6.ts). Where many clients are
// served, each note pushes another one out of a memory of seconds; who was refused, or not
// answered, is remembered all the same. In DHCPv6 that is so of clients of this server.

import type { Instant, Millis } from '../time/units.ts'

const TICK: Millis = 100

/** Answers of a tick that are noted. */
export const SERVED_MAX = 200

export class ServedLimit {
  #tick = 0
  #served = 0

  /** Whether one more answer is too many of this moment. */
  isMuch(now: Instant): boolean {
    const tick = Math.floor(now / TICK) | 0
    if (tick !== this.#tick) {
      this.#tick = tick
      this.#served = 0
    }
    this.#served++
    return this.#served > SERVED_MAX
  }
}
