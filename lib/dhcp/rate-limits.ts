// How many messages are taken in a time, of a class or a subnet: the time of the last ones that
// were taken says whether one more may be. What is refused does not count.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import { textFor } from '../classify/expression.ts'
import type { Facts } from '../classify/facts.ts'
import type {
  ClassLimit,
  ClassLimits,
  RateLimit,
  SubnetLimits,
} from '../config/plan/limits-plan.ts'
import type { Instant } from '../time/units.ts'

/** Times that are kept of one limit: of a larger one, that of one message in several. */
const TIMES_MAX = 4096

/** Values of a template that are limited at a time, and times that are kept for each. */
const VALUES_MAX = 10_000
const TIMES_OF_VALUE_MAX = 64

/** A message that may be taken, as far as it is asked. */
export interface Limited {
  readonly now: Instant
  readonly classes: ClassSet
  readonly facts: Facts
}

/** What of a plan says how much is taken. */
interface LimitedPlan<Subnet> {
  readonly classLimits: ClassLimits
  readonly subnets: readonly Subnet[]
}

interface LimitedSubnet {
  readonly limits: SubnetLimits | undefined
}

/** The last messages of one limit. */
export class RateWindow {
  readonly #within: number
  /** Messages for each time that is kept. */
  readonly #step: number
  readonly #times: Float64Array
  /** Where the oldest time stands. */
  #next = 0
  #taken = 0

  constructor({ messages, within }: RateLimit, timesMax = TIMES_MAX) {
    this.#within = within
    this.#step = Math.max(1, Math.ceil(messages / timesMax))
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

/** The windows of a class: one, or one for each value of a template. */
class ClassWindows {
  readonly #limit: ClassLimit
  readonly #alone: RateWindow
  /** Whose value was taken longest ago is the first one. */
  readonly #byValue = new Map<Octets, RateWindow>()

  constructor(limit: ClassLimit) {
    this.#limit = limit
    this.#alone = new RateWindow(limit.rate)
  }

  /** Undefined: the client is not in the class. */
  of({ classes, facts }: Limited): RateWindow | undefined {
    const { number, rate, value } = this.#limit
    if (!classes.has(number)) return undefined
    // Who was put into the class by a reservation may have none.
    const own = value && textFor(value, facts)
    if (own === undefined) return this.#alone
    const known = this.#byValue.get(own)
    const window = known ?? new RateWindow(rate, TIMES_OF_VALUE_MAX)
    if (known !== undefined) this.#byValue.delete(own)
    else if (this.#byValue.size >= VALUES_MAX)
      this.#byValue.delete(this.#byValue.keys().next().value!)
    this.#byValue.set(own, window)
    return window
  }
}

export class RateLimits<Subnet extends LimitedSubnet> {
  readonly #ofClasses: readonly ClassWindows[]
  readonly #ofSubnets = new Map<Subnet, RateWindow>()

  /** Undefined where the plan has none. */
  static of<Subnet extends LimitedSubnet>(
    plan: LimitedPlan<Subnet>,
  ): RateLimits<Subnet> | undefined {
    const limits = new RateLimits(plan)
    return limits.#ofClasses.length + limits.#ofSubnets.size === 0 ? undefined : limits
  }

  private constructor({ classLimits, subnets }: LimitedPlan<Subnet>) {
    this.#ofClasses = classLimits.rates.map((limit) => new ClassWindows(limit))
    for (const subnet of subnets)
      if (subnet.limits?.rate !== undefined)
        this.#ofSubnets.set(subnet, new RateWindow(subnet.limits.rate))
  }

  /** Whether it matters in which subnet a client is. */
  get knowsSubnets(): boolean {
    return this.#ofSubnets.size > 0
  }

  /** A message of these classes: it counts in each of them, or in none. */
  takesOf(message: Limited): boolean {
    const { now } = message
    for (const windows of this.#ofClasses)
      if (windows.of(message)?.admits(now) === false) return false
    for (const windows of this.#ofClasses) windows.of(message)?.take(now)
    return true
  }

  takesIn(subnet: Subnet, now: Instant): boolean {
    const window = this.#ofSubnets.get(subnet)
    if (window === undefined) return true
    if (!window.admits(now)) return false
    window.take(now)
    return true
  }
}
