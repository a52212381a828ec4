// Notices when the server was held up: the process was paused, or the machine starved it. What
// waited in the socket meanwhile is older than it seems, and a RELEASE among it may belong to an
// earlier lease of the same client.

import type { Instant, Millis } from '../time/units.ts'

/** The server wakes this often even when nothing happens. */
const WATCH_WAIT: Millis = 1000

/**
 * Two turns of the loop so far apart count as a stall. RELEASE_GUARD_MS of leases/grace.ts covers
 * less.
 */
const STALL_MIN: Millis = 2 * WATCH_WAIT

/** A datagram lives less than this on the wire. */
const DATAGRAM_LIFE_MAX: Millis = 10_000

export class StallWatch {
  #turnedAt: Instant = 0
  #doubtUntil: Instant = 0

  /** Time begins: nothing before counts. */
  begin(now: Instant): void {
    this.#turnedAt = now
    this.#doubtUntil = 0
  }

  /** The loop makes a turn. */
  turn(now: Instant): void {
    if (now - this.#turnedAt > STALL_MIN) this.#doubtUntil = now + DATAGRAM_LIFE_MAX
    this.#turnedAt = now
  }

  /** Whether messages may be older than they seem. */
  isDoubtful(now: Instant): boolean {
    return now < this.#doubtUntil
  }

  /** When the next turn is wanted at the latest. */
  get deadline(): Instant {
    return this.#turnedAt + WATCH_WAIT
  }
}
