// What is said on the agreed connections with the other servers: what follows from a hello, rows and
// acknowledgements, heartbeats, and the words by which rights change hands.

import type { HaPeer } from '../config/ha-plan.ts'
import { decodeControl } from '../ha/control-codec.ts'
import { type Agreement, judgeHello } from '../ha/handshake.ts'
import {
  type Ack,
  type ControlMessage,
  type Heartbeat,
  type Hello,
  LINK_VERSION,
} from '../ha/link-messages.ts'
import { noteApplied, standingOf } from '../ha/pair-steps.ts'
import type { Lane } from '../ha/row-frames.ts'
import type { Lease } from '../leases/lease.ts'
import type { DialFailure, LinkConnection, LinkSink } from '../ports/link.ts'
import type { Instant } from '../time/units.ts'
import { Incoming } from './incoming.ts'
import { Meetings, type Met } from './meetings.ts'
import { Outgoing } from './outgoing.ts'
import type { Pair } from './pair.ts'
import { PeerSession } from './peer-session.ts'

/** Strangers whose refusal is remembered, so that it is told once. */
const REFUSALS_MAX = 256

/** Changes that wait for the journal; beyond them no rows are taken. A partner that waits for acks sends fewer. */
const GATHERED_MAX = 1 << 17

const INTERNAL = 'an error in the server'

export class Conversations implements LinkSink {
  readonly meetings: Meetings
  readonly sessions = new Map<string, PeerSession>()
  readonly #pair: Pair
  /** What the partner said last of its subnets and pools. */
  partnerFingerprint = ''
  /** Counts the hellos of this life. */
  #turn = 0
  #judged: Agreement | undefined
  #lastDial: DialFailure | '' = ''
  readonly #refusals = new Map<string, string>()

  constructor(pair: Pair) {
    this.#pair = pair
    this.meetings = new Meetings(pair.plan, pair.services.link, {
      hello: () => this.#hello(),
      isCurrent: (hello) => this.#isCurrent(hello),
      judge: (mine, theirs) => this.#judge(mine, theirs),
      met: (met) => this.#onMet(met),
      message: (met, message) => this.#onMessage(met, message),
      lost: (met, reason) => this.#onLost(met, reason),
      dialFailed: (peer, failure, detail) => this.#onDialFailed(peer, failure, detail),
      refused: (who, reason) => this.#onRefused(who, reason),
    })
  }

  get withPartner(): PeerSession | undefined {
    const { partner } = this.#pair.plan
    return partner === undefined ? undefined : this.sessions.get(partner.name)
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

  #hello(): Hello {
    const { plan, record, machine, instance, candidateId, position, database, services } =
      this.#pair
    const { longestLifetime } = this.#pair
    return {
      type: 'hello',
      version: LINK_VERSION,
      software: 'whio',
      name: plan.thisServer.name,
      role: plan.thisServer.role,
      mode: plan.mode,
      instance,
      turn: ++this.#turn,
      database,
      position,
      ...standingOf(record),
      longestLifetime,
      clock: Math.floor(services.now()),
      highest: Math.max(0, ...Object.values(record.applied)),
      candidateId,
      ...(plan.thisServer.role === 'backup' ? { known: record.applied } : {}),
      fingerprint: services.plan().fingerprint,
      state: machine.state,
    }
  }

