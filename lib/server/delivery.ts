// The one order in which outcomes are carried out: journal, partner, client.
//
//   step -> gather --flush--> journal.commit --onCommitted--> partner --acknowledged--> replies
//             ^                     |                            |                        leave
//             +------ onFailed -----+                            +--> nobody answers: at once
//
// At most one batch is at the journal. Whatever is gathered meanwhile is the next one, so batches
// grow with the load (group commit). After a failure the changes stay and are tried again; replies
// are forgotten. Behind the journal batches wait in order for the partner, as many as there are;
// events are told when a batch is durable here. A reply without changes never passes through here.

import { STORE_WAIT_MIN } from '../config/plan/ha-limits.ts'
import type { PairRecord } from '../ha/pair-record.ts'
import { ChangeWriter } from '../leases/change-codec.ts'
import type { Key } from '../leases/keys/key.ts'
import type { Change } from '../leases/lease.ts'
import type { Journal, JournalInfo, StoredEdit, StoredName } from '../ports/journal.ts'
import type { SharedCommit } from '../ports/shared-journal.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import {
  type Batch,
  emptied,
  emptyBatch,
  highestChange,
  isEmpty,
  joined,
  withSteps,
} from './batch.ts'
import { CommitPace } from './commit-pace.ts'
import type { DeliveryDuties } from './delivery-duties.ts'
import { EventBook } from './event-book.ts'
import type { LeaseAction } from './events.ts'
import { ANSWER_TIMES, Histogram } from './histogram.ts'
import { isReply, type Parked } from './parked.ts'
import { QueueMeans } from './queue-means.ts'
import type { ReplyArena } from './reply-arena.ts'
import type { Origin } from './shared/shared-notes.ts'

export type { DeliveryDuties } from './delivery-duties.ts'

/** What waits for the disk; beyond it, messages that would change leases are dropped. */
export const PARKED_MAX = 16384

/** The lease-clock time is stored at least this often, so that a crash loses no more of it. */
const STAMP_WAIT: Millis = 10_000

/** Between two commits of a journal on trial. */
const TRIAL_WAIT: Millis = 200

/** So many changes do not wait for the pace. */
const COMMIT_LARGE = 64

/** Pause before a failed batch is handed to the journal again. */
export const RETRY_WAIT: Millis = 1000

/**
 * A durable batch whose replies wait for the other servers to have its rows, up to a change number.
 */
interface Waiting extends Pick<Batch, 'parked' | 'arena'> {
  readonly ticket: number
  /** When it was durable here. */
  readonly since: Instant
}

export class Delivery {
  readonly #journal: Journal
  readonly #duties: DeliveryDuties
  readonly #writer = new ChangeWriter()
  readonly #isShared: boolean
  readonly #book: EventBook
  readonly #pace: CommitPace
  #gathering: Batch
  #committing: Batch | undefined
  /** Of a shared database: who brings about what is added and parked now. */
  origin: Origin | undefined
  readonly #spares: Batch[] = []
  #waiting: Waiting[] = []
  #trouble = ''
  #retryAt: Instant = 0
  /** Of the journal: batches that it has stored, and their changes. */
  commits = 0
  changes = 0
  failures = 0
  /** How long the journal took, and then the partner. */
  readonly commitTimes = new Histogram(ANSWER_TIMES)
  readonly partnerTimes = new Histogram(ANSWER_TIMES)
  readonly queue = new QueueMeans()
  /**
   * Whether the journal is to show that it stores in time, though there is nothing to be stored.
   */
  isOnTrial = false
  /** Change number up to which everything is durable here. */
  #durableUpTo = 0
  /** Batches that were stored within STORE_WAIT_MIN, since one that was not. */
  quickInARow = 0
  #stamped: Instant = 0

  constructor(journal: Journal, duties: DeliveryDuties, book = new EventBook()) {
    this.#journal = journal
    this.#book = book
    this.#pace = new CommitPace(journal)
    this.#duties = duties
    this.#isShared = journal.shared !== undefined
    this.#gathering = emptyBatch(this.#isShared)
  }

  /** Which batch it is that is gathered. */
  batch = 0

  /** Where the next reply is written. */
  get arena(): ReplyArena {
    return this.#gathering.arena
  }

  /** Why nothing can be stored, '' when all is well. */
  get trouble(): string {
    return this.#trouble
  }

  get durableUpTo(): number {
    return this.#durableUpTo
  }

