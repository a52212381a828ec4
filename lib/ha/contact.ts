// What is known of the partner's life, and from when on its clients may be served from here. A
// frame that arrives proves nothing about the other direction, so contact is what the partner
// echoes; and whatever is not known ends in a takeover after a time that can be told beforehand.
//
//   last echo ---------------- + max-response-delay -------- + max-response-delay + max-ack-delay
//   connected                  | silent; takeover here, or     | takeover at the latest
//                              | when enough clients wait      |
//   link closed: not connected at once. Refused, left: takeover at once.

import type { Octets } from '../bytes/octets.ts'
import type { HaPlan, HaState } from '../config/plan/ha-plan.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import {
  type ContactFacts,
  type ContactKind,
  DIAL_AFTER,
  type DialFailure,
  kindOf,
} from './contact-kinds.ts'
import { type ContactReport, contactWords } from './contact-report.ts'
import type { PartnerState, Situation } from './situation.ts'
import { WaitingClients } from './waiting-clients.ts'

/** States in which a partner is on its way and serves nobody. */
const ON_ITS_WAY: ReadonlySet<HaState> = new Set(['waiting', 'syncing'])

/** Of a partner that has said hello. */
const PRESENT = { hasLeft: false, isStuck: false } as const

type Facts = { -readonly [Key in keyof ContactFacts]: ContactFacts[Key] }

export class Contact {
  readonly #plan: HaPlan
  readonly #clients: WaitingClients
  readonly #facts: Facts = { ...{ link: 'never', isEchoed: false, dial: 'none' }, ...PRESENT }
  #heardAt: Instant = 0
  #closedAt: Instant = 0
  /** Until then the last echo counts. */
  #freshUntil: Instant = 0
  /** Then, at the latest, silence is enough. */
  #silenceEnd: Instant = 0
  /** When the partner refused or left. */
  #goneAt: Instant = 0
  /** When a partner on its way takes too long; NEVER: it is not on its way. */
  #slowAt: Instant = NEVER
  #watchesClients = false
  #state: HaState | '' = ''
  #scopes: readonly string[] = []

  /** Time is any that never jumps. The partner's silence begins with this process. */
  constructor(plan: HaPlan, now: Instant) {
    this.#plan = plan
    this.#clients = new WaitingClients(plan)
    this.begin(now)
  }

  /** The clock shows the time of this database only now. */
  begin(now: Instant): void {
    this.#heardAt = now
    this.#listenFrom(now)
  }

