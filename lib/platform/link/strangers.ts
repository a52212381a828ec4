// Strangers can cause a log line with one packet each, so they are told sparingly: the same thing
// of the same host once a minute, and not of more than so many hosts.

import type { Millis } from '../../time/units.ts'

/** The same is not told again within. */
export const QUIET: Millis = 60_000

/** Different things told within that time. */
export const TOLD_MAX = 32

export class Strangers {
  readonly #tell: (remote: string, why: string) => void
  readonly #now: () => Millis
  readonly #told = new Map<string, Millis>()

  constructor(tell: (remote: string, why: string) => void, now = () => performance.now()) {
    this.#tell = tell
    this.#now = now
  }

  turnedAway(remote: string, why: string): void {
    const now = this.#now()
    // The oldest come first.
    for (const [key, when] of this.#told) {
      if (now - when < QUIET) break
      this.#told.delete(key)
    }
    const host = remote.slice(0, remote.lastIndexOf(':'))
    const key = `${host} ${why}`
    if (this.#told.has(key) || this.#told.size >= TOLD_MAX) return
    this.#told.set(key, now)
    this.#tell(remote, why)
  }
}
