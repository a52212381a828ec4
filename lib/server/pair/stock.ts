// Free addresses go to where clients are (lib/ha/README.md, rule 4c). A server that runs short asks
// its partner, before its clients notice where it can see that coming, and by their number where
// they wait; the other hands some on.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { type Stocked, type Stocks, stocksOf } from '../../config/plan/stocks.ts'
import { linkKey, rangeOfLink } from '../../ha/link-keys.ts'
import type { Want } from '../../ha/link-messages.ts'
import { atMost } from '../../leases/keys/families.ts'
import { areOverlapping, type Key, type Range, versionOf } from '../../leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../leases/lease.ts'
import { cede, giveBack, handOn, reclaim } from '../../leases/lifecycle.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import { Demand, rangeKey } from './demand.ts'
import type { PairServices } from './pair-services.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'
import { isStray, rangesAt } from './stray-keys.ts'

/** So often it is looked who waits, what was taken meanwhile, and at one subnet more. */
const LOOK_WAIT: Millis = 500

/**
 * A range is not asked for again sooner; where no clients come, the partner may have nothing to
 * give.
 */
const WANT_WAIT: Millis = 500
const LEISURE_WAIT: Millis = 10_000

/** Ranges for which the last wish is remembered. */
const WANTS_MAX = 4096

/** Ranges or subnets of one look: no more than the partner has time for (WISHES_MAX). */
const LOOKED_MAX = 20

/** Below this part of a subnet's free addresses a server asks for more (rule 4c). */
const LOW_WATER = 0.25

/** Or below what is taken in so many looks at the present pace. */
const LOOKS_AHEAD = 4

/** Addresses of one answer. */
const HAND_ON_MAX = 256

/** The same, of those whose keys are apart: each is taken from a client that may come back. */
const GIVE_BACK_MAX = 256
const LEISURE_BACK_MAX = 16

/** Rows that are looked at for keys to give back, each time. */
const ROWS_MAX = 2048

/**
 * Work on the partner's wishes: what each costs, and how much of it is done in a second at most.
 * What is more is asked for again by whoever needs it.
 */
const WISH_COST = { range: 40, one: 2 } as const
const WISHES_MAX = 2000

/** No pool is larger for the purpose of handing on. */
const RANGE_MAX = 1 << 20

type Services = Pick<PairServices, 'delivery' | 'draw' | 'nextChange' | 'now' | 'plan' | 'tables'>

/** New leases of a subnet. */
interface Taken {
  readonly family: 4 | 6
  readonly subnetId: number
  readonly count: number
}

export class Stock {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #sessions: Sessions
  readonly #demand = new Demand()
  #lookAt: Instant = 0
  /** Which of the stocks is looked at next, whether clients come or not. */
  #next = 0
  /** What was taken since the last look, by family and subnet. */
  readonly #taken = new Map<string, Taken>()
  readonly #wantAt = new Map<string, Instant>()
  /** Of the rows that were looked at for keys to give back, the last. */
  #lookedAt: Key = 0
  /** What is left for wishes since then. */
  #wishes = WISHES_MAX
  #wishesAt: Instant = 0
  handedOn = 0

  constructor(plan: HaPlan, services: Services, rightsBook: RightsBook, sessions: Sessions) {
    this.#plan = plan
    this.#services = services
    this.#rightsBook = rightsBook
    this.#sessions = sessions
  }

  get deadline(): Instant {
    return this.#rightsBook.isSharing ? this.#lookAt : NEVER
  }