  /** A link is up: both have said hello. It replaces the former one. */
  opened(now: Instant): void {
    this.#facts.link = 'open'
    Object.assign(this.#facts, PRESENT)
    this.heard(now)
    this.#listenFrom(now)
    this.#clients.clear()
  }

  /** A valid frame came. */
  heard(now: Instant): void {
    if (this.#facts.link !== 'open') return
    this.#heardAt = now
    this.#facts.dial = 'none'
  }

  /**
   * The partner has proved that it received a frame of this server. `sentAt`: when that was sent,
   * so that a proof that lay in the kernel during a pause is worth no more than it is.
   */
  echoed(sentAt: Instant): void {
    const isNewer = sentAt + this.#plan.maxResponseDelay > this.#freshUntil
    if (this.#facts.link !== 'open' || !isNewer) return
    this.#listenFrom(sentAt)
    this.#clients.clear()
  }

  /** The partner told its state, in a hello or a heartbeat. */
  told(state: HaState, scopes: readonly string[], now: Instant): void {
    this.#state = state
    this.#scopes = scopes
    if (!ON_ITS_WAY.has(state)) this.#slowAt = NEVER
    else if (this.#slowAt === NEVER) this.#slowAt = now + this.#plan.maxResponseDelay
  }

  /** The link has ended. Not for one that a newer link has replaced. */
  closed(now: Instant): void {
    if (this.#facts.link !== 'open') return
    this.#facts.link = 'closed'
    this.#closedAt = now
  }

  dialFailed(failure: DialFailure, now: Instant): void {
    const former = this.#facts.dial
    this.#facts.dial = DIAL_AFTER[former][failure]
    if (former !== 'refused' && !this.#isGone) this.#goneAt = now
  }

  /** The partner said that it stops, and has sent all its replies. */
  leaving(now: Instant): void {
    if (!this.#isGone) this.#goneAt = now
    this.#facts.hasLeft = true
  }

  /** The partner has not stored for too long what it was sent: who cannot store serves nobody. */
  stuck(now: Instant): void {
    if (!this.#isGone) this.#goneAt = now
    this.#facts.isStuck = true
  }

  /**
   * A client of the partner sent a message; `client` names it, and it says that it has `waited` so
   * long. Returns whether this ends the waiting for more such clients: then it is time for a step.
   */
  clientSeen(client: Octets, waited: Millis, now: Instant): boolean {
    if (!this.isWatching(now)) return false
    const wereEnough = this.#areEnough()
    this.#clients.note(client, waited)
    return !wereEnough && this.#areEnough()
  }

  /** Whether clients of the partner are of interest at present. */
  isWatching(now: Instant): boolean {
    return this.#watchesClients && !this.isConnected(now)
  }

  /**
   * Whether the server is in a state that watches clients (StateRow); else silence alone decides.
   */
  watchClients(isOn: boolean): void {
    this.#watchesClients = isOn
  }

  /**
   * This process was paused, and nothing was read meanwhile: to be called before anything else when
   * it notices. `pausedAt`: its last turn, or when the next one was due. What was not over before
   * is judged by what comes within a heartbeat from now.
   */
  resumed(pausedAt: Instant, now: Instant): void {
    const until = now + this.#plan.heartbeatDelay
    const held = (at: Instant) => (at >= pausedAt && at < until ? until : at)
    this.#freshUntil = held(this.#freshUntil)
    this.#silenceEnd = held(this.#silenceEnd)
    this.#slowAt = held(this.#slowAt)
  }

  kind(now: Instant): ContactKind {
    this.#facts.isEchoed = now < this.#freshUntil
    return kindOf(this.#facts)
  }

  /** Replies wait for acknowledgements, and keys may move. */
  isConnected(now: Instant): boolean {
    return this.kind(now) === 'connected'
  }

  /** The partner's clients may be served from here. */
  isDown(now: Instant): boolean {
    const takeoverAt = this.takeoverAt(now)
    return takeoverAt !== undefined && takeoverAt <= now
  }

  /**
   * Since when, or from when on, they may be, if nothing else happens; undefined while connected.
   */
  takeoverAt(now: Instant): Instant | undefined {
    const kind = this.kind(now)
    if (kind === 'connected') return undefined
    if (kind === 'refused' || kind === 'left') return this.#goneAt
    return this.#needsClients() && !this.#areEnough() ? this.#silenceEnd : this.#freshUntil
  }

  /** When an answer changes next if nothing happens before; NEVER: it stays. */
  deadline(now: Instant): Instant {
    const takeoverAt = this.takeoverAt(now)
    if (takeoverAt !== undefined) return takeoverAt > now ? takeoverAt : NEVER
    return this.#slowAt > now ? Math.min(this.#freshUntil, this.#slowAt) : this.#freshUntil
  }

  /** The facts of a step of the machine; the two others are for the caller to know. */
  situation(isSynced: boolean, hasRights: boolean, now: Instant): Situation {
    const isConnected = this.isConnected(now)
    return {
      partner: this.#partner(now),
      isConnected,
      isDown: this.isDown(now),
      isPartnerSlow: isConnected && this.#slowAt <= now,
      contact: this.words(now),
      isSynced,
      hasRights,
    }
  }

  /** What is known, for people: `the partner refused the connection`. */
  words(now: Instant): string {
    const silence = Math.max(0, now - this.#heardAt)
    return contactWords(this.kind(now), this.#facts, {
      silence,
      isHeard: this.#facts.link === 'open' && silence < 2 * this.#plan.heartbeatDelay,
      sinceClosed: this.#facts.link === 'closed' ? Math.max(0, now - this.#closedAt) : undefined,
      unacked: this.#clients.unacked,
    })
  }

  report(now: Instant): ContactReport {
    const isConnected = this.isConnected(now)
    const takeoverAt = this.takeoverAt(now)
    const { maxUnackedClients } = this.#plan
    const isWaiting = !isConnected && this.#needsClients() && !this.#areEnough()
    return {
      kind: this.kind(now),
      age: Math.max(0, Math.floor((now - this.#heardAt) / 1000)),
      inTouch: isConnected,
      communicationInterrupted: !isConnected,
      lastState: this.#state,
      lastScopes: this.#scopes,
      analyzedPackets: this.#clients.analyzed,
      connectingClients: this.#clients.connecting,
      unackedClients: this.#clients.unacked,
      unackedClientsLeft: isWaiting ? maxUnackedClients - this.#clients.unacked + 1 : 0,
      takeoverIn: takeoverAt === undefined ? undefined : Math.max(0, takeoverAt - now),
    }
  }

  get #isGone(): boolean {
    return this.#facts.hasLeft || this.#facts.isStuck
  }

  #listenFrom(now: Instant): void {
    const { maxResponseDelay, maxAckDelay } = this.#plan
    this.#freshUntil = now + maxResponseDelay
    this.#silenceEnd = now + 2 * maxResponseDelay + maxAckDelay
  }

  #partner(now: Instant): PartnerState {
    const kind = this.kind(now)
    if (kind === 'never') return 'unknown'
    return kind === 'connected' && this.#state !== '' ? this.#state : 'unavailable'
  }

  /**
   * A hot-standby primary hears no clients of its standby, so it cannot count them. Kea does the
   * same.
   */
  #needsClients(): boolean {
    const { mode, thisServer, maxUnackedClients } = this.#plan
    const hearsOthers = mode === 'load-balancing' || thisServer.role === 'standby'
    return this.#watchesClients && maxUnackedClients > 0 && hearsOthers
  }

  #areEnough(): boolean {
    return this.#clients.unacked > this.#plan.maxUnackedClients
  }
}
