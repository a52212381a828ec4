// The stream from another server of the pair: rows are merged into the lease table and journaled,
// and what is on the disk is acknowledged. See outgoing.ts for the lanes, positions and marks.

import { type Lane, laneOf, readRowFrame } from '../../ha/row-frames.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { Instant } from '../../time/units.ts'

export interface IncomingDuties {
  /** Merges a row, whose times are on this server's lease clock already. */
  take(lease: Lease<Key>, lane: Lane): void
  /**
   * All rows are about to come, though a delta was agreed or all have come before. False: this
   * server did not ask for it.
   */
  beginsRefill(): boolean
  /** All rows of a refill have come. */
  endRefill(): void
  /**
   * Everything up to this position of the other end has been taken, when its lease clock showed
   * `clock` (0 = not told). `stored` is to be called when that is durable.
   */
  reached(position: number, clock: Instant, stored: () => void): void
  /** A position of the live lane and a mark of the backlog are durable. */
  acknowledge(live: number, mark: number): void
}

export class Incoming {
  readonly #duties: IncomingDuties
  #backlog: 'delta' | 'refill'
  #isBacklogDone = false
  /** Position of the live lane. */
  #live: number
  #liveStored: number
  #mark: number
  #markStored = 0
  #isSynced = false
  #rows = 0
  /** Position up to which everything is here, while a refill is not complete. */
  #before: number

  /**
   * `position`: the other end's when the connection was made. `from`: the position up to which its
   * stream is stored here. `backlog`: what was agreed.
   */
  constructor(duties: IncomingDuties, position: number, from: number, backlog: 'delta' | 'refill') {
    this.#duties = duties
    this.#backlog = backlog
    this.#live = position
    this.#liveStored = position
    this.#before = from
    this.#mark = backlog === 'refill' ? 0 : from
  }

  /** Whether all rows are on their way, and have not all come. */
  get isRefilling(): boolean {
    return this.#backlog === 'refill' && !this.#isBacklogDone
  }

  /** Whether everything that the other end had at the beginning is stored here. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Rows taken so far. */
  get rows(): number {
    return this.#rows
  }

  /**
   * Takes a frame; returns what is wrong with it, '' when nothing is. A bad frame has no effect.
   */
  frame(bytes: Uint8Array, now: Instant): string {
    const lane = laneOf(bytes)
    if (lane !== undefined && !this.#admits(lane)) return 'not the lane that was agreed'
    const frame = readRowFrame(bytes, now, (lease) => this.#duties.take(lease, lane!))
    if (typeof frame === 'string') return frame
    const { mark, last, clock } = frame
    this.#rows += frame.count
    if (lane === 'live') this.#live = Math.max(this.#live, mark)
    else this.#mark = Math.max(this.#mark, mark)
    if (lane !== 'live' && last) this.#isBacklogDone = true
    if (lane === 'refill' && last) this.#duties.endRefill()
    this.#duties.reached(this.#position(), clock, this.#storedLater())
    return ''
  }

  #admits(lane: Lane): boolean {
    if (lane === 'live') return true
    if (lane === 'backlog') return this.#backlog === 'delta'
    if (this.#backlog === 'refill' && !this.#isBacklogDone) return true
    if (!this.#duties.beginsRefill()) return false
    this.#before = this.#position()
    this.#backlog = 'refill'
    this.#isBacklogDone = false
    return true
  }

  /**
   * The position that is reached: a delta counts page by page, so that a broken connection goes on
   * where it was; a refill counts when it is complete, and the live lane only behind the backlog.
   */
  #position(): number {
    if (this.#backlog === 'refill') return this.#isBacklogDone ? this.#live : this.#before
    return this.#isBacklogDone ? Math.max(this.#live, this.#mark) : this.#mark
  }

  #storedLater(): () => void {
    const live = this.#live
    const mark = this.#mark
    const isDone = this.#isBacklogDone
    return () => {
      this.#liveStored = Math.max(this.#liveStored, live)
      this.#markStored = Math.max(this.#markStored, mark)
      this.#isSynced ||= isDone
      this.#duties.acknowledge(this.#liveStored, this.#markStored)
    }
  }
}
