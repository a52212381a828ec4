// What a pair does beside its clients, a little at a time: sharing the keys of leases that were given while
// the partner was away, asking for free addresses before they run out, handing some on when asked.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import type { Want } from '../ha/link-messages.ts'
import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'
import { claim, giveBack, handOn, reclaim, share } from '../leases/lifecycle.ts'
import { rested } from '../leases/merge.ts'
import { homeOf } from '../leases/rights.ts'
import { type Instant, type Millis, NEVER } from '../time/units.ts'
import type { Pair } from './pair.ts'

/** Rows of one turn. */
const SLICE_ROWS = 200

/** Pause between two slices. */
const SLICE_WAIT: Millis = 1

/** Every so often one pool is looked at. */
const BALANCE_WAIT: Millis = 500

/** A range is not asked for again sooner. */
const WANT_WAIT: Millis = 500

/** A client asks again within this time: RFC 2131 §4.1, 64 s and a little. */
const CLIENT_WAIT: Millis = 70_000

/** Ranges that are remembered for it. */
const WANTS_MAX = 4096

/** Below this part of a pool's free addresses a server asks for more (ha-safety rule 4c). */
const LOW_WATER = 0.25

/** Addresses of one answer. */
const HAND_ON_MAX = 256

/** Rows that are looked at for keys to give back, each time somebody waits. */
const LOOK_MAX = 2048

/** No pool is larger for the purpose of handing on. */
const RANGE_MAX = 1 << 20

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
      this.#wantAt.set(wish, now + WANT_WAIT)
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
    const { draw, nextChange, table } = this.#pair.services
    if (first === last) return this.#handOnOne(first)
    const range = { first, last: Math.min(last, first + RANGE_MAX - 1) }
    if (urgent) this.#giveBackIn(first, last, this.#pair.services.now())
    const { mine, foreign } = table.freeCount([range], draw)
    const reserve = Math.floor((mine + foreign) * this.#pair.plan.reserve)
    const half = urgent ? Math.ceil(mine / 2) : Math.floor(mine / 2)
    const own = this.#isAwaited(first, last) ? 1 : 0
    const count = Math.min(half, mine - Math.max(reserve, own), HAND_ON_MAX)
    if (count <= 0) return
    for (const address of table.freeToHandOn(range, count))
      this.#send(handOn(address, table.byAddress(address), nextChange()))
  }

  /**
   * A client here waits for an address of the range and will ask again. Else the last address would go to and
   * fro between two servers with a client each, and neither would get it.
   */
  #isAwaited(first: Ipv4, last: Ipv4): boolean {
    const until = this.#waitingUntil.get(wishKey(first, last, true)) ?? 0
    return this.#pair.services.now() < until
  }

  /** Also where the address is reserved; not where somebody was offered it. */
  #handOnOne(address: Ipv4): void {
    const { now, table, nextChange } = this.#pair.services
    const row = table.byAddress(address)
    if (table.isOffered(address)) return
    const ended = row?.state === LEASE_STATE.assigned ? reclaim(row, row.change) : row
    if (table.mayGive(address, row, now())) return this.#send(handOn(address, ended, nextChange()))
    if (row !== undefined && this.#isOwed(row, now())) this.#giveBack(row)
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

  #advance(pass: Pass, now: Instant): void {
    const { table, delivery } = this.#pair.services
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
