// What time does to leases, without ever scanning them. A row waits in one of these queues:
//
//                       end + grace passed                 change applied
//   running (not over) -------------------> lapsed -----------------------> ended
//     ^                                     over, but the row still         over: released or
//     |                                     says assigned or declined       expired, kept for its
//     +------------------ granted anew ------------- or removed ----------  former client
//
// and in a pair also
//
//   parked     over, and its key is to go back to the partner as soon as the two are sharing
//   settled    free and over: time has nothing more to do with it
//
// A renewal leaves its row where it is in `running`, with a deadline that is now too early; that is
// set right when the deadline comes, once a lifetime instead of once a renewal.

import { type Instant, type Millis, NEVER, type Seconds } from '../../time/units.ts'
import type { Key } from '../keys/key.ts'
import { LEASE_STATE } from '../lease.ts'
import { DeadlineHeap } from '../store/deadline-heap.ts'
import { type LeaseRows, LINK } from './lease-rows.ts'

/** `none`: a lease that never ends. From `lapsed` on rows are over. */
const QUEUE = { none: 0, running: 1, lapsed: 2, ended: 3, parked: 4, settled: 5 } as const

/** Deadlines of renewed leases that are set right in one call. */
const RENEWED_MAX = 65536

/** Rows that are parked in one call. */
const PARKED_MAX = 65536

/** A row that was handed out as due, but has not changed, is handed out again after this time. */
const REPEAT_WAIT: Millis = 10_000

export class Expiry<A extends Key> {
  readonly #rows: LeaseRows<A>
  readonly #onOver: (row: number) => void
  readonly #running: DeadlineHeap
  readonly #lapsed: DeadlineHeap
  readonly #ended: DeadlineHeap
  readonly #parked: DeadlineHeap
  readonly #isOwed: (row: number) => boolean
  #isSharing = false
  #now: Instant = Number.NEGATIVE_INFINITY

  /**
   * `onOver` is called for each row that time has made over. `isOwed` says whether its key is to go
   * back to the partner when it is over.
   */
  constructor(rows: LeaseRows<A>, onOver: (row: number) => void, isOwed: (row: number) => boolean) {
    this.#rows = rows
    this.#onOver = onOver
    this.#isOwed = isOwed
    this.#running = new DeadlineHeap(rows.store, LINK.place)
    this.#lapsed = new DeadlineHeap(rows.store, LINK.place)
    this.#ended = new DeadlineHeap(rows.store, LINK.place)
    this.#parked = new DeadlineHeap(rows.store, LINK.place)
  }

  /** Whether keys can go to the partner now. While they cannot, rows that owe one are not due. */
  set isSharing(isSharing: boolean) {
    this.#isSharing = isSharing
  }

  get isSharing(): boolean {
    return this.#isSharing
  }

  /** The latest time that was heard of. */
  get now(): Instant {
    return this.#now
  }

  /** It is so late at least. Rows that are read after this are over at once if they are by then. */
  noteTime(now: Instant): void {
    this.#now = Math.max(this.#now, now)
  }

  /** Whether the address of the row may be given to somebody new. */
  isOver(row: number): boolean {
    return this.#rows.queue(row) >= QUEUE.lapsed
  }

