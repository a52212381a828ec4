// What is said on the agreed connections with the other servers: what follows from a hello, rows and
// acknowledgements, heartbeats, and the words by which rights change hands.

import type { HaPeer } from '../config/ha-plan.ts'
import { decodeControl } from '../ha/control-codec.ts'
import type { Ack, ControlMessage, Heartbeat } from '../ha/link-messages.ts'
import type { DialFailure, LinkConnection, LinkSink } from '../ports/link.ts'
import type { Instant } from '../time/units.ts'
import { Meetings, type Met } from './meetings.ts'
import type { Pair } from './pair.ts'
import { PeerSession } from './peer-session.ts'

/** Strangers whose refusal is remembered, so that it is told once. */
const REFUSALS_MAX = 256

const INTERNAL = 'an error in the server'

export class Conversations implements LinkSink {
  readonly meetings: Meetings
  readonly sessions = new Map<string, PeerSession>()
  readonly #pair: Pair
  /** What the partner said last of its subnets and pools. */
  partnerFingerprint = ''
  #lastDial: DialFailure | '' = ''
  readonly #refusals = new Map<string, string>()

  constructor(pair: Pair) {
    this.#pair = pair
    this.meetings = new Meetings(pair.plan, pair.services.link, {
      isReady: () => pair.hellos.isReady,
      hello: () => pair.hellos.make(),
      isCurrent: (hello) => pair.hellos.isCurrent(hello),
      judge: (mine, theirs) => pair.hellos.judge(mine, theirs),
      met: (met) => this.#onMet(met),
      message: (met, message) => this.#onMessage(met, message),
      lost: (met, reason) => this.#onLost(met, reason),
      dialFailed: (peer, failure, detail) => this.#onDialFailed(peer, failure, detail),
      refused: (who, reason) => this.#onRefused(who, reason),
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
      this.#pair.services.reporter.internalOnLink(error, connection.remote, message)
      this.meetings.end(connection, INTERNAL)
    }
  }

  // ---- meeting

  #onMet(met: Met): void {
    const pair = this.#pair
    const session = new PeerSession(met)
    this.sessions.set(met.peer.name, session)
    this.#refusals.clear()
    this.#tell(session)
    if (met.peer === pair.plan.partner) pair.onPartnerMet(session)
    // What was agreed counts when it is stored; what comes before that waits in the meeting.
    if (met.agreement.record === pair.record) return this.#begin(session)
    pair.standing.change(met.agreement.record, () => {
      pair.standing.apply()
      this.#begin(session)
    })
  }

  /** What was agreed is stored: the streams begin. */
  #begin(session: PeerSession): void {
    if (!this.isCurrent(session)) return
    const pair = this.#pair
    if (pair.plan.sendLeaseUpdates) pair.streams.open(session)
    const { state, scopeNames } = pair.machine
    session.beat(state, scopeNames, pair.services.now())
    if (session.agreement.again === 'over') pair.handOver.repeatOver()
    pair.onStreams(session)
    this.meetings.listen(session.met)
    pair.turn()
  }

  #onLost(met: Met, reason: string): void {
    const session = this.sessions.get(met.peer.name)
    this.sessions.delete(met.peer.name)
    this.#pair.services.reporter.say('HA_LINK_LOST', { peer: met.peer.name, reason })
    if (session !== undefined) this.#pair.onSessionLost(session)
  }

  #onDialFailed(peer: HaPeer, failure: DialFailure, detail: string): void {
    const { plan, contact, services } = this.#pair
    if (peer !== plan.partner) return
    contact.dialFailed(failure, services.now())
    if (this.#lastDial !== failure)
      services.reporter.say('HA_DIAL_FAILED', { peer: peer.name, failure, detail })
    this.#lastDial = failure
  }

  #onRefused(who: string, reason: string): void {
    if (this.#refusals.get(who) === reason) return
    if (this.#refusals.size >= REFUSALS_MAX) this.#refusals.clear()
    this.#refusals.set(who, reason)
    this.#pair.services.reporter.say('HA_PEER_REFUSED', { who, reason })
  }

  #tell(session: PeerSession): void {
    const { met, agreement } = session
    const { reporter, plan } = this.#pair.services
    this.#lastDial = ''
    if (met.peer === this.#pair.plan.partner) this.partnerFingerprint = met.theirs.fingerprint
    const { send, expect } = agreement
    reporter.say('HA_PEER_MET', { peer: session.name, remote: met.connection.remote, send, expect })
    for (const alarm of agreement.alarms) reporter.say('HA_ALARM', { peer: session.name, alarm })
    if (met.theirs.fingerprint !== plan().fingerprint)
      reporter.say('HA_CONFIG_DIFFERS', { peer: session.name })
    if (met.theirs.mode !== this.#pair.plan.mode)
      reporter.say('HA_MODE_DIFFERS', { peer: session.name, mode: met.theirs.mode })
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
      if (trouble !== '') this.meetings.drop(met, trouble)
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
      case 'leaving':
        this.#onLeaving(session, now)
        return ''
      case 'hello':
        return 'a second hello'
      // The dialler judges last: it may refuse what was agreed here.
      case 'refusal':
        return `refused there: ${message.reason}`
      default:
        // A backup has no say in who may give what.
        return session.met.peer === this.#pair.plan.partner ? this.#pairing(session, message) : ''
    }
  }

  /** Signs of life. */
  #sign(session: PeerSession, message: Heartbeat | Ack, now: Instant): '' {
    if (message.type === 'heartbeat') {
      session.told(message)
      session.acknowledge()
    } else session.outgoing?.acknowledged(message.live, message.backlog)
    this.#heardOf(session, message, now)
    if (message.type === 'ack') this.#pair.patience.settle()
    return ''
  }

  #pairing(session: PeerSession, message: ControlMessage): string {
    const { handOver, rounds } = this.#pair
    if (message.type === 'over') return handOver.onOver(session, message)
    if (message.type === 'back') return handOver.onBack(session, message)
    if (message.type === 'want') rounds.handOn(message)
    else if (message.type === 'maintenance') handOver.onMaintenance(session, message)
    else if (message.type === 'maintenance-answer') handOver.onMaintenanceAnswer(message)
    return ''
  }

  #heardOf(session: PeerSession, message: Ack | Heartbeat, now: Instant): void {
    const { plan, contact } = this.#pair
    if (session.met.peer !== plan.partner) return
    if (message.type === 'heartbeat') contact.told(message.state, message.scopes, now)
    const at = session.heardOf(message)
    if (at !== undefined) contact.echoed(at)
    this.#pair.standing.updateSharing()
  }

  #onLeaving(session: PeerSession, now: Instant): void {
    const { plan, contact, services } = this.#pair
    services.reporter.say('HA_PEER_LEAVES', { peer: session.name })
    if (session.met.peer === plan.partner) contact.leaving(now)
    this.meetings.drop(session.met, 'it stops in good order')
  }
}
