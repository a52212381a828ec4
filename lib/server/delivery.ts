// The one order in which outcomes are carried out: journal, partner, client.
//
//   step -> gather --flush--> journal.commit --onCommitted--> replies leave, events are told
//             ^                     |
//             +------ onFailed -----+   changes stay and are tried again; replies are forgotten
//
// At most one batch is at the journal. Whatever is gathered meanwhile is the next one, so batches
// grow with the load (group commit). A reply without changes never passes through here.

import { ChangeWriter } from '../leases/change-codec.ts'
import type { Change, Lease } from '../leases/lease.ts'
import type { Reply4 } from '../ports/datagrams4.ts'
import type { Journal } from '../ports/journal.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import type { LeaseAction } from './events.ts'
import { ReplyArena } from './reply-arena.ts'

/** Replies waiting for the disk; beyond it, messages that would change leases are dropped. */
export const PARKED_MAX = 16384

/** A client repeats its message after 4 s at the earliest, then the answer to the repetition counts. */
export const REPLY_AGE_MAX: Millis = 5000

/** The lease-clock time is stored at least this often, so that a crash loses no more of it. */
const STAMP_WAIT: Millis = 10_000

/**
 * Under load batches are this far apart unless they are large: each costs a wake-up of the journal's
 * thread and an fsync, and a client does not notice two milliseconds. A lone change goes at once.
 */
const COMMIT_PACE: Millis = 2

/** So many changes do not wait for the pace. */
const COMMIT_LARGE = 64

/** Pause before a failed batch is handed to the journal again. */
export const RETRY_WAIT: Millis = 1000

export interface ParkedReply extends Reply4 {
  /** DHCP message type of the reply. */
  readonly type: number
  readonly arrived: Instant
}

interface Batch {
  changes: Change[]
  /** What each change is to the outside, in the order of `changes`; undefined: nothing to tell. */
  actions: (LeaseAction | undefined)[]
  replies: ParkedReply[]
  readonly arena: ReplyArena
}

export interface DeliveryDuties {
  /** The batch is durable: these replies may leave. */
  release(replies: readonly ParkedReply[]): void
  /** A lease has changed, durably. */
  tell(action: LeaseAction, lease: Lease): void
  /** Replies that will never leave: their changes are not durable. */
  forget(replies: readonly ParkedReply[]): void
}

export class Delivery {
  readonly #journal: Journal
  readonly #duties: DeliveryDuties
  readonly #writer = new ChangeWriter()
  #gathering: Batch = emptyBatch()
  #committing: Batch | undefined
  #spare: Batch | undefined = emptyBatch()
  #trouble = ''
  #retryAt: Instant = 0
  #stamped: Instant = 0

  constructor(journal: Journal, duties: DeliveryDuties) {
    this.#journal = journal
    this.#duties = duties
  }

  /** Where the next reply is written. */
  get arena(): ReplyArena {
    return this.#gathering.arena
  }

  /** Why nothing can be stored, '' when all is well. */
  get trouble(): string {
    return this.#trouble
  }

  /** When `flush` wants to be called though nothing else happens. */
  get deadline(): Instant {
    if (this.#committing !== undefined) return NEVER
    if (this.#trouble !== '') return this.#retryAt
    return this.#stamped + (this.#gathering.changes.length === 0 ? STAMP_WAIT : COMMIT_PACE)
  }

  get parked(): number {
    return this.#gathering.replies.length + (this.#committing?.replies.length ?? 0)
  }

  get isIdle(): boolean {
    return this.#committing === undefined && this.#gathering.changes.length === 0
  }

  /** Notes a change that has been applied to the lease table and must become durable. */
  add(change: Change, action: LeaseAction | undefined): void {
    this.#gathering.changes.push(change)
    this.#gathering.actions.push(action)
  }

  /** Keeps a reply, written to the arena, until everything added so far is durable. */
  park(reply: ParkedReply): void {
    this.#gathering.replies.push(reply)
  }

  /** Replies that need not wait have left: their bytes in the arena may be reused. */
  settle(): void {
    if (this.#gathering.replies.length === 0) this.#gathering.arena.reset()
  }

  /**
   * Hands what was gathered to the journal, unless a batch is there already. In quiet times an empty
   * batch goes, to store the lease-clock time. After a failure: the same again when its time has come.
   */
  flush(now: Instant): void {
    if (this.#committing !== undefined) return
    const isLarge = this.#trouble === '' && this.#gathering.changes.length >= COMMIT_LARGE
    if (isLarge || now >= this.deadline) this.#commit(now)
  }

  /** Hands over what is left, without waiting for company: the server stops. */
  drain(now: Instant): void {
    const isLeft = this.#gathering.changes.length > 0 && this.#trouble === ''
    if (this.#committing === undefined && isLeft) this.#commit(now)
  }

  /** Whatever was stored before counts as stored now: nothing is due yet. */
  begin(now: Instant): void {
    this.#stamped = now
  }

  onCommitted(): void {
    const batch = this.#committing!
    this.#committing = undefined
    this.#trouble = ''
    this.#duties.release(batch.replies)
    for (const [index, change] of batch.changes.entries()) {
      const action = batch.actions[index]
      if (action !== undefined && change.kind === 'put') this.#duties.tell(action, change.lease)
    }
    this.#spare = emptied(batch)
  }

  /** Nothing of the batch is stored: its changes go in front of what was gathered meanwhile. */
  onFailed(trouble: string, now: Instant): void {
    const failed = this.#committing!
    const later = this.#gathering
    this.#duties.forget(failed.replies)
    this.#duties.forget(later.replies)
    this.#gathering = {
      changes: failed.changes.concat(later.changes),
      actions: failed.actions.concat(later.actions),
      replies: [],
      arena: later.arena,
    }
    this.#spare = emptied(failed)
    this.#committing = undefined
    this.#trouble = trouble
    this.#retryAt = now + RETRY_WAIT
  }

  #commit(now: Instant): void {
    const batch = this.#gathering
    this.#committing = batch
    this.#gathering = this.#spare ?? emptyBatch()
    this.#spare = undefined
    this.#stamped = now
    const writer = this.#writer
    for (const change of batch.changes) writer.put(change)
    const bytes = writer.copy()
    writer.clear()
    this.#journal.commit(bytes, batch.changes.length, now)
  }
}

function emptyBatch(): Batch {
  return { changes: [], actions: [], replies: [], arena: new ReplyArena() }
}

function emptied(batch: Batch): Batch {
  batch.arena.reset()
  return { changes: [], actions: [], replies: [], arena: batch.arena }
}
