// High availability: this server as one of a pair. It knows who answers whom (the state machine), what may
// be given (the record and the keys), and for which replies the other servers must be waited for. What is said
// to them is in conversations.ts; the rules are in lib/ha and lib/leases.

import type { HaPlan } from '../config/ha-plan.ts'
import type { Plan4 } from '../config/plan4.ts'
import { Contact } from '../ha/contact.ts'
import { ownerOf } from '../ha/hash.ts'
import { HaMachine } from '../ha/machine.ts'
import type { PairRecord } from '../ha/pair-record.ts'
import { initialRecord, recordAtStart, rightsOf } from '../ha/pair-steps.ts'
import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/lease-table.ts'
import { keysByCounters } from '../leases/rights.ts'
import type { Draw } from '../ports/clock.ts'
import type { JournalInfo } from '../ports/journal.ts'
import type { Link } from '../ports/link.ts'
import { type Instant, type Millis, NEVER, type Seconds } from '../time/units.ts'
import { MESSAGE_TYPE4, type Query4 } from '../wire/message4.ts'
import type { Reason4 } from '../wire/reasons.ts'
import { Absence } from './absence.ts'
import { Conversations } from './conversations.ts'
import type { Delivery } from './delivery.ts'
import type { ServerEvent } from './events.ts'
import { HandOver } from './hand-over.ts'
import { Merger } from './merger.ts'
import { Orders } from './orders.ts'
import { type PairStatus, pairStatus } from './pair-status.ts'
import { dropDeaf, dropLate, lateAt } from './patience.ts'
import type { PeerSession } from './peer-session.ts'
import { randomName } from './random-name.ts'
import type { Reporter } from './reporter.ts'
import { Rounds } from './rounds.ts'

const CLIENT_IDENTIFIER = 61

/** What a server has under each, the least first. */
const RIGHTS_ORDER = ['none', 'shared', 'sole'] as const

/** So much later than planned means that the process was held up. */
const PAUSE: Millis = 1000

export interface PairServices {
  readonly link: Link
  readonly table: LeaseTable
  readonly delivery: Delivery
  readonly reporter: Reporter
  readonly draw: Draw
  readonly now: () => Instant
  readonly nextChange: () => number
  /** The next change has a higher number than this. */
  readonly countFrom: (change: number) => void
  /** The plan in force: it changes with a reload. */
  readonly plan: () => Plan4
  readonly tell: (event: ServerEvent) => void
  /** Something has come that may have to be stored, sent or waited for. */
  readonly proceed: () => void
}

export class Pair {
  readonly plan: HaPlan
  readonly services: PairServices
  readonly machine: HaMachine
  contact: Contact
  readonly conversations: Conversations
  readonly absence: Absence
  readonly merger: Merger
  readonly rounds: Rounds
  readonly handOver: HandOver
  readonly orders: Orders
  /** Names this life of the process. */
  readonly instance: string
  /** Offered as the name of the pair if this is its first meeting. */
  readonly candidateId: string
  /** The owner of the message that `admits` looked at last. */
  owner = 0
  isStopping = false
  readonly #lastAcknowledged = new Map<string, number>()
  #record: PairRecord
  #database = ''
  #position = 0
  #beatAt: Instant = 0
  #isSharing = false
  #isOpen = false
  /** When the last turn wanted the next one. */
  #expectedAt: Instant = NEVER

  constructor(plan: HaPlan, services: PairServices) {
    this.plan = plan
    this.services = services
    this.#record = initialRecord(false, plan.thisServer.role)
    this.instance = randomName(services.draw)
    this.candidateId = randomName(services.draw)
    this.machine = new HaMachine(plan, ({ from, to, why }) => {
      services.reporter.say('HA_STATE_TRANSITION', { from, to, why })
      services.tell({ kind: 'ha-state', from, to, why })
    })
    this.contact = new Contact(plan, services.now())
    this.conversations = new Conversations(this)
    this.absence = new Absence(services.delivery, this.conversations, plan.maxAckDelay)
    this.merger = new Merger(this)
    this.rounds = new Rounds(this)
    this.handOver = new HandOver(this)
    this.orders = new Orders(this)
  }

  /** What this database knows of its pair. */
  get record(): PairRecord {
    return this.#record
  }

  /** Change number up to which everything is durable here. */
  get position(): number {
    return this.#position
  }

  get database(): string {
    return this.#database
  }

  /** From the reading of the journal to the beginning of the end. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether keys are shared with each grant: the partner is connected and both have their rights. */
  get isSharing(): boolean {
    return this.#isSharing
  }

  // ---- life

  /** The journal has been read: from here on the link works. */
  begin(info: JournalInfo): void {
    this.#database = info.database
    this.#position = info.change
    const record = recordAtStart(info.pair, info.change, this.plan.thisServer.role)
    if (record === info.pair) this.#record = record
    else this.change(record)
    // The lease clock shows the time of this database only now.
    this.contact = new Contact(this.plan, this.services.now())
    this.applyRights()
    this.#isOpen = true
    this.services.link.open(this.conversations)
    this.turn()
  }

