// What there is of events for one who follows them, and how places among them are written.

import type { EventName } from '../../catalogue/event-names.ts'
import type {
  EventPlace,
  KeptEvent,
  PastPage,
  PastReader,
  PastWish,
  TakenEvent,
} from '../../ports/events.ts'
import type { WallTime } from '../../time/units.ts'
import type { ControlEvent } from './event-words.ts'

export interface RingEntry {
  readonly at: WallTime
  readonly event: ControlEvent
  /** The number in the history of the last change of a lease that was told until then. */
  readonly position: number
}

export interface ReaderWish {
  readonly names: ReadonlySet<EventName>
  /** The id of the last event that was seen; undefined: only what comes from now on is told. */
  readonly since: string | undefined
  /** The process of that event has ended since then, and nothing it told was left. */
  readonly isAllSeen?: boolean
  /** This server tells somebody by itself: that counts as no stream. */
  readonly isOwn?: boolean
  /** What is told of an event beside its name and time. */
  value(event: ControlEvent): object
}

/** What is kept of events for who was away. */
export interface EventPast {
  /** The journal is read. Until then nothing is told, since places cannot be said. */
  readonly isKnown: boolean
  /** The number of the last row before this process; undefined: no history is kept. */
  readonly start: number | undefined
  /** Of the change of a lease that is told at present, or was last. */
  readonly told: number
  keep(event: KeptEvent): void
  read(wish: PastWish, page: (page: PastPage) => void): PastReader
  /** What is told of an event beside its name and time. */
  value(event: ControlEvent): object
}

/** The last events, as a reader sees them. */
export interface Followed {
  readonly life: string
  readonly past: EventPast | undefined
  /** Of the oldest that is here, and of the next one that will be. */
  readonly first: number
  readonly next: number
  at(number: number): RingEntry
  /** Whether everything behind this event is here. */
  follows(place: EventPlace): boolean
  /** Up to this event, of those that are here or the one before them. */
  placeOf(number: number): EventPlace
}

/** What is told of an event; times in seconds since 1970. */
export function textOf(name: string, at: WallTime, value: object): string {
  return JSON.stringify({ event: name, at: at / 1000, ...value })
}

const NOWHERE: EventPlace = { life: '', number: -1, position: -1 }

/** Of an id, see idOf; what is none stands nowhere. */
export function placeIn(id: string): EventPlace {
  const [, life, number, position = '-1'] = /^(\w+)-(\d{1,15})(?:-(\d{1,15}))?$/.exec(id) ?? []
  if (life === undefined) return NOWHERE
  return { life, number: Number(number), position: Number(position) }
}

/** Where a history is kept, it goes on there after this process. */
export function idOf({ life, number, position }: EventPlace, past: EventPast | undefined): string {
  return past?.start === undefined ? `${life}-${number}` : `${life}-${number}-${position}`
}

const WHY = 'events before these are not kept: read all anew'

export const GAP: Omit<TakenEvent, 'id'> = {
  name: 'gap',
  text: JSON.stringify({ event: 'gap', why: WHY }),
}
