// Whether nothing is missing behind a place in a history of leases, wherever it is kept.

import type { EventPlace } from '../../ports/events.ts'

/** What a history has, around a place. */
export interface AroundPlace {
  /** The numbers of its ends; undefined: it has no rows. */
  readonly oldest: number | undefined
  readonly last: number
  /** The last two processes that began at the place, at the row behind it, or before. */
  readonly tellers: readonly { readonly life: string; readonly id: number }[]
}

/** `isKnown`: it was so when the page before was read. The oldest rows go first. */
export function isHeld(place: EventPlace, around: AroundPlace, isKnown: boolean): boolean {
  const { life, position } = place
  const { last, oldest, tellers } = around
  if (position > last) return false
  if (!isKnown && !isOf(life, position, tellers)) return false
  return oldest === undefined || oldest <= position + 1
}

/** Whether it was that process that told this row; another copy of the database may differ. */
function isOf(life: string, position: number, [last, former]: AroundPlace['tellers']): boolean {
  if (last === undefined || last.life === life) return true
  // It told nothing behind this one, behind which another began.
  return last.id === position + 1 && (former === undefined || former.life === life)
}
