// When a client of DHCPv6 sends again (RFC 9915 §15), and the parameters of its messages (§7.6).

import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'

export interface Pace6 {
  /** First wait for an answer; each later one is about twice as long. */
  readonly first: Millis
  /** Longest wait. */
  readonly max: Millis
  /** Sent so often at most; 0 = without end. */
  readonly count: number
  /** For so long at most; 0 = without end. */
  readonly duration: Millis
}

export const PACES6 = {
  solicit: { first: 1000, max: 3_600_000, count: 0, duration: 0 },
  request: { first: 1000, max: 30_000, count: 10, duration: 0 },
  confirm: { first: 1000, max: 4000, count: 0, duration: 10_000 },
  renew: { first: 10_000, max: 600_000, count: 0, duration: 0 },
  rebind: { first: 10_000, max: 600_000, count: 0, duration: 0 },
  information: { first: 1000, max: 3_600_000, count: 0, duration: 0 },
} satisfies Record<string, Pace6>

/** One message on its way, sent again and again. */
export class Retransmission6 {
  readonly #pace: Pace6
  readonly #draw: Draw
  readonly #beganAt: Millis
  #sent = 0
  #wait: Millis = 0

  constructor(pace: Pace6, draw: Draw, now: Millis) {
    this.#pace = pace
    this.#draw = draw
    this.#beganAt = now
  }

  /** When the first one was sent. */
  get beganAt(): Millis {
    return this.#beganAt
  }

  /** Hundredths of a second since then, as option 8 has them. */
  elapsed(now: Millis): number {
    return Math.min(0xffff, Math.max(0, Math.floor((now - this.#beganAt) / 10)))
  }

  isOver(now: Millis): boolean {
    const { count, duration } = this.#pace
    return (count > 0 && this.#sent >= count) || (duration > 0 && now >= this.#beganAt + duration)
  }

  /** It is being sent; returns when to look again. */
  next(now: Millis): Millis {
    const { first, max, duration } = this.#pace
    const random = (this.#draw(2001) - 1000) / 10_000
    // RFC 9915 §18.2.1: the first wait is never shorter than it says.
    if (this.#sent === 0) this.#wait = first + Math.abs(random) * first
    else this.#wait = Math.min(2 * this.#wait, max) * (1 + random)
    this.#sent++
    const next = now + this.#wait
    return duration > 0 ? Math.min(next, this.#beganAt + duration) : next
  }
}
