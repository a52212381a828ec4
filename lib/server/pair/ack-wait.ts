// For whom replies wait, and for how long: clients wait for nobody who does not store, and nothing
// is kept for one who does not read. The connection ends; whoever is well again meets anew.

import { STORE_WAIT_MIN } from '../../config/plan/ha-limits.ts'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import { BUFFERED_MAX } from './outgoing.ts'
import type { PairServices } from './pair-services.ts'
import type { PeerSession } from './peer-session.ts'
import type { Sessions } from './sessions.ts'

export interface AckWaitDuties {
  /** Whether replies wait for the partner: it is there, and this server serves beside it. */
  awaitsPartner(now: Instant): boolean
  /** The partner has not stored in time what it was sent. */
  partnerStuck(now: Instant): void
  /** Ends the connection; the two meet anew. */
  drop(session: PeerSession, reason: string): void
  /** The same where it would end again for the same reason: with a pause. */
  turnedAway(session: PeerSession, reason: string): void
}

/** For how long replies wait for a disk, here or there, that may be slow. */
export function storeWaitOf({ maxAckDelay }: HaPlan): Millis {
  return Math.max(STORE_WAIT_MIN, maxAckDelay)
}

export class AckWait {
  readonly #plan: HaPlan
  readonly #services: Pick<PairServices, 'delivery' | 'now'>
  readonly #sessions: Sessions
  readonly #duties: AckWaitDuties
  #awakeAt: Instant = 0

  constructor(
    plan: HaPlan,
    services: Pick<PairServices, 'delivery' | 'now'>,
    sessions: Sessions,
    duties: AckWaitDuties,
  ) {
    this.#plan = plan
    this.#services = services
    this.#sessions = sessions
    this.#duties = duties
  }

  /** Whether replies wait for anybody at present. */
  get isWaiting(): boolean {
    return this.#awaited().length > 0
  }

  /**
   * When the first of those that are waited for will have taken too long to store what it was sent.
   */
  get deadline(): Instant {
    let next: Instant = NEVER
    for (const session of this.#awaited()) next = Math.min(next, this.#lateAt(session))
    return next
  }

  /**
   * Ends the connections of those that are too slow, or hear nothing. Of the partner, contact.ts
   * judges that.
   */
  turn(now: Instant): void {
    for (const session of [...this.#sessions])
      if (session.buffered > BUFFERED_MAX) this.#duties.drop(session, 'it does not read')
      else if (!this.#isPartner(session) && session.isDeaf(this.#plan, now)) this.endDeaf(session)
    for (const session of this.#awaited()) if (this.#lateAt(session) <= now) this.#endLate(session)
  }

  /** Its own clients wait as long, and its last words may be lost with the connection. */
  #endLate(session: PeerSession): void {
    if (this.#isPartner(session)) this.#duties.partnerStuck(this.#services.now())
    this.#end(session, 'it does not acknowledge in time')
  }

  endDeaf(session: PeerSession): void {
    this.#end(session, 'nothing that was sent is heard there')
  }

  /**
   * Where rows never got through, as where long packets are lost, clients would wait in vain again
   * and again.
   */
  #end(session: PeerSession, reason: string): void {
    if (session.carriesRows) this.#duties.drop(session, reason)
    else this.#duties.turnedAway(session, reason)
  }

  /** Replies leave as far as those that are waited for have stored their rows. */
  settle(): void {
    const { delivery, now } = this.#services
    const awaited = this.#awaited()
    if (awaited.length === 0) return delivery.releaseWaiting()
    const upTo = Math.min(...awaited.map(({ outgoing }) => outgoing!.acknowledgedUpTo))
    delivery.acknowledged(upTo, now())
  }

  /** This process was paused, and read nothing meanwhile. */
  resumed(now: Instant): void {
    this.#awakeAt = now
  }

  /**
   * An end that goes on storing is not too slow, unless a client has waited for it all the time.
   */
  #lateAt({ outgoing }: PeerSession): Instant {
    if (outgoing === undefined) return NEVER
    const first = this.#services.delivery.firstWaiting
    const isHeldUp = first !== undefined && outgoing.acknowledgedUpTo < first.ticket
    const since = isHeldUp ? Math.max(first.since, this.#awakeAt) : NEVER
    return Math.min(outgoing.waitsSince, since) + storeWaitOf(this.#plan)
  }

  /** Sessions whose acknowledgements are waited for at present. */
  #awaited(): PeerSession[] {
    const now = this.#services.now()
    return [...this.#sessions].filter((session) => {
      if (session.outgoing === undefined) return false
      return this.#isPartner(session) ? this.#duties.awaitsPartner(now) : this.#plan.waitBackupAck
    })
  }

  #isPartner({ met }: PeerSession): boolean {
    return met.peer === this.#plan.partner
  }
}
