// What a server of a pair says of it: who serves whom, when the partner's clients would be taken
// over, how far the streams are, and what is left for new clients.

import type { HaMode, HaPlan, HaRole, HaState } from '../../config/plan/ha-plan.ts'
import { stocksOf } from '../../config/plan/stocks.ts'
import type { Contact } from '../../ha/contact.ts'
import type { ContactReport } from '../../ha/contact-report.ts'
import type { HaMachine } from '../../ha/machine.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import { dueWord } from '../../ha/pair-rights.ts'
import { familyOf } from '../../leases/keys/families.ts'
import { isPrefix } from '../../leases/keys/family.ts'
import type { Key, Range } from '../../leases/keys/key.ts'
import type { Instant, Millis } from '../../time/units.ts'
import type { DatabasePosition } from './database-position.ts'
import type { EditExchange } from './edit-exchange.ts'
import type { Merger } from './merger.ts'
import type { PairServices } from './pair-services.ts'
import type { PartnerTrouble } from './partner-trouble.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'
import type { Stock } from './stock.ts'
import type { StorageWatch } from './storage-watch.ts'

export interface PairStatus {
  readonly mode: HaMode
  readonly name: string
  readonly role: HaRole
  readonly state: HaState
  /** The state for people: `active`, `serving both halves, partner down`. */
  readonly words: string
  /** Why the state was entered. */
  readonly why: string
  readonly scopes: readonly string[]
  /** Both servers write one lease database, which decides what is given. */
  readonly sharesDatabase: boolean
  /** Where they share a database: `none` while the partner is known to write another one. */
  readonly rights: PairRecord['rights']
  readonly noneBecause: PairRecord['noneBecause'] | 'apart'
  /**
   * The order that is due before everything is given from here, where no meeting will do it; ''
   * where none is.
   */
  readonly due: string
  /**
   * It has left the pair and answers nobody, since its journal does not store or its disk does not
   * answer.
   */
  readonly isAway: boolean
  /** It has left the pair, since its service was switched off: the partner serves everybody. */
  readonly isOff: boolean
  /** Keys move to the partner with every lease: both are connected and have their rights. */
  readonly isSharing: boolean
  /** Until when addresses stay out of use because the database was lost; 0 = they do not. */
  readonly doubtLeft: Millis
  /** Undefined where there is no partner. */
  readonly partner: PartnerStatus | undefined
  /**
   * The two do not have the same subnets, pools, guards and reserved addresses, as far as it was
   * met.
   */
  readonly configDiffers: boolean
  /** Why the last edit that a command made here is not in force at the partner; absent: it is. */
  readonly editTrouble?: string
  /** Why other servers cannot connect to this one, '' when they can. */
  readonly listenerTrouble: string
  /**
   * The partner listens elsewhere than the file here says, in words; '' where that is not so, or
   * not known.
   */
  readonly wrongUrl: string
  readonly peers: readonly PeerStatus[]
  /** What new clients can still be given from here, a row a subnet. */
  readonly free: readonly FreeStatus[]
  readonly conflicts: number
  /** Rows of the partner that were merged, by what became of them (leases/merge.ts). */
  readonly merged: Readonly<Record<string, number>>
  /** Keys that were handed on or given back because the partner asked. */
  readonly handedOn: number
}

export interface PartnerStatus extends ContactReport {
  readonly name: string
  readonly role: HaRole
  /** Why the two do not meet, in words; '' where they do or nothing is known. */
  readonly trouble: string
  /** It is there, and one of the two refuses the other. */
  readonly isTurningAway: boolean
}

export interface PeerStatus {
  readonly name: string
  readonly role: HaRole
  readonly isConnected: boolean
  /**
   * Change numbers that the peer is not known to have stored; all of them while it gets everything
   * anew.
   */
  readonly lag: number
  /** Whether it has everything that was there when it connected. */
  readonly isCaughtUp: boolean
}

export interface FreeStatus {
  readonly family: 4 | 6
  /** A subnet of DHCPv6 has a row for its addresses, and one for the prefixes of its pd-pools. */
  readonly kind: 'address' | 'prefix'
  /** Its id. */
  readonly subnet: number
  readonly prefix: string
  /** Free addresses that this server may give; an estimate in large subnets. */
  readonly here: number
  /** Free addresses that the partner may give. */
  readonly partner: number
  /** Free addresses that stay out of use for `doubtLeft`. */
  readonly resting: number
  readonly addresses: number
  /**
   * Free addresses that clients of both servers take in an hour at present, less those that come
   * back here.
   */
  readonly takenPerHour: number
  /** How long `here` lasts at this rate without the partner; infinite where nothing is taken. */
  readonly lastsFor: Millis
}