  /** No more rows of others are taken: what is under way here comes to its end. */
  stopTaking(): void {
    this.isStopping = true
  }

  /** The journal does not store. */
  suspend(): void {
    this.absence.isFailing = true
    this.absence.update(this.services.now())
  }

  resume(): void {
    this.absence.isFailing = false
    this.turn()
  }

  /** No lease was or will be given for longer, as far as this server knows; seconds. */
  get longestLifetime(): Seconds {
    const { subnets } = this.services.plan()
    return subnets.reduce(
      (longest, { lifetime }) => Math.max(longest, lifetime.max),
      this.#record.longestLifetime,
    )
  }

  /** Whether the partner, when it was met last, had the same subnets and pools. */
  get isPartnerConfigKnown(): boolean {
    return this.conversations.partnerFingerprint === this.services.plan().fingerprint
  }

  /** Subnets or pools have changed: the partner hears of it at a new meeting. */
  planChanged(): void {
    this.merger.planChanged()
    this.conversations.meetAnew('new configuration')
  }

  status(): PairStatus {
    return pairStatus(this, this.services.now())
  }

  /** Change numbers that a peer which is not connected is known to lack. */
  lagOf(name: string): number {
    return this.#position - (this.#lastAcknowledged.get(name) ?? 0)
  }

