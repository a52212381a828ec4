// Free addresses go to where clients are (lib/ha/README.md, rule 4c). A server that runs short asks
// its partner, before its clients notice where it can see that coming, and by their number where
// they wait; the other hands some on.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { isOfSeveral } from '../../config/plan/one-host.ts'
import type { Subnet4 } from '../../config/plan/plan4.ts'
import type { Want } from '../../ha/link-messages.ts'
import { LEASE_STATE, type Lease } from '../../leases/lease.ts'
import { cede, giveBack, handOn, reclaim } from '../../leases/lifecycle.ts'
import { type Instant, type Millis, NEVER } from '../../time/units.ts'
import { Demand, rangeKey } from './demand.ts'
import type { PairServices } from './pair-services.ts'
import type { RightsBook } from './rights-book.ts'
import type { Sessions } from './sessions.ts'

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

type Services = Pick<PairServices, 'delivery' | 'draw' | 'nextChange' | 'now' | 'plan' | 'table'>

export class Stock {
  readonly #plan: HaPlan
  readonly #services: Services
  readonly #rightsBook: RightsBook
  readonly #sessions: Sessions
  readonly #demand = new Demand()
  #lookAt: Instant = 0
  /** The subnet that is looked at next, whether clients come or not. */
  #subnet = 0
  /** Addresses that were taken since the last look, by subnet. */
  readonly #taken = new Map<number, number>()
  readonly #wantAt = new Map<string, Instant>()
  /** Of the rows that were looked at for keys to give back, the last. */
  #lookedAt: Ipv4 = 0
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
  lacks(client: string, ranges: readonly Ipv4Range[], now: Instant): void {
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
  took(subnetId: number): void {
    this.#taken.set(subnetId, (this.#taken.get(subnetId) ?? 0) + 1)
  }

  /**
   * What is here already is kept for those that wait; for the others the partner is asked once
   * more.
   */
  #askForWaiting(now: Instant): void {
    this.#demand.expire(now)
    for (const { first, last, count } of this.#demand.next(LOOKED_MAX)) {
      const range = { first, last }
      const here = this.#services.table.free.toHandOn(range, count, now).length
      if (here < count) this.#want(range, count - here, WANT_WAIT, now)
    }
  }

  #askAhead(now: Instant): void {
    const plan = this.#services.plan().dhcp4
    if (plan === undefined || plan.subnets.length === 0) return
    for (const [id, taken] of [...this.#taken].slice(0, LOOKED_MAX)) {
      this.#taken.delete(id)
      const subnet = plan.subnets.find((each) => each.id === id)
      if (subnet !== undefined) this.#askEarly(subnet, taken, now)
    }
    this.#askEarly(plan.subnets[this.#subnet++ % plan.subnets.length]!, 0, now)
  }

  #askEarly({ ranges }: Subnet4, taken: number, now: Instant): void {
    const { draw, table } = this.#services
    const { mine, foreign, tied } = table.freeCount(ranges, draw)
    const all = mine + foreign + tied
    const isLow = mine < all * LOW_WATER || (mine < all && mine < taken * LOOKS_AHEAD)
    if (!isLow) return
    const wait = taken > 0 ? WANT_WAIT : LEISURE_WAIT
    for (const range of ranges) if (this.#mayAsk(range, false, now)) this.#want(range, 0, wait, now)
  }

  #mayAsk(range: Ipv4Range, urgent: boolean, now: Instant): boolean {
    return (this.#wantAt.get(wishKey(range, urgent)) ?? 0) <= now
  }

