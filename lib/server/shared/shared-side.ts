// This server as one of several on one database: what the database tells beside a journal's answers
// comes in here. Memory is a cache over it (row-cache.ts), each write is judged there, and what
// memory alone would refuse is confirmed (shared-queries.ts).
//
//   here --no answer--> away --an answer--> here
//
// While it is away, nothing is given. Who may (on-fail) renews leases for the time that is left of
// them: nothing of that need be stored, and no end that the database knows is passed.

import { ALLOWED, NO_DOUBT, type OrderResult, refused } from '../../catalogue/order-result.ts'
import type { Heard } from '../../dhcp/asking.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Change } from '../../leases/lease.ts'
import { SHARED } from '../../leases/rights.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import {
  type Confirmation,
  type LeftName,
  type SharedAnswer,
  type SharedCommit,
  type SharedDatabase,
  type SharedMember,
  type SharedReturn,
  type SharedSink,
  writerOf,
} from '../../ports/shared-journal.ts'
import { type Instant, type Millis, NEVER, type WallTime } from '../../time/units.ts'
import type { LeaseAction } from '../events.ts'
import { keyOf } from '../lease-action.ts'
import type { Waiting } from '../waiting-room.ts'
import { DatabaseClock } from './database-clock.ts'
import { Doubt } from './doubt.ts'
import { Failover } from './failover.ts'
import { RecentWrites } from './lost-writes.ts'
import { Members } from './members.ts'
import { RowCache } from './row-cache.ts'
import type { Origin } from './shared-notes.ts'
import { type QueryDuties, type QueryServices, SharedQueries } from './shared-queries.ts'
import type { SharedServices } from './shared-services.ts'
import type { SharedStatus } from './shared-status.ts'
import { Standstill } from './standstill.ts'
import { Stripes } from './stripes.ts'

/** What the others have stored is read much more often than this. */
const FRESH: Millis = 10_000

/** Others may do what a server owes to DNS that the database has not seen for twice as long. */
const UNSEEN: Millis = 15_000

type AnyQueries = SharedQueries<never, never>

