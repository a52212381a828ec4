// Until when nothing is given anew: the clock of the database has jumped ahead, so that what seems
// to have ended may run, or another copy of it took over, which may lack what was stored last.

import { SHARED } from '../../leases/rights.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { SharedDatabase } from '../../ports/shared-journal.ts'
import type { Instant, Millis } from '../../time/units.ts'
import type { Stripes } from './stripes.ts'

/** After another copy took over, nothing is given anew for so long at least. */
const PROMOTED_WAIT: Millis = 10_000

const NOTHING = Number.NEGATIVE_INFINITY

export interface DoubtDuties {
  readonly database: Pick<SharedDatabase, 'doubt' | 'endDoubt'>
  readonly tables: LeaseTables
  readonly stripes: Stripes
  now(): Instant
}

export class Doubt {
  readonly #duties: DoubtDuties
  /** Of what another copy lacks, and of the clock. */
  #promotedUntil: Instant = 0
  #until: Instant = 0
  /** By the database's clock, for servers that start later. */
  #told: Instant = NOTHING

  constructor(duties: DoubtDuties) {
    this.#duties = duties
  }

  /** Nothing is given anew for so long, and no longer than any lease may last. */
  for(wait: Millis): void {
    const until = this.#duties.now() + Math.min(wait, this.#longest)
    this.#set(Math.max(this.#until, until))
  }

  /** The clock has jumped ahead, and shows this. */
  jumped(time: Instant): void {
    this.for(this.#longest)
    this.tell(time)
  }

  /** Servers that start later hear of it. */
  tell(time: Instant): void {
    this.#told = time + this.#longest
    this.#duties.database.doubt?.(this.#told)
  }

  /** The database was away: whether it was heard when it was told, nobody knows. */
  tellAgain(time: Instant): void {
    if (this.#told > time) this.#duties.database.doubt?.(this.#told)
  }

  promoted(): void {
    this.#promotedUntil = this.#duties.now() + PROMOTED_WAIT
    this.for(PROMOTED_WAIT)
  }

  /**
   * An operator knows that the clock is right. What another copy may lack is waited for all the
   * same. Whether there was a doubt.
   */
  end(): boolean {
    if (!this.isOfClock && this.#told === NOTHING) return false
    this.#told = NOTHING
    this.#duties.database.endDoubt?.()
    this.#set(this.#promotedUntil)
    return true
  }

  get isOfClock(): boolean {
    return this.#until > Math.max(this.#promotedUntil, this.#duties.now())
  }

  get left(): Millis {
    return Math.max(0, this.#until - this.#duties.now())
  }

  /** So long any lease lasts at most, with its grace. */
  get #longest(): Millis {
    return Math.max(2 * PROMOTED_WAIT, 1010 * this.#duties.tables.longestLifetime())
  }

  #set(until: Instant): void {
    this.#until = until
    this.#duties.stripes.doubtUntil = until
    this.#duties.tables.setRights({ ...SHARED, doubtUntil: until })
  }
}
