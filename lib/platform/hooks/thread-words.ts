// What the server and the thread of a hook say to each other.

import type { MessageId } from '../../catalogue/messages.ts'
import type { LogFields } from '../../ports/log.ts'
import type { Metric } from '../../ports/metrics.ts'
import type { Parcel } from './views.ts'

/** What a thread is started with. */
export interface ThreadStart {
  readonly url: string
  readonly library: string
  readonly family: 4 | 6
  readonly parameters: unknown
}

/** Callouts that a thread may have: nobody waits for it within a step. */
export const THREAD_CALLOUTS = ['query', 'offer', 'grant', 'committed', 'sent'] as const

export type ThreadCallout = (typeof THREAD_CALLOUTS)[number]

/** What a gate is given, its message packed. */
export interface PackedCallout {
  readonly parcel: Parcel
  readonly more: object
}

export type ToThread =
  | {
      readonly kind: 'ask'
      readonly id: number
      readonly callout: ThreadCallout
      readonly given: PackedCallout | readonly unknown[]
    }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'abort'; readonly id: number }
  /** It says so in its turn. */
  | { readonly kind: 'beat' }
  | { readonly kind: 'end' }

export type ToServer =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'ready'; readonly callouts: readonly string[] }
  /** With words for the operator. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'answer'; readonly id: number; readonly said: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: string }
  /** Thrown where nobody was there to catch it. */
  | { readonly kind: 'stray'; readonly error: string }
  | { readonly kind: 'line'; readonly id: MessageId; readonly fields: LogFields }
  | { readonly kind: 'metrics'; readonly metrics: readonly Metric[] }
  | { readonly kind: 'beat' }
  /** Disposed of. */
  | { readonly kind: 'over' }
