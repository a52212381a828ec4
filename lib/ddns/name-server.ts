// Whether a server of DNS answers: while it does not it is asked by one job at a time, at growing
// distances, for ever; when it does again it gets what has waited no faster than it can take it.

import type { Draw } from '../time/draw.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'

/** Jobs that a server has at a time. */
export const IN_FLIGHT_MAX = 32

const RETRY_MIN: Millis = 1000
const RETRY_MAX: Millis = 60_000
/** A fifth more or less, in thousandths. */
const RETRY_SPREAD = 200

export class NameServer {
  /** `192.0.2.53`, with `#5353` where the port is another one. */
  readonly name: string
  readonly #draw: Draw
  /** Jobs that it has. */
  inFlight = 0
  /** Tries since it answered last; 0: it does. */
  tries = 0
  /** Of the last try, '' while it answers. */
  trouble = ''
  /** Since when it does not answer. */
  downSince: Instant = NEVER
  #tryAt: Instant = 0
  #isProbed = false
  /** It was away, and has not got all of what waited. */
  #isCatchingUp = false
  #nextAt: Instant = 0

  constructor(name: string, draw: Draw) {
    this.name = name
    this.#draw = draw
  }

  get isDown(): boolean {
    return this.tries > 0
  }

  /** When it may be given a job; NEVER: when it is done with another. */
  get readyAt(): Instant {
    if (this.inFlight >= IN_FLIGHT_MAX) return NEVER
    if (this.isDown) return this.#isProbed ? NEVER : this.#tryAt
    return this.#isCatchingUp ? this.#nextAt : 0
  }

  /** It is given a job. Returns whether that is a try. */
  begin(now: Instant, rate: number): boolean {
    this.inFlight++
    if (this.#isCatchingUp) this.#nextAt = Math.max(this.#nextAt, now) + 1000 / rate
    if (!this.isDown) return false
    this.#isProbed = true
    return true
  }

  /** It has not answered. What was sent before that was known says no more than the first. */
  silent(isTry: boolean, trouble: string, now: Instant): void {
    this.inFlight--
    if (isTry) this.#isProbed = false
    if (this.isDown && !isTry) return
    if (!this.isDown) this.downSince = now
    this.tries++
    this.trouble = trouble
    const wait = Math.min(RETRY_MIN * 2 ** Math.min(this.tries - 1, 16), RETRY_MAX)
    const spread = 1000 - RETRY_SPREAD + this.#draw(2 * RETRY_SPREAD + 1)
    this.#tryAt = now + (wait * spread) / 1000
  }

  /** It has answered, or the job was not sent. */
  answered(isTry: boolean, wasSent: boolean, now: Instant): void {
    this.inFlight--
    if (isTry) this.#isProbed = false
    if (!wasSent || !this.isDown) return
    this.tries = 0
    this.trouble = ''
    this.downSince = NEVER
    this.#isCatchingUp = true
    this.#nextAt = now
  }

  /** Nothing waits for it. */
  caughtUp(): void {
    this.#isCatchingUp = false
  }

  /** Somebody says that it is well again. */
  tryNow(now: Instant): void {
    this.#tryAt = Math.min(this.#tryAt, now)
  }
}
