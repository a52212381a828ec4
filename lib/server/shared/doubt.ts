// Until when nothing is given anew: the clock of the database has jumped ahead, so that what seems
// to have ended may run, or another copy of it took over, which may lack what was stored last.
//
// Who lives sees a jump, and tells it to those who do not. They are told it with each answer, and
// where they were not there (they start, stood still, or could not reach the database) they see
// the sum of all jumps at most: put back and then ahead, the clock seems not to have been ahead.

import { SHARED } from '../../leases/rights.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type {
  SharedAnswer,
  SharedDatabase,
  ToldJump,
  ToldJumps,
} from '../../ports/shared-journal.ts'
import type { Instant, Millis } from '../../time/units.ts'

/** After another copy took over, nothing is given anew for so long at least. */
const PROMOTED_WAIT: Millis = 10_000

/** What the living see is told in this time. */
const TELLING: Millis = 15_000

/** And nearly always in this, as they look each second. */
const LOOK: Millis = 3000

/** Two have seen the same jump, from answers that took their time. */
const SAME: Millis = 5000

export interface DoubtDuties {
  readonly database: Pick<SharedDatabase, 'doubt' | 'endDoubt'>
  readonly tables: LeaseTables
  now(): Instant
}

export class Doubt {
  readonly #duties: DoubtDuties
  /** Of what another copy lacks, and of the clock. */
  #promotedUntil: Instant = 0
  #until: Instant = 0
  /** For servers that were not there; by the database's clock. */
  #told: ToldJump | undefined
  /** Jumps that were told: so many. */
  #count = 0
  /** Jumps that this server saw lately, and until when they are told. */
  #seen: Millis[] = []
  #tellingUntil: Instant = 0

  constructor(duties: DoubtDuties) {
    this.#duties = duties
  }

  /** Nothing is given anew for so long. */
  #waitFor(wait: Millis): void {
    this.#set(Math.max(this.#until, this.#duties.now() + wait))
  }

  /** Some that lived before may have seen what `isKnown` to be no jump, and tell it. */
  begin(jumps: ToldJumps, isKnown: boolean): void {
    this.#count = jumps.count
    this.#tellingUntil = this.#duties.now() + TELLING
    this.#waitFor(jumps.doubt)
    if (!isKnown) this.#waitFor(TELLING)
  }

  /** The clock has jumped ahead by so much while nobody was there, and shows this. */
  jumped(time: Instant, by: Millis): void {
    this.#waitFor(this.#longest)
    this.#tell(time, by)
  }

  /** An answer, and how far the clock has jumped. `isGap`: the last one before it is long ago. */
  heard({ time, jumps, members }: SharedAnswer, jump: Millis, isGap: boolean): void {
    const now = this.#duties.now()
    if (now >= this.#tellingUntil) this.#seen = []
    if (jump !== 0 || isGap) this.#tellingUntil = now + TELLING
    if (jump !== 0) this.#waitFor(TELLING)
    else if (isGap && members > 1) this.#waitFor(LOOK)
    if (jump > 0) {
      this.#seen.push(jump)
      this.#tell(time, jump)
    }
    const told = jumps.count - this.#count
    this.#count = jumps.count
    if (told !== 0 && now < this.#tellingUntil && !this.#hasSeen(told, jumps))
      this.#waitFor(jumps.doubt)
  }

  /** Whether this server has seen itself what others tell. */
  #hasSeen(told: number, { last }: ToldJumps): boolean {
    const isSame = (one: Millis) => Math.abs(one - last) < SAME
    return told > 0 && told <= this.#seen.length && this.#seen.some(isSame)
  }

  #tell(time: Instant, by: Millis): void {
    const wait = this.#longest
    this.#told = { by, until: time + wait, wait, count: this.#count }
    this.#duties.database.doubt?.(this.#told)
  }

  /** The database was away: whether it was heard when it was told, nobody knows. */
  tellAgain(time: Instant): void {
    if (this.#told !== undefined && this.#told.until > time)
      this.#duties.database.doubt?.(this.#told)
  }

  promoted(): void {
    this.#promotedUntil = this.#duties.now() + PROMOTED_WAIT
    this.#waitFor(PROMOTED_WAIT)
  }

  /**
   * An operator knows that the clock is right. What another copy may lack is waited for all the
   * same. Whether there was a doubt.
   */
  end(): boolean {
    if (!this.isOfClock && this.#told === undefined) return false
    this.#told = undefined
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
    this.#duties.tables.setRights({ ...SHARED, doubtUntil: until })
  }
}
