// Queries of clients on a shared database, of one family. What is stored may be refused, when
// another server was first: then the query is stepped again, over the row as it is, and what was
// written for it never leaves. What refuses a client something and stores nothing would rest on
// memory alone, which may be older than the client's lease: so the database is asked first.
//
//   step -> changes -> journal -> stored          the reply leaves
//                              -> conflict        step again; after SCATTER_AFTER of them another
//                                                 address, after CONFLICTS_MAX nothing
//        -> a refusal -> confirm -> step again    the refusal leaves, or what it was wrong about
//        -> anything else                         leaves at once

import type { CommonReason } from '../../catalogue/common-reasons.ts'
import type { Heard } from '../../dhcp/asking.ts'
import type { Confirmation } from '../../ports/shared-journal.ts'
import type { Instant } from '../../time/units.ts'
import { ANSWER_WAIT, WAITING_MAX, type Waiting } from '../waiting-room.ts'
import type { Origin } from './shared-notes.ts'

/** Conflicts of one query after which any free address is as good as another. */
const SCATTER_AFTER = 3

/** After so many of them its client asks again by itself. */
const CONFLICTS_MAX = 6

/** What an outcome rests on, beside what this server knows. */
export interface Resting {
  /** On the database storing its changes. */
  readonly isStored: boolean
  /** On nothing else being known there of what is refused. */
  readonly refused: Confirmation | undefined
}

export const STORED: Resting = { isStored: true, refused: undefined }

/** On nothing: it offers something, or tells what is there already. */
export const TOLD: Resting = { isStored: false, refused: undefined }

export interface QueryDuties<W, H extends Heard> {
  stepAgain(waiting: W, now: Instant, heard: H): void
  dropWaiting(waiting: W, reason: CommonReason): void
}

/** What the queries of both families ask of the database. */
export interface QueryServices {
  readonly isAway: boolean
  now(): Instant
  /** By whom the changes that are put from now on were brought about. */
  setOrigin(origin: Origin | undefined): void
  /** Free addresses are taken from anywhere while `step` runs. */
  scattered(step: () => void): void
  ask(asked: Confirmation, answered: () => void): void
  countConflict(): void
  /** A client was told what is left of its lease, without the database. */
  countBridged(): void
}

/** How often a query was stepped already, and why. */
interface Attempt {
  readonly isConfirmed: boolean
  readonly conflicts: number
  readonly until: Instant | undefined
}

const FIRST: Attempt = { isConfirmed: false, conflicts: 0, until: undefined }

export class SharedQueries<Arrival, H extends Heard> {
  readonly #services: QueryServices
  readonly #duties: QueryDuties<Waiting<Arrival, H>, H>
  readonly #nothing: H
  #attempt = FIRST
  /** They wait for the database to confirm what they rest on, the longest first. */
  readonly #waiting = new Set<Waiting<Arrival, H>>()

  constructor(services: QueryServices, duties: QueryDuties<Waiting<Arrival, H>, H>, nothing: H) {
    this.#services = services
    this.#duties = duties
    this.#nothing = nothing
  }

  /**
   * Whether the outcome is not to be carried out: it waits, or was dropped. Else what it puts from
   * now on is known to be this query's, until `done`.
   */
  keeps(
    resting: Resting | undefined,
    arrival: Arrival,
    bytes: Uint8Array,
    start: number,
    end: number,
    heard: H = this.#nothing,
  ): boolean {
    if (resting === undefined) return false
    const attempt = this.#attempt
    const asked = attempt.isConfirmed ? undefined : resting.refused
    if (asked === undefined && !resting.isStored) {
      if (this.#services.isAway) this.#services.countBridged()
      return false
    }
    const waiting = {
      arrival,
      bytes: bytes.slice(start, end),
      until: attempt.until ?? this.#services.now() + ANSWER_WAIT,
      heard: { ...heard, isCounted: true },
      proposal: undefined,
    }
    if (this.#services.isAway) this.#duties.dropWaiting(waiting, 'database-away')
    else if (asked !== undefined) this.#ask(asked, waiting, attempt)
    else {
      this.#services.setOrigin({ again: () => this.#refused(waiting, attempt) })
      return false
    }
    return true
  }

  /** The outcome was carried out. */
  done(): void {
    this.#services.setOrigin(undefined)
  }

  #refused(waiting: Waiting<Arrival, H>, { conflicts }: Attempt): void {
    this.#services.countConflict()
    const attempt = { isConfirmed: false, conflicts: conflicts + 1, until: waiting.until }
    if (attempt.conflicts >= CONFLICTS_MAX) this.#duties.dropWaiting(waiting, 'contended')
    else if (attempt.conflicts < SCATTER_AFTER) this.#stepAgain(waiting, attempt)
    else this.#services.scattered(() => this.#stepAgain(waiting, attempt))
  }

  #ask(asked: Confirmation, waiting: Waiting<Arrival, H>, { conflicts }: Attempt): void {
    if (this.#waiting.size >= WAITING_MAX)
      return this.#duties.dropWaiting(waiting, 'waiting-room-full')
    this.#waiting.add(waiting)
    this.#services.ask(asked, () => {
      if (!this.#waiting.delete(waiting)) return
      this.#stepAgain(waiting, { isConfirmed: true, conflicts, until: waiting.until })
    })
  }

  #stepAgain(waiting: Waiting<Arrival, H>, attempt: Attempt): void {
    const now = this.#services.now()
    if (waiting.until <= now) return this.#duties.dropWaiting(waiting, 'database-late')
    this.#attempt = attempt
    this.#duties.stepAgain(waiting, now, waiting.heard)
    this.#attempt = FIRST
  }

  /** When somebody has waited for too long. */
  get deadline(): Instant {
    for (const { until } of this.#waiting) return until
    return Number.POSITIVE_INFINITY as Instant
  }

  /** Those that have waited for too long are dropped. */
  turn(now: Instant): void {
    for (const waiting of this.#waiting) {
      if (waiting.until > now) break
      this.#waiting.delete(waiting)
      this.#duties.dropWaiting(waiting, 'database-late')
    }
  }

  /** Nobody is answered. */
  end(reason: CommonReason): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const one of waiting) this.#duties.dropWaiting(one, reason)
  }
}