/** The parts of a pair that are asked. */
export interface PairFacts {
  readonly plan: HaPlan
  readonly services: Pick<PairServices, 'draw' | 'plan' | 'tables'>
  readonly machine: HaMachine
  readonly contact: Contact
  readonly sessions: Sessions
  readonly database: DatabasePosition
  readonly rightsBook: RightsBook
  readonly storageWatch: StorageWatch
  readonly partnerTrouble: PartnerTrouble
  readonly merger: Merger
  readonly stock: Stock
  /** Whether the partner, when it was met last, had other subnets or pools. */
  readonly configDiffers: boolean
  readonly edits: Pick<EditExchange, 'troubleThere'>
}

export function pairStatus(pair: PairFacts, now: Instant): PairStatus {
  const { plan, machine, services } = pair
  const { record, isSharing } = pair.rightsBook
  const { partner } = plan
  return {
    mode: plan.mode,
    name: plan.thisServer.name,
    role: plan.thisServer.role,
    state: machine.state,
    words: machine.words,
    why: machine.why,
    scopes: machine.scopeNames,
    sharesDatabase: plan.sharesDatabase,
    ...rightsOf(pair),
    due: dueWord(record, plan)?.word ?? '',
    isAway: pair.storageWatch.isAway && !pair.storageWatch.isOff,
    isOff: pair.storageWatch.isOff,
    isSharing,
    doubtLeft: Math.max(0, record.doubtUntil - now),
    partner: partner && {
      ...pair.contact.report(now),
      name: partner.name,
      role: partner.role,
      ...pair.partnerTrouble.withPartner,
    },
    configDiffers: pair.configDiffers,
    ...(pair.edits.troubleThere !== '' && { editTrouble: pair.edits.troubleThere }),
    listenerTrouble: pair.partnerTrouble.listener,
    wrongUrl: pair.partnerTrouble.wrongUrl,
    peers: plan.peers
      .filter((peer) => peer !== plan.thisServer)
      .map((peer) => peerStatus(pair, peer)),
    // Costly where subnets are many: counted where somebody looks at it.
    get free() {
      return freeStatus(services, now)
    },
    conflicts: pair.merger.conflicts,
    merged: { ...pair.merger.counts },
    handedOn: pair.stock.handedOn,
  }
}

function rightsOf({ rightsBook, plan }: PairFacts): Pick<PairStatus, 'rights' | 'noneBecause'> {
  const { rights, noneBecause } = rightsBook.record
  const isKeptOut = plan.sharesDatabase && !rightsBook.mayServe
  return isKeptOut ? { rights: 'none', noneBecause: 'apart' } : { rights, noneBecause }
}

function peerStatus(pair: PairFacts, { name, role }: { name: string; role: HaRole }): PeerStatus {
  const session = pair.sessions.with(name)
  // A backup has nothing to tell.
  const isTeller = pair.plan.thisServer.role !== 'backup'
  return {
    name,
    role,
    isConnected: session !== undefined,
    lag: isTeller ? pair.database.position - pair.sessions.storedUpTo(name) : 0,
    // What is stored is there for both at once.
    isCaughtUp: session?.outgoing?.isComplete ?? (session && pair.plan.sharesDatabase) ?? false,
  }
}

function freeStatus({ draw, plan, tables }: PairFacts['services'], now: Instant): FreeStatus[] {
  const stocks = stocksOf(plan())
  for (const table of tables.all) table.expireOffers(now)
  return stocks.flatMap(({ family, all }) =>
    all.slice(0, SUBNETS_MAX).map(({ id, text, ranges }) => {
      const table = tables.ofFamily(family)
      const { mine, foreign, resting } = table.freeCount(ranges, draw)
      const takenPerHour = table.free.takenPerHour(id, isOfPrefixes(ranges), now)
      return {
        family,
        kind: isOfPrefixes(ranges) ? 'prefix' : 'address',
        subnet: id,
        prefix: text,
        here: mine,
        partner: foreign,
        resting,
        addresses: sizeOf(ranges),
        takenPerHour,
        lastsFor: lasting(mine, takenPerHour),
      }
    }),
  )
}

function isOfPrefixes(ranges: readonly Range<Key>[]): boolean {
  const first = ranges[0]?.first
  return first !== undefined && isPrefix(familyOf(first), first)
}

function lasting(free: number, takenPerHour: number): Millis {
  if (free === 0) return 0
  return takenPerHour === 0 ? Number.POSITIVE_INFINITY : (free / takenPerHour) * 3_600_000
}

/** Status stays cheap however many subnets there are. */
const SUBNETS_MAX = 100

function sizeOf(ranges: readonly Range<Key>[]): number {
  return ranges.reduce((sum, range) => sum + familyOf(range.first).sizeOf(range), 0)
}
