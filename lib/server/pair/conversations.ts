// What is said on the agreed connections with the other servers: what follows from a hello, rows and
// acknowledgements, heartbeats, and the words by which rights change hands.

import type { MessageId } from '../../catalogue/messages.ts'
import type { HaPeer } from '../../config/plan/ha-plan.ts'
import { isTooLong, lifetimeTrouble } from '../../ha/claims.ts'
import { decodeControl } from '../../ha/control-codec.ts'
import type { Ack, ControlMessage, Heartbeat, LifeBegun } from '../../ha/link-messages.ts'
import { noteHeard } from '../../ha/pair-steps.ts'
import type { DialFailure, LinkConnection, LinkSink } from '../../ports/link.ts'
import type { LogFields } from '../../ports/log.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import { Meetings, type Met } from './meetings.ts'
import type { Pair } from './pair.ts'
import { urlTrouble } from './partner-trouble.ts'
import { PeerSession } from './peer-session.ts'

const INTERNAL = 'an error in the server'

export class Conversations implements LinkSink {
  readonly meetings: Meetings
  readonly sessions = new Map<string, PeerSession>()
  readonly #pair: Pair
  /** What the partner said last of its subnets and pools. */
  partnerFingerprint = ''

  constructor(pair: Pair) {
    this.#pair = pair
    this.meetings = new Meetings(pair.plan, pair.services.link, {
      now: () => pair.services.now(),
      isReady: () => pair.hellos.isReady,
      hello: () => pair.hellos.make(),
      isReplaced: (hello) => pair.hellos.isReplaced(hello),
      isCurrent: (hello) => pair.hellos.isCurrent(hello),
      judge: (mine, theirs) => pair.hellos.judge(mine, theirs),
      met: (met) => this.#onMet(met),
      message: (met, message) => this.#onMessage(met, message),
      lost: (met, reason) => this.#onLost(met, reason),
      dialFailed: (peer, failure, detail) => this.#onDialFailed(peer, failure, detail),
      unanswered: ({ name }) =>
        this.#tellUnreachable(name, 'it takes connections and says nothing'),
      refused: (who, reason) => this.#onRefused(who, reason),
      away: (peer) => this.#onAway(peer),
      isWaitedFor: (peer) =>
        peer === pair.plan.partner && !pair.contact.isDown(pair.services.now()),
      guard: (connection, action) => this.#guard(connection, '', action),
    })
  }

  get withPartner(): PeerSession | undefined {
    const { partner } = this.#pair.plan
    return partner === undefined ? undefined : this.sessions.get(partner.name)
  }

  /** Whether a session is the one that there is with its peer. */
  isCurrent(session: PeerSession): boolean {
    return this.sessions.get(session.name) === session
  }

  /** Tells every other server the state, and asks for a sign of life. */
  beat(now: Instant): void {
    const { state, scopeNames } = this.#pair.machine
    for (const session of this.sessions.values()) session.beat(state, scopeNames, now)
  }

  /** The other servers hear that this one stops in good order. */
  leave(): void {
    for (const session of this.sessions.values()) session.say({ type: 'leaving' })
    this.meetings.close()
  }

  /** All meet anew, since what a hello says has changed. */
  meetAnew(why: string): void {
    for (const { met } of [...this.sessions.values()]) this.meetings.drop(met, why)
  }

