// What each address is good for at present, and the search for one to give: rows, rights, offers
// and reservations brought together for free-space.ts. Told of every row that comes, goes or
// changes hands.

import type { Draw } from '../../time/draw.ts'
import type { Instant } from '../../time/units.ts'
import { type Family, isPrefix } from '../keys/family.ts'
import type { Key, Range } from '../keys/key.ts'
import type { KeySpace } from '../keys/key-space.ts'
import { LEASE_STATE } from '../lease.ts'
import { ALONE, type Keys, keysUnder, type Rights } from '../rights.ts'
import type { Pieces } from '../store/pieces.ts'
import type { Elsewhere, FreeSearch } from '../view.ts'
import type { Expiry } from './expiry.ts'
import { countFree, type FreeCount } from './free-count.ts'
import { FreeRate } from './free-rate.ts'
import { FreeSpace } from './free-space.ts'
import type { LeaseRows } from './lease-rows.ts'
import { Occupancies } from './occupancy.ts'
import { Offers } from './offers.ts'
import { Overlaps } from './overlaps.ts'
import { Reserved } from './reserved.ts'
import { Shortages } from './shortage.ts'

/**
 * Rows that one search for an address moves to the over ones: first, and when nothing was found.
 */
const ADVANCE_MAX = 64
const ADVANCE_MORE_MAX = 4096

/** Overlapping rows that are looked at: more are never alive beside each other. */
const OVERLAPS_MAX = 64

const NO_ROWS: readonly number[] = []

/** Offers that are compared for the oldest. */
const LENT_COMPARED_MAX = 256

/**
 * What a row means for the stock of free addresses. free, foreign: it belongs to it, here or at the
 * partner; ours: it comes back here when its lease ends; tied: it does not, before the partner has
 * said so.
 */
export type Use = 'free' | 'foreign' | 'ours' | 'tied'

/** What is free, for those who hand it on. */
export type FreeKeys<A extends Key> = Pick<
  Availability<A>,
  'inTheWay' | 'isExhausted' | 'stuck' | 'takenPerHour' | 'toHandOn'
>

export class Availability<A extends Key> {
  readonly offers: Offers<A>
  readonly #family: Family<A>
  readonly #rows: LeaseRows<A>
  readonly #expiry: Expiry<A>
  readonly #rowAt: (address: A) => number
  readonly #space: FreeSpace<A>
  readonly #rate = new FreeRate()
  /** Of prefixes, which come from pools of their own. */
  readonly #prefixRate = new FreeRate()
  readonly #shortages = new Shortages<A>()
  readonly #occupancies: Occupancies<A>
  /** undefined: keys never overlap. */
  readonly #overlaps: Overlaps<A> | undefined
  #rights: Rights = ALONE
  readonly #reserved: Reserved<A>

  /** `rowAt` finds the row of an address, -1 when there is none. */
  constructor(
    family: Family<A>,
    space: KeySpace<A>,
    rows: LeaseRows<A>,
    expiry: Expiry<A>,
    rowAt: (address: A) => number,
    seed: number,
  ) {
    this.#family = family
    this.#rows = rows
    this.#expiry = expiry
    this.#rowAt = rowAt
    const { nesting } = family
    this.#overlaps = nesting === undefined ? undefined : new Overlaps(family, nesting, space.set())
    this.#space = new FreeSpace(family, space, this.#overlaps)
    this.#occupancies = new Occupancies(family, (address) => this.#isTaken(address))
    this.#reserved = new Reserved(space)
    this.offers = new Offers(family, seed, (address) => this.refresh(address, rowAt(address)))
  }

  get rights(): Rights {
    return this.#rights
  }

