// Whether a family of addresses is served at all: whoever has switched it off is noted by a number,
// its origin, and it is served again when nobody is noted any more. The numbers are Kea's, since
// commands name them. A word may be bounded in time, so that who forgets to switch it on again, or
// is gone, does no harm. A restart forgets them all.

import type { Plan } from '../config/plan/plan.ts'
import { type Instant, NEVER, type Seconds } from '../time/units.ts'

/** Those of local and remote servers of a pair and of databases count on from here. */
export const ORIGIN = { user: 1, local: 1000, remote: 2000, database: 3000 } as const

type Family = 4 | 6

export class ServiceSwitches {
  readonly #off: Readonly<Record<Family, Map<number, Instant>>> = { 4: new Map(), 6: new Map() }
  readonly #now: () => Instant
  readonly #changed: () => void
  /** Changes that belong together are told when all of them are made. */
  #isTogether = false

  /** `changed`: a family is served, or not, and was otherwise before. */
  constructor(now: () => Instant, changed: () => void) {
    this.#now = now
    this.#changed = changed
  }

  isOff(family: Family): boolean {
    return this.#off[family].size > 0
  }

  /** How much of what the plan has is off. */
  offOf({ dhcp4, dhcp6 }: Pick<Plan, 'dhcp4' | 'dhcp6'>): 'nothing' | 'one family of two' | 'all' {
    if (!this.isOff(4) && !this.isOff(6)) return 'nothing'
    const isAnyOn =
      (dhcp4 !== undefined && !this.isOff(4)) || (dhcp6 !== undefined && !this.isOff(6))
    return isAnyOn ? 'one family of two' : 'all'
  }

  words(): { readonly dhcp4: string; readonly dhcp6: string } {
    const word = (family: Family): string => (this.isOff(family) ? 'off' : 'on')
    return { dhcp4: word(4), dhcp6: word(6) }
  }

  /** Who has switched it off, ascending. */
  origins(family: Family): readonly number[] {
    return [...this.#off[family].keys()].sort((a, b) => a - b)
  }

  /** A later word of the same origin replaces the former one and its time. */
  disable(family: Family, origin: number, period: Seconds | undefined): void {
    const until = period === undefined ? NEVER : this.#now() + period * 1000
    this.#change(family, (origins) => origins.set(origin, until))
  }

  /** Returns whether it was noted. */
  enable(family: Family, origin: number): boolean {
    const wasNoted = this.#off[family].has(origin)
    this.#change(family, (origins) => origins.delete(origin))
    return wasNoted
  }

  /** A new configuration: what an operator has said stays, all else is said anew where it is so. */
  keepUsers(): void {
    for (const family of FAMILIES)
      this.#change(family, (origins) => {
        for (const origin of [...origins.keys()]) if (origin !== ORIGIN.user) origins.delete(origin)
      })
  }

  /** What is off before and after this work was never on in between. */
  together(work: () => void): void {
    const before = FAMILIES.map((family) => this.isOff(family))
    this.#isTogether = true
    try {
      work()
    } finally {
      this.#isTogether = false
      if (FAMILIES.some((family, at) => this.isOff(family) !== before[at])) this.#changed()
    }
  }

  /** When `turn` has something to do. */
  get deadline(): Instant {
    let next: Instant = NEVER
    for (const family of FAMILIES)
      for (const until of this.#off[family].values()) next = Math.min(next, until)
    return next
  }

  turn(now: Instant): void {
    if (now < this.deadline) return
    for (const family of FAMILIES)
      this.#change(family, (origins) => {
        for (const [origin, until] of [...origins]) if (until <= now) origins.delete(origin)
      })
  }

  #change(family: Family, change: (origins: Map<number, Instant>) => void): void {
    const wasOff = this.isOff(family)
    change(this.#off[family])
    if (!this.#isTogether && this.isOff(family) !== wasOff) this.#changed()
  }
}

const FAMILIES: readonly Family[] = [4, 6]
