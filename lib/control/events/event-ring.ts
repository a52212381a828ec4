// The last events, for whoever follows them: each has a number in the order in which things became
// true. Everybody reads at a pace of his own, from the ring itself, so that a slow one holds
// nothing up and keeps nothing in memory; who falls behind by a whole ring is told of the gap.

import type { WallTime } from '../../time/units.ts'
import { type ControlEvent, type EventName, nameOfEvent, RENEWED } from './event-words.ts'

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
  #isEnded = false

  /** `life`: a word that no other process of this server has. */
  constructor(life: string, wall: () => WallTime, size = RING) {
    this.#life = life
    this.#wall = wall
    this.#size = size
  }

  /** Something became true for good. Must cost next to nothing: replies wait. */
  note(event: ControlEvent): void {
    if (event.kind === 'lease' && event.action === 'renewed' && !this.#wantsRenewals) return
    this.#kept[this.#next % this.#size] = { at: this.#wall(), event }
    this.#next++
    for (const reader of this.#readers) reader.onNews()
  }

  /** Undefined: too many follow already, or the server stops. */
  follow(wish: ReaderWish): EventReader | undefined {
    if (this.#isEnded || this.#readers.size >= READERS_MAX) return undefined
    const { number, isGap } = this.#placeOf(wish.since)
    const reader: EventReader = new EventReader(wish, this, number, isGap, () => {
      this.#readers.delete(reader)
      this.#lookForRenewals()
    })
    this.#readers.add(reader)
    this.#lookForRenewals()
    return reader
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
    return Math.max(1, this.#next - this.#size)
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
    if (life !== this.#life || number < this.first || number > this.#next)
      return { number: this.first, isGap: true }
    return { number, isGap: false }
  }

  #lookForRenewals(): void {
    this.#wantsRenewals = [...this.#readers].some(({ names }) => names.has(RENEWED))
  }
}

export class EventReader {
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

  /** The next events as text of an event stream; undefined: all were told. */
  take(): string | undefined {
    const ring = this.#ring
    if (this.#number < ring.first) {
      this.#number = ring.first
      this.#isGap = true
    }
    if (this.#number >= ring.next && !this.#isGap) return undefined
    let text = ''
    if (this.#isGap) {
      // What follows counts from here, should the connection end before it.
      text = framed(ring.idOf(this.#number - 1), 'gap', { event: 'gap', why: GAP })
      this.#isGap = false
    }
    const end = Math.min(ring.next, this.#number + PIECE)
    for (; this.#number < end; this.#number++) text += this.#textOf(this.#number)
    return text
  }

  close(): void {
    this.#left()
  }

  #textOf(number: number): string {
    const { at, event } = this.#ring.at(number)
    const name = nameOfEvent(event)
    if (!this.names.has(name)) return ''
    const id = this.#ring.idOf(number)
    const value = this.#wish.value(event)
    return framed(id, name, { event: name, at: at / 1000, ...value })
  }
}

const GAP = 'events before these are not kept any more, or were of another process: read all anew'

/** JSON has no line breaks of its own. */
function framed(id: string, name: string, value: object): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(value)}\n\n`
}
