// How fast new clients use up the free addresses of each subnet: a count in which what happened
// counts less the longer ago it was, so that an event costs a few operations and nothing has to be
// swept.
//
//   rate at time t = sum of e^-((t - ti) / WINDOW) over events ti, +1 taken, -1 come back, / WINDOW

import type { Instant, Millis } from '../../time/units.ts'

/** Some ten minutes are looked back at. */
const WINDOW: Millis = 600_000

/** What was seen for a shorter time says as little as what was not seen at all. */
const SEEN_MIN: Millis = 300_000

const HOUR: Millis = 3_600_000

/** Of one subnet: the weighted count as it was at the time of the latest event. */
interface Count {
  sum: number
  at: Instant
}

export class FreeRate {
  readonly #counts = new Map<number, Count>()
  /** The first event of all. */
  #since: Instant = Number.POSITIVE_INFINITY

  /** A free address of the subnet was taken (1) or one came back (-1). Events may come late. */
  note(subnetId: number, amount: 1 | -1, at: Instant): void {
    this.#since = Math.min(this.#since, at)
    const count = this.#counts.get(subnetId)
    if (count === undefined) this.#counts.set(subnetId, { sum: amount, at })
    else if (at >= count.at) {
      count.sum = count.sum * faded(at - count.at) + amount
      count.at = at
    } else count.sum += amount * faded(count.at - at)
  }

  /**
   * Addresses of the subnet that are taken in an hour and do not come back, at the present rate: to
   * a tenth, never below 0.
   */
  perHour(subnetId: number, now: Instant): number {
    const count = this.#counts.get(subnetId)
    if (count === undefined || count.sum <= 0) return 0
    const sum = count.sum * faded(Math.max(0, now - count.at))
    // Of a window that has not passed yet only a part was seen.
    const seen = WINDOW * (1 - faded(Math.max(SEEN_MIN, now - this.#since)))
    return Math.round((sum / seen) * HOUR * 10) / 10
  }
}

function faded(age: Millis): number {
  return Math.exp(-age / WINDOW)
}
