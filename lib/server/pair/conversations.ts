// What is said on the agreed connections with the other servers: rows and acknowledgements,
// heartbeats, and the words by which rights change hands.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { isTooLong, lifetimeTrouble } from '../../ha/claims.ts'
import type { Contact } from '../../ha/contact.ts'
import { decodeControl } from '../../ha/control-codec.ts'
import type { Ack, ControlMessage, Heartbeat, LifeBegun } from '../../ha/link-messages.ts'
import type { HaMachine } from '../../ha/machine.ts'
import { noteHeard } from '../../ha/pair-steps.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import type { AckWait } from './ack-wait.ts'
import type { DatabasePosition } from './database-position.ts'
import type { EditExchange } from './edit-exchange.ts'
import type { ErrorBoundary } from './error-boundary.ts'
import type { HandOver } from './hand-over.ts'
import { hostsOf, tellKept } from './hosts.ts'
import type { KeyAsks } from './key-asks.ts'
import type { NameExchange } from './name-exchange.ts'
import type { PairServices } from './pair-services.ts'
import type { PartnerTrouble } from './partner-trouble.ts'
import type { PeerPresence } from './peer-presence.ts'
import type { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'
import type { Stock } from './stock.ts'
import type { Streams } from './streams.ts'

type Services = Pick<PairServices, 'kept' | 'now' | 'reporter'>

export interface ConversationsParts {
  readonly ackWait: AckWait
  readonly boundary: ErrorBoundary
  readonly contact: Contact
  readonly database: DatabasePosition
  readonly edits: EditExchange
  readonly handOver: HandOver
  readonly keyAsks: KeyAsks
  readonly names: NameExchange
  readonly machine: HaMachine
  readonly partnerTrouble: PartnerTrouble
  readonly presence: PeerPresence
  readonly rightsBook: RightsBook
  readonly sessions: Sessions
  readonly stock: Stock
  readonly streams: Streams
}

export interface ConversationsDuties {
  /** The streams of a session have been set up. */
  begun(session: PeerSession): void
  /** Ends the connection; the two meet anew. */
  drop(session: PeerSession, reason: string): void
  /**
   * The same where it would end again for the same reason: the other end hears why, and there is a
   * pause.
   */
  turnAway(session: PeerSession, reason: string): void
  /** The other end does not want this one. */
  turnedAway(session: PeerSession, reason: string): void
  /** Does whatever is due. */
  turn(): void
}

export class Conversations {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #parts: ConversationsParts
  readonly #sessions: Sessions
  readonly #duties: ConversationsDuties

  constructor(
    plan: HaPlan,
    services: Services,
    parts: ConversationsParts,
    duties: ConversationsDuties,
  ) {
    this.#plan = plan
    this.#services = services
    this.#parts = parts
    this.#sessions = parts.sessions
    this.#duties = duties
  }

  // ---- what is told to all

  /** Tells every other server the state, and asks for a sign of life. */
  beat(now: Instant): void {
    const { state, scopeNames } = this.#parts.machine
    for (const session of this.#sessions) session.beat(state, scopeNames, now)
  }

  /** This server stops in good order. */
  tellLeaving(): void {
    for (const session of this.#sessions) session.say({ type: 'leaving' })
  }

  /** A new life of this database is on the disk: before anything of it, the others hear so. */
  tellLife(): void {
    for (const session of this.#sessions) session.tellLife(this.#parts.database.point)
  }

  /** A reload may allow longer leases than the hello has said. */
  tellLifetime(longest: Seconds): void {
    for (const session of this.#sessions)
      if (session.met.mine.longestLifetime < longest) session.say({ type: 'lifetime', longest })
  }

  /** Addresses that this server keeps from clients have come or gone. */
  tellHosts(): void {
    for (const session of this.#sessions) this.#tellHosts(session)
  }

  #tellHosts(session: PeerSession): void {
    session.say(hostsOf(this.#services.kept))
  }

  // ---- the beginning

  /** What was agreed is stored: the streams begin. */
  begin(session: PeerSession): void {
    if (!this.#sessions.isCurrent(session)) return
    const { database, handOver, machine, rightsBook, streams } = this.#parts
    session.begin(database.point)
    this.#tellHosts(session)
    if (session.hasUpdates || movesRights(session)) streams.open(session)
    session.beat(machine.state, machine.scopeNames, this.#services.now())
    if (session.agreement.again === 'over') handOver.repeatOver()
    // A backup may take the place of the other one day.
    if (this.#isBackup) rightsBook.noteLifetime(session.met.theirs.longestLifetime)
    this.#duties.begun(session)
    const early = session.listen()
    this.#parts.edits.begin(session)
    this.#parts.names.begin(session)
    for (const message of early) if (this.#sessions.isCurrent(session)) this.#hear(session, message)
    this.#duties.turn()
  }

  get #isBackup(): boolean {
    return this.#plan.thisServer.role === 'backup'
  }

  // ---- what comes in

  /** A message has come. What comes before what was agreed is stored is heard then. */
  take(session: PeerSession, message: string | Uint8Array): void {
    if (session.isListening) this.#hear(session, message)
    else if (!session.keepEarly(message))
      this.#duties.turnAway(session, 'too much before the agreement was stored')
  }

  #hear(session: PeerSession, message: string | Uint8Array): void {
    session.countReceived()
    const now = this.#services.now()
    if (this.#isPartner(session)) this.#parts.contact.heard(now)
    this.#parts.boundary.run(session.met.connection, message, () => {
      const trouble =
        typeof message === 'string'
          ? this.#control(session, message, now)
          : this.#parts.streams.frame(session, message, now)
      if (trouble !== '') this.#duties.turnAway(session, trouble)
    })
  }

  #isPartner({ met }: PeerSession): boolean {
    return met.peer === this.#plan.partner
  }

  #control(session: PeerSession, text: string, now: Instant): string {
    const message = decodeControl(text)
    if (message === 'unknown') return ''
    if (typeof message === 'string') return message
    switch (message.type) {
      case 'heartbeat':
      case 'ack':
        return session.lieIn(message) || this.#sign(session, message, now)
      case 'life':
        this.#onLife(session, message)
        return ''
      case 'hosts':
        tellKept(this.#services.kept, session.name, message)
        return ''
      case 'lifetime':
        // A backup gives no leases.
        return session.met.peer.role === 'backup' ? '' : this.#lifetime(message.longest)
      case 'leaving':
        this.#onLeaving(session, now)
        return ''
      case 'hello':
        return 'a second hello'
      // The dialler judges last: it may refuse what was agreed here.
      case 'refusal':
        this.#onRefusal(session, `refused there: ${message.reason}`)
        return ''
      default:
        // A backup has no say in who may give what.
        return this.#isPartner(session) ? this.#ofPartner(session, message) : ''
    }
  }

  #onRefusal(session: PeerSession, reason: string): void {
    this.#duties.turnedAway(session, reason)
    if (this.#isPartner(session)) this.#parts.partnerTrouble.refused(reason)
  }

  /** The same is believed as of a hello: rule 9k. */
  #lifetime(longest: Seconds): string {
    const { rightsBook } = this.#parts
    if (isTooLong(longest, rightsBook.longestLifetime) && !this.#isBackup)
      return lifetimeTrouble(longest)
    rightsBook.noteLifetime(longest)
    return ''
  }

  /** Signs of life. */
  #sign(session: PeerSession, message: Heartbeat | Ack, now: Instant): '' {
    const { ackWait, rightsBook } = this.#parts
    if (message.type === 'heartbeat') {
      session.told(message)
      session.acknowledge()
    } else session.outgoing?.acknowledged(message.live, message.backlog)
    this.#heardOf(session, message, now)
    if (message.type === 'ack') ackWait.settle()
    if (message.type === 'ack' && this.#isPartner(session)) rightsBook.noteTold(message.longest)
    return ''
  }

  /** What rights and free addresses are about. */
  #ofPartner(session: PeerSession, message: ControlMessage): string {
    const { edits, handOver, keyAsks, names, presence, stock } = this.#parts
    if (message.type === 'over') return handOver.onOver(session, message)
    if (message.type === 'back') return handOver.onBack(session, message)
    if (message.type === 'want') stock.handOn(message)
    else if (message.type === 'ask') keyAsks.onAsk(session, message)
    else if (message.type === 'names') return names.onMessage(session, message)
    else if (message.type === 'told') keyAsks.onTold(message)
    else if (message.type === 'maintenance') handOver.onMaintenance(session, message)
    else if (message.type === 'maintenance-answer') handOver.onMaintenanceAnswer(message)
    else if (message.type === 'fingerprint') presence.fingerprintTold(message.fingerprint)
    else return edits.onMessage(session, message)
    return ''
  }

  #heardOf(session: PeerSession, message: Ack | Heartbeat, now: Instant): void {
    const { contact, rightsBook } = this.#parts
    const at = session.heardOf(message)
    if (!this.#isPartner(session)) return
    if (message.type === 'heartbeat') contact.told(message.state, message.scopes, now)
    if (at !== undefined) contact.echoed(at)
    rightsBook.updateSharing()
  }

  #onLife(session: PeerSession, { id, position }: LifeBegun): void {
    const { rightsBook } = this.#parts
    const { database } = session.met.theirs
    session.theirLife = id
    rightsBook.change(noteHeard(rightsBook.record, database, { life: id, position }))
  }

  #onLeaving(session: PeerSession, now: Instant): void {
    this.#services.reporter.ofPeer('HA_PEER_LEAVES', { peer: session.name }, this.#services.now())
    if (this.#isPartner(session)) this.#parts.contact.leaving(now)
    this.#duties.drop(session, 'it stops in good order')
  }
}

/**
 * Rights go from one to the other: all rows with them, also where nothing else is replicated (rule
 * 9j).
 */
function movesRights({ agreement: { verdict } }: PeerSession): boolean {
  return verdict !== 'go-on' && verdict !== 'follow'
}