  /**
   * Asks the partner for free addresses of the range; `count` clients wait for one. Not again
   * within `wait`.
   */
  #want(range: Ipv4Range, count: number, wait: Millis, now: Instant): void {
    const session = this.#sessions.withPartner
    if (!this.#rightsBook.isSharing || session === undefined) return
    const urgent = count > 0
    if (this.#wantAt.size >= WANTS_MAX) this.#wantAt.clear()
    this.#wantAt.set(wishKey(range, urgent), now + wait)
    // The partner can hand on what it has got back, the next time.
    if (urgent) this.#giveBackIn(range, GIVE_BACK_MAX, now)
    const { first, last } = range
    session.say({ type: 'want', first, last, urgent, ...(urgent ? { count } : {}) })
  }

  // ---- handing on

  /**
   * The partner asks. Of one address it gets what it needs, since it is meant for a certain client;
   * of more, both keys of half of what is free here, down to the reserve, and one for each client
   * that waits there, except what clients here wait for.
   */
  handOn(wish: Want): void {
    const { first, last, urgent } = wish
    if (!this.#rightsBook.isSharing || last < first) return
    const { plan, table } = this.#services
    const now = this.#services.now()
    table.expireOffers(now)
    if (!this.#affords(first === last ? WISH_COST.one : WISH_COST.range, now)) return
    const subnets = plan().dhcp4?.subnetsAt(first) ?? []
    // At leisure the last address stays where it is.
    if (first === last) return urgent ? this.#handOnOne(first, subnets, now) : undefined
    const back = this.#giveBackIn(wish, urgent ? GIVE_BACK_MAX : LEISURE_BACK_MAX, now)
    for (const pool of subnets.flatMap(({ ranges }) => ranges))
      if (pool.first <= last && first <= pool.last) this.#handOnOf(pool, wish, back, now)
  }

  /**
   * What lies in a pool of this server: of other addresses it has nothing to give. `back`: were
   * given back.
   */
  #handOnOf(
    pool: Ipv4Range,
    { first, last, urgent, count = 0 }: Want,
    back: number,
    now: Instant,
  ): void {
    const { draw, table } = this.#services
    const start = Math.max(first, pool.first)
    const range = { first: start, last: Math.min(last, pool.last, start + RANGE_MAX - 1) }
    const { mine } = table.freeCount([range], draw)
    const half = urgent ? Math.ceil(mine / 2) : Math.floor(mine / 2)
    const stock = this.#stockOf(pool)
    const spare = Math.min(half, stock.mine - stock.reserve)
    const wanted = Math.min(HAND_ON_MAX, Math.max(0, spare, count - back))
    if (wanted === 0) return
    const own = this.#demand.within(range)
    const free = table.free.toHandOn(range, wanted + own, now)
    for (const address of free.slice(0, Math.max(0, free.length - own))) this.#handOn(address)
  }

  #handOn(address: Ipv4): void {
    const { nextChange, table } = this.#services
    this.#send(handOn(address, ended(table.byAddress(address)), nextChange()))
  }

  /**
   * What is free of a pool here, and what of it stays here, whatever part of the pool is asked for.
   */
  #stockOf(pool: Ipv4Range): { mine: number; reserve: number } {
    const { draw, table } = this.#services
    const { mine, foreign } = table.freeCount([pool], draw)
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
  #handOnOne(address: Ipv4, subnets: readonly Subnet4[], now: Instant): void {
    const { table } = this.#services
    const row = table.byAddress(address)
    if (table.isOffered(address) || this.#demand.of({ first: address, last: address }) > 0) return
    if (row !== undefined && this.#isOwed(row, now)) return this.#giveBack(row)
    if (table.mayGive(address, row, now)) {
      if (this.#isSpare(address, subnets)) this.#handOn(address)
    } else if (row !== undefined) this.#cede(row, now)
  }

  /**
   * A lease of one of several identifiers: another one of the same host asks there, or the one that
   * has it, since its keys were ceded before. Nothing of it ends here.
   */
  #cede(row: Lease, now: Instant): void {
    const { nextChange, plan, table } = this.#services
    const keys = table.keysOf(row.address, row)
    if (keys === 0 || row.state !== LEASE_STATE.assigned || table.isOver(row, now)) return
    const { dhcp4 } = plan()
    if (dhcp4 !== undefined && isOfSeveral(dhcp4, row)) this.#send(cede(row, keys, nextChange()))
  }

  /** Of an address in no subnet here nobody asks who has the same configuration. */
  #isSpare(address: Ipv4, subnets: readonly Subnet4[]): boolean {
    const { dhcp4 } = this.#services.plan()
    const isIn = ({ first, last }: Ipv4Range) => first <= address && address <= last
    const pool = subnets.flatMap(({ ranges }) => ranges).find(isIn)
    if (pool === undefined) return subnets.length > 0
    const isReserved = (subnet: Subnet4) =>
      (dhcp4?.reservations.at(address, subnet).length ?? 0) > 0
    if (subnets.some(isReserved)) return true
    const { mine, reserve } = this.#stockOf(pool)
    // A pool without a reserve is small, and what has just ended in it is not counted yet.
    const kept = Math.max(reserve, this.#demand.within(pool))
    return kept === 0 || mine > kept
  }

  /**
   * Ended leases whose two keys are apart are nobody's: theirs go home before their time when the
   * partner runs short. How many did.
   */
  #giveBackIn({ first, last }: Ipv4Range, max: number, now: Instant): number {
    const walk = this.#services.table.walk('rows', { first, last }, this.#lookedAt)
    let back = 0
    let looked = last
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
  #isOwed(row: Lease, now: Instant): boolean {
    const { table } = this.#services
    if (table.homeOf(row.address) === this.#rightsBook.record.side || !table.isOver(row, now))
      return false
    return table.keysOf(row.address, row) === 1 && !table.isOffered(row.address)
  }

  #giveBack(row: Lease): void {
    this.#send(giveBack(ended(row)!, this.#services.nextChange()))
  }

  #send(lease: Lease): void {
    this.handedOn++
    const change = { kind: 'put', lease } as const
    this.#services.table.apply(change)
    this.#services.delivery.add(change, undefined, true)
  }
}

/** The row of an address that is over, once nothing says any more that it is assigned. */
function ended(row: Lease | undefined): Lease | undefined {
  return row?.state === LEASE_STATE.assigned ? reclaim(row, row.change) : row
}

/** An urgent wish is another one than one at leisure. */
function wishKey(range: Ipv4Range, urgent: boolean): string {
  return `${rangeKey(range)} ${urgent}`
}
