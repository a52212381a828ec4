// What a pair does beside its clients, a little at a time: sharing the keys of leases that were given while
// the partner was away, asking for free addresses before they run out, handing some on when asked.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan4.ts'
import type { Want } from '../ha/link-messages.ts'
import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'
import { claim, giveBack, handOn, reclaim, share } from '../leases/lifecycle.ts'
import { rested } from '../leases/merge.ts'
import { homeOf } from '../leases/rights.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import { BUFFERED_PAUSE } from './outgoing.ts'
import type { Pair } from './pair.ts'

/** Rows of one turn. */
const SLICE_ROWS = 200

/** Pause between two slices. */
const SLICE_WAIT: Millis = 1

/** Every so often one pool is looked at. */
const BALANCE_WAIT: Millis = 500

/** A range is not asked for again sooner; where nobody waits, the partner may have nothing to give. */
const WANT_WAIT: Millis = 500
const LEISURE_WAIT: Millis = 10_000

/** A client asks again within this time: RFC 2131 §4.1, 64 s and a little. */
const CLIENT_WAIT: Millis = 70_000

/** Ranges that are remembered for it. */
const WANTS_MAX = 4096

/** Below this part of a pool's free addresses a server asks for more (lib/ha/README.md, rule 4c). */
const LOW_WATER = 0.25

/** Addresses of one answer. */
const HAND_ON_MAX = 256

/** Rows that are looked at for keys to give back, each time somebody waits. */
const LOOK_MAX = 2048

/**
 * Work on the partner's wishes: what each costs, and how much of it is done in a second at most. What is more
 * is asked for again by whoever needs it.
 */
const WISH_COST = { range: 40, one: 2 } as const
const WISHES_MAX = 2000

/** No pool is larger for the purpose of handing on. */
const RANGE_MAX = 1 << 20

/** A pass waits while so many of its rows are under way to a disk, here or there. */
const UNDER_WAY_MAX = 5000
const UNDER_WAY_WAIT: Millis = 10

interface Pass {
  from: number
  readonly slice: (from: number, limit: number) => readonly Lease[]
  readonly change: (lease: Lease) => { change: Change; isStreamed: boolean } | undefined
  readonly done: () => void
}

export class Rounds {
  readonly #pair: Pair
  #pass: Pass | undefined
  #sliceAt: Instant = 0
  #balanceAt: Instant = 0
  #pool = 0
  readonly #wantAt = new Map<number, Instant>()
  readonly #waitingUntil = new Map<number, Instant>()
  #lookedAt: Ipv4 = 0
  /** What is left for wishes since then. */
  #wishes = WISHES_MAX
  #wishesAt: Instant = 0
  handedOn = 0

  constructor(pair: Pair) {
    this.#pair = pair
  }

  get deadline(): Instant {
    if (this.#pass !== undefined) return this.#sliceAt
    return this.#pair.isSharing ? this.#balanceAt : NEVER
  }

  turn(now: Instant): void {
    if (this.#pass !== undefined && now >= this.#sliceAt) this.#advance(this.#pass, now)
    if (this.#pair.isSharing && now >= this.#balanceAt) this.#balance(now)
  }

  /** Gives the partner a key of each running lease of which this server holds both. */
  startSharing(): void {
    const { table, nextChange } = this.#pair.services
    this.#pass = {
      from: 0,
      slice: (from, limit) => table.toShare(from, limit),
      change: (lease) => ({
        change: { kind: 'put', lease: share(lease, nextChange()) },
        isStreamed: true,
      }),
      done: () => {},
    }
  }

  /** Gives the partner a key of this lease, if it runs and this server holds both. */
  share(address: Ipv4): void {
    const { table, nextChange } = this.#pair.services
    const lease = table.byAddress(address)
    if (lease?.state !== LEASE_STATE.assigned || table.keysOf(address, lease) !== 2) return
    this.#stream(share(lease, nextChange()))
  }

  /**
   * Before everything is returned: each running lease gets the keys that its server needs to renew it,
   * whatever the counters said when this server became the only one.
   */
  startClaiming(done: () => void): void {
    const { table } = this.#pair.services
    this.#pass = {
      from: 0,
      slice: (from, limit) => table.rowsFrom(from, limit),
      change: (lease) => {
        const claimed = this.#claimed(lease)
        if (claimed === lease) return undefined
        return { change: { kind: 'put', lease: claimed }, isStreamed: false }
      },
      done,
    }
  }

  #claimed(lease: Lease): Lease {
    const { doubtUntil, side } = this.#pair.record
    const claimed = claim(lease, side) ?? lease
    return doubtUntil > this.#pair.services.now() ? rested(claimed, doubtUntil) : claimed
  }

