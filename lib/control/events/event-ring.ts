// The last events, for whoever follows them: each has a number in the order in which things became
// true. Everybody reads at a pace of his own, from the ring itself, so that a slow one holds
// nothing up and keeps nothing in memory; who falls behind by a whole ring is told of the gap.

import type { EventName } from '../../catalogue/event-names.ts'
import type { EventQueue, TakenEvent } from '../../ports/events.ts'
import type { WallTime } from '../../time/units.ts'
import { type ControlEvent, nameOfEvent, namesAsked, RENEWED } from './event-words.ts'

/** Events that are kept. */
export const RING = 16_384

/** Who may follow at once. */
export const READERS_MAX = 16

/** Events that are looked at for one piece of text: well below a millisecond. */
const PIECE = 100

interface Entry {
  readonly at: WallTime
  readonly event: ControlEvent
}

export interface ReaderWish {
  readonly names: ReadonlySet<EventName>
  /** The id of the last event that was seen; undefined: only what comes from now on is told. */
  readonly since: string | undefined
  /** This server tells somebody by itself: that counts as no stream. */
  readonly isOwn?: boolean
  /** What is told of an event beside its name and time. */
  value(event: ControlEvent): object
}

export class EventRing {
  readonly #wall: () => WallTime
  readonly #size: number
  /** Numbers of another process mean nothing here. */
  readonly #life: string
  readonly #kept: Entry[] = []
  /** Of the next event. */
  #next = 1
  readonly #readers = new Set<EventReader>()
  #wantsRenewals = false
  #isOpen = true
  /** The first since events are kept again; 1: they always were. */
  #begin = 1
  #isEnded = false

  /** `life`: a word that no other process of this server has. */
  constructor(life: string, wall: () => WallTime, size = RING) {
    this.#life = life
    this.#wall = wall
    this.#size = size
  }

  /**
   * Whether somebody can come and follow. Where nobody can, nothing is kept: leases that outlive
   * their batch are copied by the collector of garbage, beside packets.
   */
  open(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return
    this.#isOpen = isOpen
    if (isOpen) this.#begin = this.#next
    else if (this.#readers.size === 0) this.#kept.length = 0
  }

  /** Somebody may be told of what happens. */
  get isHeard(): boolean {
    return this.#isOpen || this.#readers.size > 0
  }

  /** Something became true for good. Must cost next to nothing: replies wait. */
  note(event: ControlEvent): void {
    if (!this.isHeard) return
    if (event.kind === 'lease' && event.action === 'renewed' && !this.#wantsRenewals) return
    this.#kept[this.#next % this.#size] = { at: this.#wall(), event }
    this.#next++
    for (const reader of this.#readers) reader.onNews()
  }

  /** Undefined: too many follow already, or the server stops. */
  follow(wish: ReaderWish): EventReader | undefined {
    const streams = [...this.#readers].filter(({ isOwn }) => !isOwn).length
    if (this.#isEnded || (wish.isOwn !== true && streams >= READERS_MAX)) return undefined
    const { number, isGap } = this.#placeOf(wish.since)
    const reader: EventReader = new EventReader(wish, this, number, isGap, () => {
      this.#readers.delete(reader)
      this.#lookForRenewals()
    })
    this.#readers.add(reader)
    this.#lookForRenewals()
    return reader
  }

  /** The same for whom this server calls, from now on; a name that is none stands for nothing. */
  called(words: readonly string[], value: ReaderWish['value']): EventReader | undefined {
    const names = namesAsked(words)
    if (typeof names === 'string') return undefined
    return this.follow({ names, since: undefined, isOwn: true, value })
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

  at(number: number): Entry {
    return this.#kept[number % this.#size]!
  }

  idOf(number: number): string {
    return `${this.#life}-${number}`
  }

  #placeOf(since: string | undefined): { readonly number: number; readonly isGap: boolean } {
    if (since === undefined) return { number: this.#next, isGap: false }
    const [, life, digits] = /^(\w+)-(\d{1,15})$/.exec(since) ?? []
    const number = Number(digits) + 1
    const isBefore = number < this.first || (number === this.#begin && number > 1)
    if (life !== this.#life || isBefore || number > this.#next)
      return { number: this.first, isGap: true }
    return { number, isGap: false }
  }

  #lookForRenewals(): void {
    this.#wantsRenewals = [...this.#readers].some(({ names }) => names.has(RENEWED))
  }
}

export class EventReader implements EventQueue {
  readonly #wish: ReaderWish
  readonly #ring: EventRing
  readonly #left: () => void
  #number: number
  #isGap: boolean
  /** There may be something to take. */
  onNews: () => void = () => {}
  /** Nothing will come any more. */
  onEnd: () => void = () => {}

  constructor(wish: ReaderWish, ring: EventRing, number: number, isGap: boolean, left: () => void) {
    this.#wish = wish
    this.#ring = ring
    this.#number = number
    this.#isGap = isGap
    this.#left = left
  }

  get names(): ReadonlySet<EventName> {
    return this.#wish.names
  }

  get isOwn(): boolean {
    return this.#wish.isOwn === true
  }

  /** The next events as text of an event stream; undefined: all were told. */
  take(): string | undefined {
    const gap = this.#gap()
    if (gap === undefined && this.#number >= this.#ring.next) return undefined
    let text = gap === undefined ? '' : framed(gap)
    const end = Math.min(this.#ring.next, this.#number + PIECE)
    while (this.#number < end) {
      const taken = this.#taken(this.#number++)
      if (taken !== undefined) text += framed(taken)
    }
    return text
  }

  /** The next event by itself; undefined: all were told. */
  next(): TakenEvent | undefined {
    let taken = this.#gap()
    while (taken === undefined && this.#number < this.#ring.next)
      taken = this.#taken(this.#number++)
    return taken
  }

  close(): void {
    this.#left()
  }

  /** What is told where events are lost; it is told once. */
  #gap(): TakenEvent | undefined {
    const ring = this.#ring
    if (this.#number < ring.first) {
      this.#number = ring.first
      this.#isGap = true
    }
    if (!this.#isGap) return undefined
    this.#isGap = false
    // What follows counts from here, should the connection end before it.
    const id = ring.idOf(this.#number - 1)
    return { id, name: 'gap', text: JSON.stringify({ event: 'gap', why: GAP }) }
  }

  /** Undefined where it is not asked for. */
  #taken(number: number): TakenEvent | undefined {
    const { at, event } = this.#ring.at(number)
    const name = nameOfEvent(event)
    if (!this.names.has(name)) return undefined
    const value = this.#wish.value(event)
    const text = JSON.stringify({ event: name, at: at / 1000, ...value })
    return { id: this.#ring.idOf(number), name, text }
  }
}

const GAP = 'events before these are not kept any more, or were of another process: read all anew'

/** JSON has no line breaks of its own. */
function framed({ id, name, text }: TakenEvent): string {
  return `id: ${id}\nevent: ${name}\ndata: ${text}\n\n`
}