export class SharedSide implements SharedSink, QueryServices {
  readonly #database: SharedDatabase
  readonly #services: SharedServices
  readonly #clock = new DatabaseClock()
  readonly #recent = new RecentWrites()
  readonly #cache: RowCache
  readonly stripes: Stripes
  readonly #queries: AnyQueries[] = []
  readonly #asking = new Map<number, (rows: Uint8Array, answer: SharedAnswer) => void>()
  #lastTicket = 0
  #member = 0
  #trouble = ''
  #isAway = false
  #awaySince: WallTime = 0
  /** Rows of up to this version may end sooner than memory believes. */
  #distrustedUpTo = -1
  readonly #standstill: Standstill
  readonly #doubt: Doubt
  /** Others' rows that came while it was away. */
  #tail: {
    readonly rows: Uint8Array
    readonly at: Instant
    readonly isPartial: boolean
  }[] = []
  readonly #members: Members
  readonly #failover: Failover
  /** What others had stored by then is taken. */
  #readAt: Instant = 0
  /** By the database's clock. */
  #heardOf: Instant = 0
  /** How often this server may have been taken for gone, and goes on. */
  gaps = 0
  readonly counts = { bridged: 0, conflicts: 0, confirmations: 0 }

  constructor(database: SharedDatabase, services: SharedServices) {
    this.#database = database
    this.#services = services
    const { tables, numbers, draw, clock, now } = services
    this.#standstill = new Standstill(clock, now)
    const isUnderWay = (version: number) => this.#isUnderWay(version)
    const merging = (change: Change<Key>) => services.merging(change)
    this.#cache = new RowCache(tables, isUnderWay, numbers.countFrom, merging)
    this.stripes = new Stripes(tables, draw)
    this.#doubt = new Doubt({ database, tables, now })
    this.#members = new Members({ database, ...services })
    this.#failover = new Failover({
      ...{ ...services, isUnderWay, cache: this.#cache, recent: this.#recent },
      doubt: () => this.#doubt.promoted(),
      read: (keys, then) => this.#ask({ keys }, (rows, answer) => then(rows, this.#at(answer))),
    })
    tables.setRights(SHARED)
    database.listen(this)
  }

  /** The rows are read. */
  begin({ shared, change, stamp }: JournalInfo): void {
    const { member, rank, members, jumps, jumped, absent } = shared!
    this.#member = member
    this.#services.numbers.beginShared(change, member)
    this.stripes.set(rank, members)
    const answer = { time: stamp, took: 0, rank, members, jumps }
    this.#heardOf = stamp
    this.#clock.heard(answer, stamp)
    this.#standstill.begin(stamp)
    this.#doubt.begin(jumps, jumped !== undefined || absent === 0)
    if (jumped !== undefined) this.#sayJump(jumped)
    if (jumped !== undefined && jumped > 0) this.#doubt.jumped(stamp, jumped)
    this.#readAt = stamp
    this.#members.tell()
  }

  /** Queries of a family, by what its service does with them. */
  queriesOf<Arrival, H extends Heard>(
    duties: QueryDuties<Waiting<Arrival, H>, H>,
    nothing: H,
  ): SharedQueries<Arrival, H> {
    const queries = new SharedQueries<Arrival, H>(this, duties, nothing)
    this.#queries.push(queries as unknown as AnyQueries)
    return queries
  }

  // ---- what decides without a write

  get isAway(): boolean {
    return this.#isAway
  }

  get readAt(): Instant {
    return this.#readAt
  }

  /** Names of leases go by what is known here of them. */
  get isFresh(): boolean {
    if (this.#isAway || this.#standstill.isSuspected) return false
    return this.#services.now() - this.#readAt < FRESH
  }

  /** Whether those who renew are told what is left of their leases. */
  get isBridging(): boolean {
    const mayBridge = this.#isAway && this.#services.onFail() !== 'stop-retry-exit'
    return mayBridge && !this.#standstill.isSuspected
  }

  /**
   * Whether a client may be told what is left of its lease by this version of the row, without a
   * write: as long as the database is away. Else it is written, and the database counts: this
   * machine may have stood still, with its clocks, and believe that more is left than is.
   */
  isSettled(version: number): boolean {
    if (this.#isUnderWay(version) || version <= this.#distrustedUpTo) return false
    return this.#isAway && !this.#standstill.isSuspected
  }

  /** Own, and the database has not said that it is stored. */
  #isUnderWay(version: number): boolean {
    const isOwn = writerOf(version) === this.#member
    return isOwn && version > this.#services.delivery.durableUpTo
  }

  // ---- what queries ask

  now(): Instant {
    return this.#services.now()
  }

  setOrigin(origin: Origin | undefined): void {
    this.#services.delivery.origin = origin
  }

  scattered(step: () => void): void {
    this.stripes.scattered(step)
  }

  countConflict(): void {
    this.counts.conflicts++
  }

  countBridged(): void {
    this.counts.bridged++
  }

  ask(asked: Confirmation, answered: () => void): void {
    this.counts.confirmations++
    this.#ask(asked, (rows, answer) => {
      this.#take(rows, answer)
      answered()
    })
  }

  #ask(asked: Confirmation, answered: (rows: Uint8Array, answer: SharedAnswer) => void): void {
    const ticket = ++this.#lastTicket
    this.#asking.set(ticket, answered)
    this.#database.confirm(ticket, asked)
  }

  /**
   * A change is about to be applied; whether it is stored. What each server sees by itself of time
   * is none of the database's business.
   */
  putting(change: Change<Key>, action: LeaseAction | undefined, isStreamed: boolean): boolean {
    if (!isStreamed && action !== 'superseded') return false
    this.#recent.note(keyOf(change), this.#services.now())
    return true
  }

  // ---- what the database tells

  /** A batch is stored, but for its conflicts; called before their queries are stepped again. */
  committed(answer: SharedCommit): void {
    // Clients would count from now on what the database has counted since then.
    if (this.#standstill.isSuspected) this.#services.delivery.forgetReplies()
    this.#heard(answer)
    this.#take(answer.rows, answer, true)
  }

  onOthers(rows: Uint8Array, answer: SharedAnswer, isPartial = false): void {
    this.#heard(answer)
    const at = this.#at(answer)
    if (this.#isAway) {
      this.#tail.push({ rows, at, isPartial })
      return
    }
    for (const key of this.#cache.take(rows, at).keys()) this.#recent.note(key, at)
    if (!isPartial) this.#readAt = at
    this.#services.proceed()
  }

  onConfirmed(ticket: number, rows: Uint8Array, answer: SharedAnswer): void {
    this.#heard(answer)
    const answered = this.#asking.get(ticket)
    this.#asking.delete(ticket)
    answered?.(rows, answer)
    this.#services.proceed()
  }

  onAway(trouble: string): void {
    if (this.#isAway) return
    const { clock, delivery, reporter } = this.#services
    this.#isAway = true
    this.#trouble = trouble
    this.#awaySince = clock.wall()
    this.#asking.clear()
    delivery.away(trouble)
    for (const queries of this.#queries) queries.end('database-away')
    reporter.say('DATABASE_AWAY', { trouble, 'on-fail': this.#services.onFail() })
    this.#services.away(trouble)
  }

  onBack(answer: SharedAnswer, { lost, isPromoted }: SharedReturn): void {
    const { clock, delivery, reporter } = this.#services
    const seconds = Math.max(0, Math.round((clock.wall() - this.#awaySince) / 1000))
    this.#isAway = false
    this.#trouble = ''
    this.#heard(answer)
    this.#doubt.tellAgain(answer.time)
    if (isPromoted) delivery.renounce()
    delivery.back()
    reporter.say('DATABASE_BACK', { seconds, bridged: this.counts.bridged })
    if (isPromoted || lost > 0) this.#failover.begin(lost)
    const taker = isPromoted ? this.#failover : this.#cache
    for (const { rows, at, isPartial } of this.#tail.splice(0)) {
      taker.take(rows, at)
      if (!isPartial) this.#readAt = at
    }
    this.#services.back()
    this.#services.proceed()
  }

  onNamesLeft(names: readonly LeftName[]): void {
    this.#services.inherit(names)
  }

  onMembers(others: readonly SharedMember[]): void {
    this.#members.heard(others)
  }

  onWarning(text: string): void {
    this.#services.reporter.say('DATABASE_WARNING', { warning: text })
  }

  #take(rows: Uint8Array, answer: SharedAnswer, isRefusal = false): void {
    this.#cache.take(rows, this.#at(answer), isRefusal)
  }

  /** The lease clock's time of the answer, or a little before: what ends, ends no later. */
  #at({ took }: SharedAnswer): Instant {
    return this.#services.now() - took
  }

  #heard(answer: SharedAnswer): void {
    const { now } = this.#services
    const isGap = answer.time - this.#heardOf > UNSEEN
    if (isGap) this.gaps++
    this.#heardOf = answer.time
    this.stripes.set(answer.rank, answer.members)
    const jump = this.#clock.heard(answer, now())
    this.#standstill.heard(answer.took, jump > 0)
    this.#doubt.heard(answer, jump, isGap)
    this.#sayJump(jump)
    if (jump <= 0) return
    this.#distrustedUpTo = this.#services.numbers.lastChange()
    this.#cache.jumped(now(), jump)
  }

  #sayJump(jump: Millis): void {
    if (jump === 0) return
    const id = jump > 0 ? 'DATABASE_CLOCK_AHEAD' : 'DATABASE_CLOCK_BACK'
    this.#services.reporter.say(id, { seconds: Math.abs(Math.round(jump / 1000)) })
  }

  /**
   * An operator knows that the clock of the database is right, and that what seems to have ended
   * has ended.
   */
  endDoubt(): OrderResult {
    if (this.#isAway) return refused(`the lease database does not answer: ${this.#trouble}`)
    if (!this.#doubt.end()) return refused(NO_DOUBT)
    this.#services.reporter.say('DATABASE_DOUBT_ENDED', {})
    this.#services.proceed()
    return ALLOWED
  }

  // ---- time

  get deadline(): Instant {
    let deadline = NEVER
    for (const queries of this.#queries) deadline = Math.min(deadline, queries.deadline)
    return deadline
  }

  turn(now: Instant): void {
    for (const queries of this.#queries) queries.turn(now)
  }

  stop(): void {
    for (const queries of this.#queries) queries.end('stopping')
  }

  status(): SharedStatus {
    const now = this.#services.now()
    return {
      awaySince: this.#isAway ? this.#awaySince : undefined,
      trouble: this.#trouble,
      isBridging: this.isBridging,
      ...{ bridged: this.counts.bridged, conflicts: this.counts.conflicts },
      confirmations: this.counts.confirmations,
      restored: this.#failover.restored,
      members: this.stripes.members,
      differing: this.#members.differing,
      behind: Math.max(0, now - this.#readAt),
      doubt: Math.ceil(this.#doubt.left / 1000),
      isClockDoubted: this.#doubt.isOfClock,
    }
  }
}
