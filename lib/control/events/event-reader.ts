// One who follows events: from the ring, and where that does not have them from the history of
// leases. Where neither has all of them, an event says so, once.

import type { EventName } from '../../catalogue/event-names.ts'
import type { EventPlace, EventQueue, TakenEvent } from '../../ports/events.ts'
import { EventHistory } from './event-history.ts'
import { nameOfEvent, RENEWED } from './event-words.ts'
import { type Followed, GAP, idOf, type ReaderWish, textOf } from './following.ts'

/** Events that are looked at for one piece of text: well below a millisecond. */
const PIECE = 100

/** What an event of the ring is when it is not asked for, or told already. */
type Step = TakenEvent | 'passed' | undefined

export class EventReader implements EventQueue {
  readonly #wish: ReaderWish
  readonly #ring: Followed
  readonly #left: () => void
  /** Up to where all was told. */
  #place: EventPlace
  #history: EventHistory | undefined
  /** What the history has told: of the ring it is passed. */
  #told: EventPlace | undefined
  #isGap = false
  /** It is not known yet where it goes on. */
  #isWaiting = true
  /** There may be something to take. */
  onNews: () => void = () => {}
  /** Nothing will come any more. */
  onEnd: () => void = () => {}

  constructor(wish: ReaderWish, ring: Followed, place: EventPlace, left: () => void) {
    this.#wish = wish
    this.#ring = ring
    this.#left = left
    this.#place = place
    this.#begin()
  }

  get names(): ReadonlySet<EventName> {
    return this.#wish.names
  }

  get isOwn(): boolean {
    return this.#wish.isOwn === true
  }

  get stand(): string {
    return idOf(this.#place, this.#ring.past)
  }

  get isAtEnd(): boolean {
    const isAtRing = !this.#isWaiting && this.#history === undefined && !this.#isGap
    return isAtRing && this.#place.number + 1 >= this.#ring.next
  }

  /** The next events as text of an event stream; undefined: all were told. */
  take(): string | undefined {
    let text: string | undefined
    for (let count = 0; count < PIECE; count++) {
      const step = this.#step()
      if (step === undefined) break
      text ??= ''
      if (step !== 'passed') text += framed(step)
    }
    return text
  }

  /** The next event by itself; undefined: all were told. */
  next(): TakenEvent | undefined {
    let step = this.#step()
    while (step === 'passed') step = this.#step()
    return step
  }

  close(): void {
    this.#history?.close()
    this.#left()
  }

  /** Not before the journal is read: what came before this process may be there, or not. */
  #begin(): void {
    const [ring, wish] = [this.#ring, this.#wish]
    if (ring.past?.isKnown === false) return
    this.#isWaiting = false
    // The ring has renewals only as long as somebody wants them.
    const wantsOlder = wish.since !== undefined && wish.names.has(RENEWED)
    if (ring.follows(this.#place) && !(wantsOlder && this.#canLookBack)) return
    if (wish.isAllSeen === true && !this.#canLookBack) this.#goOnFromRing()
    else this.#lookBack()
  }

  #step(): Step {
    if (this.#isWaiting) this.#begin()
    if (this.#isWaiting) return undefined
    if (this.#history === undefined && this.#isOvertaken) this.#lookBack()
    if (this.#isGap) return this.#gap()
    return this.#history === undefined ? this.#fromRing() : this.#fromHistory(this.#history)
  }

  // ---- the ring

  get #isOvertaken(): boolean {
    return this.#place.number + 1 < this.#ring.first
  }

  #fromRing(): Step {
    const ring = this.#ring
    const number = this.#place.number + 1
    if (number >= ring.next) return undefined
    const { at, event, position } = ring.at(number)
    const isTold = this.#isTold(number, position, event.kind === 'lease')
    this.#place = ring.placeOf(number)
    const name = nameOfEvent(event)
    if (isTold || !this.names.has(name)) return 'passed'
    return {
      id: idOf(this.#place, ring.past),
      name,
      text: textOf(name, at, this.#wish.value(event)),
    }
  }

  #isTold(number: number, position: number, isLease: boolean): boolean {
    if (this.#told === undefined) return false
    return isLease ? position <= this.#told.position : number <= this.#told.number
  }

  // ---- the history

  get #canLookBack(): boolean {
    return this.#ring.past?.start !== undefined && this.#place.position >= 0
  }

  #lookBack(): void {
    const ring = this.#ring
    const { past } = ring
    if (past === undefined || !this.#canLookBack) return this.#lose()
    // Where the ring has all of this process, the history of that need not be read.
    const isWhole = ring.first === 1 && ring.placeOf(0).position === past.start
    const upTo = isWhole && !this.names.has(RENEWED) ? past.start : undefined
    this.#history = new EventHistory(past, this.#wish, this.#place, upTo, () => this.onNews())
  }

  #fromHistory(history: EventHistory): Step {
    const step = history.step()
    this.#place = history.place
    if (step === 'waits') return undefined
    if (typeof step === 'object') return { ...step, id: idOf(this.#place, this.#ring.past) }
    if (step === 'passed') return step
    history.close()
    this.#history = undefined
    if (step === 'lost') this.#lose()
    else this.#goOn()
    return 'passed'
  }

  /** All of the history was told: from the ring from here on, if it goes on from there. */
  #goOn(): void {
    const ring = this.#ring
    const { life, number, position } = this.#place
    const before = ring.placeOf(ring.first - 1)
    if (position < before.position) return this.#lookBack()
    this.#told = { life, number: life === ring.life ? number : 0, position }
    this.#place = before
  }

  // ---- what is lost

  #lose(): void {
    this.#isGap = true
    this.#goOnFromRing()
  }

  #goOnFromRing(): void {
    this.#place = this.#ring.placeOf(this.#ring.first - 1)
  }

  /** What is told where events are lost. What follows counts from here. */
  #gap(): TakenEvent {
    this.#isGap = false
    return { id: idOf(this.#place, this.#ring.past), ...GAP }
  }
}

/** JSON has no line breaks of its own. */
function framed({ id, name, text }: TakenEvent): string {
  return `id: ${id}\nevent: ${name}\ndata: ${text}\n\n`
}
