// The stream to another server of the pair, over one connection: the live lane carries each durable
// batch as it comes, the backlog what the other end has missed, or all rows where it has nothing.
// Rows of the backlog are read when they are sent; one that has changed meanwhile goes by the live
// lane, so no older version follows a newer one, and none leaves before it is durable here.
//
// A position is a change number up to which everything was sent, or stored. Pages of the backlog
// are acknowledged by their marks, which only rise on a connection: in a delta the mark of a page
// is the position that is reached with it, in a refill, which goes by addresses, marks go on from
// there by one a row.

import { PAGE_ROWS_MAX } from '../../config/plan/ha-limits.ts'
import { RowFrameWriter } from '../../ha/row-frames.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { LinkConnection } from '../../ports/link.ts'
import { type Instant, NEVER } from '../../time/units.ts'
import { changedRows, everyRow, type RowSource, type RowTables } from './row-sources.ts'

/** Pages under way: enough to keep the other end's disk busy. */
const PAGES_UNDER_WAY = 4

/** Beyond so many bytes that the kernel has not taken, the backlog waits. */
export const BUFFERED_PAUSE = 1 << 20

/** Beyond so many, the other end does not read any more: ack-wait.ts ends the connection. */
export const BUFFERED_MAX = 16 << 20

export interface RowConnection extends Pick<LinkConnection, 'send' | 'buffered'> {
  /** Whether the other end takes rows with such keys; absent: it takes all. */
  takes?(key: Key): boolean
}

export class Outgoing {
  readonly #connection: RowConnection
  readonly #tables: RowTables
  readonly #now: () => Instant
  readonly #served: () => Instant
  readonly #onComplete: () => void
  readonly #pageRows: number
  readonly #writer = new RowFrameWriter()
  #source: RowSource | undefined
  #lane: 'backlog' | 'refill' = 'backlog'
  /** Position up to which the backlog goes. */
  #top: number
  /** Of the page that was sent last. */
  #mark = 0
  /** Marks of the pages under way, oldest first. */
  #pages: number[] = []
  /** Position up to which the other end has stored a backlog that is not complete. */
  #reached = 0
  #sentRows = 0
  #live: number
  #liveAcked: number
  #isComplete = false
  /**
   * The highest change of a row that a refill has left to the live lane, since it was not durable
   * yet.
   */
  #heldBack = 0
  /** Something of the live lane is not acknowledged: up to where, and since when it waits. */
  #waitsFor: number | undefined
  #waitsSince: Instant = 0

  /**
   * `tables`: those whose rows the other end takes; rows of others are no part of the stream.
   * `position`: up to where everything is durable here now; what comes later goes by the live lane.
   * `onComplete` is called when the other end has stored a backlog.
   */
  constructor(
    connection: RowConnection,
    tables: RowTables,
    now: () => Instant,
    served: () => Instant,
    position: number,
    pageRows: number,
    onComplete: () => void,
  ) {
    this.#connection = connection
    this.#tables = tables
    this.#now = now
    this.#served = served
    this.#pageRows = Math.min(pageRows, PAGE_ROWS_MAX)
    this.#onComplete = onComplete
    this.#top = position
    this.#live = position
    this.#liveAcked = position
  }

  /** Position up to which the other end has stored the live lane; the backlog is behind it. */
  get acknowledgedUpTo(): number {
    return this.#liveAcked
  }

  /** Position up to which the other end has everything: 0 until a refill is complete. */
  get storedUpTo(): number {
    return this.#isComplete ? this.#liveAcked : this.#reached
  }

  /** Position that was sent last by the live lane. */
  get sentUpTo(): number {
    return this.#live
  }

  /** Mark of the page that was sent last. */
  get sentMark(): number {
    return this.#mark
  }

  /** Whether the other end has stored everything that was there when the backlog began. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Position up to which the backlog goes. */
  get top(): number {
    return this.#top
  }

  /** Rows of the backlog that were sent. */
  get sentRows(): number {
    return this.#sentRows
  }

  /** Sends what has changed behind the position `after`. */
  startDelta(after: number): void {
    this.#start('backlog', changedRows(this.#tables(), after, this.#live))
    this.#reached = after
    this.#mark = after
    this.pump()
  }

  /**
   * Sends every row that is durable; the others come by the live lane before it is complete. It may
   * follow a delta, even one that is under way.
   */
  startRefill(): void {
    this.#start(
      'refill',
      everyRow(this.#tables(), (row) => this.#isDurable(row)),
    )
    this.pump()
  }

  #start(lane: 'backlog' | 'refill', source: RowSource): void {
    this.#lane = lane
    this.#source = source
    this.#top = this.#live
    this.#pages = []
    this.#reached = 0
    this.#sentRows = 0
    this.#isComplete = false
  }

  /** Sends the rows of a durable batch; `position` is its highest change number. */
  live(rows: readonly Lease<Key>[], position: number): void {
    const former = this.#live
    this.#live = position
    const now = this.#now()
    this.#writer.begin('live')
    for (const row of rows) {
      if (this.#connection.takes?.(row.address) === false) continue
      if (this.#writer.put(row, now)) continue
      this.#connection.send(this.#writer.finish(former, false, this.#served()))
      this.#writer.begin('live')
      this.#writer.put(row, now)
    }
    this.#connection.send(this.#writer.finish(position, false, this.#served()))
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

  /** The other end has stored the live lane up to a position, and the backlog up to a mark. */
  acknowledged(live: number, mark: number): void {
    this.#liveAcked = Math.max(this.#liveAcked, Math.min(live, this.#live))
    if (this.#waitsFor !== undefined && this.#liveAcked >= this.#waitsFor) this.#waitAnew()
    while (this.#pages.length > 0 && this.#pages[0]! <= mark) this.#pages.shift()
    if (this.#lane === 'backlog')
      this.#reached = Math.max(this.#reached, Math.min(mark, this.#mark))
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
    const former = this.#mark
    this.#writer.begin(this.#lane)
    for (const [index, row] of rows.entries()) {
      if (this.#writer.put(row, now)) continue
      // Rows with long texts fill a frame early; what is reached so far counts only with the last
      // one.
      this.#connection.send(
        this.#writer.finish(this.#markBehind(rows, index, former), false, this.#served()),
      )
      this.#writer.begin(this.#lane)
      this.#writer.put(row, now)
    }
    this.#sentRows += rows.length
    this.#mark = isLast ? this.#lastMark() : this.#markBehind(rows, rows.length, former)
    this.#connection.send(this.#writer.finish(this.#mark, isLast, this.#served()))
    this.#pages.push(this.#mark)
    if (isLast) this.#source = undefined
  }

  /** The mark of the first `count` rows of a page; `former`: that of the page before. */
  #markBehind(rows: readonly Lease<Key>[], count: number, former: number): number {
    return this.#lane === 'refill' ? former + count : rows[count - 1]!.change
  }

  /** Of the page without rows that ends a backlog. */
  #lastMark(): number {
    return this.#lane === 'refill' ? this.#mark + 1 : this.#top
  }

  /**
   * What waits now was sent since, and counts from now on: an end that goes on storing is not too
   * slow.
   */
  #waitAnew(): void {
    this.#waitsFor = this.#live > this.#liveAcked ? this.#live : undefined
    this.#waitsSince = this.#now()
  }

  /** What is behind the position of the live lane is in the table, but not on the disk. */
  #isDurable({ change }: Lease<Key>): boolean {
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