  #isCurrent(hello: Hello): boolean {
    const { rights, handOver, side } = this.#pair.record
    return hello.rights === rights && hello.handOver === handOver && hello.side === side
  }

  #judge(mine: Hello, theirs: Hello): string {
    const { plan, record, services } = this.#pair
    const verdict = judgeHello(plan, record, mine, theirs, services.now())
    this.#judged = verdict.kind === 'agree' ? verdict : undefined
    return verdict.kind === 'agree' ? '' : verdict.reason
  }

  #onMet(met: Met): void {
    const pair = this.#pair
    const agreement = this.#judged!
    this.#judged = undefined
    const session = new PeerSession(met, agreement)
    this.sessions.set(met.peer.name, session)
    this.#refusals.clear()
    this.#tell(session)
    if (met.peer === pair.plan.partner) pair.onPartnerMet(session)
    // What was agreed counts when it is stored; what comes before that waits in the meeting.
    if (agreement.record === pair.record) return this.#begin(session)
    pair.change(agreement.record, () => {
      pair.applyRights()
      this.#begin(session)
    })
  }

  /** What was agreed is stored: the streams begin. */
  #begin(session: PeerSession): void {
    if (this.sessions.get(session.name) !== session) return
    if (this.#pair.plan.sendLeaseUpdates) this.#openStreams(session)
    const { state, scopeNames } = this.#pair.machine
    session.beat(state, scopeNames, this.#pair.services.now())
    if (session.agreement.again === 'over') this.#pair.handOver.repeatOver()
    this.#pair.onStreams(session)
    this.meetings.listen(session.met)
    this.#pair.turn()
  }

  #openStreams(session: PeerSession): void {
    const { send, from, expect } = session.agreement
    if (expect !== 'nothing') session.incoming = this.#incoming(session, expect)
    // Of a pair, everything is sent when the other end has been heard out (hand-over.ts).
    if (send === 'refill' && !session.isPartnerEmpty) this.refill(session)
    if (send !== 'delta') return
    session.outgoing = this.#outgoing(session)
    session.outgoing.startDelta(this.#pair.services.table, from)
  }

  #incoming(session: PeerSession, expected: 'delta' | 'refill'): Incoming {
    const { database, position } = session.met.theirs
    const from = Math.min(this.#pair.record.applied[database] ?? 0, position)
    const duties = {
      take: (lease: Lease, lane: Lane) => this.#pair.merger.take(lease, lane, session),
      endRefill: () => this.#pair.merger.endRefill(session),
      reached: (reached: number, clock: Instant, stored: () => void) =>
        this.#pair.change(noteApplied(this.#pair.record, database, reached, clock), stored),
      acknowledge: (live: number, backlog: number) => session.acknowledge(live, backlog),
      mayRefill: () => session.isVerbatim,
    }
    return new Incoming(duties, position, from, expected)
  }

  /** Sends everything to a server that has nothing. */
  refill(session: PeerSession): void {
    if (this.sessions.get(session.name) !== session) return
    session.isRefilling = true
    session.outgoing = this.#outgoing(session)
    session.outgoing.startRefill(this.#pair.services.table)
    this.#pair.onStreams(session)
  }

  #outgoing(session: PeerSession): Outgoing {
    const { position, services } = this.#pair
    const acknowledged = session.outgoing?.acknowledgedUpTo ?? position
    const onComplete = () => this.#onCaughtUp(session)
    const { syncPageLimit } = this.#pair.plan
    return new Outgoing(session, services.now, position, acknowledged, syncPageLimit, onComplete)
  }

  /** The other end has stored the backlog. */
  #onCaughtUp(session: PeerSession): void {
    const { outgoing, met, agreement } = session
    const { record, services, plan } = this.#pair
    services.reporter.say('HA_SYNC_SENT', { peer: session.name, rows: outgoing!.sentRows })
    if (!session.isRefilling) return
    session.isRefilling = false
    if (!session.isPartnerEmpty || met.peer !== plan.partner) return
    session.isPartnerEmpty = false
    const doubt = agreement.doubt || record.doubtUntil > services.now()
    session.say({ type: 'back', number: record.handOver, position: outgoing!.top, doubt })
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
          : this.#rows(session, message, now)
      if (trouble !== '') this.meetings.drop(met, trouble)
    })
  }

  #rows({ incoming }: PeerSession, bytes: Uint8Array, now: Instant): string {
    if (this.#pair.isStopping) return ''
    if (this.#pair.services.delivery.gathered > GATHERED_MAX)
      return 'rows come faster than they can be stored'
    if (this.#pair.merger.isFull) return 'too many rows of addresses in no subnet of this server'
    return incoming === undefined ? 'rows are not wanted' : incoming.frame(bytes, now)
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
    if (message.type === 'ack') this.#pair.settleWaiting()
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
    this.#pair.updateSharing()
  }

  #onLeaving(session: PeerSession, now: Instant): void {
    const { plan, contact, services } = this.#pair
    services.reporter.say('HA_PEER_LEAVES', { peer: session.name })
    if (session.met.peer === plan.partner) contact.leaving(now)
    this.meetings.drop(session.met, 'it stops in good order')
  }
}
