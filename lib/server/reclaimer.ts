// When ended leases change state: in rounds, each of bounded size, so that a mass of them never
// holds up a client. A full round is followed by another at once, the next one after Kea's
// `reclaim-timer-wait-time`.

import type { Ipv4 } from '../address/ipv4.ts'
import type { ExpiryPlan } from '../config/plan/plan4.ts'
import type { DueChange } from '../leases/due-change.ts'
import type { Key } from '../leases/keys/key.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Instant } from '../time/units.ts'
import type { Stripes } from './shared/stripes.ts'

/** Leases of one round, whatever the configuration allows. */
const ROUND_MAX = 1000

/** An operator's word, whatever the configuration allows. */
export interface ReclaimOrder {
  /** What is kept for former clients goes, too. */
  readonly isRemoving: boolean
}

export class Reclaimer<A extends Key = Ipv4> {
  readonly #table: LeaseTable<A>
  readonly #nextChange: () => number
  /** Where other servers reclaim the same leases. */
  readonly #stripes: Stripes | undefined
  #roundAt: Instant = 0

  constructor(table: LeaseTable<A>, nextChange: () => number, stripes?: Stripes) {
    this.#table = table
    this.#nextChange = nextChange
    this.#stripes = stripes
  }

  /** When the next round is due; never before there is something to do. */
  get deadline(): Instant {
    return Math.max(this.#roundAt, this.#table.nextDeadline())
  }

  /** The changes of a round if one is due, or by order, to be applied at once. */
  round(now: Instant, expiry: ExpiryPlan, order?: ReclaimOrder): readonly DueChange<A>[] {
    if (order !== undefined) return this.#ordered(now, expiry, order)
    if (now < this.deadline) return []
    const { reclaimMax, reclaimWait } = expiry
    const max = reclaimMax === 0 ? ROUND_MAX : Math.min(reclaimMax, ROUND_MAX)
    const due = this.#table.due(now, max, expiry, this.#nextChange)
    this.#roundAt = due.length < max ? now + reclaimWait * 1000 : now
    const stripes = this.#stripes
    if (stripes === undefined) return due
    return due.filter(({ streamed, former }) => !streamed || !stripes.leaves(former, now))
  }

  #ordered(now: Instant, { holdReclaimed }: ExpiryPlan, { isRemoving }: ReclaimOrder) {
    const expiry = { holdReclaimed: isRemoving ? 0 : holdReclaimed }
    return this.#table.due(now, ROUND_MAX, expiry, this.#nextChange)
  }
}