  /** A new life of this database is on the disk: before anything of it, the others hear so. */
  tellLife(): void {
    for (const session of this.sessions.values()) session.tellLife(this.#pair.point)
  }

  /** A reload may allow longer leases than the hello has said. */
  tellLifetime(longest: Seconds): void {
    for (const session of this.sessions.values())
      if (session.met.mine.longestLifetime < longest) session.say({ type: 'lifetime', longest })
  }

  /** Addresses that this server keeps from clients have come or gone. */
  tellHosts(): void {
    for (const session of this.sessions.values()) this.#tellHosts(session)
  }

  #tellHosts(session: PeerSession): void {
    session.say({ type: 'hosts', ...this.#pair.services.kept.toTell })
  }

  // ---- the link

  onLinkOpened(connection: LinkConnection): void {
    const now = this.#pair.wakeUp()
    this.#guard(connection, '', () => this.meetings.opened(connection, now))
    this.#pair.services.proceed()
  }

  onLinkMessage(connection: LinkConnection, message: string | Uint8Array): void {
    this.#pair.wakeUp()
    this.#guard(connection, message, () => this.meetings.message(connection, message))
    this.#pair.services.proceed()
  }

  onLinkClosed(connection: LinkConnection, reason: string): void {
    this.#pair.wakeUp()
    this.#guard(connection, '', () => this.meetings.closed(connection, reason))
    this.#pair.services.proceed()
  }

  onDialFailed(peer: string, failure: DialFailure, detail: string): void {
    this.#pair.wakeUp()
    this.meetings.dialFailed(peer, failure, detail)
    this.#pair.services.proceed()
  }

  onListener(trouble: string): void {
    const { text } = this.#pair.plan.thisServer.url
    const { reporter } = this.#pair.services
    this.#pair.partnerTrouble.listener = trouble
    if (trouble === '') reporter.say('HA_LISTENING', { url: text })
    else reporter.say('HA_LISTENER_TROUBLE', { url: text, trouble })
  }

  onStranger(remote: string, why: string): void {
    this.#pair.services.reporter.say('HA_STRANGER', { remote, why })
  }

  /** An error of ours costs the connection, never the process: its clients have nothing to do with it. */
  #guard(connection: LinkConnection, message: string | Uint8Array, action: () => void): void {
    try {
      action()
    } catch (error) {
      const { reporter, now } = this.#pair.services
      reporter.internalOnLink(error, connection.remote, message, now())
      this.meetings.end(connection, INTERNAL)
    }
  }

  // ---- meeting

  #onMet(met: Met): void {
    const pair = this.#pair
    const session = new PeerSession(met, () => pair.rightsBook.stored.longestLifetime)
    this.sessions.set(met.peer.name, session)
    this.#tell(session)
    if (met.peer === pair.plan.partner) pair.onPartnerMet(session)
    // What was agreed counts when it is stored; what comes before that waits in the meeting.
    if (met.agreement.record === pair.record) return this.#begin(session)
    pair.rightsBook.change(met.agreement.record, () => {
      pair.rightsBook.apply()
      // The journal answers, not the other end: nobody else would catch an error of ours.
      this.#guard(met.connection, '', () => this.#begin(session))
    })
  }

