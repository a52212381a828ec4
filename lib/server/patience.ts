// Other servers that are too slow: clients wait for nobody who does not store, and nothing is kept for one who
// does not read. The connection ends; whoever is well again meets anew.

import type { HaPlan } from '../config/ha-plan.ts'
import { type Instant, NEVER } from '../time/units.ts'
import type { Conversations } from './conversations.ts'
import type { Meetings } from './meetings.ts'
import { BUFFERED_MAX } from './outgoing.ts'
import type { PeerSession } from './peer-session.ts'

/** When the first of those that are waited for will have taken too long to store what it was sent. */
export function lateAt(awaited: readonly PeerSession[], { maxAckDelay }: HaPlan): Instant {
  let since: Instant = NEVER
  for (const { outgoing } of awaited) since = Math.min(since, outgoing?.waitsSince ?? NEVER)
  return since + maxAckDelay
}

export function dropLate(
  awaited: readonly PeerSession[],
  plan: HaPlan,
  meetings: Meetings,
  now: Instant,
): void {
  for (const session of awaited)
    if (lateAt([session], plan) <= now)
      meetings.drop(session.met, 'it does not acknowledge in time')
}

export function dropDeaf({ meetings, sessions }: Conversations): void {
  for (const { buffered, met } of [...sessions.values()])
    if (buffered > BUFFERED_MAX) meetings.drop(met, 'it does not read')
}
