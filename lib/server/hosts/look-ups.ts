// Queries that wait until a database has said what is reserved for their client: a copy of each, in
// a room of their own. Nothing else waits for them, and they are bounded in number and in time.

import type { CommonReason } from '../../catalogue/common-reasons.ts'
import type { Ticket } from '../../dhcp/asking.ts'
import type { LookUp } from '../../dhcp/look-up.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'

/** A client repeats what is not answered, so a longer queue serves nobody sooner. */
export const LOOK_UPS_MAX = 4096

/** So long a database may take. */
export const LOOK_UP_WAIT: Millis = 2000

/** Databases may be several, one after the other; and what is remembered is bounded. */
const TRIES_MAX = 8

/** False where there is nobody to ask. */
export type AskDatabase = (
  family: 4 | 6,
  ticket: Ticket,
  identifiers: LookUp['identifiers'],
) => boolean

/** A datagram, with where it came from. */
export interface AsItCame<Arrival> {
  readonly arrival: Arrival
  readonly bytes: Uint8Array
}

interface LookingUp<Arrival, H> extends AsItCame<Arrival> {
  /** What it has heard of hooks before. */
  readonly heard: H | undefined
  readonly until: Instant
  readonly tries: number
}

export interface LookUpDuties<Arrival, H> {
  stepAgain(waiting: AsItCame<Arrival>, now: Instant, heard: H | undefined): void
  dropWaiting(waiting: AsItCame<Arrival>, reason: CommonReason): void
}

export class LookUps<Arrival, H> {
  readonly #family: 4 | 6
  readonly #ask: AskDatabase
  #duties!: LookUpDuties<Arrival, H>
  /** Who came first is first, but for those that ask again. */
  readonly #waiting = new Map<Ticket, LookingUp<Arrival, H>>()
  #lastTicket: Ticket = 0
  /** Of the query that is being stepped again. */
  #tries = 0

  constructor(family: 4 | 6, ask: AskDatabase) {
    this.#family = family
    this.#ask = ask
  }

  /** Before anything is begun. */
  open(duties: LookUpDuties<Arrival, H>): this {
    this.#duties = duties
    return this
  }

  get size(): number {
    return this.#waiting.size
  }

  get deadline(): Instant {
    if (this.#waiting.size === 0) return NEVER
    return this.#waiting.values().next().value!.until
  }

  /** `bytes`: a copy. */
  begin(
    { identifiers }: LookUp,
    arrival: Arrival,
    bytes: Uint8Array,
    now: Instant,
    heard: H | undefined,
  ): void {
    const waiting = { arrival, bytes, heard, until: now + LOOK_UP_WAIT, tries: this.#tries + 1 }
    if (this.#waiting.size >= LOOK_UPS_MAX || waiting.tries > TRIES_MAX)
      return this.#duties.dropWaiting(waiting, 'look-ups-full')
    const ticket = ++this.#lastTicket
    this.#waiting.set(ticket, waiting)
    if (this.#ask(this.#family, ticket, identifiers)) return
    this.#waiting.delete(ticket)
    this.#duties.dropWaiting(waiting, 'look-up-failed')
  }

  /** The database has answered: what it said is known by now. */
  answered(ticket: Ticket, isKnown: boolean, now: Instant): void {
    const waiting = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    if (waiting === undefined) return
    if (!isKnown) return this.#duties.dropWaiting(waiting, 'look-up-failed')
    this.#tries = waiting.tries
    this.#duties.stepAgain(waiting, now, waiting.heard)
    this.#tries = 0
  }

  turn(now: Instant): void {
    if (this.#waiting.size === 0) return
    for (const [ticket, waiting] of this.#waiting) {
      if (waiting.until > now) break
      this.#waiting.delete(ticket)
      this.#duties.dropWaiting(waiting, 'look-up-failed')
    }
  }

  end(): void {
    for (const waiting of this.#waiting.values()) this.#duties.dropWaiting(waiting, 'stopping')
    this.#waiting.clear()
  }
}
