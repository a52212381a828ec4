// The last events, for whoever follows them: each has a number in the order in which things became
// true. Everybody reads at a pace of his own, from the ring itself, so that a slow one holds
// nothing up and keeps nothing in memory. What the ring has no more, or another process has told,
// comes from the history of leases, where one is kept (event-history.ts).

import { BEGIN, type EventPlace, GAP_KEPT, type ToldTo } from '../../ports/events.ts'
import type { WallTime } from '../../time/units.ts'
import { EventReader } from './event-reader.ts'
import { type ControlEvent, nameOfEvent, namesAsked, RENEWED } from './event-words.ts'
import {
  type EventPast,
  type Followed,
  placeIn,
  type ReaderWish,
  type RingEntry,
  textOf,
} from './following.ts'

/** Events that are kept. */
export const RING = 16_384

/** Who may follow at once. */
export const READERS_MAX = 16

export class EventRing implements Followed {
  readonly #wall: () => WallTime
  readonly #size: number
  /** Numbers of another process mean nothing here. */
  readonly life: string
  readonly #kept: RingEntry[] = []
  /** Of the next event. */
  #next = 1
  readonly #readers = new Set<EventReader>()
  #wantsRenewals = false
  #isOpen = true
  /** The first since events are kept again; 1: they always were. */
  #begin = 1
  /** `position` of the last one before those that are kept. */
  #before: number | undefined
  #isEnded = false
  past: EventPast | undefined

  /** `life`: a word that no other process of this server has. */
  constructor(life: string, wall: () => WallTime, size = RING) {
    this.life = life
    this.#wall = wall
    this.#size = size
  }

  /** What is told from now on is kept there, too. */
  remember(past: EventPast): void {
    this.past = past
    past.keep({ life: this.life, number: 0, name: BEGIN, text: '' })
  }

  /**
   * Whether somebody can come and follow. Where nobody can, nothing is kept: leases that outlive
   * their batch are copied by the collector of garbage, beside packets.
   */
  open(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return
    this.#isOpen = isOpen
    if (isOpen) {
      this.#begin = this.#next
      this.#before = this.past?.told
    } else {
      this.past?.keep(GAP_KEPT)
      if (this.#readers.size === 0) this.#kept.length = 0
    }
  }

  /** Somebody may be told of what happens. */
  get isHeard(): boolean {
    return this.#isOpen || this.#readers.size > 0
  }

  /** Something became true for good. Must cost next to nothing: replies wait. */
  note(event: ControlEvent): void {
    if (!this.isHeard) return
    if (event.kind === 'lease' && event.action === 'renewed' && !this.#wantsRenewals) return
    const at = this.#wall()
    const number = this.#next++
    const place = number % this.#size
    if (number > this.#size) this.#before = this.#kept[place]?.position
    this.#kept[place] = { at, event, position: this.past?.told ?? 0 }
    if (event.kind !== 'lease') this.#keep(number, at, event)
    for (const reader of this.#readers) reader.onNews()
  }

  #keep(number: number, at: WallTime, event: ControlEvent): void {
    if (this.past === undefined) return
    const name = nameOfEvent(event)
    const text = textOf(name, at, this.past.value(event))
    this.past.keep({ life: this.life, number, name, text })
  }

  /** Undefined: too many follow already, or the server stops. */
  follow(wish: ReaderWish): EventReader | undefined {
    const streams = [...this.#readers].filter(({ isOwn }) => !isOwn).length
    if (this.#isEnded || (wish.isOwn !== true && streams >= READERS_MAX)) return undefined
    const place = wish.since === undefined ? this.placeOf(this.#next - 1) : placeIn(wish.since)
    const reader: EventReader = new EventReader(wish, this, place, () => {
      this.#readers.delete(reader)
      this.#lookForRenewals()
    })
    this.#readers.add(reader)
    this.#lookForRenewals()
    return reader
  }

  /**
   * The same for whom this server calls: behind what was told already, else from now on. A name
   * that is none stands for nothing.
   */
  called(
    words: readonly string[],
    told: ToldTo | undefined,
    value: ReaderWish['value'],
  ): EventReader | undefined {
    const names = namesAsked(words)
    if (typeof names === 'string') return undefined
    const { id: since, isAll: isAllSeen = false } = told ?? {}
    return this.follow({ names, since, isAllSeen, isOwn: true, value })
  }

  /** The server has stopped: what there is yet is told. */
  end(): void {
    this.#isEnded = true
    for (const reader of this.#readers) reader.onEnd()
  }

  get next(): number {
    return this.#next
  }

  /** Of the oldest that is kept. */
  get first(): number {
    return Math.max(this.#begin, this.#next - this.#size)
  }

  at(number: number): RingEntry {
    return this.#kept[number % this.#size]!
  }

  /** Whether everything behind this event is here. */
  follows({ life, number }: EventPlace): boolean {
    const isHere = number + 1 >= this.first && number < this.#next
    // Before it nothing was kept for a while.
    const isBehindPause = number + 1 === this.#begin && this.#begin > 1
    return life === this.life && isHere && !isBehindPause
  }

  /** Up to this event, of those that are here or the one before them. */
  placeOf(number: number): EventPlace {
    const start = this.past?.start ?? 0
    const before = this.#before ?? start
    const position = number < this.first ? before : this.at(number).position
    // What was told before the journal was read stands behind all that it holds.
    return { life: this.life, number, position: Math.max(position, start) }
  }

  #lookForRenewals(): void {
    this.#wantsRenewals = [...this.#readers].some(({ names }) => names.has(RENEWED))
  }
}
