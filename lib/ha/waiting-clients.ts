// The partner's clients that are heard while there is no contact: those that wait in vain show that
// it serves nobody.

import type { Octets } from '../bytes/octets.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import type { Millis } from '../time/units.ts'

/** Clients kept of each sort, at least; more when max-unacked-clients is higher. */
const KEPT_MIN = 1000

/** A limit above this is never exceeded; the upper bound of the takeover then decides. */
const KEPT_MAX = 65_536

type Limits = Pick<HaPlan, 'maxAckDelay' | 'maxUnackedClients'>

export class WaitingClients {
  readonly #limits: Limits
  readonly #waiting = new Set<Octets>()
  readonly #unacked = new Set<Octets>()
  #analyzed = 0

  /** The limits may be others after a reload. */
  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Messages noted since the last contact. */
  get analyzed(): number {
    return this.#analyzed
  }

  /** Clients heard, whether they wait for long or not. */
  get connecting(): number {
    return this.#waiting.size + this.#unacked.size
  }

  /** Clients that have waited for longer than max-ack-delay. */
  get unacked(): number {
    return this.#unacked.size
  }

  /**
   * The client says that it has `waited` so long. One that waits in vain once is not believed
   * served later.
   */
  note(client: Octets, waited: Millis): void {
    this.#analyzed++
    if (this.#unacked.has(client)) return
    const { maxAckDelay, maxUnackedClients } = this.#limits
    const kept = Math.min(KEPT_MAX, Math.max(KEPT_MIN, maxUnackedClients + 1))
    if (waited <= maxAckDelay) {
      if (this.#waiting.size < kept) this.#waiting.add(client)
    } else if (this.#unacked.size < kept) {
      this.#waiting.delete(client)
      this.#unacked.add(client)
    }
  }

  /** There is contact: what was seen before proves nothing any more. */
  clear(): void {
    if (this.#analyzed === 0) return
    this.#analyzed = 0
    this.#waiting.clear()
    this.#unacked.clear()
  }
}
