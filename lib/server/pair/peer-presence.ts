// Another server is met, lost, or not to be had: what this server notes of it, and tells its
// operator.

import type { MessageId } from '../../catalogue/messages.ts'
import type { HaPeer, HaPlan } from '../../config/plan/ha-plan.ts'
import type { Contact } from '../../ha/contact.ts'
import { CHANGES_MAX } from '../../ha/limits.ts'
import type { DialFailure } from '../../ports/link.ts'
import type { LogFields } from '../../ports/log.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { ErrorBoundary } from './error-boundary.ts'
import type { Met } from './meetings.ts'
import type { PairServices } from './pair-services.ts'
import { type PartnerTrouble, urlTrouble } from './partner-trouble.ts'
import { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'

type Services = Pick<
  PairServices,
  'countFrom' | 'edits' | 'hooks' | 'now' | 'plan' | 'reporter' | 'tell'
>

/** For so long an edit may be at one of the two only. */
const DIFFERS_MAX: Millis = 5000

export interface PeerPresenceParts {
  readonly boundary: ErrorBoundary
  readonly contact: Contact
  readonly partnerTrouble: PartnerTrouble
  readonly rightsBook: RightsBook
  readonly sessions: Sessions
}

export interface PeerPresenceDuties {
  /** What was agreed is stored: the conversation begins. */
  begin(session: PeerSession): void
  /** Its connection has ended. */
  lost(session: PeerSession): void
}

export class PeerPresence {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #parts: PeerPresenceParts
  readonly #duties: PeerPresenceDuties
  /** What the partner said last of its subnets and pools. */
  #partnerFingerprint = ''
  /** Since when the two differ though they are connected; NEVER: that was told, or is not so. */
  #differsSince: Instant = NEVER

  constructor(
    plan: HaPlan,
    services: Services,
    parts: PeerPresenceParts,
    duties: PeerPresenceDuties,
  ) {
    this.#plan = plan
    this.#services = services
    this.#parts = parts
    this.#duties = duties
  }

  /** Whether the partner, when it was met last, had the same subnets and pools. */
  get isPartnerConfigKnown(): boolean {
    return this.#partnerFingerprint === this.#services.plan().fingerprint
  }

  /** Whether it had others. */
  get configDiffers(): boolean {
    return this.#partnerFingerprint !== '' && !this.isPartnerConfigKnown
  }

  /** An edit or a reload there. Mostly the two differ for a moment only. */
  fingerprintTold(fingerprint: string): void {
    this.#partnerFingerprint = fingerprint
    this.fingerprintChanged()
  }

  /** Here, too. */
  fingerprintChanged(): void {
    if (!this.configDiffers) this.#differsSince = NEVER
    else if (this.#differsSince === NEVER) this.#differsSince = this.#services.now()
  }

  get deadline(): Instant {
    return this.#differsSince + DIFFERS_MAX
  }

  turn(now: Instant): void {
    if (now < this.deadline) return
    this.#differsSince = NEVER
    this.#say('HA_CONFIG_DIFFERS', { peer: this.#plan.partner?.name })
  }

  met(met: Met): void {
    const { boundary, rightsBook, sessions } = this.#parts
    const session = new PeerSession(met, () => rightsBook.stored.longestLifetime)
    sessions.add(session)
    this.#tell(session)
    if (this.#isPartner(met.peer)) this.#partnerMet(session)
    // What was agreed counts when it is stored; what comes before that waits in the session.
    if (met.agreement.record === rightsBook.record) return this.#duties.begin(session)
    rightsBook.change(met.agreement.record, () => {
      rightsBook.apply()
      // The journal answers, not the other end: nobody else would catch an error of ours.
      boundary.run(met.connection, '', () => this.#duties.begin(session))
    })
  }

  #partnerMet({ met, state }: PeerSession): void {
    const { contact } = this.#parts
    const now = this.#services.now()
    // Room is left to count on, whatever it says.
    this.#services.countFrom(Math.min(met.theirs.highest ?? 0, CHANGES_MAX / 2))
    contact.opened(now)
    contact.told(state, [], now)
    const partner = met.peer.name
    this.#services.tell({ kind: 'partner', partner, isConnected: true, why: '' })
  }

  lost(met: Met, reason: string): void {
    const { partnerTrouble, sessions } = this.#parts
    const session = sessions.with(met.peer.name)
    if (session !== undefined) sessions.remove(session)
    if (this.#isPartner(met.peer)) {
      partnerTrouble.lost(reason)
      const partner = met.peer.name
      this.#services.tell({ kind: 'partner', partner, isConnected: false, why: reason })
    }
    this.#say('HA_LINK_LOST', { peer: met.peer.name, reason })
    if (session !== undefined) this.#duties.lost(session)
  }

  dialFailed(peer: HaPeer, failure: DialFailure, detail: string): void {
    const { contact, partnerTrouble } = this.#parts
    if (this.#isPartner(peer)) {
      contact.dialFailed(failure, this.#services.now())
      partnerTrouble.dialFailed(failure, detail)
    }
    const { name } = peer
    const fields = { peer: name, failure, detail }
    // Who has mended the password must hear of the certificate.
    if (failure === 'rejected')
      this.#once('HA_DIAL_REJECTED', `${name}: rejected: ${detail}`, fields)
    else this.#once('HA_DIAL_FAILED', `${name}: ${failure}`, fields)
  }

  /** It took the connection, and did not answer the hello. */
  unanswered({ name: peer }: HaPeer): void {
    const detail = 'it takes connections and says nothing'
    this.#once('HA_DIAL_FAILED', `${peer}: ${detail}`, { peer, failure: 'unreachable', detail })
  }

  refused(who: string, reason: string): void {
    const { partner } = this.#plan
    const isPartner = who === partner?.url.host || who.startsWith(`${partner?.name} `)
    if (isPartner) this.#parts.partnerTrouble.refused(reason)
    this.#once('HA_PEER_REFUSED', `${who}: ${reason}`, { who, reason })
  }

  /** It was dialled, and says that it serves nobody at present. */
  away(peer: HaPeer): void {
    if (this.#isPartner(peer)) this.#parts.contact.leaving(this.#services.now())
  }

  /** Whether clients of a peer wait for a dial that shows whether its process is gone. */
  isWaitedFor(peer: HaPeer): boolean {
    return this.#isPartner(peer) && !this.#parts.contact.isDown(this.#services.now())
  }

  #isPartner(peer: HaPeer): boolean {
    return peer === this.#plan.partner
  }

  // ---- what is told of it

  #tell({ name: peer, met, agreement }: PeerSession): void {
    const { partnerTrouble } = this.#parts
    const { hooks, reporter, now, plan } = this.#services
    const { theirs, connection } = met
    const wrongUrl = urlTrouble(met.peer.url, theirs.listens)
    if (this.#isPartner(met.peer)) {
      this.#partnerFingerprint = theirs.fingerprint
      this.#differsSince = NEVER
      partnerTrouble.met()
      partnerTrouble.wrongUrl = wrongUrl
    }
    reporter.forgetRepeated(now())
    const { send, expect, alarms } = agreement
    this.#say('HA_PEER_MET', { peer, remote: connection.remote, send, expect })
    for (const alarm of alarms) this.#say('HA_ALARM', { peer, alarm })
    // Of two that share edits one may lack the last of them, which is on its way then.
    if (this.#isPartner(met.peer) && theirs.edits === true && this.#services.edits() !== undefined)
      this.fingerprintChanged()
    else if (theirs.fingerprint !== plan().fingerprint) this.#say('HA_CONFIG_DIFFERS', { peer })
    if (this.#isPartner(met.peer) && (theirs.hooks ?? '') !== hooks())
      this.#say('HA_HOOKS_DIFFER', { peer })
    if (wrongUrl !== '') this.#say('HA_URL_DIFFERS', { peer, trouble: wrongUrl })
    if (theirs.mode !== this.#plan.mode) this.#say('HA_MODE_DIFFERS', { peer, mode: theirs.mode })
  }

  #say(id: MessageId, fields: LogFields): void {
    this.#services.reporter.ofPeer(id, fields, this.#services.now())
  }

  #once(id: MessageId, about: string, fields: LogFields): void {
    this.#services.reporter.once(id, about, fields, this.#services.now())
  }
}
