// High availability: this server as one of a pair. It has the parts (pair-parts.ts) put together
// and gives them their turns: who answers whom (the state machine and the contact), what may be
// given (rights-book.ts), for whom replies wait (ack-wait.ts), what is said to the other servers
// (conversations.ts). The rules are in lib/ha and lib/leases.

import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { CommonReason } from '../../catalogue/common-reasons.ts'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Contact } from '../../ha/contact.ts'
import type { HaMachine } from '../../ha/machine.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type { Key, Range } from '../../leases/keys/key.ts'
import type { Change } from '../../leases/lease.ts'
import type { JournalInfo } from '../../ports/journal.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import type { Stored } from '../batch.ts'
import { tuningOf } from '../same-plan.ts'
import type { PairFace } from '../service.ts'
import type { DatabasePosition } from './database-position.ts'
import type { EditExchange } from './edit-exchange.ts'
import type { HandOver } from './hand-over.ts'
import type { Merger } from './merger.ts'
import type { NameExchange } from './name-exchange.ts'
import type { Orders } from './orders.ts'
import { type PairParts, pairParts } from './pair-parts.ts'
import type { PairServices } from './pair-services.ts'
import { type PairStatus, pairStatus } from './pair-status.ts'
import { PairTurns } from './pair-turns.ts'
import type { PartnerTrouble } from './partner-trouble.ts'
import type { PeerSession } from './peer-session.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'
import type { Stock } from './stock.ts'
import type { StorageWatch, SwitchedOff } from './storage-watch.ts'
import type { Streams } from './streams.ts'

export class Pair implements PairFace {
  readonly plan: HaPlan
  readonly services: PairServices
  readonly machine: HaMachine
  readonly contact: Contact
  readonly database: DatabasePosition
  readonly partnerTrouble: PartnerTrouble
  readonly sessions: Sessions
  readonly rightsBook: RightsBook
  readonly storageWatch: StorageWatch
  readonly merger: Merger
  readonly stock: Stock
  readonly handOver: HandOver
  readonly streams: Streams
  readonly orders: Orders
  readonly edits: EditExchange
  readonly names: NameExchange
  readonly #parts: PairParts
  readonly #turns: PairTurns
  #isOpen = false

  constructor(plan: HaPlan, services: PairServices) {
    // The parts read it whenever they need it: see `tune`.
    const own = { ...plan }
    this.plan = own
    this.services = services
    const parts = pairParts(own, services, {
      isOpen: () => this.#isOpen,
      wakeUp: () => this.#turns.wakeUp(),
      turn: () => this.turn(),
      begun: (session) => this.#begun(session),
      lost: (session) => this.#lost(session),
      leaveOthers: () => this.#leaveOthers(),
    })
    this.machine = parts.machine
    this.contact = parts.contact
    this.database = parts.database
    this.partnerTrouble = parts.partnerTrouble
    this.sessions = parts.sessions
    this.rightsBook = parts.rightsBook
    this.storageWatch = parts.storageWatch
    this.merger = parts.merger
    this.stock = parts.stock
    this.handOver = parts.handOver
    this.streams = parts.streams
    this.orders = parts.orders
    this.edits = parts.edits
    this.names = parts.names
    this.#parts = parts
    this.#turns = new PairTurns(own, services, parts)
    for (const kept of services.kept.values())
      kept.onChange = () => this.#parts.conversations.tellHosts()
  }

  /** What this database knows of its pair. */
  get record(): PairRecord {
    return this.rightsBook.record
  }

