// The lease table against a naive model, which keeps the same promises by looking at everything
// each time.

import fc from 'fast-check'
import t from 'tap'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { rowOverAt } from '../../lib/leases/grace.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import type { Family } from '../../lib/leases/keys/family.ts'
import { family4 } from '../../lib/leases/keys/family4.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import {
  type Change,
  type ClientIdentity,
  LEASE_STATE,
  type Lease,
  type LeaseState,
} from '../../lib/leases/lease.ts'
import { ALONE, keysUnder, type Rights, type Side } from '../../lib/leases/rights.ts'
import { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { NEVER } from '../../lib/time/units.ts'
import { keyOf, octetsFamily } from './octets-family.ts'
import { BASE, drawing, HOLD, lease, nextChange } from './table-rows.ts'

/** The same promises, kept by looking at everything each time. */
class Model<A extends Key> {
  readonly family: Family<A>
  readonly leases = new Map<A, Lease<A>>()
  offers: { address: A; client: ClientIdentity; until: number }[] = []
  reserved = new Set<A>()

  rights: Rights = ALONE

  constructor(family: Family<A>) {
    this.family = family
  }

  mayGive(address: A, now: number): boolean {
    const row = this.leases.get(address)
    const { kind, doubtUntil } = this.rights
    if (now < doubtUntil && (row === undefined || kind === 'all')) return false
    const keys = keysUnder(this.rights, this.family.homeOf(address), row?.gave ?? 0, row?.got ?? 0)
    return keys === 2 && this.isOver(address, now)
  }

  isOver(address: A, now: number): boolean {
    const row = this.leases.get(address)
    if (row === undefined || row.state === LEASE_STATE.released) return true
    return rowOverAt(row) <= now
  }

  byClient(who: ClientIdentity): Lease<A> | undefined {
    const rows = [...this.leases.values()].filter(
      (row) => row.state !== LEASE_STATE.declined && row.state !== LEASE_STATE.free,
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
  free(first: A, last: A, now: number): Set<A> {
    // Who may give nothing looks for nothing.
    if (this.rights.kind !== 'none') this.expireOffers(now)
    const kinds = [new Set<A>(), new Set<A>(), new Set<A>()]
    for (let address = first; address <= last; address = this.family.after(address)) {
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
      state: fc.constantFrom<LeaseState>(0, 0, 0, 1, 2, 3, 4),
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

/** Where a model lives: a family, and the keys of a pool in it. */
interface Ground<A extends Key> {
  readonly family: Family<A>
  readonly keyOf: (index: number) => A
}

/** Runs the steps on both and returns the first difference, or ''. */
function difference<A extends Key>(
  { family, keyOf }: Ground<A>,
  steps: readonly Step[],
  seed: number,
): string {
  const table = new LeaseTable(family, seed)
  const model = new Model(family)
  const pool = Array.from({ length: POOL }, (_, n) => keyOf(n))
  const ranges = [
    { first: pool[0]!, last: pool[POOL / 2 - 1]! },
    { first: pool[POOL / 2]!, last: pool[POOL - 1]! },
  ]
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
      const whose = isFree ? { htype: 0, hwAddress: '', clientId: '' } : modelClient(each.who)
      const start = family.homeOf(pool[each.at]!) === model.rights.side ? 2 : 0
      const counters = { gave: Math.max(0, start - each.keys), got: Math.max(0, each.keys - start) }
      const times = { validLifetime: each.lifetime, start: now, end }
      const fields = { state: each.state, ...times, ...counters }
      apply({ kind: 'put', lease: lease(pool[each.at]!, whose, fields) })
    } else if (each.kind === 'rights') {
      const doubtUntil = now + each.doubtMs
      model.rights = { kind: each.rights, side: each.side, paired: false, doubtUntil }
      table.setRights(model.rights)
    } else if (each.kind === 'remove')
      apply({ kind: 'remove', address: pool[each.at]!, change: nextChange() })
    else if (each.kind === 'offer') {
      const offered = modelClient(each.who)
      table.offer(pool[each.at]!, offered, 1, now + each.wait)
      model.offer(pool[each.at]!, offered, now + each.wait)
    } else if (each.kind === 'withdraw') {
      const gone = modelClient(each.who)
      table.withdrawOffer(gone, 1)
      const former = model.offerOf(gone)
      model.offers = model.offers.filter((offer) => offer !== former)
    } else if (each.kind === 'reserve') {
      model.reserved = new Set(each.at.map((offset) => pool[offset]!))
      table.setReserved(model.reserved)
    } else if (each.kind === 'wait') now += each.ms
    else if (each.kind === 'find') {
      const allowed = model.free(pool[0]!, pool[POOL - 1]!, now)
      const order = each.random ? 'random' : 'iterative'
      const found = table.findFree(ranges, { order, draw }, now) ?? table.findLent(ranges, now)
      if (found === undefined ? allowed.size > 0 : !allowed.has(found))
        return fail(`${found} instead of one of ${[...allowed]}`)
      const wrong = model.rights.kind === 'none' ? '' : differenceOfCounts(table, model, pool, now)
      if (wrong !== '') return fail(wrong)
    } else {
      model.expireOffers(now)
      for (const { change } of table.due(now, 100, HOLD, nextChange)) {
        const address = change.kind === 'put' ? change.lease.address : change.address
        if (!model.isOver(address, now)) return fail(`${address} is not over`)
        if (each.apply) apply(change)
      }
    }
    const different = differenceOfQuestions(table, model, pool, now)
    if (different !== '') return fail(different)
  }
  return ''
}

/** As of a search at `now`. */
function differenceOfCounts<A extends Key>(
  table: LeaseTable<A>,
  model: Model<A>,
  pool: readonly A[],
  now: number,
): string {
  const all = { first: pool[0]!, last: pool[POOL - 1]! }
  const count = { mine: 0, foreign: 0, tied: 0, resting: 0 }
  const given = new Set<A>()
  for (const address of pool) {
    const row = model.leases.get(address)
    const isOffered = model.offers.some((offer) => offer.address === address && offer.until > now)
    if (isOffered || model.reserved.has(address)) continue
    const keys = keysUnder(
      model.rights,
      model.family.homeOf(address),
      row?.gave ?? 0,
      row?.got ?? 0,
    )
    if (model.mayGive(address, now)) {
      count.mine++
      if (model.rights.kind === 'keys') given.add(address)
    } else if (keys === 0 && model.isOver(address, now)) count.foreign++
    else if (keys === 1 && model.isOver(address, now)) count.tied++
    else if (keys === 2 && model.isOver(address, now)) count.resting++
  }
  const counted = table.freeCount([all], () => 0)
  if (JSON.stringify(counted) !== JSON.stringify(count))
    return `freeCount ${JSON.stringify(counted)} instead of ${JSON.stringify(count)}`
  const handedOn = table.free.toHandOn(all, 100, now).toSorted(ascending)
  if (`${handedOn}` !== `${[...given]}`) return `freeToHandOn ${handedOn} instead of ${[...given]}`
  return table.free.toHandOn(all, 2, now).length === Math.min(2, given.size) ? '' : 'freeToHandOn 2'
}

function differenceOfQuestions<A extends Key>(
  table: LeaseTable<A>,
  model: Model<A>,
  pool: readonly A[],
  now: number,
): string {
  const counts = [0, 0, 0, 0, 0]
  for (const row of model.leases.values()) counts[row.state]!++
  const free = counts.pop()!
  if (table.size !== model.leases.size - free) return `size ${table.size}`
  if (table.walk('leases').next(100).length !== table.size) return 'leases'
  if (table.walk('rows').next(100).length !== model.leases.size) return 'rows'
  const unshared = [...model.leases.values()].filter(
    (row) =>
      row.state === LEASE_STATE.assigned &&
      model.rights.kind === 'keys' &&
      keysUnder(model.rights, model.family.homeOf(row.address), row.gave, row.got) === 2,
  )
  if (
    `${table.walk('unshared').next(100).map(addressOf)}` !==
    `${unshared.map(addressOf).toSorted(ascending)}`
  )
    return 'unshared'
  const { assigned, declined, expired, released } = table.counts(1)
  if (`${[assigned, declined, expired, released]}` !== `${counts}`) return 'counts'
  for (let number = 0; number < 12; number++) {
    const who = modelClient(number)
    const found = table.byClient(who, 1)
    const expected = model.byClient(who)
    if (JSON.stringify(found) !== JSON.stringify(expected && { ...found, ...expected }))
      return `byClient ${number}: ${found?.address} instead of ${expected?.address}`
    if (table.offerOf(who, 1, now) !== model.offerOf(who, now)?.address) return `offerOf ${number}`
  }
  for (const address of pool) {
    const row = table.byAddress(address)
    if (row?.change !== model.leases.get(address)?.change) return `byAddress ${address}`
    if (table.isOver(row, now) !== model.isOver(address, now)) return `isOver ${address}`
    if (table.mayGive(address, row, now) !== model.mayGive(address, now))
      return `mayGive ${address}`
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

t.test('the table keeps the promises that a naive model keeps', async (t) => {
  t.test('for addresses of IPv4', async () =>
    keepsPromises({ family: family4, keyOf: (index) => BASE + index }),
  )
  t.test('for keys of 17 octets', async () => keepsPromises({ family: octetsFamily, keyOf }))
})

t.test('records with keys of 17 octets are loaded, told apart and walked in order', async (t) => {
  const writer = new ChangeWriter(8)
  const leases = [300, 2, 255].map((index) => lease(keyOf(index), modelClient(index % 12)))
  for (const each of leases) writer.put({ kind: 'put', lease: each })
  writer.put({ kind: 'remove', address: keyOf(255), change: nextChange() })
  const table = new LeaseTable(octetsFamily, 1)
  table.load(writer.copy())
  t.strictSame(table.walk('rows').next(9), [leases[1], leases[0]])
  t.throws(() => table.load(writer.copy().subarray(0, -1)), { message: /truncated/ })
  const four = new ChangeWriter()
  four.put({ kind: 'put', lease: lease(BASE, modelClient(1)) })
  t.throws(() => table.load(four.copy()), { message: /unknown kind 1/ }, 'of another family')
  t.throws(() => leaseTable4().load(writer.copy()), { message: /unknown kind 3/ })
})
