// The stream from another server of the pair: rows are merged into the lease table and journaled, and
// what is on the disk is acknowledged. See outgoing.ts for the lanes.

import { type Lane, laneOf, readRowFrame } from '../ha/row-frames.ts'
import type { Lease } from '../leases/lease.ts'
import type { Instant } from '../time/units.ts'

export interface IncomingDuties {
  /** Merges a row, whose times are on this server's lease clock already. */
  take(lease: Lease, lane: Lane): void
  /** All rows of a refill have come. */
  endRefill(): void
  /**
   * Everything up to this change number of the other end has been taken, when its lease clock showed `clock`
   * (0 = not told). `stored` is to be called when that is durable.
   */
  reached(position: number, clock: Instant, stored: () => void): void
  acknowledge(live: number, backlog: number): void
  /** Whether all rows may be sent, though a delta was agreed: this server has handed over meanwhile. */
  mayRefill(): boolean
}

export class Incoming {
  readonly #duties: IncomingDuties
  #live: number
  #backlog: number
  #liveStored: number
  #backlogStored = 0
  #isBacklogDone = false
  #isSynced = false
  #rows = 0
  #needsRefill: boolean
  #isRefilled = false
  readonly #from: number

  /**
   * `position`: the other end's when the connection was made. `from`: up to where its stream is stored here.
   * `expected`: what its backlog is.
   */
  constructor(
    duties: IncomingDuties,
    position: number,
    from: number,
    expected: 'delta' | 'refill',
  ) {
    this.#duties = duties
    this.#live = position
    this.#liveStored = position
    this.#from = from
    this.#backlog = expected === 'refill' ? 0 : from
    this.#needsRefill = expected === 'refill'
  }

  /** Whether everything that the other end had at the beginning is stored here. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Rows taken so far. */
  get rows(): number {
    return this.#rows
  }

  /** Takes a frame; returns what is wrong with it, '' when nothing is. A bad frame has no effect. */
  frame(bytes: Uint8Array, now: Instant): string {
    const lane = laneOf(bytes)
    if (lane !== undefined && !this.#admits(lane)) return 'not the lane that was agreed'
    const frame = readRowFrame(bytes, now, (lease) => this.#duties.take(lease, lane!))
    if (typeof frame === 'string') return frame
    const { position, last, clock } = frame
    this.#rows += frame.count
    if (lane === 'live') this.#live = Math.max(this.#live, position)
    else this.#backlog = Math.max(this.#backlog, position)
    if (lane !== 'live' && last) this.#isBacklogDone = true
    if (lane === 'refill' && last) this.#endRefill()
    this.#duties.reached(this.#reachedPosition(), clock, this.#storedLater())
    return ''
  }

  /** Whether all rows have come since this was asked last. */
  takeRefilled(): boolean {
    const isRefilled = this.#isRefilled
    this.#isRefilled = false
    return isRefilled
  }

  #endRefill(): void {
    this.#isRefilled = true
    this.#duties.endRefill()
  }

  #admits(lane: Lane): boolean {
    if (lane === 'live' || (lane === 'refill') === this.#needsRefill) return true
    if (lane !== 'refill' || !this.#duties.mayRefill()) return false
    this.#needsRefill = true
    this.#isBacklogDone = false
    this.#backlog = 0
    this.#backlogStored = 0
    return true
  }

  /**
   * A delta counts page by page, so that a broken connection goes on where it was; a refill counts when it
   * is complete, and the live lane only behind the backlog.
   */
  #reachedPosition(): number {
    if (this.#needsRefill) return this.#isBacklogDone ? this.#live : this.#from
    return this.#isBacklogDone ? Math.max(this.#live, this.#backlog) : this.#backlog
  }

  #storedLater(): () => void {
    const live = this.#live
    const backlog = this.#backlog
    const isDone = this.#isBacklogDone
    return () => {
      this.#liveStored = Math.max(this.#liveStored, live)
      this.#backlogStored = Math.max(this.#backlogStored, backlog)
      this.#isSynced ||= isDone
      this.#duties.acknowledge(this.#liveStored, this.#backlogStored)
    }
  }
}
