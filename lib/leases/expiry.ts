// What time does to leases, without ever scanning them. A row waits in one of three queues:
//
//                          end + grace passed                    change applied
//   running (not over) ----------------------> lapsed ----------------------------> ended
//     ^                                        over, but the row still says         over: released or
//     |                                        assigned or declined                 expired, kept for its
//     +------------------- granted anew ------------- or removed -----------------  former client
//
// A renewal leaves its row where it is in `running`, with a deadline that is now too early; that is set
// right when the deadline comes, once a lifetime instead of once a renewal.

import { type Instant, type Millis, NEVER, type Seconds } from '../time/units.ts'
import { DeadlineHeap } from './deadline-heap.ts'
import { LEASE_STATE, type LeaseState } from './lease.ts'
import { type LeaseRows, LINK } from './lease-rows.ts'

/** `none`: a lease that never ends. */
const QUEUE = { none: 0, running: 1, lapsed: 2, ended: 3 } as const

/** Deadlines of renewed leases that are set right in one call. */
const RENEWED_MAX = 65536

/** A row that was handed out as due, but has not changed, is handed out again after this time. */
const REPEAT_WAIT: Millis = 10_000

export class Expiry {
  readonly #rows: LeaseRows
  readonly #onOver: (row: number) => void
  readonly #running: DeadlineHeap
  readonly #lapsed: DeadlineHeap
  readonly #ended: DeadlineHeap
  /** The latest time that was heard of. */
  #now: Instant = Number.NEGATIVE_INFINITY

  /** `onOver` is called for each row that time has made over. */
  constructor(rows: LeaseRows, onOver: (row: number) => void) {
    this.#rows = rows
    this.#onOver = onOver
    this.#running = new DeadlineHeap(rows.store, LINK.place)
    this.#lapsed = new DeadlineHeap(rows.store, LINK.place)
    this.#ended = new DeadlineHeap(rows.store, LINK.place)
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
    if (deadline <= this.#now) return this.#enter(row, overQueue(rows.state(row)), rows.end(row))
    if (rows.queue(row) !== QUEUE.running) {
      if (deadline === NEVER) this.leave(row)
      else this.#enter(row, QUEUE.running, deadline)
    } else if (deadline < this.#running.deadlineOf(row)) this.#running.move(row, deadline)
  }

  /** The row is about to be removed. */
  leave(row: number): void {
    this.#heap(this.#rows.queue(row))?.remove(row)
    this.#rows.setQueue(row, QUEUE.none)
  }

  /** Moves rows whose end and grace have passed out of `running`, at most `max`. */
  advance(now: Instant, max: number): void {
    this.#now = Math.max(this.#now, now)
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

  /** Calls `visit` for at most `max` rows that are due to be changed: lapsed ones, then held ones. */
  due(now: Instant, max: number, hold: Seconds, visit: (row: number) => void): void {
    const holdMs = hold * 1000
    this.advance(now, max)
    for (; max > 0 && this.#lapsed.first <= now; max--) {
      const row = this.#lapsed.firstRow
      this.#lapsed.move(row, now + REPEAT_WAIT)
      visit(row)
    }
    for (; max > 0 && this.#ended.first + holdMs <= now; max--) {
      const row = this.#ended.firstRow
      this.#ended.move(row, now + REPEAT_WAIT - holdMs)
      visit(row)
    }
  }

  /** When `due` may have something next: not later than that, perhaps earlier. */
  next(hold: Seconds): Instant {
    return Math.min(this.#running.first, this.#lapsed.first, this.#ended.first + hold * 1000)
  }

  #lapse(row: number): void {
    this.#enter(row, overQueue(this.#rows.state(row)), this.#rows.end(row))
    this.#onOver(row)
  }

  #enter(row: number, queue: number, deadline: Instant): void {
    this.leave(row)
    this.#rows.setQueue(row, queue)
    this.#heap(queue)!.add(row, deadline)
  }

  #heap(queue: number): DeadlineHeap | undefined {
    if (queue === QUEUE.running) return this.#running
    if (queue === QUEUE.lapsed) return this.#lapsed
    return queue === QUEUE.ended ? this.#ended : undefined
  }
}

function overQueue(state: LeaseState): number {
  const isKept = state === LEASE_STATE.expired || state === LEASE_STATE.released
  return isKept ? QUEUE.ended : QUEUE.lapsed
}
