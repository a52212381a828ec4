// Events on their way out, whoever sends them, and those that are kept for who was away.

import type { Key } from '../leases/keys/key.ts'
import type { Lease, LeaseAction } from '../leases/lease.ts'
import type { WallTime } from '../time/units.ts'

/** An event as it leaves. */
export interface TakenEvent {
  readonly id: string
  readonly name: string
  /** JSON. */
  readonly text: string
}

/** Events for one who takes them one by one. */
export interface EventQueue {
  /** Undefined: there is none at present. */
  next(): TakenEvent | undefined
  /** Called when there may be one. */
  onNews: () => void
  /** Up to where all was taken, as the id of an event. */
  readonly stand: string
  /** There is no more at present. */
  readonly isAtEnd: boolean
  close(): void
}

/** What one who is called was told, as it is remembered over the end of the process. */
export interface ToldTo {
  /** Of the last event, or of one behind which there was nothing for it. */
  readonly id: string
  /** When the process ended, nothing was left to be told. */
  readonly isAll: boolean
}

// ---- kept

/** What is no change of a lease, as it is kept beside those. */
export interface KeptEvent {
  /** Of the process that told it, and which of its events it is. */
  readonly life: string
  readonly number: number
  readonly name: string
  /** As it was told. */
  readonly text: string
}

/** The process whose events follow. */
export const BEGIN = 'begin'

/** Stands where events were told that are not kept. */
export const GAP_KEPT: KeptEvent = { life: '', number: 0, name: 'gap', text: '' }

/** Up to where somebody has been told: an event of a process, and a number of the history. */
export interface EventPlace {
  readonly life: string
  readonly number: number
  readonly position: number
}

export type PastEvent = { readonly position: number; readonly at: WallTime } & (
  | {
      readonly kind: 'lease'
      readonly family: 4 | 6
      readonly action: LeaseAction
      readonly lease: Lease<Key>
    }
  | { readonly kind: 'kept'; readonly kept: KeptEvent }
)

/** `end`: there are no more at present, and up to this number all were told. */
export type PastPage =
  | { readonly events: readonly PastEvent[]; readonly end: number | undefined }
  /** What follows the place is not kept any more, or never was. */
  | { readonly isLost: true }

export interface PastWish {
  readonly behind: EventPlace
  /** As far as this number; undefined: as far as there are any. */
  readonly upTo: number | undefined
  readonly actions: readonly LeaseAction[]
}

export interface PastReader {
  /** Asks for the next page, which `page` is called with later, once for each that is asked for. */
  more(): void
  close(): void
}