  /** This server leaves in good order: every reply has left. */
  leave(done: () => void): void {
    if (!this.#isOpen) return done()
    this.#isOpen = false
    this.orders.end()
    this.conversations.leave()
    this.services.link.close(done)
  }

  // ---- clients

  /** Why a message is not for this server at present; undefined where it is. Notes `owner`. */
  admits(query: Query4, now: Instant): Reason4 | undefined {
    const clientId = query.octets(CLIENT_IDENTIFIER)
    this.owner = ownerOf(this.plan, clientId, query.hwAddress)
    if (this.owner < 0) return 'no-client-identity'
    if (this.services.table.rights.kind === 'none') return 'no-rights'
    if (this.absence.isAway) return 'journal-failed'
    if (this.machine.serves(this.owner)) return undefined
    // They end a lease that this server gave, or name another one: the engine sees which.
    const ends = query.type === MESSAGE_TYPE4.release || query.type === MESSAGE_TYPE4.decline
    if (ends && this.machine.row.needsRights) return undefined
    if (this.contact.isConnected(now)) return 'not-in-scope'
    if (this.contact.clientSeen(`${query.hwAddress}/${clientId}`, query.secs, now)) this.turn()
    return 'not-in-scope'
  }

  /** A change of the engine with what the pair must know of it (ha-safety rules 4a and 6). */
  stamp(change: Change): Change {
    // Before the first meeting nobody knows which side this server is.
    if (change.kind !== 'put' || this.#record.pairId === '') return change
    const { lease } = change
    if (lease.state !== LEASE_STATE.assigned)
      return { kind: 'put', lease: { ...lease, knew: this.#knew() } }
    if (lease.validLifetime > this.#record.longestLifetime)
      this.change({ ...this.#record, longestLifetime: lease.validLifetime })
    const keys = keysByCounters(lease.address, this.#record.side, lease.gave, lease.got)
    const got = this.#record.rights === 'sole' && keys === 0 ? lease.got + 2 : lease.got
    const gave = this.#isSharing && keys === 2 ? lease.gave + 1 : lease.gave
    if (got === lease.got && gave === lease.gave) return change
    return { kind: 'put', lease: { ...lease, gave, got } }
  }

  /** See DeliveryDuties.durable. */
  durable(rows: readonly Lease[]): number {
    if (rows.length === 0) return 0
    // Not the last one's: a key that was given back between a number and its change comes first.
    for (const { change } of rows) this.#position = Math.max(this.#position, change)
    for (const { outgoing } of this.conversations.sessions.values())
      outgoing?.live(rows, this.#position)
    return this.#awaited().length === 0 ? 0 : this.#position
  }

  // ---- time

  get deadline(): Instant {
    if (!this.#isOpen) return NEVER
    const { meetings, sessions } = this.conversations
    const beat = sessions.size === 0 ? NEVER : this.#beatAt
    const contact = this.contact.deadline(this.services.now())
    const rounds = this.isStopping ? NEVER : this.rounds.deadline
    return Math.min(
      beat,
      contact,
      meetings.deadline,
      rounds,
      lateAt(this.#awaited(), this.plan),
      this.absence.deadline,
    )
  }

  /** To be called first whenever something happens: whether the process was held up shows then. */
  wakeUp(): Instant {
    const now = this.services.now()
    if (now > this.#expectedAt + PAUSE) this.#resumed(now)
    this.#expectedAt = Number.POSITIVE_INFINITY
    return now
  }

  /** Whatever is due: called at the end of every batch and when `deadline` has come. */
  turn(): void {
    if (!this.#isOpen) return
    const now = this.wakeUp()
    this.absence.update(now)
    const { withPartner, meetings, sessions } = this.conversations
    if (withPartner !== undefined && !this.contact.isConnected(now))
      meetings.drop(withPartner.met, 'nothing that was sent is heard there')
    dropDeaf(this.conversations)
    dropLate(this.#awaited(), this.plan, meetings, now)
    meetings.turn(now)
    this.#step(now)
    if (now >= this.#beatAt) this.#beat(now)
    this.handOver.turn()
    for (const { outgoing } of sessions.values()) outgoing?.pump()
    if (!this.isStopping) this.rounds.turn(now)
    this.#expectedAt = this.deadline
  }

  #resumed(now: Instant): void {
    this.absence.resumed(now)
    this.contact.resumed(this.#expectedAt, now)
    for (const { outgoing } of this.conversations.sessions.values()) outgoing?.resumed(now)
  }

  // ---- the record

  /**
   * Stores a new record with the next batch; `then` is called when it is durable. Rights that shrink do so at
   * once, those that grow when `then` applies them.
   */
  change(record: PairRecord, then?: () => void): void {
    const former = this.#record
    this.#record = record
    this.services.delivery.store(record)
    if (RIGHTS_ORDER.indexOf(record.rights) < RIGHTS_ORDER.indexOf(former.rights))
      this.applyRights()
    if (then !== undefined) this.services.delivery.note(then)
  }

  /** Lets the lease table judge by the record. */
  applyRights(): void {
    const { table } = this.services
    const rights = rightsOf(this.#record, this.plan)
    const takesAll = this.plan.whenSilent === 'available' && this.machine.state === 'partner-down'
    table.setRights(takesAll && rights.kind === 'keys' ? { ...rights, kind: 'all' } : rights)
    this.updateSharing()
  }

  // ---- the partner comes and goes

  onPartnerMet(session: PeerSession): void {
    const now = this.services.now()
    // No honest database has counted so far: room is left to count on.
    this.services.countFrom(Math.min(session.met.theirs.highest ?? 0, 2 ** 52))
    this.contact.opened(now)
    this.contact.told(session.state, [], now)
  }

  /** The streams of a session have been set up. */
  onStreams(session: PeerSession): void {
    if (session.met.peer !== this.plan.partner) return
    this.updateSharing()
    if (this.#isSharing) this.rounds.startSharing()
  }

  onSessionLost({ met: { peer }, outgoing }: PeerSession): void {
    if (outgoing !== undefined) this.#lastAcknowledged.set(peer.name, outgoing.acknowledgedUpTo)
    if (peer === this.plan.partner) {
      this.contact.closed(this.services.now())
      this.rounds.stop()
      this.handOver.lost()
      this.updateSharing()
    }
    this.settleWaiting()
  }

  /** Sharing begins and ends with contact and rights. */
  updateSharing(): void {
    const isSharing =
      this.plan.sendLeaseUpdates &&
      this.#record.rights === 'shared' &&
      this.conversations.withPartner?.outgoing !== undefined &&
      this.contact.isConnected(this.services.now())
    if (isSharing === this.#isSharing) return
    this.#isSharing = isSharing
    this.services.table.setSharing(isSharing)
  }

  /** Replies leave as far as those that are waited for have stored their rows. */
  settleWaiting(): void {
    const awaited = this.#awaited()
    if (awaited.length === 0) return this.services.delivery.releaseWaiting()
    const upTo = Math.min(...awaited.map(({ outgoing }) => outgoing!.acknowledgedUpTo))
    this.services.delivery.acknowledged(upTo)
  }

  /** Position of the partner's stream that is stored here. */
  #knew(): number {
    return this.#record.applied[this.#record.partnerDatabase] ?? 0
  }

  /** Sessions whose acknowledgements are waited for at present. */
  #awaited(): PeerSession[] {
    const now = this.services.now()
    return [...this.conversations.sessions.values()].filter(({ met, outgoing }) => {
      if (outgoing === undefined) return false
      if (met.peer !== this.plan.partner) return this.plan.waitBackupAck
      return this.machine.row.awaitsPartner && this.contact.isConnected(now)
    })
  }

  #step(now: Instant): void {
    this.contact.watchClients(this.machine.row.watchesClients)
    const isAlone = !this.plan.sendLeaseUpdates
    const isSynced = isAlone || this.conversations.withPartner?.incoming?.isSynced === true
    const hasRights = this.services.table.rights.kind !== 'none'
    if (!this.machine.step(this.contact.situation(isSynced, hasRights, now))) return
    this.applyRights()
    this.#beat(now)
    this.settleWaiting()
  }

  #beat(now: Instant): void {
    this.#beatAt = now + this.plan.heartbeatDelay
    this.conversations.beat(now)
  }
}
