// High availability: this server as one of a pair. It holds the parts together and gives them their turns: who
// answers whom (the state machine and the contact), what may be given (rights-book.ts), for whom replies wait
// (ack-wait.ts), what is said to the other servers (conversations.ts). The rules are in lib/ha and lib/leases.

import type { Ipv4Range } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { MessageId } from '../../catalogue/messages.ts'
import type { Reason4 } from '../../catalogue/reasons.ts'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import type { Plan4 } from '../../config/plan/plan4.ts'
import { Contact } from '../../ha/contact.ts'
import { type Life, type Point, pointOf } from '../../ha/history.ts'
import { CHANGES_MAX } from '../../ha/limits.ts'
import { HaMachine } from '../../ha/machine.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type { Change, Lease } from '../../leases/lease.ts'
import type { LeaseTable } from '../../leases/table/lease-table.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import type { Link } from '../../ports/link.ts'
import type { LogFields } from '../../ports/log.ts'
import type { Draw } from '../../time/draw.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { Delivery } from '../delivery.ts'
import type { ServerEvent } from '../events.ts'
import type { KeptAddresses } from '../kept-addresses.ts'
import type { Reporter } from '../reporter.ts'
import type { PairFace } from '../service.ts'
import { AckWait, storeWaitOf } from './ack-wait.ts'
import { Conversations } from './conversations.ts'
import { HandOver } from './hand-over.ts'
import { Hellos } from './hellos.ts'
import { KeyRounds } from './key-rounds.ts'
import { Merger } from './merger.ts'
import { Orders } from './orders.ts'
import { type PairStatus, pairStatus } from './pair-status.ts'
import { PartnerTrouble } from './partner-trouble.ts'
import type { PeerSession } from './peer-session.ts'
import { randomName } from './random-name.ts'
import { RightsBook } from './rights-book.ts'
import { Stock } from './stock.ts'
import { StorageWatch } from './storage-watch.ts'
import { Streams } from './streams.ts'

/** So much later than planned means that the process was held up. */
const PAUSE: Millis = 1000

export interface PairServices {
  readonly link: Link
  readonly table: LeaseTable
  readonly kept: KeptAddresses
  readonly delivery: Delivery
  readonly reporter: Reporter
  readonly draw: Draw
  readonly now: () => Instant
  /** For how long this database has been served: what other servers hear of its clock. */
  readonly served: () => Instant
  readonly nextChange: () => number
  /** The last number that was used. */
  readonly lastChange: () => number
  /** The next change has a higher number than this. */
  readonly countFrom: (change: number) => void
  /** The plan in force: it changes with a reload. */
  readonly plan: () => Plan4
  readonly tell: (event: ServerEvent) => void
  /** Something has come that may have to be stored, sent or waited for. */
  readonly proceed: () => void
}

export class Pair implements PairFace {
  readonly plan: HaPlan
  readonly services: PairServices
  readonly machine: HaMachine
  contact: Contact
  readonly rightsBook: RightsBook
  readonly hellos: Hellos
  readonly streams: Streams
  readonly ackWait: AckWait
  readonly conversations: Conversations
  readonly storageWatch: StorageWatch
  readonly merger: Merger
  readonly keyRounds: KeyRounds
  readonly stock: Stock
  readonly handOver: HandOver
  readonly orders: Orders
  readonly partnerTrouble = new PartnerTrouble()
  /** Names this life of the process. */
  readonly instance: string
  /** Offered as the name of the pair if this is its first meeting. */
  readonly candidateId: string
  isStopping = false
  /** Positions that peers had stored when they were connected last. */
  readonly #storedUpTo = new Map<string, number>()
  #database = ''
  #position = 0
  /** The history as far as it is durable. */
  #lives: readonly Life[] = []
  #beatAt: Instant = 0
  #isOpen = false
  /** When the last turn wanted the next one. */
  #expectedAt: Instant = NEVER

