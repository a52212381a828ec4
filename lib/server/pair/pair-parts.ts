// The parts of a pair, put together: each is given those that it builds on, and what it asks of the
// others as duties. The lower a part, the earlier it is made; only duties, which are called later,
// reach up.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { Contact } from '../../ha/contact.ts'
import { NO_FAMILY } from '../../ha/families.ts'
import { HaMachine } from '../../ha/machine.ts'
import type { FamilyVersion } from '../../leases/keys/key.ts'
import type { Instant } from '../../time/units.ts'
import { AckWait, storeWaitOf } from './ack-wait.ts'
import { Conversations } from './conversations.ts'
import { DatabasePosition } from './database-position.ts'
import { EditExchange } from './edit-exchange.ts'
import { ErrorBoundary } from './error-boundary.ts'
import { HandOver } from './hand-over.ts'
import { Hellos } from './hellos.ts'
import { KeyAsks } from './key-asks.ts'
import { KeyRounds } from './key-rounds.ts'
import { LinkDispatch } from './link-dispatch.ts'
import { Meetings } from './meetings.ts'
import { Merger } from './merger.ts'
import { NameExchange } from './name-exchange.ts'
import { Orders } from './orders.ts'
import type { PairServices } from './pair-services.ts'
import { PartnerTrouble } from './partner-trouble.ts'
import { PeerPresence } from './peer-presence.ts'
import type { PeerSession } from './peer-session.ts'
import { RightsBook } from './rights-book.ts'
import { Sessions } from './sessions.ts'
import { Stock } from './stock.ts'
import { StorageWatch } from './storage-watch.ts'
import { Streams } from './streams.ts'

export interface PairParts {
  /** Which state this server is in, and whom it serves. */
  readonly machine: HaMachine
  /** Whether the partner is there. */
  readonly contact: Contact
  readonly database: DatabasePosition
  readonly partnerTrouble: PartnerTrouble
  readonly sessions: Sessions
  readonly rightsBook: RightsBook
  readonly meetings: Meetings
  readonly ackWait: AckWait
  readonly storageWatch: StorageWatch
  readonly keyRounds: KeyRounds
  readonly keyAsks: KeyAsks
  readonly merger: Merger
  readonly stock: Stock
  readonly streams: Streams
  readonly handOver: HandOver
  readonly orders: Orders
  readonly presence: PeerPresence
  readonly conversations: Conversations
  readonly edits: EditExchange
  readonly names: NameExchange
  readonly link: LinkDispatch
}

/** What parts ask of the whole. */
export interface PairDuties {
  /** From the reading of the journal to the beginning of the end. */
  isOpen(): boolean
  /** To be called first whenever something happens. */
  wakeUp(): Instant
  /** Does whatever is due. */
  turn(): void
  /** The streams of a session have been set up. */
  begun(session: PeerSession): void
  /** A connection has ended. */
  lost(session: PeerSession): void
  /** This server serves nobody from now on: the others are told, and the connections end. */
  leaveOthers(): void
}

export function pairParts(plan: HaPlan, services: PairServices, duties: PairDuties): PairParts {
  const database = new DatabasePosition()
  const partnerTrouble = new PartnerTrouble()
  const machine = machineOf(plan, services)
  const contact = new Contact(plan, services.now())
  const sessions = new Sessions(plan)
  const rightsBook = new RightsBook(plan, services, {
    isMet: () => sessions.size > 0,
    reachPartner: () =>
      contact.isConnected(services.now()) ? toldTo(sessions.withPartner) : NO_FAMILY,
    isPartnerDown: () => machine.state === 'partner-down',
    took: (key, subnetId) => stock.took(key, subnetId),
  })
  const hellos = new Hellos(plan, services, rightsBook, database, () => machine.state)
  const boundary = new ErrorBoundary(services, (connection, reason) =>
    meetings.end(connection, reason),
  )
  const presence = new PeerPresence(
    plan,
    services,
    { boundary, contact, partnerTrouble, rightsBook, sessions },
    {
      begin: (session) => conversations.begin(session),
      lost: (session) => duties.lost(session),
    },
  )
  const meetings = new Meetings(plan, services.link, {
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
  const ends = {
    drop: ({ met }: PeerSession, reason: string) => meetings.drop(met, reason),
    turnAway: ({ met }: PeerSession, reason: string) => meetings.turnAway(met, reason),
    turnedAway: ({ met }: PeerSession, reason: string) => meetings.turnedAway(met, reason),
    meetAnew: (why: string) => meetings.meetAnew(why),
  }
  const ackWait = new AckWait(plan, services, sessions, {
    ...ends,
    awaitsPartner: (now) => machine.row.awaitsPartner && contact.isConnected(now),
    partnerStuck: (now) => contact.stuck(now),
  })
  // A database that both wait for is no reason to leave: who cannot reach it is away.
  const storeWait = () => (plan.sharesDatabase ? Number.POSITIVE_INFINITY : storeWaitOf(plan))
  const storageWatch = new StorageWatch(services, storeWait, {
    hasPartner: () => sessions.withPartner !== undefined,
    leave: () => duties.leaveOthers(),
    comeBack: () => meetings.open(),
  })
  const keyRounds = new KeyRounds(services, rightsBook, sessions)
  const keyAsks = new KeyAsks(plan, services, rightsBook, sessions)
  const merger = new Merger(plan, services, rightsBook, keyRounds)
  const stock = new Stock(plan, services, rightsBook, sessions)
  const streams = new Streams(plan, services, rightsBook, database, merger)
  const handOver = new HandOver(
    plan,
    services,
    { machine, rightsBook, database, sessions, streams, keyRounds },
    { ...ends, begun: (session) => duties.begun(session) },
  )
  const orders = new Orders(
    plan,
    services,
    { machine, rightsBook, sessions, handOver, partnerTrouble },
    { ...ends, isOpen: () => duties.isOpen(), dialAnew: () => meetings.renew() },
  )
  const edits = new EditExchange(plan, services, sessions)
  const names = new NameExchange(plan, services, sessions, contact, rightsBook)
  const heard = { machine, contact, database, partnerTrouble, sessions, rightsBook, boundary }
  const conversations = new Conversations(
    plan,
    services,
    { ...heard, ackWait, edits, handOver, keyAsks, names, presence, stock, streams },
    { ...ends, begun: (session) => duties.begun(session), turn: () => duties.turn() },
  )
  const link = new LinkDispatch(
    plan,
    services,
    { boundary, conversations, meetings, partnerTrouble, sessions },
    () => duties.wakeUp(),
  )
  return {
    machine,
    contact,
    database,
    partnerTrouble,
    sessions,
    rightsBook,
    meetings,
    ackWait,
    storageWatch,
    keyRounds,
    keyAsks,
    merger,
    stock,
    streams,
    handOver,
    orders,
    presence,
    conversations,
    edits,
    names,
    link,
  }
}

function machineOf(plan: HaPlan, { reporter, now, tell }: PairServices): HaMachine {
  return new HaMachine(plan, ({ from, to, why }) => {
    reporter.ofPeer('HA_STATE_TRANSITION', { from, to, why }, now())
    const partner = plan.partner?.name
    if (to === 'partner-down') reporter.ofPeer('HA_PARTNER_DOWN', { partner, why }, now())
    tell({ kind: 'ha-state', from, to, why })
  })
}

/** Families whose leases are told to the partner as they are given. */
function toldTo(partner: PeerSession | undefined): readonly FamilyVersion[] {
  const isTold = partner?.hasUpdates === true && partner.outgoing !== undefined
  return isTold ? partner.families : NO_FAMILY
}
