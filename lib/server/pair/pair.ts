// High availability: this server as one of a pair. It makes the parts, gives each what it needs, and gives them their
// turns: who answers whom (the state machine and the contact), what may be given (rights-book.ts), for whom replies
// wait (ack-wait.ts), what is said to the other servers (conversations.ts). The rules are in lib/ha and lib/leases.

import type { Ipv4Range } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Reason4 } from '../../catalogue/reasons.ts'
import type { HaPlan, HaState } from '../../config/plan/ha-plan.ts'
import type { Plan4 } from '../../config/plan/plan4.ts'
import { Contact } from '../../ha/contact.ts'
import { HaMachine } from '../../ha/machine.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type { Change, Lease } from '../../leases/lease.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { PairFace } from '../service.ts'
import { AckWait, storeWaitOf } from './ack-wait.ts'
import { Conversations } from './conversations.ts'
import { DatabasePosition } from './database-position.ts'
import { ErrorBoundary } from './error-boundary.ts'
import { HandOver } from './hand-over.ts'
import { Hellos } from './hellos.ts'
import { KeyRounds } from './key-rounds.ts'
import { LinkDispatch } from './link-dispatch.ts'
import { Meetings } from './meetings.ts'
import { Merger } from './merger.ts'
import { Orders } from './orders.ts'
import type { PairServices } from './pair-services.ts'
import { type PairStatus, pairStatus } from './pair-status.ts'
import { PartnerTrouble } from './partner-trouble.ts'
import { PeerPresence } from './peer-presence.ts'
import type { PeerSession } from './peer-session.ts'
import { RightsBook } from './rights-book.ts'
import { Sessions } from './sessions.ts'
import { Stock } from './stock.ts'
import { StorageWatch } from './storage-watch.ts'
import { Streams } from './streams.ts'

/** So much later than planned means that the process was held up. */
const PAUSE: Millis = 1000

export class Pair implements PairFace {
  readonly plan: HaPlan
  readonly services: PairServices
  readonly machine: HaMachine
  readonly contact: Contact
  readonly database = new DatabasePosition()
  readonly partnerTrouble = new PartnerTrouble()
  readonly sessions: Sessions
  readonly rightsBook: RightsBook
  readonly meetings: Meetings
  readonly ackWait: AckWait
  readonly storageWatch: StorageWatch
  readonly keyRounds: KeyRounds
  readonly merger: Merger
  readonly stock: Stock
  readonly streams: Streams
  readonly handOver: HandOver
  readonly orders: Orders
  readonly presence: PeerPresence
  readonly conversations: Conversations
  readonly #link: LinkDispatch
  #beatAt: Instant = 0
  #isOpen = false
  #isStopping = false
  /** When the last turn wanted the next one. */
  #expectedAt: Instant = NEVER

