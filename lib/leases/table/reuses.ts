// Leases whose clients were told anew what is left of them, without a write. Their rows do not show
// when that was, so it is noted here for as long as a RELEASE from before it may still be under way
// (grace.ts).

import type { Instant } from '../../time/units.ts'
import { RELEASE_GUARD_MS } from '../grace.ts'
import type { Key } from '../keys/key.ts'
import type { ReuseNotes } from '../view.ts'

/** With so many notes nothing more is reused: leases are written anew. */
export const REUSES_MAX = 65_536

export class Reuses<A extends Key> implements ReuseNotes<A> {
  /** When each was reused last, the longest ago first. */
  readonly #at = new Map<A, Instant>()
  readonly #max: number
  /** Until then any lease may have been reused, in the life before this one. */
  #unknownUntil: Instant = Number.NEGATIVE_INFINITY

  constructor(max = REUSES_MAX) {
    this.#max = max
  }

  /** The server starts: what it has reused shortly before it does not know any more. */
  begin(now: Instant): void {
    this.#unknownUntil = now + RELEASE_GUARD_MS
  }

  note(address: A, now: Instant): boolean {
    this.#forgetOld(now)
    this.#at.delete(address)
    if (this.#at.size >= this.#max) return false
    this.#at.set(address, now)
    return true
  }

  isRecent(address: A, now: Instant): boolean {
    const at = this.#at.get(address)
    return now < this.#unknownUntil || (at !== undefined && now - at < RELEASE_GUARD_MS)
  }

  #forgetOld(now: Instant): void {
    for (const [address, at] of this.#at) {
      if (now - at < RELEASE_GUARD_MS) return
      this.#at.delete(address)
    }
  }
}
