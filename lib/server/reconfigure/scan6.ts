// Who is to be reconfigured, found lease by lease and no faster than clients are asked: however
// many they are, nothing of them is held.

import type { Prefix6 } from '../../address/prefix6.ts'
import type { Plan6 } from '../../config/plan/plan6.ts'
import { planPrint } from '../../dhcp6/plan-print.ts'
import { isLive } from '../../leases/holding.ts'
import type { Lease6 } from '../../leases/lease.ts'
import { reconfigureNoteOf } from '../../leases/reconfigure-note.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import type { Walk } from '../../leases/table/walk.ts'
import type { Instant } from '../../time/units.ts'

/** Leases looked at in one turn. */
const LOOK_MAX = 256

export class Scan6 {
  readonly #walk: Walk<Prefix6>
  /** What was told to a client since then is no news to it. */
  readonly #since: Instant
  readonly #concerns: (row: Lease6) => boolean
  #found: Lease6[] = []
  #isOver = false

  constructor(table: LeaseTable<Prefix6>, since: Instant, concerns: (row: Lease6) => boolean) {
    this.#walk = table.walk('leases')
    this.#since = since
    this.#concerns = concerns
  }

  /** All leases have been looked at, and all that were found are taken. */
  get isOver(): boolean {
    return this.#isOver && this.#found.length === 0
  }

  /** The next one; undefined: none of those that a turn may look at, or there are no more. */
  next(now: Instant): Lease6 | undefined {
    if (this.#found.length === 0 && !this.#isOver) this.#look(now)
    return this.#found.shift()
  }

  #look(now: Instant): void {
    const rows = this.#walk.next(LOOK_MAX)
    this.#isOver = rows.length < LOOK_MAX
    this.#found = rows.filter(
      (row) =>
        isLive(row, now) &&
        row.start < this.#since &&
        reconfigureNoteOf(row.userContext) !== undefined &&
        this.#concerns(row),
    )
  }
}

/** Whether this plan tells the client of a lease anything else than one of the former. */
export function isNews(former: readonly Plan6[], plan: Plan6): (row: Lease6) => boolean {
  return (row) => {
    const print = planPrint(plan, row)
    return former.some((one) => planPrint(one, row) !== print)
  }
}