  /** From the reading of the journal to the beginning of the end. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  // ---- life

  /** The journal has been read: from here on the link works. */
  begin(info: JournalInfo): void {
    this.database.begin(info)
    // The lease clock shows the time of this database only now.
    this.contact.begin(this.services.now())
    this.names.start(this.services.now())
    this.rightsBook.begin(info)
    this.#isOpen = true
    this.services.link.open(this.#parts.link)
    this.turn()
  }

  /** No more rows of others are taken: what is under way here comes to its end. */
  stopTaking(): void {
    this.#turns.isStopping = true
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

  /** The service was switched off, or on again. */
  switched(off: SwitchedOff): void {
    this.storageWatch.off = off
    this.turn()
  }

  get isPartnerConfigKnown(): boolean {
    return this.#parts.presence.isPartnerConfigKnown
  }

  get isPartnerSharing(): boolean {
    return this.rightsBook.isSharing && this.isPartnerConfigKnown
  }

  knowsAll(now: Instant): boolean {
    return this.sessions.withPartner?.carriesRows === true && this.contact.isConnected(now)
  }

  get configDiffers(): boolean {
    return this.#parts.presence.configDiffers
  }

  /** The file says otherwise how long is waited. What waits already may be due sooner. */
  tune(plan: HaPlan): void {
    Object.assign(this.plan, tuningOf(plan))
    this.#turns.beatWithin(plan.heartbeatDelay)
  }

  /** A new plan is in force. Other subnets, pools and DUIDs are told at a new meeting. */
  planChanged(former: Plan): void {
    this.merger.planChanged()
    this.#parts.meetings.renew()
    const duid = hexFromOctets(this.services.serverDuid())
    const isNamed = [...this.sessions].every(({ met }) => (met.mine.serverDuid ?? '') === duid)
    const isSame = isNamed && this.services.plan().fingerprint === former.fingerprint
    // Edits come one after the other: nobody meets anew for each.
    const isTold = isNamed && this.sessions.size === 1 && this.edits.isShared
    if (!isSame && !isTold) this.#parts.meetings.meetAnew('new configuration')
    else this.#parts.conversations.tellLifetime(this.rightsBook.longestLifetime)
    if (!isSame && isTold) {
      this.edits.tellFingerprint(this.services.plan().fingerprint)
      this.#parts.presence.fingerprintChanged()
    }
    // Connected, the partner hears of its lifetimes at once.
    if (!this.contact.isConnected(this.services.now())) this.rightsBook.warnOfLifetimes()
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
    this.#parts.conversations.tellLeaving()
    this.#parts.meetings.close()
  }

  // ---- clients

  admits(owner: number, ends: boolean): CommonReason | undefined {
    if (this.storageWatch.isAway)
      return this.storageWatch.isOff ? 'service-disabled' : 'journal-failed'
    if (this.machine.serves(owner)) return undefined
    // They end a lease that this server gave, or name another one: the service sees which.
    return ends && this.machine.row.needsRights ? undefined : 'not-in-scope'
  }

  answersFor(duid: Octets, owner: number): boolean {
    return this.machine.serves(owner) && this.record.partnerDuids.includes(hexFromOctets(duid))
  }

  /** Whether clients may know the partner by this DUID: who has not been met may have any. */
  mayBePartner(duid: Octets): boolean {
    const { partnerDuids } = this.record
    return partnerDuids.length === 0 || partnerDuids.includes(hexFromOctets(duid))
  }

  watchesClients(now: Instant): boolean {
    return this.contact.isWatching(now)
  }

  heard(client: Octets, waited: Millis, now: Instant): void {
    if (this.contact.clientSeen(client, waited, now)) this.turn()
  }

  stamp<A extends Key>(change: Change<A>): Change<A> {
    return this.rightsBook.stamp(change)
  }

  askForKeys(key: Key, running: boolean, done: (why: string) => void): void {
    this.#parts.keyAsks.ask(key, running, done)
  }

  get awaitsClients(): boolean {
    return this.stock.isAwaited
  }

  noteNeed(client: Octets, wanted: readonly Range<Key>[], now: Instant): void {
    if (wanted.length > 0) this.stock.lacks(client, wanted, now)
    else this.stock.served(client)
  }

  /** See DeliveryDuties.durable. */
  durable({ names, record, rows }: Stored): number {
    if (record !== undefined && this.database.stored(record)) this.#parts.conversations.tellLife()
    if (names !== undefined) this.names.tell(names)
    if (rows.length === 0 || this.plan.sharesDatabase) return 0
    this.database.storedRows(rows)
    const { position } = this.database
    for (const { outgoing } of this.sessions) outgoing?.live(rows, position)
    return this.#parts.ackWait.isWaiting ? position : 0
  }

  // ---- time

  get deadline(): Instant {
    return this.#isOpen ? this.#turns.deadline : NEVER
  }

  /** Whatever is due: called at the end of every batch and when `deadline` has come. */
  turn(): void {
    if (this.#isOpen) this.#turns.turn()
  }

  // ---- the partner comes and goes

  /** The streams of a session have been set up. */
  #begun(session: PeerSession): void {
    if (session.met.peer !== this.plan.partner) return
    this.rightsBook.updateSharing()
    if (this.rightsBook.isSharing) this.#parts.keyRounds.startSharing()
  }

  #lost(session: PeerSession): void {
    if (session.met.peer === this.plan.partner) {
      this.edits.lost(session)
      this.names.lost(session)
      this.contact.closed(this.services.now())
      this.#parts.keyRounds.stop()
      this.#parts.keyAsks.lost()
      this.handOver.lost()
      this.rightsBook.updateSharing()
    }
    this.#parts.ackWait.settle()
  }
}
