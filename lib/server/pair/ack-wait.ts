// For whom replies wait, and for how long: clients wait for nobody who does not store, and nothing is kept for one
// who does not read. The connection ends; whoever is well again meets anew.

import { STORE_WAIT_MIN } from '../../config/plan/ha-limits.ts'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import { BUFFERED_MAX } from './outgoing.ts'
import type { Pair } from './pair.ts'
import type { PeerSession } from './peer-session.ts'

/** For how long replies wait for a disk, here or there, that may be slow. */
export function storeWaitOf({ maxAckDelay }: HaPlan): Millis {
  return Math.max(STORE_WAIT_MIN, maxAckDelay)
}

export class AckWait {
  readonly #pair: Pair
  #awakeAt: Instant = 0

  constructor(pair: Pair) {
    this.#pair = pair
  }

  /** Whether replies wait for anybody at present. */
  get isWaiting(): boolean {
    return this.#awaited().length > 0
  }

  /** When the first of those that are waited for will have taken too long to store what it was sent. */
  get deadline(): Instant {
    let next: Instant = NEVER
    for (const session of this.#awaited()) next = Math.min(next, this.#lateAt(session))
    return next
  }

  /** Ends the connections of those that are too slow, or hear nothing. Of the partner, contact.ts judges that. */
  turn(now: Instant): void {
    const { plan, conversations } = this.#pair
    const { meetings, sessions } = conversations
    for (const session of [...sessions.values()])
      if (session.buffered > BUFFERED_MAX) meetings.drop(session.met, 'it does not read')
      else if (session.met.peer !== plan.partner && session.isDeaf(plan, now)) this.endDeaf(session)
    for (const session of this.#awaited()) if (this.#lateAt(session) <= now) this.#endLate(session)
  }

  /** Its own clients wait as long, and its last words may be lost with the connection. */
  #endLate(session: PeerSession): void {
    const { plan, contact, services } = this.#pair
    if (session.met.peer === plan.partner) contact.stuck(services.now())
    this.#end(session, 'it does not acknowledge in time')
  }

  endDeaf(session: PeerSession): void {
    this.#end(session, 'nothing that was sent is heard there')
  }

  /** Where rows never got through, as where long packets are lost, clients would wait in vain again and again. */
  #end(session: PeerSession, reason: string): void {
    const { meetings } = this.#pair.conversations
    if (session.carriesRows) meetings.drop(session.met, reason)
    else meetings.turnedAway(session.met, reason)
  }

  /** Replies leave as far as those that are waited for have stored their rows. */
  settle(): void {
    const { delivery } = this.#pair.services
    const awaited = this.#awaited()
    if (awaited.length === 0) return delivery.releaseWaiting()
    delivery.acknowledged(Math.min(...awaited.map(({ outgoing }) => outgoing!.acknowledgedUpTo)))
  }

  /** This process was paused, and read nothing meanwhile. */
  resumed(now: Instant): void {
    this.#awakeAt = now
  }

  /** An end that goes on storing is not too slow, unless a client has waited for it all the time. */
  #lateAt({ outgoing }: PeerSession): Instant {
    if (outgoing === undefined) return NEVER
    const first = this.#pair.services.delivery.firstWaiting
    const isHeldUp = first !== undefined && outgoing.acknowledgedUpTo < first.ticket
    const since = isHeldUp ? Math.max(first.since, this.#awakeAt) : NEVER
    return Math.min(outgoing.waitsSince, since) + storeWaitOf(this.#pair.plan)
  }

  /** Sessions whose acknowledgements are waited for at present. */
  #awaited(): PeerSession[] {
    const { plan, machine, contact, conversations, services } = this.#pair
    const now = services.now()
    return [...conversations.sessions.values()].filter(({ met, outgoing }) => {
      if (outgoing === undefined) return false
      if (met.peer !== plan.partner) return plan.waitBackupAck
      return machine.row.awaitsPartner && contact.isConnected(now)
    })
  }
}