  /** A part is given those that were made before it; what it asks of the others are duties, written below. */
  constructor(plan: HaPlan, services: PairServices) {
    this.plan = plan
    this.services = services
    this.machine = new HaMachine(plan, ({ from, to, why }) => this.#tellState(from, to, why))
    this.contact = new Contact(plan, services.now())
    this.sessions = new Sessions(plan)
    const { machine, contact, database, partnerTrouble, sessions } = this
    this.rightsBook = new RightsBook(plan, services, {
      isMet: () => sessions.size > 0,
      reachesPartner: () => this.#reachesPartner,
      isPartnerDown: () => machine.state === 'partner-down',
      took: (subnetId) => this.stock.took(subnetId),
    })
    const { rightsBook } = this
    const hellos = new Hellos(plan, services, rightsBook, database, () => machine.state)
    const boundary = new ErrorBoundary(services, (connection, reason) =>
      this.meetings.end(connection, reason),
    )
    this.presence = new PeerPresence(
      plan,
      services,
      { boundary, contact, partnerTrouble, rightsBook, sessions },
      {
        begin: (session) => this.conversations.begin(session),
        lost: (session) => this.#lost(session),
      },
    )
    const { presence } = this
    this.meetings = new Meetings(plan, services.link, {
      now: services.now,
      isReady: () => hellos.isReady,
      hello: () => hellos.make(),
      isReplaced: (hello) => hellos.isReplaced(hello),
      isCurrent: (hello) => hellos.isCurrent(hello),
      judge: (mine, theirs) => hellos.judge(mine, theirs),
      met: (met) => presence.met(met),
      lost: (met, reason) => presence.lost(met, reason),
      dialFailed: (peer, failure, detail) => presence.dialFailed(peer, failure, detail),
      unanswered: (peer) => presence.unanswered(peer),
      refused: (who, reason) => presence.refused(who, reason),
      away: (peer) => presence.away(peer),
      isWaitedFor: (peer) => presence.isWaitedFor(peer),
      contain: (connection, action) => boundary.run(connection, '', action),
    })
    const { meetings } = this
    const ends = {
      drop: ({ met }: PeerSession, reason: string) => meetings.drop(met, reason),
      turnAway: ({ met }: PeerSession, reason: string) => meetings.turnAway(met, reason),
      turnedAway: ({ met }: PeerSession, reason: string) => meetings.turnedAway(met, reason),
      meetAnew: (why: string) => meetings.meetAnew(why),
    }
    const begun = (session: PeerSession) => this.#begun(session)
    this.ackWait = new AckWait(plan, services, sessions, {
      ...ends,
      awaitsPartner: (now) => machine.row.awaitsPartner && contact.isConnected(now),
      partnerStuck: (now) => contact.stuck(now),
    })
    this.storageWatch = new StorageWatch(services, storeWaitOf(plan), {
      hasPartner: () => sessions.withPartner !== undefined,
      leave: () => this.#leaveOthers(),
      comeBack: () => meetings.open(),
    })
    this.keyRounds = new KeyRounds(services, rightsBook, sessions)
    const { ackWait, keyRounds } = this
    this.merger = new Merger(plan, services, rightsBook, (address) => keyRounds.share(address))
    this.stock = new Stock(plan, services, rightsBook, sessions)
    this.streams = new Streams(plan, services, rightsBook, database, this.merger)
    const { stock, streams } = this
    this.handOver = new HandOver(
      plan,
      services,
      { machine, rightsBook, database, sessions, streams, keyRounds },
      { ...ends, begun },
    )
    const { handOver } = this
    this.orders = new Orders(
      plan,
      services,
      { machine, rightsBook, sessions, handOver, partnerTrouble },
      { ...ends, isOpen: () => this.#isOpen, dialAnew: () => meetings.renew() },
    )
    const heard = { machine, contact, database, partnerTrouble, sessions, rightsBook, boundary }
    this.conversations = new Conversations(
      plan,
      services,
      { ...heard, ackWait, handOver, stock, streams },
      { ...ends, begun, turn: () => this.turn() },
    )
    const { conversations } = this
    this.#link = new LinkDispatch(
      plan,
      services,
      { boundary, conversations, meetings, partnerTrouble, sessions },
      () => this.#wakeUp(),
    )
    services.kept.onChange = () => conversations.tellHosts()
  }

  /** What this database knows of its pair. */
  get record(): PairRecord {
    return this.rightsBook.record
  }

  /** From the reading of the journal to the beginning of the end. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether leases are told to the partner as they are given, and it is there. */
  get #reachesPartner(): boolean {
    const partner = this.sessions.withPartner
    const isTold = partner?.hasUpdates === true && partner.outgoing !== undefined
    return isTold && this.contact.isConnected(this.services.now())
  }

