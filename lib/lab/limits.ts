// What grows in a server while others keep it waiting, and the named maximum of each (see
// "Everything that grows has a named maximum" in lib/README.md). Cheap enough to be looked at after
// every event.

import { ROW_FRAME_MAX } from '../ha/row-frames.ts'
import { LINK_MESSAGE_MAX } from '../ports/link.ts'
import { PARKED_MAX } from '../server/delivery.ts'
import { BUFFERED_MAX } from '../server/pair/outgoing.ts'
import type { Pair } from '../server/pair/pair.ts'
import { EARLY_MAX } from '../server/pair/peer-session.ts'
import { GATHERED_MAX } from '../server/pair/streams.ts'

interface Limit {
  readonly what: string
  readonly max: number
  readonly of: (pair: Pair) => number
}

export const LIMITS: readonly Limit[] = [
  { what: 'replies parked', max: PARKED_MAX, of: ({ services }) => services.delivery.parked },
  {
    what: 'changes that wait for the journal',
    // A frame is taken as a whole, and has fewer rows than bytes.
    max: GATHERED_MAX + ROW_FRAME_MAX,
    of: ({ services }) => services.delivery.gathered,
  },
  { what: 'messages from before an agreement was stored', max: EARLY_MAX, of: early },
  { what: 'bytes that a peer does not take', max: BUFFERED_MAX + LINK_MESSAGE_MAX, of: buffered },
]

/** A sentence about the first limit that is exceeded, or ''. */
export function excessOf(pair: Pair): string {
  for (const { what, max, of } of LIMITS) {
    const size = of(pair)
    if (size > max) return `${size} ${what}, more than ${max}`
  }
  return ''
}

function early({ sessions }: Pair): number {
  let most = 0
  for (const session of sessions) most = Math.max(most, session.earlyCount)
  return most
}

function buffered({ sessions }: Pair): number {
  let most = 0
  for (const session of sessions) most = Math.max(most, session.buffered)
  return most
}