  /** The caller refreshes every row that is over. */
  setRights(rights: Rights): void {
    this.#rights = rights
    this.#space.setHome(rights.kind === 'keys' ? rights.side : undefined)
    for (const address of this.offers.addresses()) this.refresh(address, this.#rowAt(address))
  }

  /** Looks only at addresses that become reserved or cease to be: see reserved.ts. */
  setReserved(addresses: readonly A[] | Pieces<A>, beside: readonly A[] = []): void {
    this.#reserved.become(addresses, beside, (address) =>
      this.refresh(address, this.#rowAt(address)),
    )
  }

  /** Tells the search what the address, with this row or -1, is good for now. */
  refresh(address: A, row: number): void {
    if (this.#overlaps !== undefined) this.#noteOverlap(address, row, this.#overlaps)
    const isOffered = this.offers.has(address)
    const isReserved = this.#reserved.has(address)
    const isGivable =
      row < 0
        ? keysUnder(this.#rights, this.#family.homeOf(address), 0, 0) === 2
        : this.useOf(row) === 'free'
    this.#space.mark(
      address,
      row >= 0 || isOffered || isReserved,
      row >= 0 && isGivable && !isOffered && !isReserved,
      isOffered && isGivable && !isReserved,
    )
  }

  /** What overlaps the key of the row may become free, or be so no longer. */
  #noteOverlap(address: A, row: number, overlaps: Overlaps<A>): void {
    const isInTheWay =
      row >= 0 && this.#rows.state(row) !== LEASE_STATE.registered && this.useOf(row) !== 'free'
    if (overlaps.set(address, isInTheWay)) this.#space.reopen(address)
  }

  /**
   * Rule 1d(b): whether another key that this one overlaps stands in its way. One that is
   * registered by its client does not: it says nothing of who may give it.
   */
  isOverlapped(address: A, now: Instant): boolean {
    if (this.#overlaps === undefined) return false
    this.#expiry.advance(now, ADVANCE_MAX)
    return this.#overlaps.of(address) !== undefined
  }

  /** The rows of what stands in the way of the key. */
  rowsInTheWay(address: A, now: Instant): readonly number[] {
    if (this.#overlaps === undefined) return NO_ROWS
    this.#expiry.advance(now, ADVANCE_MAX)
    if (this.#overlaps.of(address) === undefined) return NO_ROWS
    return this.#overlaps.all(address, OVERLAPS_MAX).map(this.#rowAt)
  }

  /**
   * What rows around the key that are not over, as far as it is known that time has passed, leave
   * of these keys of it.
   */
  keysBeside(address: A, keys: Keys): Keys {
    if (this.#overlaps === undefined || this.#rights.kind !== 'keys' || keys === 0) return keys
    const around = this.#overlaps.all(address, OVERLAPS_MAX).map(this.#rowAt)
    const rows = around.filter((row) => !this.#expiry.isOver(row))
    return rows.reduce((least: Keys, row) => {
      const left = this.#rows.keys(row, this.#rights)
      return left < least ? left : least
    }, keys)
  }

  /** As far as it is known that time has passed. Only a free one may be given to somebody new. */
  useOf(row: number): Use {
    const keys = this.#rows.keys(row, this.#rights)
    if (!this.#expiry.isOver(row)) return keys === 2 ? 'ours' : 'tied'
    if (keys === 1) return 'tied'
    return keys === 2 ? 'free' : 'foreign'
  }

  /**
   * The row has changed. A renewal, the most frequent change, alters nothing that the search looks
   * at.
   */
  replaced(row: number, before: Use): void {
    const after = this.useOf(row)
    if ((after === 'free') !== (before === 'free')) this.refresh(this.#rows.address(row), row)
    else if (this.#overlaps !== undefined)
      this.#noteOverlap(this.#rows.address(row), row, this.#overlaps)
    this.#noteUse(row, before, after)
  }

  /** The row is new. */
  created(row: number): void {
    this.refresh(this.#rows.address(row), row)
    this.#noteUse(row, 'free', this.useOf(row))
  }

  /** What a server without rights is sent is not the present. */
  #noteUse(row: number, before: Use, after: Use): void {
    if (after === before || this.#rights.kind === 'none') return
    const wasStock = isInStock(before)
    if (wasStock === isInStock(after)) return
    const subnetId = this.#rows.subnetId(row)
    const start = this.#rows.start(row)
    const rate = this.#rateOf(isPrefix(this.#family, this.#rows.address(row)))
    if (wasStock && this.#rows.state(row) === LEASE_STATE.assigned) rate.note(subnetId, 1, start)
    if (before === 'ours') rate.note(subnetId, -1, Math.max(start, this.#expiry.now))
  }

  /** Time has made the row over. */
  lapsed(row: number): void {
    this.refresh(this.#rows.address(row), row)
    const before = this.#rows.keys(row, this.#rights) === 2 ? 'ours' : 'tied'
    this.#noteUse(row, before, this.useOf(row))
  }

  /** See LeaseTable.expireOffers. */
  noteTime(now: Instant): void {
    this.#expiry.noteTime(now)
    this.offers.expire(now)
  }

  #rateOf(ofPrefixes: boolean): FreeRate {
    return ofPrefixes ? this.#prefixRate : this.#rate
  }

  /**
   * Free addresses, or prefixes, of a subnet that clients take in an hour, less those that come
   * back meanwhile.
   */
  takenPerHour(subnetId: number, ofPrefixes: boolean, now: Instant): number {
    return this.#rateOf(ofPrefixes).perHour(subnetId, now)
  }

  /** See LeaseView.findFree. */
  find(ranges: readonly Range<A>[], search: FreeSearch, now: Instant): A | undefined {
    if (this.#rights.kind === 'none') return undefined
    this.offers.expire(now)
    this.#expiry.advance(now, ADVANCE_MAX)
    if (this.#isSealed(now)) return undefined
    const fresh = this.#isInDoubt(now) ? undefined : this.#space.findFresh(ranges, search)
    const free = fresh ?? this.#findUsed(ranges, search, now)
    if (free !== undefined) this.#shortages.end(ranges)
    return free
  }

  #findUsed(ranges: readonly Range<A>[], search: FreeSearch, now: Instant): A | undefined {
    const used = this.#usedOne(ranges, search)
    if (used !== undefined || !this.#expiry.isBehind(now)) return used
    this.#expiry.advance(now, ADVANCE_MORE_MAX)
    return this.#usedOne(ranges, search)
  }

  #usedOne(ranges: readonly Range<A>[], search: FreeSearch): A | undefined {
    if (search.order !== 'flq') return this.#space.findUsed(ranges, search)
    return this.#space.findOldest(ranges, this.#endAt)
  }

  readonly #endAt = (address: A): Instant => this.#rows.end(this.#rowAt(address))

  /** See LeaseView.findLent. While the database is in doubt, only an address that has a row. */
  findLent(ranges: readonly Range<A>[], now: Instant): A | undefined {
    if (this.#rights.kind === 'none' || this.#isSealed(now)) return undefined
    const some = this.#space.findLent(ranges)
    if (some === undefined) return undefined
    const isInDoubt = this.#isInDoubt(now)
    const isWanted = (address: A) =>
      this.#space.isLent(address) &&
      this.#overlaps?.of(address) === undefined &&
      (!isInDoubt || this.#rowAt(address) >= 0) &&
      ranges.some((range) => range.first <= address && address <= range.last)
    return this.offers.oldest(LENT_COMPARED_MAX, isWanted) ?? (isInDoubt ? undefined : some)
  }

  /** See LeaseView.elsewhere. */
  elsewhere(ranges: readonly Range<A>[], draw: Draw, now: Instant): Elsewhere {
    if (this.#rights.kind !== 'keys') return 'none'
    const isSoon = this.#shortages.isNew(ranges, now)
    if (!this.#shortages.isElsewhere(ranges, now, () => this.#countsElsewhere(ranges, draw)))
      return 'none'
    return isSoon && this.#expiry.isSharing ? 'soon' : 'some'
  }

  #countsElsewhere(ranges: readonly Range<A>[], draw: Draw): boolean {
    const { foreign, tied } = this.count(ranges, draw)
    return foreign + tied > 0
  }

  /** See LeaseView.occupancy. */
  occupancy(ranges: readonly Range<A>[], except: A, draw: Draw, now: Instant): number {
    this.#expiry.advance(now, ADVANCE_MAX)
    return this.#occupancies.of(ranges, except, draw, now)
  }

  #isTaken(address: A): boolean {
    const row = this.#rowAt(address)
    return row >= 0 && !this.#expiry.isOver(row)
  }

  /** See LeaseTable.freeCount. */
  count(ranges: readonly Range<A>[], draw: Draw): FreeCount {
    return countFree(this.#family, ranges, draw, (address) => this.#freeFor(address))
  }

  /** At most `max` free ones to hand on, untouched first; assigned ones are reclaimed before. */
  toHandOn(range: Range<A>, max: number, now: Instant): A[] {
    if (this.#rights.kind !== 'keys') return []
    this.#expiry.advance(now, ADVANCE_MORE_MAX)
    const found: A[] = []
    const { first, last } = range
    const untouchedFirst = this.#isInDoubt(now) ? undefined : first
    let address = untouchedFirst === undefined ? undefined : this.#space.nextFresh(first, last)
    while (address !== undefined && found.length < max) {
      found.push(address)
      address = this.#space.nextFresh(this.#family.after(address), last)
    }
    address = this.#space.nextReusable(first, last)
    while (address !== undefined && found.length < max) {
      found.push(address)
      address = this.#space.nextReusable(this.#family.after(address), last)
    }
    return found
  }

  /**
   * At most `max` keys that are of no use here: both keys are, but the partner has those of what
   * stands in the way, which is over.
   */
  stuck(range: Range<A>, max: number, now: Instant): A[] {
    if (this.#rights.kind !== 'keys' || this.#overlaps === undefined) return []
    this.#expiry.advance(now, ADVANCE_MORE_MAX)
    return this.#space.stuck(range, max, !this.#isInDoubt(now), this.#isAway)
  }

  readonly #isAway = (address: A): boolean => {
    const row = this.#rowAt(address)
    return row >= 0 && this.#expiry.isOver(row) && this.#rows.keys(row, this.#rights) === 0
  }

  /** What stands in the way of the key. */
  inTheWay(address: A): A[] {
    return this.#overlaps?.all(address, OVERLAPS_MAX) ?? []
  }

  /**
   * Whether nothing of the ranges can be given from here to somebody new, apart from what is only
   * offered.
   */
  isExhausted(ranges: readonly Range<A>[]): boolean {
    return !ranges.some(
      ({ first, last }) =>
        this.#space.nextFresh(first, last) !== undefined ||
        this.#space.nextReusable(first, last) !== undefined ||
        this.#space.findLent([{ first, last }]) !== undefined,
    )
  }

  /** The lease clock begins at 0, which is when it is as long as no time was heard of. */
  #isInDoubt(now: Instant): boolean {
    return Math.max(now, 0) < this.#rights.doubtUntil
  }

  /** See Rights.doubtUntil: who holds every key while in doubt gives nothing at all. */
  #isSealed(now: Instant): boolean {
    return this.#rights.kind === 'all' && this.#isInDoubt(now)
  }

  /** Who could give the address to somebody new now, as far as it is known here. */
  #freeFor(address: A): keyof FreeCount | undefined {
    const { now } = this.#expiry
    if (this.#overlaps?.of(address) !== undefined) return undefined
    if (this.#space.isReusable(address)) return this.#isSealed(now) ? 'resting' : 'mine'
    if (!this.#space.isTaken(address)) {
      if (keysUnder(this.#rights, this.#family.homeOf(address), 0, 0) === 0) return 'foreign'
      return this.#isInDoubt(now) ? 'resting' : 'mine'
    }
    if (this.#reserved.has(address) || this.offers.has(address)) return undefined
    const row = this.#rowAt(address)
    if (row < 0 || !this.#expiry.isOver(row)) return undefined
    const keys = this.#rows.keys(row, this.#rights)
    if (keys === 2) return undefined
    return keys === 1 ? 'tied' : 'foreign'
  }
}

function isInStock(use: Use): boolean {
  return use === 'free' || use === 'foreign'
}
