// What of the events of this server is kept in the history of leases, for who was away while it
// was told: each has a number there, in the order in which things became durable. Numbers are given
// out here, since whoever is told of a lease is told its number, too.

import { LEASE_ACTIONS, type LeaseAction } from '../leases/lease.ts'
import { GAP_KEPT, type KeptEvent } from '../ports/events.ts'
import type { StoredEvents } from '../ports/journal.ts'

/** Events that wait for a journal that does not store; those behind them are a gap. */
const WAITING_MAX = 1000

const NUMBERS = new Map(LEASE_ACTIONS.map((action, number) => [action, number]))

export class EventBook {
  /** Undefined: no history is kept, or the journal is not read yet. */
  #start: number | undefined
  #last = 0
  #isBegun = false
  #waiting: string[] = []
  #atJournal: string[] = []
  /** Of the first change of the batch at the journal. */
  #first = 0
  /** Of the last change of a lease that was told. */
  #told = 0

  /** `last`: the number of the last row that the journal holds; undefined: it keeps none. */
  begin(last: number | undefined): void {
    this.#start = last
    this.#last = last ?? 0
    this.#told = this.#last
    this.#isBegun = true
    if (last === undefined) this.#waiting = []
  }

  /** The journal is read: until then nobody knows whether a history is kept. */
  get isBegun(): boolean {
    return this.#isBegun
  }

  /** The number of the last row that was there before; undefined: none is kept. */
  get start(): number | undefined {
    return this.#start
  }

  get told(): number {
    return this.#told
  }

  /** Something is to be stored though no lease has changed. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0 && this.#start !== undefined
  }

  /** Goes with the next batch. */
  keep(event: KeptEvent): void {
    if (this.#isBegun && this.#start === undefined) return
    const { length } = this.#waiting
    if (length < WAITING_MAX) this.#waiting.push(JSON.stringify(event))
    else if (length === WAITING_MAX) this.#waiting.push(JSON.stringify(GAP_KEPT))
  }

  /** What is stored with a batch whose changes are these; undefined: no history is kept. */
  take(actions: readonly (LeaseAction | undefined)[]): StoredEvents | undefined {
    if (this.#start === undefined) return undefined
    const events = this.#waiting
    const first = this.#last + 1
    this.#waiting = []
    this.#atJournal = events
    this.#first = first + events.length
    this.#last += events.length + actions.length
    return { first, events, actions: Uint8Array.from(actions, (action) => NUMBERS.get(action)!) }
  }

  failed(): void {
    this.#waiting = this.#atJournal.concat(this.#waiting)
    this.#atJournal = []
  }

  /** The batch is durable, and what its change at this place is to the outside is told next. */
  telling(index: number): void {
    if (this.#start !== undefined) this.#told = this.#first + index
  }
}