  constructor(plan: HaPlan, services: PairServices) {
    this.plan = plan
    this.services = services
    this.instance = randomName(services.draw)
    this.candidateId = randomName(services.draw)
    this.machine = new HaMachine(plan, ({ from, to, why }) => {
      this.say('HA_STATE_TRANSITION', { from, to, why })
      if (to === 'partner-down') this.say('HA_PARTNER_DOWN', { partner: plan.partner?.name, why })
      services.tell({ kind: 'ha-state', from, to, why })
    })
    this.contact = new Contact(plan, services.now())
    this.rightsBook = new RightsBook(this)
    this.hellos = new Hellos(this)
    this.streams = new Streams(this)
    this.ackWait = new AckWait(this)
    this.conversations = new Conversations(this)
    this.storageWatch = new StorageWatch(services, this.conversations, storeWaitOf(plan))
    this.merger = new Merger(this)
    this.keyRounds = new KeyRounds(this)
    this.stock = new Stock(this)
    this.handOver = new HandOver(this)
    this.orders = new Orders(this)
    services.kept.onChange = () => this.conversations.tellHosts()
  }

  /** What this database knows of its pair. */
  get record(): PairRecord {
    return this.rightsBook.record
  }

  /** Change number up to which everything is durable here. */
  get position(): number {
    return this.#position
  }

  /** Where this database is in its history, as others may hear it; undefined: nobody was told of the life yet. */
  get point(): Point | undefined {
    return pointOf(this.#lives, this.#position)
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
    return this.rightsBook.isSharing
  }

  /** Logs what another server can cause. */
  say(id: MessageId, fields: LogFields): void {
    this.services.reporter.ofPeer(id, fields, this.services.now())
  }

  // ---- life

  /** The journal has been read: from here on the link works. */
  begin(info: JournalInfo): void {
    this.#database = info.database
    this.#position = info.change
    // The lease clock shows the time of this database only now.
    this.contact = new Contact(this.plan, this.services.now())
    this.rightsBook.begin(info)
    this.#warnOfNoRights()
    this.#isOpen = true
    this.services.link.open(this.conversations)
    this.turn()
  }

  #warnOfNoRights(): void {
    const { rights, noneBecause } = this.record
    const { partner } = this.plan
    if (rights === 'none' && partner !== undefined)
      this.services.reporter.say('HA_NO_RIGHTS', { partner: partner.name, because: noneBecause })
  }

  /** No more rows of others are taken: what is under way here comes to its end. */
  stopTaking(): void {
    this.isStopping = true
  }

  /** The journal does not store. */
  suspend(): void {
    this.storageWatch.isFailing = true
    this.storageWatch.update(this.services.now())
  }

  resume(): void {
    this.storageWatch.isFailing = false
    this.turn()
  }

  /** Whether the partner, when it was met last, had the same subnets and pools. */
  get isPartnerConfigKnown(): boolean {
    return this.conversations.partnerFingerprint === this.services.plan().fingerprint
  }

  /** A new plan is in force. Of other subnets or pools the partner hears at a new meeting. */
  planChanged(former: Plan4): void {
    this.merger.planChanged()
    this.conversations.meetings.renew()
    const isSame = this.services.plan().fingerprint === former.fingerprint
    if (isSame) this.conversations.tellLifetime(this.rightsBook.longestLifetime)
    else this.conversations.meetAnew('new configuration')
    this.#warnOfLifetimes()
  }

