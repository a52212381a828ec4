// The lease table against a naive model, which keeps the same promises by looking at everything
// each time.

import fc from 'fast-check'
import t from 'tap'
import { isOverlapping } from '../../lib/address/prefix6.ts'
import { BINDING_KIND, duidOf, kindOf } from '../../lib/leases/binding.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { rowOverAt } from '../../lib/leases/grace.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import type { Family } from '../../lib/leases/keys/family.ts'
import { family4 } from '../../lib/leases/keys/family4.ts'
import { family6 } from '../../lib/leases/keys/family6.ts'
import type { Key, Range } from '../../lib/leases/keys/key.ts'
import {
  type Change,
  type ClientIdentity,
  LEASE_STATE,
  type Lease,
  type LeaseState,
} from '../../lib/leases/lease.ts'
import { ALONE, type Keys, keysUnder, type Rights, type Side } from '../../lib/leases/rights.ts'
import { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import { NEVER } from '../../lib/time/units.ts'
import { address6, client6, key6 } from './keys6.ts'
import { BASE, drawing, HOLD, lease, nextChange } from './table-rows.ts'

/** The same promises, kept by looking at everything each time. */
class Model<A extends Key> {
  readonly family: Family<A>
  readonly pool: readonly A[]
  readonly leases = new Map<A, Lease<A>>()
  offers: { address: A; client: ClientIdentity; until: number }[] = []
  reserved = new Set<A>()

  rights: Rights = ALONE

  constructor(family: Family<A>, pool: readonly A[]) {
    this.family = family
    this.pool = pool
  }

  mayGive(address: A, now: number): boolean {
    const row = this.leases.get(address)
    const { kind, doubtUntil } = this.rights
    if (now < doubtUntil && (row === undefined || kind === 'all')) return false
    const isFree = this.ownKeysOf(address) === 2 && this.isOver(address, now)
    return isFree && !this.isOverlapped(address, now)
  }

  ownKeysOf(address: A): Keys {
    const row = this.leases.get(address)
    return keysUnder(this.rights, this.family.homeOf(address), row?.gave ?? 0, row?.got ?? 0)
  }

  keysOf(address: A, now: number): Keys {
    const own = this.ownKeysOf(address)
    if (this.rights.kind !== 'keys') return own
    const running = this.overlapping(address).filter((each) => !this.isOver(each, now))
    return Math.min(own, ...running.map((each) => this.ownKeysOf(each))) as Keys
  }

  /** Overlapping rows, but for those that their clients have registered. */
  overlapping(address: A): A[] {
    return [...this.leases.values()]
      .filter((row) => row.state !== LEASE_STATE.registered && this.#overlap(row.address, address))
      .map(addressOf)
  }

  around(address: A, now: number): A[] {
    return this.overlapping(address).filter(
      (each) => !this.isOver(each, now) || this.ownKeysOf(each) !== 2,
    )
  }

  isOverlapped(address: A, now: number): boolean {
    return this.around(address, now).length > 0
  }

  #overlap(one: A, other: A): boolean {
    if (typeof one === 'number' || typeof other === 'number' || one === other) return false
    return isOverlapping(one, other)
  }

  isOver(address: A, now: number): boolean {
    const row = this.leases.get(address)
    if (row === undefined || row.state === LEASE_STATE.released) return true
    return rowOverAt(row) <= now
  }

  byClient(who: ClientIdentity): Lease<A> | undefined {
    const rows = [...this.leases.values()].filter(
      ({ state }) =>
        ![LEASE_STATE.declined, LEASE_STATE.free, LEASE_STATE.registered].includes(state as 1),
    )
    const byId = rows.filter((row) => who.clientId !== '' && row.clientId === who.clientId)
    const found = byId.length > 0 ? byId : rows.filter((row) => isSameClient(row, who))
    return found.toSorted(
      (a, b) =>
        Number(b.state === LEASE_STATE.assigned) - Number(a.state === LEASE_STATE.assigned) ||
        b.start - a.start ||
        b.change - a.change,
    )[0]
  }

  /**
   * By client-id, else by hardware address: first of a client without a client-id, as who sent the
   * offer's query.
   */
  offerOf(
    { clientId, hwAddress }: ClientIdentity,
    now = Number.NEGATIVE_INFINITY,
  ): (typeof this.offers)[number] | undefined {
    const offers = this.offers.filter(({ until }) => until > now)
    const byId = offers.find(({ client }) => clientId !== '' && client.clientId === clientId)
    const byHw = offers.filter(({ client }) => hwAddress !== '' && client.hwAddress === hwAddress)
    const alone = byHw.find(({ client }) => client.clientId === '')
    return byId ?? alone ?? (clientId === '' ? byHw[0] : undefined)
  }

  expireOffers(now: number): void {
    this.offers = this.offers.filter(({ until }) => until > now)
  }

  offer(address: A, client: ClientIdentity, until: number): void {
    const former = this.offerOf(client)
    if (former?.address === address) {
      former.until = until
      return
    }
    this.offers = this.offers.filter((each) => each !== former && each.address !== address)
    this.offers.push({ address, client, until })
  }

  /**
   * What findFree, and findLent if it finds none, may answer now: of the best kind that there is.
   */
  free(now: number): Set<A> {
    // Who may give nothing looks for nothing.
    if (this.rights.kind !== 'none') this.expireOffers(now)
    const kinds = [new Set<A>(), new Set<A>(), new Set<A>()]
    for (const address of this.pool) {
      if (this.reserved.has(address) || !this.mayGive(address, now)) continue
      const isOffered = this.offers.some((offer) => offer.address === address)
      kinds[isOffered ? 2 : this.leases.has(address) ? 1 : 0]!.add(address)
    }
    const [fresh, used, lent] = kinds as [Set<A>, Set<A>, Set<A>]
    if (fresh.size > 0) return fresh
    if (used.size > 0) return used
    const until = Math.min(
      ...this.offers.filter((each) => lent.has(each.address)).map((each) => each.until),
    )
    return new Set(
      this.offers
        .filter((each) => lent.has(each.address) && each.until === until)
        .map((each) => each.address),
    )
  }
}

const addressOf = <A extends Key>(row: Lease<A>) => row.address
const ascending = <A extends Key>(a: A, b: A) => (a < b ? -1 : 1)

/** So few that steps exhaust them. */
const POOL = 8
type Step =
  | { kind: 'put'; at: number; who: number; state: LeaseState; lifetime: number; keys: number }
  | { kind: 'rights'; rights: Rights['kind']; side: Side; doubtMs: number }
  | { kind: 'remove'; at: number }
  | { kind: 'offer'; at: number; who: number; wait: number }
  | { kind: 'withdraw'; who: number }
  | { kind: 'reserve'; at: number[] }
  | { kind: 'wait'; ms: number }
  | { kind: 'find'; random: boolean }
  | { kind: 'due'; apply: boolean }

const at = fc.integer({ min: 0, max: POOL - 1 })
const who = fc.integer({ min: 0, max: 11 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      at,
      who,
      state: fc.constantFrom<LeaseState>(0, 0, 0, 1, 2, 3, 4, 5),
      keys: fc.constantFrom(0, 0, 1, 2),
      lifetime: fc.constantFrom(10, 100, 1000, 0xffffffff),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rights' as const),
      rights: fc.constantFrom('all' as const, 'keys' as const, 'keys' as const, 'none' as const),
      side: fc.constantFrom<Side>(0, 1),
      doubtMs: fc.constantFrom(0, 0, 50_000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      at,
      who,
      wait: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reserve' as const), at: fc.array(at) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 5000, 30_000, 120_000, 4_000_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('find' as const), random: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('due' as const), apply: fc.boolean() }) },
)

/**
 * Twelve clients: with both identifiers, without client-id, without hardware address, shared ones.
 */
function modelClient(number: number): ClientIdentity {
  const pair = Math.floor(number / 3)
  if (number % 3 === 0) return { htype: 1, hwAddress: `hw${pair}`, clientId: `id${number}` }
  if (number % 3 === 1) return { htype: 1, hwAddress: `hw${pair}`, clientId: '' }
  return { htype: 1, hwAddress: '', clientId: `id${number - 2}` }
}

/** Where a model lives: a family, ranges of it with POOL keys, and clients by their numbers. */
interface Ground<A extends Key> {
  readonly family: Family<A>
  readonly ranges: readonly Range<A>[]
  readonly clientOf: (number: number) => ClientIdentity
}

function keysIn<A extends Key>({ family, ranges }: Ground<A>): A[] {
  return ranges.flatMap((range) =>
    Array.from({ length: family.sizeOf(range) }, (_, index) => family.at(range, index)),
  )
}

/** Runs the steps on both and returns the first difference, or ''. */
function difference<A extends Key>(
  ground: Ground<A>,
  steps: readonly Step[],
  seed: number,
): string {
  const { family, ranges, clientOf } = ground
  const table = new LeaseTable(family, seed)
  const pool = keysIn(ground)
  const model = new Model(family, pool)
  const draw = drawing(seed)
  let now = 0
  const apply = (change: Change<A>) => {
    table.apply(change)
    if (change.kind === 'put') model.leases.set(change.lease.address, change.lease)
    else model.leases.delete(change.address)
  }
  for (const [index, each] of steps.entries()) {
    const fail = (what: string) => `step ${index} ${each.kind}: ${what}`
    if (each.kind === 'put') {
      const end = each.lifetime === 0xffffffff ? NEVER : now + each.lifetime * 1000
      const isFree = each.state === LEASE_STATE.free
      const whose = isFree ? { htype: 0, hwAddress: '', clientId: '' } : clientOf(each.who)
      const start = family.homeOf(pool[each.at]!) === model.rights.side ? 2 : 0
      const counters = { gave: Math.max(0, start - each.keys), got: Math.max(0, each.keys - start) }
      const times = { validLifetime: each.lifetime, start: now, end }
      const state = each.state > family.stateMax ? LEASE_STATE.assigned : each.state
      const fields = { state, ...times, ...counters }
      apply({ kind: 'put', lease: lease(pool[each.at]!, whose, fields) })
    } else if (each.kind === 'rights') {
      const doubtUntil = now + each.doubtMs
      model.rights = { kind: each.rights, side: each.side, paired: false, doubtUntil }
      table.setRights(model.rights)
    } else if (each.kind === 'remove')
      apply({ kind: 'remove', address: pool[each.at]!, change: nextChange() })
    else if (each.kind === 'offer') {
      const offered = clientOf(each.who)
      table.offer(pool[each.at]!, offered, 1, now + each.wait)
      model.offer(pool[each.at]!, offered, now + each.wait)
    } else if (each.kind === 'withdraw') {
      const gone = clientOf(each.who)
      table.withdrawOffer(gone, 1)
      const former = model.offerOf(gone)
      model.offers = model.offers.filter((offer) => offer !== former)
    } else if (each.kind === 'reserve') {
      model.reserved = new Set(each.at.map((offset) => pool[offset]!))
      table.setReserved([...model.reserved])
    } else if (each.kind === 'wait') now += each.ms
    else if (each.kind === 'find') {
      const allowed = model.free(now)
      const order = each.random ? 'random' : 'iterative'
      const found = table.findFree(ranges, { order, draw }, now) ?? table.findLent(ranges, now)
      if (found === undefined ? allowed.size > 0 : !allowed.has(found))
        return fail(`${found} instead of one of ${[...allowed]}`)
      const wrong =
        model.rights.kind === 'none' ? '' : differenceOfCounts(table, model, ranges, now)
      if (wrong !== '') return fail(wrong)
    } else {
      model.expireOffers(now)
      for (const { change } of table.due(now, 100, HOLD, nextChange)) {
        const address = change.kind === 'put' ? change.lease.address : change.address
        if (!model.isOver(address, now)) return fail(`${address} is not over`)
        if (each.apply) apply(change)
      }
    }
    const different = differenceOfQuestions(table, model, clientOf, now)
    if (different !== '') return fail(different)
  }
  return ''
}

/** As of a search at `now`. */
function differenceOfCounts<A extends Key>(
  table: LeaseTable<A>,
  model: Model<A>,
  ranges: readonly Range<A>[],
  now: number,
): string {
  const count = { mine: 0, foreign: 0, tied: 0, resting: 0 }
  const given = new Set<A>()
  for (const address of model.pool) {
    const isOffered = model.offers.some((offer) => offer.address === address && offer.until > now)
    if (isOffered || model.reserved.has(address) || model.isOverlapped(address, now)) continue
    const keys = model.ownKeysOf(address)
    if (model.mayGive(address, now)) {
      count.mine++
      if (model.rights.kind === 'keys') given.add(address)
    } else if (keys === 0 && model.isOver(address, now)) count.foreign++
    else if (keys === 1 && model.isOver(address, now)) count.tied++
    else if (keys === 2 && model.isOver(address, now)) count.resting++
  }
  for (const address of model.pool) {
    const row = table.byAddress(address)
    if (table.keysOf(address, row) !== model.keysOf(address, now)) return `keysOf ${address}`
    const around = table.around(address, now).map(addressOf).toSorted(ascending)
    if (`${around}` !== `${model.around(address, now).toSorted(ascending)}`)
      return `around ${address}`
  }
  const counted = table.freeCount(ranges, () => 0)
  if (JSON.stringify(counted) !== JSON.stringify(count))
    return `freeCount ${JSON.stringify(counted)} instead of ${JSON.stringify(count)}`
  const handedOn = ranges.flatMap((range) =>
    table.free.toHandOn(range, 100, now).toSorted(ascending),
  )
  if (`${handedOn}` !== `${[...given]}`) return `freeToHandOn ${handedOn} instead of ${[...given]}`
  const first = table.free.toHandOn(ranges[0]!, 2, now).length
  const inFirst = [...given].filter((each) => each <= ranges[0]!.last && each >= ranges[0]!.first)
  return first === Math.min(2, inFirst.length) ? '' : 'freeToHandOn 2'
}

function differenceOfQuestions<A extends Key>(
  table: LeaseTable<A>,
  model: Model<A>,
  clientOf: Ground<A>['clientOf'],
  now: number,
): string {
  const counts = [0, 0, 0, 0, 0, 0]
  for (const row of model.leases.values()) counts[row.state]!++
  const [free = 0] = counts.splice(LEASE_STATE.free, 1)
  if (table.size !== model.leases.size - free) return `size ${table.size}`
  if (table.walk('leases').next(100).length !== table.size) return 'leases'
  if (table.walk('rows').next(100).length !== model.leases.size) return 'rows'
  const unshared = [...model.leases.values()].filter(
    (row) =>
      row.state === LEASE_STATE.assigned &&
      model.rights.kind === 'keys' &&
      model.ownKeysOf(row.address) === 2,
  )
  if (
    `${table.walk('unshared').next(100).map(addressOf)}` !==
    `${unshared.map(addressOf).toSorted(ascending)}`
  )
    return 'unshared'
  const { assigned, declined, expired, released, registered } = table.counts(1)
  if (`${[assigned, declined, expired, released, registered]}` !== `${counts}`) return 'counts'
  for (let number = 0; number < 12; number++) {
    const who = clientOf(number)
    const found = table.byClient(who, 1)
    const expected = model.byClient(who)
    if (JSON.stringify(found) !== JSON.stringify(expected && { ...found, ...expected }))
      return `byClient ${number}: ${found?.address} instead of ${expected?.address}`
    if (table.offerOf(who, 1, now) !== model.offerOf(who, now)?.address) return `offerOf ${number}`
    const wrong = differenceOfDuids(table, model, who)
    if (wrong !== '') return wrong
  }
  for (const address of model.pool) {
    const row = table.byAddress(address)
    if (row?.change !== model.leases.get(address)?.change) return `byAddress ${address}`
    if (table.isOver(row, now) !== model.isOver(address, now)) return `isOver ${address}`
    if (table.mayGive(address, row, now) !== model.mayGive(address, now))
      return `mayGive ${address}`
  }
  return ''
}

/** Of DHCPv4 there are none. */
function differenceOfDuids<A extends Key>(
  table: LeaseTable<A>,
  model: Model<A>,
  who: ClientIdentity,
): string {
  if (model.family.secondKey !== 'duid') return ''
  const { na, pd, registered } = BINDING_KIND
  for (const kinds of [[na, pd], [registered]]) {
    const found = table.byDuid(duidOf(who), kinds).map(addressOf)
    const expected = [...model.leases.values()].filter(
      (row) => duidOf(row) === duidOf(who) && kinds.some((kind) => kind === kindOf(row)),
    )
    if (`${found.toSorted(ascending)}` !== `${expected.map(addressOf).toSorted(ascending)}`)
      return `byDuid ${kinds}`
  }
  return ''
}

function keepsPromises<A extends Key>(ground: Ground<A>): void {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }),
      fc.nat(),
      (steps, seed) => {
        const different = difference(ground, steps, seed)
        if (different !== '') throw new Error(different)
      },
    ),
    { numRuns: 150, seed: 2131 },
  )
}

