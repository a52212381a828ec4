// Clients that decline one address after the other: each takes an address out of use for a day, so
// a broken or hostile client would empty a pool. Who has declined many gets nothing new for a
// while.

import type { Octets } from '../bytes/octets.ts'
import type { Instant, Millis } from '../time/units.ts'

/** More addresses than this within the time bar a client for as long. */
const DECLINES_MAX = 10
const WITHIN_MS: Millis = 600_000

/** Beyond it the client that is noted for longest is forgotten. */
const CLIENTS_MAX = 4096

export class Decliners {
  /** Of each client in a subnet the times of the last declines, oldest first. */
  readonly #times = new Map<string, Instant[]>()

  note(duid: Octets, subnetId: number, now: Instant): void {
    const key = keyOf(duid, subnetId)
    const times = this.#times.get(key) ?? []
    times.push(now)
    if (times.length > DECLINES_MAX + 1) times.shift()
    this.#times.delete(key)
    this.#times.set(key, times)
    if (this.#times.size <= CLIENTS_MAX) return
    for (const oldest of this.#times.keys()) {
      this.#times.delete(oldest)
      return
    }
  }

  /** Whether the client gets no address of the subnet that it does not have. */
  bars(duid: Octets, subnetId: number, now: Instant): boolean {
    if (this.#times.size === 0) return false
    const times = this.#times.get(keyOf(duid, subnetId))
    if (times === undefined || times.length <= DECLINES_MAX) return false
    return times[times.length - 1]! - times[0]! <= WITHIN_MS && now < times.at(-1)! + WITHIN_MS
  }
}

function keyOf(duid: Octets, subnetId: number): string {
  return `${subnetId}/${duid}`
}