  #tellState(from: HaState, to: HaState, why: string): void {
    const { reporter, now, tell } = this.services
    reporter.ofPeer('HA_STATE_TRANSITION', { from, to, why }, now())
    const partner = this.plan.partner?.name
    if (to === 'partner-down') reporter.ofPeer('HA_PARTNER_DOWN', { partner, why }, now())
    tell({ kind: 'ha-state', from, to, why })
  }

  // ---- life

  /** The journal has been read: from here on the link works. */
  begin(info: JournalInfo): void {
    this.database.begin(info)
    // The lease clock shows the time of this database only now.
    this.contact.begin(this.services.now())
    this.rightsBook.begin(info)
    this.#warnOfNoRights()
    this.#isOpen = true
    this.services.link.open(this.#link)
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
    this.#isStopping = true
    this.streams.stopTaking()
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

  get isPartnerConfigKnown(): boolean {
    return this.presence.isPartnerConfigKnown
  }

  get configDiffers(): boolean {
    return this.presence.configDiffers
  }

  /** A new plan is in force. Of other subnets or pools the partner hears at a new meeting. */
  planChanged(former: Plan4): void {
    this.merger.planChanged()
    this.meetings.renew()
    const isSame = this.services.plan().fingerprint === former.fingerprint
    if (isSame) this.conversations.tellLifetime(this.rightsBook.longestLifetime)
    else this.meetings.meetAnew('new configuration')
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

  /** This server leaves in good order: every reply has left. */
  leave(done: () => void): void {
    if (!this.#isOpen) return done()
    this.#isOpen = false
    this.orders.end()
    this.#leaveOthers()
    this.services.link.close(done)
  }

  #leaveOthers(): void {
    this.conversations.tellLeaving()
    this.meetings.close()
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
    if (record !== undefined && this.database.stored(record)) this.conversations.tellLife()
    if (rows.length === 0) return 0
    this.database.storedRows(rows)
    const { position } = this.database
    for (const { outgoing } of this.sessions) outgoing?.live(rows, position)
    return this.ackWait.isWaiting ? position : 0
  }

  // ---- time

  get deadline(): Instant {
    if (!this.#isOpen) return NEVER
    const beat = this.sessions.size === 0 ? NEVER : this.#beatAt
    const contact = this.contact.deadline(this.services.now())
    const rounds = this.#isStopping ? NEVER : Math.min(this.keyRounds.deadline, this.stock.deadline)
    return Math.min(
      beat,
      contact,
      this.meetings.deadline,
      rounds,
      this.ackWait.deadline,
      this.storageWatch.deadline,
    )
  }

  /** To be called first whenever something happens: whether the process was held up shows then. */
  #wakeUp(): Instant {
    const now = this.services.now()
    if (now > this.#expectedAt + PAUSE) this.#resumed(now)
    this.#expectedAt = Number.POSITIVE_INFINITY
    return now
  }

  /** Whatever is due: called at the end of every batch and when `deadline` has come. */
  turn(): void {
    if (!this.#isOpen) return
    const now = this.#wakeUp()
    this.storageWatch.update(now)
    const { withPartner } = this.sessions
    if (withPartner !== undefined && !this.contact.isConnected(now))
      this.ackWait.endDeaf(withPartner)
    this.ackWait.turn(now)
    this.meetings.turn(now)
    this.#step(now)
    if (now >= this.#beatAt) this.#beat(now)
    this.handOver.turn()
    for (const { outgoing } of this.sessions) outgoing?.pump()
    if (!this.#isStopping) this.keyRounds.turn(now)
    if (!this.#isStopping) this.stock.turn(now)
    this.#expectedAt = this.deadline
  }

  #resumed(now: Instant): void {
    this.storageWatch.resumed(now)
    this.ackWait.resumed(now)
    this.contact.resumed(this.#expectedAt, now)
    for (const { outgoing } of this.sessions) outgoing?.resumed(now)
  }

  // ---- the partner comes and goes

  /** The streams of a session have been set up. */
  #begun(session: PeerSession): void {
    if (session.met.peer !== this.plan.partner) return
    this.rightsBook.updateSharing()
    if (this.rightsBook.isSharing) this.keyRounds.startSharing()
  }

  #lost({ met: { peer } }: PeerSession): void {
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
    const partner = this.sessions.withPartner
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
