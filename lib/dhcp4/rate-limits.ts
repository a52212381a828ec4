// How many messages are taken in a time, of a class or a subnet: the time of the last ones that
// were taken says whether one more may be. What is refused does not count.

import type { RateLimit } from '../config/plan/limits-plan.ts'
import type { Plan4, Subnet4 } from '../config/plan/plan4.ts'
import type { Instant } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'

/** Times that are kept of one limit: of a larger one, that of one message in several. */
const TIMES_MAX = 4096

/** The last messages of one limit. */
export class RateWindow {
  readonly #within: number
  /** Messages for each time that is kept. */
  readonly #step: number
  readonly #times: Float64Array
  /** Where the oldest time stands. */
  #next = 0
  #taken = 0

  constructor({ messages, within }: RateLimit) {
    this.#within = within
    this.#step = Math.max(1, Math.ceil(messages / TIMES_MAX))
    this.#times = new Float64Array(Math.ceil(messages / this.#step)).fill(Number.NEGATIVE_INFINITY)
  }

  /** Whether one more fits; it is not taken yet. */
  admits(now: Instant): boolean {
    const times = this.#times
    if (times.length === 0) return false
    return this.#taken % this.#step !== 0 || times[this.#next]! + this.#within <= now
  }

  take(now: Instant): void {
    if (this.#taken++ % this.#step !== 0) return
    this.#times[this.#next] = now
    this.#next = (this.#next + 1) % this.#times.length
  }
}

export class RateLimits {
  readonly #ofClasses: readonly { readonly number: number; readonly window: RateWindow }[]
  readonly #ofSubnets = new Map<Subnet4, RateWindow>()

  /** Undefined where the plan has none. */
  static of(plan: Plan4): RateLimits | undefined {
    const limits = new RateLimits(plan)
    return limits.#ofClasses.length + limits.#ofSubnets.size === 0 ? undefined : limits
  }

  private constructor({ classLimits, subnets }: Plan4) {
    this.#ofClasses = classLimits.map(({ number, rate }) => ({
      number,
      window: new RateWindow(rate),
    }))
    for (const subnet of subnets)
      if (subnet.limits?.rate !== undefined)
        this.#ofSubnets.set(subnet, new RateWindow(subnet.limits.rate))
  }

  /** A message of these classes: it counts in each of them, or in none. */
  takesOf({ classes, now }: Exchange4): boolean {
    for (const { number, window } of this.#ofClasses)
      if (classes.has(number) && !window.admits(now)) return false
    for (const { number, window } of this.#ofClasses) if (classes.has(number)) window.take(now)
    return true
  }

  takesIn(subnet: Subnet4, now: Instant): boolean {
    const window = this.#ofSubnets.get(subnet)
    if (window === undefined) return true
    if (!window.admits(now)) return false
    window.take(now)
    return true
  }
}

/** Who waited until an address was asked for was counted before. */
export function isOverRate({ checked, now, rateLimits }: Exchange4, subnet: Subnet4): boolean {
  return rateLimits !== undefined && checked === undefined && !rateLimits.takesIn(subnet, now)
}