  /** What was agreed is stored: the streams begin. */
  #begin(session: PeerSession): void {
    if (!this.isCurrent(session)) return
    const pair = this.#pair
    session.begin(pair.point)
    this.#tellHosts(session)
    if (session.hasUpdates || movesRights(session)) pair.streams.open(session)
    const { state, scopeNames } = pair.machine
    session.beat(state, scopeNames, pair.services.now())
    if (session.agreement.again === 'over') pair.handOver.repeatOver()
    // A backup may take the place of the other one day.
    if (pair.plan.thisServer.role === 'backup')
      pair.rightsBook.noteLifetime(session.met.theirs.longestLifetime)
    pair.onStreams(session)
    this.meetings.listen(session.met)
    pair.turn()
  }

  #onLost(met: Met, reason: string): void {
    const session = this.sessions.get(met.peer.name)
    this.sessions.delete(met.peer.name)
    if (met.peer === this.#pair.plan.partner) this.#pair.partnerTrouble.lost(reason)
    this.#pair.say('HA_LINK_LOST', { peer: met.peer.name, reason })
    if (session !== undefined) this.#pair.onSessionLost(session)
  }

  #onDialFailed(peer: HaPeer, failure: DialFailure, detail: string): void {
    const { plan, contact, partnerTrouble, services } = this.#pair
    if (peer === plan.partner) {
      contact.dialFailed(failure, services.now())
      partnerTrouble.dialFailed(failure, detail)
    }
    const { name } = peer
    const fields = { peer: name, failure, detail }
    // Who has mended the password must hear of the certificate.
    if (failure === 'rejected')
      this.#once('HA_DIAL_REJECTED', `${name}: rejected: ${detail}`, fields)
    else this.#once('HA_DIAL_FAILED', `${name}: ${failure}`, fields)
  }

  #tellUnreachable(peer: string, detail: string): void {
    const fields = { peer, failure: 'unreachable', detail }
    this.#once('HA_DIAL_FAILED', `${peer}: ${detail}`, fields)
  }

  #onRefused(who: string, reason: string): void {
    const { partner } = this.#pair.plan
    const isPartner = who === partner?.url.host || who.startsWith(`${partner?.name} `)
    if (isPartner) this.#pair.partnerTrouble.refused(reason)
    this.#once('HA_PEER_REFUSED', `${who}: ${reason}`, { who, reason })
  }

  // ---- what is told of it

  #tell({ name: peer, met, agreement }: PeerSession): void {
    const { plan, services } = this.#pair
    const { theirs, connection } = met
    if (met.peer === plan.partner) {
      this.partnerFingerprint = theirs.fingerprint
      this.#pair.partnerTrouble.met()
    }
    const wrongUrl = urlTrouble(met.peer.url, theirs.listens)
    if (met.peer === plan.partner) this.#pair.partnerTrouble.wrongUrl = wrongUrl
    services.reporter.forgetRepeated(services.now())
    const { send, expect, alarms } = agreement
    this.#pair.say('HA_PEER_MET', { peer, remote: connection.remote, send, expect })
    for (const alarm of alarms) this.#pair.say('HA_ALARM', { peer, alarm })
    if (theirs.fingerprint !== services.plan().fingerprint)
      this.#pair.say('HA_CONFIG_DIFFERS', { peer })
    if (wrongUrl !== '') this.#pair.say('HA_URL_DIFFERS', { peer, trouble: wrongUrl })
    if (theirs.mode !== plan.mode) this.#pair.say('HA_MODE_DIFFERS', { peer, mode: theirs.mode })
  }

  #once(id: MessageId, about: string, fields: LogFields): void {
    const { reporter, now } = this.#pair.services
    reporter.once(id, about, fields, now())
  }

  // ---- what comes in

  #onMessage(met: Met, message: string | Uint8Array): void {
    const session = this.sessions.get(met.peer.name)
    if (session?.met !== met) return
    session.countReceived()
    const now = this.#pair.services.now()
    if (met.peer === this.#pair.plan.partner) this.#pair.contact.heard(now)
    // Also what came early is heard here, when the journal answers.
    this.#guard(met.connection, message, () => {
      const trouble =
        typeof message === 'string'
          ? this.#control(session, message, now)
          : this.#pair.streams.frame(session, message, now)
      if (trouble !== '') this.meetings.turnAway(met, trouble)
    })
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
        this.#pair.services.kept.told(session.met.peer.name, message)
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
        this.meetings.turnedAway(session.met, `refused there: ${message.reason}`)
        if (session.met.peer === this.#pair.plan.partner)
          this.#pair.partnerTrouble.refused(`refused there: ${message.reason}`)
        return ''
      default:
        // A backup has no say in who may give what.
        return session.met.peer === this.#pair.plan.partner ? this.#pairing(session, message) : ''
    }
  }

  /** The same is believed as of a hello: rule 9k. */
  #lifetime(longest: Seconds): string {
    const { rightsBook, plan } = this.#pair
    if (isTooLong(longest, rightsBook.longestLifetime) && plan.thisServer.role !== 'backup')
      return lifetimeTrouble(longest)
    rightsBook.noteLifetime(longest)
    return ''
  }

  /** Signs of life. */
  #sign(session: PeerSession, message: Heartbeat | Ack, now: Instant): '' {
    if (message.type === 'heartbeat') {
      session.told(message)
      session.acknowledge()
    } else session.outgoing?.acknowledged(message.live, message.backlog)
    this.#heardOf(session, message, now)
    if (message.type === 'ack') this.#pair.ackWait.settle()
    const isPartner = session.met.peer === this.#pair.plan.partner
    if (message.type === 'ack' && isPartner) this.#pair.rightsBook.noteTold(message.longest)
    return ''
  }

  #pairing(session: PeerSession, message: ControlMessage): string {
    const { handOver, stock } = this.#pair
    if (message.type === 'over') return handOver.onOver(session, message)
    if (message.type === 'back') return handOver.onBack(session, message)
    if (message.type === 'want') stock.handOn(message)
    else if (message.type === 'maintenance') handOver.onMaintenance(session, message)
    else if (message.type === 'maintenance-answer') handOver.onMaintenanceAnswer(message)
    return ''
  }

  #heardOf(session: PeerSession, message: Ack | Heartbeat, now: Instant): void {
    const { plan, contact } = this.#pair
    const at = session.heardOf(message)
    if (session.met.peer !== plan.partner) return
    if (message.type === 'heartbeat') contact.told(message.state, message.scopes, now)
    if (at !== undefined) contact.echoed(at)
    this.#pair.rightsBook.updateSharing()
  }

  #onLife(session: PeerSession, { id, position }: LifeBegun): void {
    const { rightsBook } = this.#pair
    session.theirLife = id
    rightsBook.change(
      noteHeard(rightsBook.record, session.met.theirs.database, { life: id, position }),
    )
  }

  #onAway(peer: HaPeer): void {
    const { plan, contact, services } = this.#pair
    if (peer === plan.partner) contact.leaving(services.now())
  }

  #onLeaving(session: PeerSession, now: Instant): void {
    const { plan, contact } = this.#pair
    this.#pair.say('HA_PEER_LEAVES', { peer: session.name })
    if (session.met.peer === plan.partner) contact.leaving(now)
    this.meetings.drop(session.met, 'it stops in good order')
  }
}

/** Rights go from one to the other: all rows with them, also where nothing else is replicated (rule 9j). */
function movesRights({ agreement: { verdict } }: PeerSession): boolean {
  return verdict !== 'go-on' && verdict !== 'follow'
}