  stop(): void {
    this.#pass = undefined
  }

  // ---- free addresses

  /** Asks the partner for free addresses of these ranges; `urgent`: a client waits for one. */
  want(ranges: readonly Ipv4Range[], urgent: boolean, now: Instant): void {
    const session = this.#pair.conversations.withPartner
    if (!this.#pair.isSharing || session === undefined) return
    for (const { first, last } of ranges) {
      const wish = wishKey(first, last, urgent)
      if ((this.#wantAt.get(wish) ?? 0) > now) continue
      if (this.#wantAt.size >= WANTS_MAX) this.#wantAt.clear()
      if (this.#waitingUntil.size >= WANTS_MAX) this.#waitingUntil.clear()
      this.#wantAt.set(wish, now + (urgent ? WANT_WAIT : LEISURE_WAIT))
      if (urgent) this.#waitingUntil.set(wish, now + CLIENT_WAIT)
      if (urgent) this.#giveBackIn(first, last, now)
      session.say({ type: 'want', first, last, urgent })
    }
  }

  /**
   * The partner asks. Of one address it gets what it needs, since it is meant for a certain client; of more, both
   * keys of half of what is free here, down to the reserve.
   */
  handOn({ first, last, urgent }: Want): void {
    if (!this.#pair.isSharing || last < first) return
    const { now, plan, table } = this.#pair.services
    table.expireOffers(now())
    if (!this.#affords(first === last ? WISH_COST.one : WISH_COST.range, now())) return
    const subnet = plan().subnetByAddress(first)
    // At leisure the last address stays where it is.
    if (first === last) return urgent ? this.#handOnOne(first, subnet) : undefined
    if (urgent) this.#giveBackIn(first, last, now())
    for (const pool of subnet?.ranges ?? [])
      if (pool.first <= last && first <= pool.last) this.#handOnOf(pool, first, last, urgent)
  }

  /** What lies in a pool of this server: of other addresses it has nothing to give. */
  #handOnOf(pool: Ipv4Range, first: Ipv4, last: Ipv4, urgent: boolean): void {
    const { draw, nextChange, table } = this.#pair.services
    const start = Math.max(first, pool.first)
    const range = { first: start, last: Math.min(last, pool.last, start + RANGE_MAX - 1) }
    const { mine } = table.freeCount([range], draw)
    const half = urgent ? Math.ceil(mine / 2) : Math.floor(mine / 2)
    const own = this.#isAwaited(first, last) ? 1 : 0
    const stock = this.#stockOf(pool)
    const count = Math.min(half, mine - own, stock.mine - stock.reserve, HAND_ON_MAX)
    if (count <= 0) return
    for (const address of table.freeToHandOn(range, count))
      this.#send(handOn(address, table.byAddress(address), nextChange()))
  }

  /** What is free of a pool here, and what of it stays here, whatever part of the pool is asked for. */
  #stockOf(pool: Ipv4Range): { mine: number; reserve: number } {
    const { draw, table } = this.#pair.services
    const { mine, foreign } = table.freeCount([pool], draw)
    return { mine, reserve: Math.floor((mine + foreign) * this.#pair.plan.reserve) }
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
   * A client here waits for an address of the range and will ask again. Else the last address would go to and
   * fro between two servers with a client each, and neither would get it.
   */
  #isAwaited(first: Ipv4, last: Ipv4): boolean {
    const until = this.#waitingUntil.get(wishKey(first, last, true)) ?? 0
    return this.#pair.services.now() < until
  }

  /**
   * Also where the address is reserved, which nobody else waits for; not where somebody was offered it, nor one
   * of the reserve, since its client can have another.
   */
  #handOnOne(address: Ipv4, subnet: Subnet4 | undefined): void {
    const { now, table, nextChange } = this.#pair.services
    const row = table.byAddress(address)
    if (table.isOffered(address) || this.#isAwaited(address, address)) return
    if (row !== undefined && this.#isOwed(row, now())) return this.#giveBack(row)
    if (!table.mayGive(address, row, now()) || !this.#isSpare(address, subnet)) return
    const ended = row?.state === LEASE_STATE.assigned ? reclaim(row, row.change) : row
    this.#send(handOn(address, ended, nextChange()))
  }

  /** Of an address in no subnet here nobody asks who has the same configuration. */
  #isSpare(address: Ipv4, subnet: Subnet4 | undefined): boolean {
    const pool = subnet?.ranges.find(({ first, last }) => first <= address && address <= last)
    if (subnet === undefined || pool === undefined) return subnet !== undefined
    if (subnet.reservationsAt(address).length > 0) return true
    const { mine, reserve } = this.#stockOf(pool)
    // A pool without a reserve is small, and what has just ended in it is not counted yet.
    return reserve === 0 || mine > reserve
  }

  /** Ended leases whose two keys are apart are nobody's: theirs go home before their time when somebody waits. */
  #giveBackIn(first: Ipv4, last: Ipv4, now: Instant): void {
    const from = this.#lookedAt >= first && this.#lookedAt < last ? this.#lookedAt + 1 : first
    const rows = this.#pair.services.table.rowsFrom(from, LOOK_MAX)
    this.#lookedAt = rows.at(-1)?.address ?? last
    for (const row of rows) {
      if (row.address > last) break
      if (this.#isOwed(row, now)) this.#giveBack(row)
    }
  }

  /** Whether this server holds one key of an ended lease whose address is at home there. */
  #isOwed(row: Lease, now: Instant): boolean {
    const { table } = this.#pair.services
    if (homeOf(row.address) === this.#pair.record.side || !table.isOver(row, now)) return false
    return table.keysOf(row.address, row) === 1 && !table.isOffered(row.address)
  }

  #giveBack(row: Lease): void {
    const ended = row.state === LEASE_STATE.assigned ? reclaim(row, row.change) : row
    this.#send(giveBack(ended, this.#pair.services.nextChange()))
  }

  #send(lease: Lease): void {
    this.handedOn++
    this.#stream(lease)
  }

  #stream(lease: Lease): void {
    const change = { kind: 'put', lease } as const
    this.#pair.services.table.apply(change)
    this.#pair.services.delivery.add(change, undefined, true)
  }

  /** Looks at the next pool, and asks for more where this server's share has become small. */
  #balance(now: Instant): void {
    this.#balanceAt = now + BALANCE_WAIT
    const { subnets } = this.#pair.services.plan()
    if (subnets.length === 0) return
    const subnet = subnets[this.#pool++ % subnets.length]!
    const { mine, foreign } = this.#pair.services.table.freeCount(
      subnet.ranges,
      this.#pair.services.draw,
    )
    if (foreign > 0 && mine < (mine + foreign) * LOW_WATER) this.want(subnet.ranges, false, now)
  }

  /** Disks or the partner do not keep up with what a pass has sent before. */
  #isBehind(): boolean {
    const { conversations, services } = this.#pair
    if (services.delivery.gathered > UNDER_WAY_MAX) return true
    const session = conversations.withPartner
    if (session === undefined) return false
    const { outgoing, buffered } = session
    const unacked = outgoing === undefined ? 0 : outgoing.sentUpTo - outgoing.acknowledgedUpTo
    return buffered > BUFFERED_PAUSE || unacked > UNDER_WAY_MAX
  }

  #advance(pass: Pass, now: Instant): void {
    const { table, delivery } = this.#pair.services
    if (this.#isBehind()) {
      this.#sliceAt = now + UNDER_WAY_WAIT
      return
    }
    const rows = pass.slice(pass.from, SLICE_ROWS)
    for (const row of rows) {
      const next = pass.change(row)
      if (next === undefined) continue
      table.apply(next.change)
      delivery.add(next.change, undefined, next.isStreamed)
    }
    const last = rows.at(-1)
    if (last !== undefined) pass.from = last.address + 1
    this.#sliceAt = now + SLICE_WAIT
    if (rows.length >= SLICE_ROWS) return
    this.#pass = undefined
    pass.done()
  }
}

/** One address is another wish than a pool that begins with it, and an urgent one another than one at leisure. */
function wishKey(first: Ipv4, last: Ipv4, urgent: boolean): number {
  const key = urgent ? first + 2 ** 32 : first
  return first === last ? -key : key
}