  turn(now: Instant): void {
    if (!this.#rightsBook.isSharing || now < this.#lookAt) return
    this.#lookAt = now + LOOK_WAIT
    this.#askForWaiting(now)
    this.#askAhead(now)
  }

  // ---- asking

  /** A client has found no address of these ranges, or not the one that is reserved for it. */
  lacks(client: string, ranges: readonly Range<Key>[], now: Instant): void {
    this.#demand.add(client, ranges, now)
    for (const range of ranges)
      if (this.#mayAsk(range, true, now)) this.#want(range, this.#demand.of(range), WANT_WAIT, now)
  }

  /** The client was answered. */
  served(client: string): void {
    if (!this.#demand.isEmpty) this.#demand.remove(client)
  }

  /** Whether `served` would do anything. */
  get isAwaited(): boolean {
    return !this.#demand.isEmpty
  }

  /** A new lease has taken a free address. */
  took(key: Key, subnetId: number): void {
    const family = versionOf(key)
    const place = `${family} ${subnetId}`
    const { count = 0 } = this.#taken.get(place) ?? {}
    this.#taken.set(place, { family, subnetId, count: count + 1 })
  }

  /**
   * What is here already is kept for those that wait; for the others the partner is asked once
   * more.
   */
  #askForWaiting(now: Instant): void {
    this.#demand.expire(now)
    for (const { first, last, count } of this.#demand.next(LOOKED_MAX)) {
      const range = { first, last }
      const { free } = this.#services.tables.of(first)
      const here = free.toHandOn(range, count, now).length
      if (here === count) continue
      this.#want(range, count - here, WANT_WAIT, now)
      for (const key of free.stuck(range, count - here, now).flatMap((one) => free.inTheWay(one)))
        this.#want({ first: key, last: key }, 1, WANT_WAIT, now)
    }
  }

  #askAhead(now: Instant): void {
    const stocks = stocksOf(this.#services.plan())
    for (const [place, { family, subnetId, count }] of [...this.#taken].slice(0, LOOKED_MAX)) {
      this.#taken.delete(place)
      for (const one of stocks.find((each) => each.family === family)?.ofSubnet(subnetId) ?? [])
        this.#askEarly(one, count, now)
    }
    let all = 0
    for (const each of stocks) all += each.all.length
    let index = all === 0 ? 0 : this.#next++ % all
    for (const each of stocks) {
      const one = each.all[index]
      if (one !== undefined) return this.#askEarly(one, 0, now)
      index -= each.all.length
    }
  }

  #askEarly({ ranges }: Stocked, taken: number, now: Instant): void {
    const [some] = ranges
    if (some === undefined) return
    const { draw, tables } = this.#services
    const { mine, foreign, tied } = tables.of(some.first).freeCount(ranges, draw)
    const all = mine + foreign + tied
    const isLow = mine < all * LOW_WATER || (mine < all && mine < taken * LOOKS_AHEAD)
    if (!isLow) return
    const wait = taken > 0 ? WANT_WAIT : LEISURE_WAIT
    for (const range of ranges) if (this.#mayAsk(range, false, now)) this.#want(range, 0, wait, now)
  }

  #mayAsk(range: Range<Key>, urgent: boolean, now: Instant): boolean {
    return (this.#wantAt.get(wishKey(range, urgent)) ?? 0) <= now
  }

  /**
   * Asks the partner for free addresses of the range; `count` clients wait for one. Not again
   * within `wait`.
   */
  #want(range: Range<Key>, count: number, wait: Millis, now: Instant): void {
    const session = this.#sessions.withPartner
    const { shared } = this.#rightsBook
    if (session === undefined || !shared.includes(versionOf(range.first))) return
    const urgent = count > 0
    if (this.#wantAt.size >= WANTS_MAX) this.#wantAt.clear()
    this.#wantAt.set(wishKey(range, urgent), now + wait)
    // The partner can hand on what it has got back, the next time.
    if (urgent) this.#giveBackIn(range, GIVE_BACK_MAX, now)
    const ends = { first: linkKey(range.first), last: linkKey(range.last) }
    session.say({ type: 'want', ...ends, urgent, ...(urgent ? { count } : {}) })
  }

  // ---- handing on

  /**
   * The partner asks. Of one address it gets what it needs, since it is meant for a certain client;
   * of more, both keys of half of what is free here, down to the reserve, and one for each client
   * that waits there, except what clients here wait for.
   */
  handOn(wish: Want): void {
    const { urgent } = wish
    const range = rangeOfLink(wish)
    if (!this.#rightsBook.isSharing || range === undefined) return
    const { first, last } = range
    const now = this.#services.now()
    this.#services.tables.of(first).expireOffers(now)
    if (!this.#affords(first === last ? WISH_COST.one : WISH_COST.range, now)) return
    const stocks = this.#stocksOf(first)
    // At leisure the last address stays where it is.
    if (first === last) return urgent && stocks ? this.#handOnOne(first, stocks, now) : undefined
    const back = this.#giveBackIn(range, urgent ? GIVE_BACK_MAX : LEISURE_BACK_MAX, now)
    for (const pool of stocks === undefined ? [] : rangesAt(stocks, first))
      if (areOverlapping(pool, range)) this.#handOnOf(pool, range, wish, back, now)
  }

  #stocksOf(key: Key): Stocks | undefined {
    const family = versionOf(key)
    return stocksOf(this.#services.plan()).find((each) => each.family === family)
  }

  /**
   * What lies in a pool of this server: of other addresses it has nothing to give. `back`: were
   * given back.
   */
  #handOnOf(
    pool: Range<Key>,
    wished: Range<Key>,
    { urgent, count = 0 }: Want,
    back: number,
    now: Instant,
  ): void {
    const { draw, tables } = this.#services
    const table = tables.of(pool.first)
    const range = atMost(common(pool, wished), RANGE_MAX)
    const { mine } = table.freeCount([range], draw)
    const half = urgent ? Math.ceil(mine / 2) : Math.floor(mine / 2)
    const stock = this.#stockOf(pool)
    const spare = Math.min(half, stock.mine - stock.reserve)
    const wanted = Math.min(HAND_ON_MAX, Math.max(0, spare, count - back))
    if (wanted === 0) return
    const own = this.#demand.within(range)
    const named = this.#demand.ofOneWithin(range)
    const free = table.free
      .toHandOn(range, wanted + own + Math.min(named, HAND_ON_MAX), now)
      .filter((key) => this.#demand.of({ first: key, last: key }) === 0)
    const handedOn = free.slice(0, Math.max(0, Math.min(wanted, free.length - own)))
    for (const address of handedOn) this.#handOn(address)
    if (!urgent) return
    // The partner has what stands in their way: here they are of no use to anybody.
    const stuck = table.free.stuck(range, wanted - handedOn.length, now)
    for (const address of stuck) this.#handOn(address)
  }

  #handOn(address: Key): void {
    const { nextChange, tables } = this.#services
    this.#send(handOn(address, ended(tables.of(address).byAddress(address)), nextChange()))
  }

  /**
   * What is free of a pool here, and what of it stays here, whatever part of the pool is asked for.
   */
  #stockOf(pool: Range<Key>): { mine: number; reserve: number } {
    const { draw, tables } = this.#services
    const { mine, foreign } = tables.of(pool.first).freeCount([pool], draw)
    return { mine, reserve: Math.floor((mine + foreign) * this.#plan.reserve) }
  }

  /** Whether there is time for a wish. */
  #affords(cost: number, now: Instant): boolean {
    const grown = ((now - this.#wishesAt) * WISHES_MAX) / 1000
    this.#wishes = Math.min(WISHES_MAX, this.#wishes + grown)
    this.#wishesAt = now
    if (this.#wishes < cost) return false
    this.#wishes -= cost
    return true
  }

  /**
   * Also where the address is reserved, which nobody else waits for; not where somebody was offered
   * it or waits for it, nor one of the reserve, since its client can have another.
   */
  #handOnOne(address: Key, stocks: Stocks, now: Instant): void {
    const table = this.#services.tables.of(address)
    const row = table.byAddress(address)
    if (table.isOffered(address) || this.#demand.of({ first: address, last: address }) > 0) return
    if (row !== undefined && this.#isOwed(row, now)) return this.#giveBack(row)
    if (row !== undefined && isStray(row, table, stocks, now)) return this.#handOnStray(row, stocks)
    if (table.mayGive(address, row, now)) {
      if (this.#isSpare(address, stocks)) this.#handOn(address)
    } else if (row !== undefined) this.#cede(row, stocks, now)
  }

  /**
   * A lease of one of several identifiers: another one of the same host asks there, or the one that
   * has it, since its keys were ceded before. Nothing of it ends here.
   */
  #cede(row: Lease<Key>, stocks: Stocks, now: Instant): void {
    const { nextChange, tables } = this.#services
    const table = tables.of(row.address)
    const keys = table.keysOf(row.address, row)
    if (keys === 0 || row.state !== LEASE_STATE.assigned || table.isOver(row, now)) return
    if (stocks.isOfSeveral(row)) this.#send(cede(row, keys, nextChange()))
  }

  /** Where clients of both servers wait for what it stands in the way of, it goes home. */
  #handOnStray({ address }: Lease<Key>, stocks: Stocks): void {
    const isHome =
      this.#services.tables.of(address).homeOf(address) === this.#rightsBook.record.side
    const isWaitedFor = rangesAt(stocks, address).some((range) => this.#demand.within(range) > 0)
    if (!isHome || !isWaitedFor) this.#handOn(address)
  }

  /** Of an address in no subnet here nobody asks who has the same configuration. */
  #isSpare(address: Key, stocks: Stocks): boolean {
    const places = stocks.at(address)
    const one = { first: address, last: address }
    const pool = rangesAt(stocks, address).find((range) => areOverlapping(range, one))
    if (pool === undefined) return places.length > 0
    if (stocks.isReserved(address)) return true
    const { mine, reserve } = this.#stockOf(pool)
    // A pool without a reserve is small, and what has just ended in it is not counted yet.
    const kept = Math.max(reserve, this.#demand.within(pool))
    return kept === 0 || mine > kept
  }

  /**
   * Ended leases whose two keys are apart are nobody's: theirs go home before their time when the
   * partner runs short. How many did.
   */
  #giveBackIn(range: Range<Key>, max: number, now: Instant): number {
    const table = this.#services.tables.of(range.first)
    const isAhead = versionOf(this.#lookedAt) === versionOf(range.first)
    const walk = table.walk('rows', range, isAhead ? this.#lookedAt : undefined)
    let back = 0
    let looked = range.last
    for (const row of walk.next(ROWS_MAX)) {
      if (back >= max) break
      looked = row.address
      if (!this.#isOwed(row, now)) continue
      this.#giveBack(row)
      back++
    }
    this.#lookedAt = looked
    return back
  }

  /** Whether this server holds one key of an ended lease whose address is at home there. */
  #isOwed(row: Lease<Key>, now: Instant): boolean {
    const table = this.#services.tables.of(row.address)
    if (table.homeOf(row.address) === this.#rightsBook.record.side || !table.isOver(row, now))
      return false
    return table.keysOf(row.address, row) === 1 && !table.isOffered(row.address)
  }

  #giveBack(row: Lease<Key>): void {
    this.#send(giveBack(ended(row)!, this.#services.nextChange()))
  }

  #send(lease: Lease<Key>): void {
    this.handedOn++
    const change = { kind: 'put', lease } as const
    this.#services.tables.apply(change)
    this.#services.delivery.add(change, undefined, true)
  }
}

/** The row of an address that is over, once nothing says any more that it is assigned. */
function ended(row: Lease<Key> | undefined): Lease<Key> | undefined {
  return row?.state === LEASE_STATE.assigned ? reclaim(row, row.change) : row
}

/** An urgent wish is another one than one at leisure. */
function wishKey(range: Range<Key>, urgent: boolean): string {
  return `${rangeKey(range)} ${urgent}`
}

/** What two ranges that overlap have in common. */
function common(one: Range<Key>, other: Range<Key>): Range<Key> {
  const first = one.first > other.first ? one.first : other.first
  return { first, last: one.last < other.last ? one.last : other.last }
}