const RANGES4 = [
  { first: BASE, last: BASE + POOL / 2 - 1 },
  { first: BASE + POOL / 2, last: BASE + POOL - 1 },
]

const RANGES6 = [
  { first: address6(0), last: address6(POOL / 2 - 1) },
  { first: address6(POOL / 2), last: address6(POOL - 1) },
]

/** Of three lengths, which lie within each other, and an address in one. */
const NESTED = [
  { first: key6('2001:db8:0:40::/60'), last: key6('2001:db8:0:50::/60') },
  { first: key6('2001:db8:0:44::/62'), last: key6('2001:db8:0:54::/62') },
  { first: key6('2001:db8:0:54::1'), last: key6('2001:db8:0:54::1') },
]

/** Twelve bindings of two clients. */
function modelClient6(number: number): ClientIdentity {
  const kinds = [BINDING_KIND.na, BINDING_KIND.pd, BINDING_KIND.registered]
  return client6(number % 2, number % 4 < 2 ? 0 : 7, kinds[number % 3])
}

t.test('the table keeps the promises that a naive model keeps', async (t) => {
  t.test('for addresses of IPv4', async () =>
    keepsPromises({ family: family4, ranges: RANGES4, clientOf: modelClient }),
  )
  t.test('for addresses of IPv6', async () =>
    keepsPromises({ family: family6, ranges: RANGES6, clientOf: modelClient6 }),
  )
  t.test('for prefixes of several lengths, of which none is given within another', async (t) => {
    t.equal(keysIn({ family: family6, ranges: NESTED, clientOf: modelClient6 }).length, POOL)
    keepsPromises({ family: family6, ranges: NESTED, clientOf: modelClient6 })
  })
})

t.test('records of DHCPv6 are loaded, told apart and walked in order', async (t) => {
  const writer = new ChangeWriter(8)
  const leases = [300, 2, 255].map((index) => lease(address6(index), modelClient6(index % 12)))
  for (const each of leases) writer.put({ kind: 'put', lease: each })
  writer.put({ kind: 'remove', address: address6(255), change: nextChange() })
  const table = leaseTable6(1)
  table.load(writer.copy())
  t.strictSame(table.walk('rows').next(9), [leases[1], leases[0]])
  t.throws(() => table.load(writer.copy().subarray(0, -1)), { message: /truncated/ })
  const four = new ChangeWriter()
  four.put({ kind: 'put', lease: lease(BASE, modelClient(1)) })
  t.throws(() => table.load(four.copy()), { message: /unknown kind 1/ }, 'of another family')
  t.throws(() => leaseTable4().load(writer.copy()), { message: /unknown kind 3/ })
})