  /** When `flush` wants to be called though nothing else happens. */
  get deadline(): Instant {
    if (this.#committing !== undefined) return NEVER
    if (this.#trouble !== '') return this.#retryAt
    if (!this.#isEmpty) return this.#stamped + this.#pace.latest
    return this.#stamped + (this.isOnTrial ? TRIAL_WAIT : STAMP_WAIT)
  }

  /** Replies and answers that wait for the disk or for the partner. */
  get parked(): number {
    let count = this.#gathering.parked.length + (this.#committing?.parked.length ?? 0)
    for (const { parked } of this.#waiting) count += parked.length
    return count
  }

  /** Changes that the next batch will have, or what is to be done after it if that is more. */
  get gathered(): number {
    return Math.max(this.#gathering.changes.length, this.#gathering.notes.length)
  }

  /** Since when a batch is at the journal; NEVER: none is. */
  get storesSince(): Instant {
    return this.#committing === undefined ? NEVER : this.#stamped
  }

  /**
   * The same, or since when the oldest reply waits for the journal, where that is longer: batches
   * may queue.
   */
  get waitsSince(): Instant {
    if (this.#committing === undefined) return NEVER
    const [under] = this.#committing.parked
    const [next] = this.#gathering.parked
    return Math.min(this.#stamped, under?.arrived ?? NEVER, next?.arrived ?? NEVER)
  }

  /** Of the oldest reply that waits for other servers: for which change number, and since when. */
  get firstWaiting(): { readonly ticket: number; readonly since: Instant } | undefined {
    return this.#waiting[0]
  }

  /** Nothing waits for the disk. */
  get isStored(): boolean {
    return this.#committing === undefined && this.#isEmpty
  }

  /**
   * Changes of this server wait for the disk, or replies for the disk or the partner. Rows of
   * others do not count.
   */
  get isAtWork(): boolean {
    const { rows } = this.#gathering
    return rows.length > 0 || (this.#committing?.rows.length ?? 0) > 0 || this.parked > 0
  }

  /** Nothing waits for the disk or for the partner. */
  get isIdle(): boolean {
    return this.isStored && this.#waiting.length === 0
  }

  /**
   * Notes a change that is about to be applied to the lease table and must become durable.
   * `isStreamed`: the other servers are sent its row once it is.
   */
  add(change: Change<Key>, action: LeaseAction | undefined, isStreamed = false): void {
    if (this.#isShared) this.#noteShared(change)
    this.#gathering.changes.push(change)
    this.#gathering.actions.push(action)
    if (isStreamed && change.kind === 'put') this.#gathering.rows.push(change.lease)
  }

  #noteShared(change: Change<Key>): void {
    const key = change.kind === 'put' ? change.lease.address : change.address
    this.#gathering.shared!.note(this.#duties.versionOf!(key), this.origin)
  }

  /** Stores the record with everything added so far. */
  store(record: PairRecord): void {
    this.#gathering.record = record
  }

  /** Stores records of edits with everything added so far. */
  storeEdits(edits: readonly StoredEdit[]): void {
    this.#gathering.edits = [...(this.#gathering.edits ?? []), ...edits]
  }

  /**
   * Stores a record of a name with everything added so far. It waits for a batch that goes for
   * another reason: where it is lost it is made anew. `isOfNext`: it is stored only where the
   * change is that is added next.
   */
  storeName(name: StoredName, isOfNext = false): void {
    if (isOfNext) this.#gathering.shared?.tie(name.address)
    this.#gathering.names ??= []
    this.#gathering.names.push(name)
  }

  /** Has something done once everything added so far is durable. */
  note(action: () => void): void {
    this.#gathering.notes.push(action)
  }

  /** The other servers have stored everything up to this change number. */
  acknowledged(upTo: number, now: Instant): void {
    let count = 0
    while (count < this.#waiting.length && this.#waiting[count]!.ticket <= upTo) count++
    for (const waiting of this.#waiting.splice(0, count)) {
      this.partnerTimes.observe(now - waiting.since)
      this.#finish(waiting)
    }
  }

  /** Nobody is to be waited for any more: what is durable here may be answered. */
  releaseWaiting(): void {
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting)
  }

  /** Keeps a reply, written to the arena, or an answer until everything added so far is durable. */
  park(one: Parked): void {
    this.#gathering.parked.push(one)
    if (this.#isShared) this.#gathering.shared!.park(one, this.origin)
  }

  /** Replies that need not wait have left: their bytes in the arena may be reused. */
  settle(): void {
    if (this.#gathering.parked.length === 0) this.#gathering.arena.reset()
  }

  /**
   * Hands what was gathered to the journal, unless a batch is there already. In quiet times an
   * empty batch goes, to store the lease-clock time. After a failure: the same again when its time
   * has come.
   */
  flush(now: Instant): void {
    if (this.#committing !== undefined) return
    if (now >= this.deadline || this.#isWorthIt(now)) this.#commit(now)
  }

  /** Whether what was gathered goes before its time: it is much, or the time has nearly come. */
  #isWorthIt(now: Instant): boolean {
    if (this.#trouble !== '' || this.#isEmpty) return false
    return this.#gathering.changes.length >= COMMIT_LARGE || now >= this.#stamped + this.#pace.soon
  }

  /** Hands over what is left, without waiting for company: the server stops. */
  drain(now: Instant): void {
    const { names } = this.#gathering
    const isLeft = (names !== undefined || !this.#isEmpty) && this.#trouble === ''
    if (this.#committing === undefined && isLeft) this.#commit(now)
  }

  /** What the journal holds counts as stored now: nothing is due yet. */
  begin({ stamp, change, history }: JournalInfo): void {
    this.#stamped = stamp
    this.#durableUpTo = change
    this.#book.begin(history)
  }

  get #isEmpty(): boolean {
    return isEmpty(this.#gathering) && !this.#book.isWaiting
  }

  /** `answer`: of a shared database, which rows are not stored. */
  onCommitted(now: Instant, answer?: SharedCommit): void {
    this.commits++
    const took = now - this.#stamped
    this.#pace.took = took
    this.commitTimes.observe(took)
    const batch = this.#committing!
    this.queue.note(batch.parked.length)
    this.#committing = undefined
    if (this.#retryAt !== NEVER) this.#trouble = ''
    this.quickInARow = took <= STORE_WAIT_MIN ? this.quickInARow + 1 : 0
    this.#durableUpTo = Math.max(this.#durableUpTo, highestChange(batch))
    if (answer !== undefined) this.#refuse(batch, answer.conflicts)
    this.changes += batch.changes.length
    const ticket = this.#duties.durable(batch)
    const mustWait = batch.parked.length > 0 && (ticket > 0 || this.#waiting.length > 0)
    if (mustWait)
      this.#waiting.push({ ticket, since: now, parked: batch.parked, arena: batch.arena })
    else this.#finish(batch)
    for (const note of batch.notes) note()
    for (const [index, change] of batch.changes.entries()) {
      const action = batch.actions[index]
      if (action === undefined || change.kind !== 'put') continue
      this.#book.telling(batch.shared?.placeBefore(index) ?? index)
      this.#duties.tell(action, change.lease)
    }
  }

  /** What the database has refused leaves the batch, with the replies that promised it. */
  #refuse(batch: Batch, conflicts: readonly number[]): void {
    const refusal = batch.shared!.refuse(batch, conflicts)
    if (refusal !== undefined) this.#duties.refused!(refusal)
  }

  /**
   * The database is away: what is at it stays there, nothing else goes. Replies that wait for it
   * are forgotten, since their clients ask again before it is back.
   */
  away(trouble: string): void {
    this.forgetReplies()
    this.#trouble = trouble
    this.#retryAt = NEVER
  }

  /** Replies that wait for the journal never leave. Their changes stay. */
  forgetReplies(): void {
    for (const batch of [this.#committing, this.#gathering])
      if (batch !== undefined) {
        this.#duties.forget(batch.parked.filter(isReply))
        batch.parked = batch.parked.filter((one) => !isReply(one))
      }
  }

  /**
   * Another copy of the database took over, which may lack what others have given. What was about
   * to be given anew is not: no client has heard of it. The database refuses it, and memory is told
   * what is there.
   */
  renounce(): void {
    const { actions, shared } = this.#gathering
    for (const [at, action] of actions.entries()) if (action === 'granted') shared?.renounce(at)
  }

  /** It is back. */
  back(): void {
    this.#trouble = ''
    this.#retryAt = 0
  }

  /**
   * Nothing of the batch is stored: its changes go in front of what was gathered meanwhile. Answers
   * stay with their changes, which will be stored; a client asks again by itself.
   */
  onFailed(trouble: string, now: Instant): void {
    this.failures++
    const failed = this.#committing!
    const later = this.#gathering
    this.forgetReplies()
    this.#book.failed()
    this.#gathering = joined(failed, later)
    this.#spares.push(emptied(failed.arena, this.#isShared))
    this.#committing = undefined
    // One that is away says itself when it is back.
    if (this.#retryAt !== NEVER) this.#retryAt = now + RETRY_WAIT
    this.#trouble = trouble
    this.quickInARow = 0
  }

  #commit(now: Instant): void {
    const batch = this.#gathering
    this.#committing = batch
    this.#gathering = this.#spares.pop() ?? emptyBatch(this.#isShared)
    this.#stamped = now
    this.batch++
    const writer = this.#writer
    if (!this.#isShared) for (const change of batch.changes) writer.put(change)
    const shared = batch.shared?.write(batch, writer)
    const bytes = writer.copy()
    const { count } = writer
    writer.clear()
    const { actions, edits, names, record } = batch
    const told = withSteps(this.#book.take(actions), batch)
    this.#journal.commit(bytes, count, now, record, edits, shared, names, told)
  }

  #finish({ parked, arena }: Pick<Batch, 'parked' | 'arena'>): void {
    this.#duties.release(parked)
    this.#spares.push(emptied(arena, this.#isShared))
  }
}
