// What a member does beside its batches: it reads what the others store, at once when one of them
// gives a hint and else each second; it shows that it lives; and it lets go of what is old of its
// own: batches, and the history.

import type { HistoryPlan } from '../../config/plan/plan.ts'
import type { LeftName, SharedAnswer, SharedMember } from '../../ports/shared-journal.ts'
import type { HostTimes } from '../../time/downtime.ts'
import type { Millis } from '../../time/units.ts'
import { touchAnswer } from './answers.ts'
import { CHANNEL, type Connection, type Self } from './connection.ts'
import { HistoryUpkeep } from './history.ts'
import { LeftNames } from './left-names.ts'
import type { Session } from './session.ts'
import { touchQuestion, trimQuestion } from './statements.ts'
import { DatabaseError } from './trouble.ts'

const POLL: Millis = 1000
const TOUCH: Millis = 5000
const TRIM: Millis = 30_000
/** Batches are kept for who reads late. */
const KEPT: Millis = 600_000
/** Between two hints to the others. */
const HINT: Millis = 20
/** Of the history, at most so often so many bites: more than a server can store meanwhile. */
const PRUNE: Millis = 1000
const BITES = 4

export interface UpkeepDuties {
  /** Reads the tail to its end. */
  read(reader: Session): Promise<SharedAnswer>
  /** The living members but this one. */
  members(others: readonly SharedMember[]): void
  /** They were another server's that is gone, and are this one's. */
  left(names: readonly LeftName[]): void
  /** The database does not answer as it must. */
  lost(error: unknown): void
}

export class Upkeep {
  readonly #self: Self
  readonly #times: () => HostTimes
  readonly #duties: UpkeepDuties
  readonly #history: HistoryUpkeep | undefined
  readonly #leftNames: LeftNames
  #connection: Connection | undefined
  #timer: NodeJS.Timeout | undefined
  #hintTimer: NodeJS.Timeout | undefined
  #isReading = false
  #isHinted = false
  #touched: Millis = 0
  #trimmed: Millis = 0
  #pruned: Millis = 0
  /** Highest batch of this member, and what it was at former trims. */
  #seq = 0
  #hinted: Millis = 0
  readonly #marks: { readonly seq: number; readonly at: Millis }[] = []

  constructor(
    self: Self,
    times: () => HostTimes,
    history: HistoryPlan | undefined,
    duties: UpkeepDuties,
  ) {
    this.#self = self
    this.#times = times
    this.#duties = duties
    this.#leftNames = new LeftNames(self)
    this.#history = history && new HistoryUpkeep(self.number, history)
  }

  begin(connection: Connection | undefined): void {
    this.#connection = connection
    this.#touched = performance.now()
    this.#isReading = false
    this.#go()
  }

  end(): void {
    this.#connection = undefined
    clearTimeout(this.#timer)
    clearTimeout(this.#hintTimer)
    this.#hintTimer = undefined
  }

  /** Others have stored something. */
  hinted(): void {
    if (this.#isReading) this.#isHinted = true
    else this.#go()
  }

  /** A batch of this member is stored: the others are told, not too often. */
  stored(seq: number, members: number): void {
    this.#seq = seq
    if (members < 2 || this.#hintTimer !== undefined) return
    const wait = Math.max(0, this.#hinted + HINT - performance.now())
    this.#hintTimer = setTimeout(() => this.#hint(), wait)
  }

  #hint(): void {
    this.#hintTimer = undefined
    this.#hinted = performance.now()
    const values = [CHANNEL, `${this.#self.number}:${this.#seq}`]
    this.#ask((reader) => reader.ask({ text: 'select pg_notify($1, $2)', values }))
  }

  #go(): void {
    clearTimeout(this.#timer)
    const connection = this.#connection
    if (connection === undefined) return
    this.#isReading = true
    this.#isHinted = false
    this.#work(connection).then(
      () => this.#rest(connection),
      (error: unknown) => this.#fail(connection, error),
    )
  }

  async #work({ reader }: Connection): Promise<void> {
    const { time } = await this.#duties.read(reader)
    const now = performance.now()
    if (now - this.#touched >= TOUCH) {
      this.#touched = now
      const { number, instance, name, fingerprint } = this.#self
      const noted = { times: this.#times(), stamp: time }
      const question = touchQuestion(number, instance, fingerprint, noted)
      const { isTaken, others } = touchAnswer(await reader.askRaw(question))
      if (isTaken) throw new DatabaseError(`another process serves as "${name}"`, 'denied')
      this.#duties.members(others)
      const names = await this.#leftNames.take(reader)
      if (names.length > 0) this.#duties.left(names)
    }
    if (now - this.#trimmed >= TRIM) {
      this.#trimmed = now
      await this.#trim(reader, now)
      await this.#history?.pruneOthers(reader)
    }
    if (now - this.#pruned >= PRUNE) {
      this.#pruned = now
      for (let bites = 1; await this.#history?.prune(reader); bites++) if (bites === BITES) break
    }
  }

  async #trim(reader: Session, now: Millis): Promise<void> {
    this.#marks.push({ seq: this.#seq, at: now })
    let old: number | undefined
    while (this.#marks.length > 0 && now - this.#marks[0]!.at >= KEPT)
      old = this.#marks.shift()!.seq
    if (old !== undefined) await reader.ask(trimQuestion(this.#self.number, old))
  }

  #rest(connection: Connection): void {
    if (this.#connection !== connection) return
    this.#isReading = false
    if (this.#isHinted) return this.#go()
    this.#timer = setTimeout(() => this.#go(), POLL)
  }

  #ask(work: (reader: Session) => Promise<unknown>): void {
    const connection = this.#connection
    if (connection === undefined) return
    work(connection.reader).catch((error: unknown) => this.#fail(connection, error))
  }

  #fail(connection: Connection, error: unknown): void {
    if (this.#connection === connection) this.#duties.lost(error)
  }
}
