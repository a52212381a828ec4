// The stream to another server of the pair, over one connection: the live lane carries each durable batch
// as it comes, the backlog what the other end has missed, or all rows where it has nothing. Rows of the
// backlog are read when they are sent; one that has changed meanwhile goes by the live lane, so no
// older version follows a newer one, and none leaves before it is durable here.

import { RowFrameWriter } from '../ha/row-frames.ts'
import type { Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/lease-table.ts'
import type { LinkConnection } from '../ports/link.ts'
import { type Instant, NEVER } from '../time/units.ts'

/** Rows of a backlog page: a millisecond of work. */
const PAGE_ROWS_MAX = 500

/** Pages under way: enough to keep the other end's disk busy. */
const PAGES_UNDER_WAY = 4

/** Beyond so many bytes that the kernel has not taken, the backlog waits. */
export const BUFFERED_PAUSE = 1 << 20

/** Beyond so many, the other end does not read any more: pair.ts ends the connection. */
export const BUFFERED_MAX = 16 << 20

export type RowConnection = Pick<LinkConnection, 'send' | 'buffered'>

interface RowSource {
  next(limit: number): readonly Lease[]
}

export class Outgoing {
  readonly #connection: RowConnection
  readonly #now: () => Instant
  readonly #onComplete: () => void
  readonly #pageRows: number
  readonly #writer = new RowFrameWriter()
  #source: RowSource | undefined
  #lane: 'backlog' | 'refill' = 'backlog'
  readonly #top: number
  /** Positions of the pages under way, oldest first. */
  #pages: number[] = []
  #sentRows = 0
  #live: number
  #liveAcked: number
  #isComplete = false
  /** The highest change of a row that a refill has left to the live lane, since it was not durable yet. */
  #heldBack = 0
  /** Something of the live lane is not acknowledged: up to where, and since when it waits. */
  #waitsFor: number | undefined
  #waitsSince: Instant = 0

  /**
   * `position`: change number up to which everything is durable here now; what comes later goes by the
   * live lane. `acknowledged`: up to which the other end has stored it. `onComplete` is called once, when the
   * other end has stored the backlog.
   */
  constructor(
    connection: RowConnection,
    now: () => Instant,
    position: number,
    acknowledged: number,
    pageRows: number,
    onComplete: () => void,
  ) {
    this.#connection = connection
    this.#now = now
    this.#pageRows = Math.min(pageRows, PAGE_ROWS_MAX)
    this.#onComplete = onComplete
    this.#top = position
    this.#live = position
    this.#liveAcked = acknowledged
  }

  /** Change number up to which the other end has stored the live lane. */
  get acknowledgedUpTo(): number {
    return this.#liveAcked
  }

  /** Change number that was sent last by the live lane. */
  get sentUpTo(): number {
    return this.#live
  }

  /** Whether the other end has stored everything that was there when the connection was made. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Change number up to which the backlog goes. */
  get top(): number {
    return this.#top
  }

  /** Rows of the backlog that were sent. */
  get sentRows(): number {
    return this.#sentRows
  }

  /** Sends what has changed behind `after`. */
  startDelta(table: LeaseTable, after: number): void {
    this.#lane = 'backlog'
    this.#source = table.changedAfter(after, this.#top)
    this.pump()
  }

  /** Sends every row that is durable; the others come by the live lane before it is complete. */
  startRefill(table: LeaseTable): void {
    this.#lane = 'refill'
    this.#source = durableRows(table, (row) => this.#isDurable(row))
    this.pump()
  }

  /** Sends the rows of a durable batch; `position` is its highest change number. */
  live(rows: readonly Lease[], position: number): void {
    const former = this.#live
    this.#live = position
    const now = this.#now()
    this.#writer.begin('live')
    for (const row of rows) {
      if (this.#writer.put(row, now)) continue
      this.#connection.send(this.#writer.finish(former, false, now))
      this.#writer.begin('live')
      this.#writer.put(row, now)
    }
    this.#connection.send(this.#writer.finish(position, false, now))
    if (this.#waitsFor === undefined) this.#waitAnew()
    this.#complete()
  }

  /** Since when something of the live lane waits to be acknowledged; NEVER: nothing does. */
  get waitsSince(): Instant {
    return this.#waitsFor === undefined ? NEVER : this.#waitsSince
  }

  /** This process was paused, and read nothing meanwhile: waiting begins anew. */
  resumed(now: Instant): void {
    this.#waitsSince = now
  }

  acknowledged(live: number, backlog: number): void {
    this.#liveAcked = Math.max(this.#liveAcked, Math.min(live, this.#live))
    if (this.#waitsFor !== undefined && this.#liveAcked >= this.#waitsFor) this.#waitAnew()
    while (this.#pages.length > 0 && this.#pages[0]! <= backlog) this.#pages.shift()
    this.pump()
    this.#complete()
  }

  /** Sends pages as long as the other end keeps up. */
  pump(): void {
    while (
      this.#source !== undefined &&
      this.#pages.length < PAGES_UNDER_WAY &&
      this.#connection.buffered < BUFFERED_PAUSE
    )
      this.#sendPage(this.#source)
  }

  #sendPage(source: RowSource): void {
    const rows = source.next(this.#pageRows)
    const isLast = rows.length === 0
    const now = this.#now()
    this.#writer.begin(this.#lane)
    for (const [index, row] of rows.entries()) {
      if (this.#writer.put(row, now)) continue
      // Rows with long texts fill a frame early; what is reached so far counts only with the last one.
      this.#connection.send(this.#writer.finish(this.#before(rows, index), false, now))
      this.#writer.begin(this.#lane)
      this.#writer.put(row, now)
    }
    this.#sentRows += rows.length
    const position = this.#positionOf(rows, isLast)
    this.#connection.send(this.#writer.finish(position, isLast, now))
    this.#pages.push(position)
    if (isLast) this.#source = undefined
  }

  /** The position that is reached with the rows before `index`. */
  #before(rows: readonly Lease[], index: number): number {
    return this.#lane === 'refill' ? this.#sentRows + index : rows[index - 1]!.change
  }

  /** A delta goes by change numbers; a refill, in the order of addresses, counts its rows. */
  #positionOf(rows: readonly Lease[], isLast: boolean): number {
    if (this.#lane === 'refill') return this.#sentRows + (isLast ? 1 : 0)
    return isLast ? this.#top : rows.at(-1)!.change
  }

  /** What waits now was sent since, and counts from now on: an end that goes on storing is not too slow. */
  #waitAnew(): void {
    this.#waitsFor = this.#live > this.#liveAcked ? this.#live : undefined
    this.#waitsSince = this.#now()
  }

  /** What is behind the position of the live lane is in the table, but not on the disk. */
  #isDurable({ change }: Lease): boolean {
    if (change <= this.#live) return true
    this.#heldBack = Math.max(this.#heldBack, change)
    return false
  }

  #complete(): void {
    const isUnderWay = this.#source !== undefined || this.#pages.length > 0
    if (this.#isComplete || isUnderWay || this.#live < this.#heldBack) return
    this.#isComplete = true
    this.#onComplete()
  }
}

function durableRows(table: LeaseTable, isDurable: (row: Lease) => boolean): RowSource {
  let from = 0
  return {
    next(limit) {
      let rows = table.rowsFrom(from, limit)
      while (rows.length > 0) {
        from = rows.at(-1)!.address + 1
        const durable = rows.filter(isDurable)
        if (durable.length > 0) return durable
        rows = table.rowsFrom(from, limit)
      }
      return rows
    },
  }
}