  /** Connected, the partner hears of them at once. */
  #warnOfLifetimes(): void {
    const { longest = NEVER } = this.services.table.rights
    const wanted = this.rightsBook.longestLifetime
    if (wanted > longest && !this.contact.isConnected(this.services.now()))
      this.services.reporter.say('HA_LIFETIME_WAITS', { lifetime: wanted, longest })
  }

  status(): PairStatus {
    return pairStatus(this, this.services.now())
  }

  /** Change numbers that a peer has not stored, as far as this server knows. */
  lagOf(name: string): number {
    // A backup has nothing to tell.
    if (this.plan.thisServer.role === 'backup') return 0
    const session = this.conversations.sessions.get(name)
    return this.#position - (session?.storedUpTo ?? this.#storedUpTo.get(name) ?? 0)
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

  admits(owner: number, ends: boolean): Reason4 | undefined {
    if (owner < 0) return 'no-client-identity'
    if (this.storageWatch.isAway) return 'journal-failed'
    if (this.machine.serves(owner)) return undefined
    // They end a lease that this server gave, or name another one: the service sees which.
    return ends && this.machine.row.needsRights ? undefined : 'not-in-scope'
  }

  watchesClients(now: Instant): boolean {
    return this.contact.isWatching(now)
  }

  heard(client: Octets, waited: Millis, now: Instant): void {
    if (this.contact.clientSeen(client, waited, now)) this.turn()
  }

  stamp(change: Change): Change {
    return this.rightsBook.stamp(change)
  }

  get awaitsClients(): boolean {
    return this.stock.isAwaited
  }

  noteNeed(client: Octets, wanted: readonly Ipv4Range[], now: Instant): void {
    if (wanted.length > 0) this.stock.lacks(client, wanted, now)
    else this.stock.served(client)
  }

  /** See DeliveryDuties.durable. */
  durable(rows: readonly Lease[], record: PairRecord | undefined): number {
    if (record !== undefined && record.lives !== this.#lives) {
      this.#lives = record.lives
      this.conversations.tellLife()
    }
    if (rows.length === 0) return 0
    // Not the last one's: a key that was given back between a number and its change comes first.
    for (const { change } of rows) this.#position = Math.max(this.#position, change)
    for (const { outgoing } of this.conversations.sessions.values())
      outgoing?.live(rows, this.#position)
    return this.ackWait.isWaiting ? this.#position : 0
  }

  // ---- time

  get deadline(): Instant {
    if (!this.#isOpen) return NEVER
    const { meetings, sessions } = this.conversations
    const beat = sessions.size === 0 ? NEVER : this.#beatAt
    const contact = this.contact.deadline(this.services.now())
    const rounds = this.isStopping ? NEVER : Math.min(this.keyRounds.deadline, this.stock.deadline)
    return Math.min(
      beat,
      contact,
      meetings.deadline,
      rounds,
      this.ackWait.deadline,
      this.storageWatch.deadline,
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
    this.storageWatch.update(now)
    const { withPartner, meetings, sessions } = this.conversations
    if (withPartner !== undefined && !this.contact.isConnected(now))
      this.ackWait.endDeaf(withPartner)
    this.ackWait.turn(now)
    meetings.turn(now)
    this.#step(now)
    if (now >= this.#beatAt) this.#beat(now)
    this.handOver.turn()
    for (const { outgoing } of sessions.values()) outgoing?.pump()
    if (!this.isStopping) this.keyRounds.turn(now)
    if (!this.isStopping) this.stock.turn(now)
    this.#expectedAt = this.deadline
  }

  #resumed(now: Instant): void {
    this.storageWatch.resumed(now)
    this.ackWait.resumed(now)
    this.contact.resumed(this.#expectedAt, now)
    for (const { outgoing } of this.conversations.sessions.values()) outgoing?.resumed(now)
  }

  // ---- the partner comes and goes

  onPartnerMet(session: PeerSession): void {
    const now = this.services.now()
    // Room is left to count on, whatever it says.
    this.services.countFrom(Math.min(session.met.theirs.highest ?? 0, CHANGES_MAX / 2))
    this.contact.opened(now)
    this.contact.told(session.state, [], now)
  }

  /** The streams of a session have been set up. */
  onStreams(session: PeerSession): void {
    if (session.met.peer !== this.plan.partner) return
    this.rightsBook.updateSharing()
    if (this.isSharing) this.keyRounds.startSharing()
  }

  onSessionLost({ met: { peer }, storedUpTo }: PeerSession): void {
    this.#storedUpTo.set(peer.name, storedUpTo)
    if (peer === this.plan.partner) {
      this.contact.closed(this.services.now())
      this.keyRounds.stop()
      this.handOver.lost()
      this.rightsBook.updateSharing()
    }
    this.ackWait.settle()
  }

  #step(now: Instant): void {
    this.contact.watchClients(this.machine.row.watchesClients)
    const partner = this.conversations.withPartner
    const isAlone = !this.plan.sendLeaseUpdates || partner?.hasUpdates === false
    const isSynced = isAlone || partner?.incoming?.isSynced === true
    const hasRights = this.services.table.rights.kind !== 'none'
    if (!this.machine.step(this.contact.situation(isSynced, hasRights, now))) return
    this.rightsBook.apply()
    this.#beat(now)
    this.ackWait.settle()
  }

  #beat(now: Instant): void {
    this.#beatAt = now + this.plan.heartbeatDelay
    this.conversations.beat(now)
  }
}
