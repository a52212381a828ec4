// What is known of one database of reservations: rows as they were read last, or, where they are
// too many, what was asked of them lately. A database that is away changes nothing of that.

import { identifierFromText } from '../../config/compile/reservation-identity.ts'
import { describeDatabase } from '../../config/plan/connection-plan.ts'
import type { HostBuckets, HostRow, HostTable, ReservedKey } from '../../config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../../config/plan/hosts-plan.ts'
import type { Ticket } from '../../dhcp/asking.ts'
import type { HostDatabase, HostIdentifier, HostSink } from '../../ports/hosts.ts'
import type { Instant } from '../../time/units.ts'
import { ANSWER_TIMES, Histogram } from '../histogram.ts'
import { AskedRows } from './asked-rows.ts'

export interface HostBookDuties {
  /** The table is another one: what is compiled with it is out of date. */
  changed(): void
  /** What was asked with the ticket is known now, or cannot be. */
  answered(ticket: Ticket, isKnown: boolean): void
  /** It is away, or here again. */
  troubled(book: HostBook): void
  now(): Instant
}

interface Question {
  readonly identifiers: readonly HostIdentifier[]
  readonly at: Instant
}

export interface LookUpCounts {
  /** Clients that were looked up, those that had a row, and those that could not be. */
  asked: number
  found: number
  failed: number
  readonly times: Histogram
}

function newCounts(): LookUpCounts {
  return { asked: 0, found: 0, failed: 0, times: new Histogram(ANSWER_TIMES) }
}

/** Families of one process have no order between them: each database is of one. */
export class HostBook implements HostSink {
  readonly plan: HostDatabasePlan
  readonly database: HostDatabase
  /** Of the database, for people. */
  readonly name: string
  /** What came of looking clients up. */
  readonly counts: LookUpCounts
  readonly #duties: HostBookDuties
  readonly #questions = new Map<Ticket, Question>()
  #asked: AskedRows | undefined
  #table: HostTable
  #isRead: boolean
  #trouble = ''

  /** `former`: of the same database, reached otherwise. */
  constructor(database: HostDatabase, former: HostBook | undefined, duties: HostBookDuties) {
    this.database = database
    this.plan = database.plan
    this.name = describeDatabase(database.plan.connection)
    this.counts = former?.counts ?? newCounts()
    this.#duties = duties
    this.#asked = former?.asked
    this.#table = former?.table ?? this.#loaded(NONE)
    this.#isRead = former?.isRead ?? false
  }

  get table(): HostTable {
    return this.#table
  }

  /** Undefined while all rows are known. */
  get asked(): AskedRows | undefined {
    return this.#asked
  }

  /** It was heard of once. */
  get isRead(): boolean {
    return this.#isRead
  }

  /** '' where it is there. */
  get trouble(): string {
    return this.#trouble
  }

  /** Rows that are known, or keys that are reserved where the rows are not. */
  get size(): number {
    if (this.#table.kind === 'asked') return this.#table.memory.reserved.length
    let size = 0
    for (const rows of this.#table.buckets.values()) size += rows.length
    return size
  }

  onRows(news: HostBuckets, isWhole: boolean): void {
    const wasRead = this.#isRead
    this.#isRead = true
    const isAnew = isWhole || this.#table.kind === 'asked'
    if (wasRead && news.size === 0 && !isAnew) return
    const buckets = new Map(isAnew || this.#table.kind === 'asked' ? NONE : this.#table.buckets)
    for (const [number, rows] of news)
      if (rows.length === 0) buckets.delete(number)
      else buckets.set(number, rows)
    this.#asked = undefined
    this.#table = this.#loaded(buckets)
    this.#duties.changed()
  }

  onReserved(news: ReadonlyMap<number, readonly ReservedKey[]>, isWhole: boolean): void {
    const wasRead = this.#isRead
    this.#isRead = true
    if (wasRead && news.size === 0 && !isWhole) return
    const { cacheSize, refresh } = this.plan
    this.#asked ??= new AskedRows(cacheSize, refresh, () => this.#duties.now())
    this.#asked.reserve(news, isWhole)
    this.#asked.forget()
    // A new object: what was compiled with the former one has other keys.
    this.#table = { kind: 'asked', database: this.name, memory: this.#asked }
    this.#duties.changed()
  }

  onTrouble(trouble: string): void {
    const wasAway = this.#trouble !== ''
    this.#trouble = trouble
    if (this.#asked !== undefined) this.#asked.isAway = trouble !== ''
    if (wasAway !== (trouble !== '')) this.#duties.troubled(this)
  }

  /** Nobody waits longer than the database may take. */
  ask(ticket: Ticket, identifiers: readonly HostIdentifier[]): void {
    this.#questions.set(ticket, { identifiers, at: this.#duties.now() })
    this.counts.asked++
    this.database.ask(ticket, identifiers)
  }

  onAnswer(ticket: Ticket, rows: readonly HostRow[] | undefined): void {
    const question = this.#questions.get(ticket)
    this.#questions.delete(ticket)
    if (question === undefined) return
    const { identifiers, at } = question
    const { counts } = this
    counts.times.observe(this.#duties.now() - at)
    if (rows === undefined) counts.failed++
    else if (rows.length > 0) counts.found++
    if (rows !== undefined)
      this.#asked?.learn(identifiers, (one) => rows.filter(({ host }) => isOf(host, one)))
    this.#duties.answered(ticket, rows !== undefined)
  }

  /** A command has written to it. */
  written(): void {
    this.#asked?.forget()
  }

  #loaded(buckets: HostBuckets): HostTable {
    return { kind: 'loaded', database: this.name, buckets }
  }
}

const NONE: HostBuckets = new Map<number, never>()

function isOf(host: HostRow['host'], { type, value }: HostIdentifier): boolean {
  const text = host[type]
  return typeof text === 'string' && identifierFromText(text) === value
}