  /** The row is new or says something new. A released row is over at once. */
  update(row: number): void {
    const rows = this.#rows
    const isReleased = rows.state(row) === LEASE_STATE.released
    const deadline = isReleased ? Number.NEGATIVE_INFINITY : rows.overAt(row)
    if (deadline <= this.#now) return this.#enter(row, this.#overQueue(row), rows.end(row))
    if (rows.queue(row) !== QUEUE.running) {
      if (deadline === NEVER) this.leave(row)
      else this.#enter(row, QUEUE.running, deadline)
    } else if (deadline < this.#running.deadlineOf(row)) this.#running.move(row, deadline)
  }

  /** Other keys may be owed than before. */
  reconsider(row: number): void {
    if (this.#rows.queue(row) >= QUEUE.parked)
      this.#enter(row, this.#overQueue(row), this.#rows.end(row))
  }

  /** The row is about to be removed. */
  leave(row: number): void {
    this.#heap(this.#rows.queue(row))?.remove(row)
    this.#rows.setQueue(row, QUEUE.none)
  }

  /** Moves rows whose end and grace have passed out of `running`, at most `max`. */
  advance(now: Instant, max: number): void {
    this.noteTime(now)
    let renewed = RENEWED_MAX
    while (max > 0 && renewed > 0 && this.#running.first <= now) {
      const row = this.#running.firstRow
      const deadline = this.#rows.overAt(row)
      if (deadline <= now) {
        this.#lapse(row)
        max--
      } else {
        if (deadline === NEVER) this.leave(row)
        else this.#running.move(row, deadline)
        renewed--
      }
    }
  }

  /** Whether rows are left that advance would move. */
  isBehind(now: Instant): boolean {
    return this.#running.first <= now
  }

  /**
   * Calls `visit` for at most `max` rows that are due to be changed: lapsed ones, then held ones,
   * then those that were parked.
   */
  due(now: Instant, max: number, hold: Seconds, visit: (row: number) => void): void {
    const holdMs = hold * 1000
    this.advance(now, max)
    max = this.#visitFirst(this.#lapsed, now, 0, max, visit)
    max = this.#visitFirst(this.#ended, now, holdMs, max, visit)
    if (this.#isSharing) this.#visitFirst(this.#parked, now, 0, max, visit)
  }

  /** When `due` may have something next: not later than that, perhaps earlier. */
  next(hold: Seconds): Instant {
    const first = Math.min(this.#running.first, this.#lapsed.first, this.#ended.first + hold * 1000)
    return this.#isSharing ? Math.min(first, this.#parked.first) : first
  }

  /**
   * Visits rows whose deadline and `wait` have passed, at most `max`, and returns how many are left
   * of it. What is due in vain is put away, so that it neither hides what is due behind it nor
   * wakes anybody.
   */
  #visitFirst(
    heap: DeadlineHeap,
    now: Instant,
    wait: Millis,
    max: number,
    visit: (row: number) => void,
  ): number {
    let parking = PARKED_MAX
    while (max > 0 && parking > 0 && heap.first + wait <= now) {
      const row = heap.firstRow
      if (this.#isInVain(row)) {
        this.#enter(row, QUEUE.parked, this.#rows.end(row))
        parking--
      } else {
        heap.move(row, now + REPEAT_WAIT - wait)
        visit(row)
        max--
      }
    }
    return max
  }

  /** An assigned row becomes expired first, which needs nobody. */
  #isInVain(row: number): boolean {
    if (this.#isSharing || this.#rows.state(row) === LEASE_STATE.assigned) return false
    return this.#isOwed(row)
  }

  #lapse(row: number): void {
    this.#enter(row, this.#overQueue(row), this.#rows.end(row))
    this.#onOver(row)
  }

  #enter(row: number, queue: number, deadline: Instant): void {
    this.leave(row)
    this.#rows.setQueue(row, queue)
    this.#heap(queue)?.add(row, deadline)
  }

  #heap(queue: number): DeadlineHeap | undefined {
    if (queue === QUEUE.running) return this.#running
    if (queue === QUEUE.lapsed) return this.#lapsed
    if (queue === QUEUE.ended) return this.#ended
    return queue === QUEUE.parked ? this.#parked : undefined
  }

  /** Where a row that is over belongs. */
  #overQueue(row: number): number {
    const state = this.#rows.state(row)
    if (state === LEASE_STATE.free) return this.#isOwed(row) ? QUEUE.parked : QUEUE.settled
    const isKept = state === LEASE_STATE.expired || state === LEASE_STATE.released
    return isKept ? QUEUE.ended : QUEUE.lapsed
  }
}
