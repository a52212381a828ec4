// Events of the past for one who follows: those of the history of leases behind a place, page by
// page, each page asked for when the one before was taken.

import { LEASE_ACTIONS } from '../../leases/lease.ts'
import type {
  EventPlace,
  KeptEvent,
  PastEvent,
  PastPage,
  PastReader,
  TakenEvent,
} from '../../ports/events.ts'
import { type ControlEvent, nameOfAction, nameOfEvent } from './event-words.ts'
import { type EventPast, GAP, type ReaderWish, textOf } from './following.ts'

/**
 * waits: a page is under way. over: all was told. lost: what follows is not there any more.
 */
type Step = Omit<TakenEvent, 'id'> | 'passed' | 'waits' | 'over' | 'lost'

export class EventHistory {
  readonly #wish: ReaderWish
  readonly #reader: PastReader
  #place: EventPlace
  #page: PastPage | undefined
  #taken = 0

  constructor(
    past: EventPast,
    wish: ReaderWish,
    behind: EventPlace,
    upTo: number | undefined,
    onPage: () => void,
  ) {
    this.#wish = wish
    this.#place = behind
    const actions = LEASE_ACTIONS.filter((one) => one !== undefined)
    const wanted = actions.filter((one) => wish.names.has(nameOfAction(one)))
    this.#reader = past.read({ behind, upTo, actions: wanted }, (page) => {
      this.#page = page
      this.#taken = 0
      onPage()
    })
    this.#reader.more()
  }

  /** Up to where all was told. */
  get place(): EventPlace {
    return this.#place
  }

  step(): Step {
    if (this.#page === undefined) return 'waits'
    if ('isLost' in this.#page) return 'lost'
    const { events, end } = this.#page
    const event = events[this.#taken++]
    if (event !== undefined) return this.#told(event)
    if (end !== undefined) {
      this.#place = { ...this.#place, position: end }
      return 'over'
    }
    this.#page = undefined
    this.#reader.more()
    return 'waits'
  }

  close(): void {
    this.#reader.close()
  }

  #told(past: PastEvent): Step {
    const { position } = past
    if (past.kind === 'kept') return this.#kept(past.kept, position)
    this.#place = { ...this.#place, position }
    const event = past as ControlEvent
    const name = nameOfEvent(event)
    return { name, text: textOf(name, past.at, this.#wish.value(event)) }
  }

  #kept({ life, number, name, text }: KeptEvent, position: number): Step {
    const isTold = life === this.#place.life && number <= this.#place.number
    const isOfNone = name === GAP.name
    this.#place = isTold || isOfNone ? { ...this.#place, position } : { life, number, position }
    if (isOfNone) return GAP
    const names: ReadonlySet<string> = this.#wish.names
    return isTold || !names.has(name) ? 'passed' : { name, text }
  }
}
