// What the lease table does for addresses and prefixes of DHCPv6.

import t from 'tap'
import { isInside, type Prefix6, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { BINDING_KIND } from '../../lib/leases/binding.ts'
import { family6, homeOf6 } from '../../lib/leases/keys/family6.ts'
import { LEASE_STATE, type Lease6 } from '../../lib/leases/lease.ts'
import { grant, register, release } from '../../lib/leases/lifecycle.ts'
import { merge } from '../../lib/leases/merge.ts'
import type { Side } from '../../lib/leases/rights.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import { positionAt } from '../../lib/leases/table/positions.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'
import { NEVER } from '../../lib/time/units.ts'
import { address6, client6, duid6, key6, range6 } from './keys6.ts'
import { drawing, HOLD, ITERATIVE, lease, nextChange, PAIRED } from './table-rows.ts'

const RANDOM: FreeSearch = { order: 'random', draw: drawing(3) }
const DAY = { validLifetime: 86_400, end: 86_400_000 }

type Table = ReturnType<typeof leaseTable6>

function put(table: Table, ...leases: Lease6[]): void {
  for (const each of leases) table.apply({ kind: 'put', lease: each })
}

/** Prefixes in one that are at home there. */
function home(side: Side, length: number, outer = '2001:db8::/32'): Prefix6 {
  let key = family6.nesting!.below(key6(outer), length).first
  while (homeOf6(key) !== side) key = family6.after(key)
  return key
}

t.test('rule 1d(c): the home of a key never changes', async (t) => {
  t.test('an address is at home by all its bits', async (t) => {
    const homes = Array.from({ length: 24 }, (_, index) => homeOf6(address6(index))).join('')
    t.equal(homes, '011011001110010000001011')
  })
  t.test('a prefix by its first 48, whatever its length', async (t) => {
    const texts = Array.from({ length: 24 }, (_, index) => `2001:db8:${index.toString(16)}`)
    const homes = texts.map((text) => homeOf6(key6(`${text}::/48`))).join('')
    t.equal(homes, '000000001000010111011101')
    for (const inside of ['ab00::/56', 'abcd::/64', 'abcd:8000::/65'])
      t.equal(texts.map((text) => homeOf6(key6(`${text}:${inside}`))).join(''), homes, inside)
  })
  t.test('a shorter one by all it has', async (t) => {
    for (const text of ['2001:db8::', 'fd00::'])
      for (const length of [32, 40, 47, 48])
        t.equal(homeOf6(key6(`${text}/${length}`)), homeOf6(key6(`${text}/48`)), `${length}`)
  })
})

t.test('a pool of whatever size is drawn from evenly', async (t) => {
  for (const [first, last] of [
    ['2001:db8::', '2001:db8::ffff:ffff:ffff:ffff'],
    ['2001:db8::/56', '2001:db8:ffff:ff00::/56'],
    ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::5000', '2001:db8::1:5fff:ffff'],
  ] as const) {
    const range = range6(first, last)
    const table = leaseTable6()
    const found = new Set<Prefix6>()
    let below = 0
    const middle = family6.at(range, Math.min(family6.sizeOf(range) / 2, 2 ** 52))
    for (let draws = 0; draws < 400; draws++) {
      const key = table.findFree([range], RANDOM, 0)!
      t.ok(range.first <= key && key <= range.last)
      if (key < middle) below++
      found.add(key)
    }
    if (family6.sizeOf(range) <= 2 ** 52) t.ok(below > 140 && below < 260, `${first} ${below}`)
    t.ok(found.size > 398, `${first} ${found.size}`)
  }
})

t.test('keys are counted through however many ranges there are', async (t) => {
  for (const count of [1, 2, 8, 9, 40]) {
    const blocks = family6.nesting!.below(key6('2001:db8::/32'), 48)
    const ranges = Array.from({ length: count }, (_, index) => {
      const { first } = family6.nesting!.below(family6.at(blocks, 3 * index), 64)
      return { first, last: family6.at({ first, last: family6.all.last }, index % 3) }
    })
    const keys = ranges.flatMap((range) =>
      Array.from({ length: family6.sizeOf(range) }, (_, index) => family6.at(range, index)),
    )
    const found = keys.map((_, index) => positionAt(family6, ranges, index))
    t.strictSame(
      found.map(({ address }) => address),
      keys,
      `${count}`,
    )
    t.ok(
      found.every(
        ({ range, address }) => address >= ranges[range]!.first && address <= ranges[range]!.last,
      ),
    )
  }
})

t.test('of a pair, each gives what is at home there', async (t) => {
  for (const [first, last] of [
    ['2001:db8::', '2001:db8::ffff:ffff:ffff:ffff'],
    ['2001:db8::/64', '2001:db8:ffff:ffff::/64'],
    ['2001:db8::/48', '2001:db8:ffff::/48'],
  ] as const)
    for (const side of [0, 1] as const)
      for (const search of [ITERATIVE, RANDOM]) {
        const table = leaseTable6()
        table.setRights({ ...PAIRED, side })
        for (let count = 0; count < 50; count++) {
          const key = table.findFree([range6(first, last)], search, 0)!
          t.equal(homeOf6(key), side)
          put(table, lease(key, client6(count), DAY))
        }
      }
})

t.test(
  'a whole block of the partner is stepped over, and what is not ours stays unmarked',
  async (t) => {
    const theirs = home(1, 48)
    const table = leaseTable6()
    table.setRights(PAIRED)
    const { first, last } = family6.nesting!.below(theirs, 64)
    const isNone = table.findFree([{ first, last }], ITERATIVE, 0)
    t.equal(isNone, undefined)
    const found = table.findFree([{ first, last: key6('2001:dff:ffff:ffff::/64') }], ITERATIVE, 0)!
    t.equal(homeOf6(found), 0)
    t.notOk(isInside(found, theirs))
    t.match(table.freeCount([{ first, last }], drawing(1)), { mine: 0, foreign: 65_536 })
  },
)

t.test('rule 1d(b): nobody gets what overlaps that of somebody else', async (t) => {
  const outer = key6('2001:db8:0:100::/56')
  const inner = key6('2001:db8:0:140::/60')
  const address = key6('2001:db8:0:142::1')
  const all = [outer, inner, address]

  t.test('neither by name nor by a search, until it is over', async (t) => {
    for (const held of all)
      for (const wanted of all) {
        if (held === wanted) continue
        const table = leaseTable6()
        put(table, lease(held, client6(1), { validLifetime: 1000, end: 1_000_000 }))
        const range = [{ first: wanted, last: wanted }]
        const what = `${textFromPrefix6(wanted)} beside ${textFromPrefix6(held)}`
        t.notOk(table.mayGive(wanted, undefined, 1_000_000), what)
        t.equal(table.findFree(range, ITERATIVE, 1_014_999), undefined, what)
        t.strictSame(
          table.around(wanted, 1_014_999).map((row) => row.address),
          [held],
        )
        t.ok(table.mayGive(wanted, undefined, 1_015_000), what)
        t.equal(table.findFree(range, ITERATIVE, 1_015_000), wanted, what)
        t.strictSame(table.around(wanted, 1_015_000), [])
      }
  })

  t.test('a row that is over and may be given stands in its way, too', async (t) => {
    const table = leaseTable6()
    put(table, lease(inner, client6(1), { state: LEASE_STATE.released, end: 0 }))
    put(table, lease(outer, client6(2), DAY))
    t.equal(table.findFree([{ first: inner, last: inner }], ITERATIVE, 1000), undefined)
    put(table, { ...table.byAddress(outer)!, state: LEASE_STATE.released })
    t.equal(table.findFree([{ first: inner, last: inner }], ITERATIVE, 1000), inner)
  })

  t.test('not even what a search has passed over a thousand times', async (t) => {
    const table = leaseTable6()
    const blocks = family6.nesting!.below(key6('2001:db8::/40'), 56)
    let block = blocks.first
    for (let count = 0; count < 1000; count++, block = family6.after(block)) {
      const within = family6.nesting!.below(block, 64).first
      put(table, lease(within, client6(count), { ...DAY, subnetId: 2 }))
    }
    for (let round = 0; round < 3; round++)
      t.equal(table.findFree([{ first: blocks.first, last: block }], ITERATIVE, 0), block)
    const fifth = family6.at(blocks, 500)
    const freed = family6.nesting!.below(fifth, 64).first
    t.equal(table.findFree([{ first: blocks.first, last: fifth }], ITERATIVE, 0), undefined)
    table.apply({ kind: 'remove', address: freed, change: nextChange() })
    t.equal(table.findFree([{ first: blocks.first, last: fifth }], ITERATIVE, 0), fifth)
  })

  t.test('of a pair, what the partner has keys of is not given around it', async (t) => {
    const ours = home(0, 56)
    const below = family6.nesting!.below(ours, 64).first
    const over = { state: LEASE_STATE.free, start: 0, end: -10_000, validLifetime: 0 } as const
    const nobody = { htype: 0, hwAddress: '', clientId: '' }
    const table = leaseTable6()
    table.setRights(PAIRED)
    table.noteTime(0)
    put(table, lease(below, nobody, { ...over, gave: 2 }))
    t.equal(table.keysOf(ours, undefined), 2)
    t.notOk(table.mayGive(ours, undefined, 0), 'it may give what lies within')
    t.equal(table.around(ours, 0)[0]?.address, below, 'which is told to who asks for it by name')
    t.equal(table.findFree([{ first: ours, last: ours }], ITERATIVE, 0), undefined)
    t.match(table.freeCount([{ first: ours, last: ours }], drawing(1)), { mine: 0, foreign: 0 })
    put(table, lease(below, client6(1), { ...DAY, gave: 2 }))
    t.equal(table.keysOf(ours, lease(ours, client6(2), DAY)), 0, 'nor is it renewed')
    put(table, lease(below, nobody, { ...over, gave: 2, got: 2 }))
    t.ok(table.mayGive(ours, undefined, 0), 'when its keys are back')
  })

  t.test('of a pair, what is of no use here is told from what is not free', async (t) => {
    const whole = home(0, 56)
    const parts = family6.nesting!.below(whole, 60)
    const above = family6.nesting!.below(whole, 64).first
    const over = { state: LEASE_STATE.free, start: 0, end: -10_000, validLifetime: 0 } as const
    const nobody = { htype: 0, hwAddress: '', clientId: '' }
    const stuck = (rows: readonly Lease6[], range = parts) => {
      const table = leaseTable6()
      table.setRights(PAIRED)
      table.noteTime(0)
      put(table, ...rows)
      return table.free.stuck(range, 100, 0).length
    }
    const row = (key: Prefix6, gave: number) => lease(key, nobody, { ...over, gave })
    const one = { first: whole, last: whole }
    t.equal(stuck([]), 0, 'it is free')
    t.equal(stuck([row(whole, 0)]), 0, 'free, too')
    t.equal(stuck([row(whole, 2)]), 16, 'the partner has what they lie in')
    t.equal(stuck([row(whole, 2), row(parts.first, 0)]), 16, 'also one with a row')
    t.equal(stuck([row(whole, 2), row(parts.first, 2)]), 15, 'but for what the partner has')
    t.equal(stuck([row(whole, 1)]), 0, 'a key is on its way home')
    t.equal(stuck([lease(whole, client6(1), { ...DAY, gave: 2 })]), 0, 'somebody has it')
    t.equal(stuck([row(parts.first, 2)], one), 1, 'the partner has what lies in it')
    t.equal(stuck([row(parts.first, 2), lease(above, client6(1), DAY)], one), 0, 'somebody has it')
    t.equal(stuck([row(parts.first, 2), row(parts.last, 2)], one), 1)
  })

  t.test(
    'an address that a host has registered in its prefix does not end its lease',
    async (t) => {
      const table = leaseTable6()
      put(table, lease(address, client6(1, 0, 5), { ...DAY, state: LEASE_STATE.registered }))
      t.ok(table.mayGive(outer, undefined, 0))
      t.notOk(table.mayGive(address, table.byAddress(address), 0), 'nobody else gets it')
      t.equal(table.findFree([{ first: address, last: address }], ITERATIVE, 0), undefined)
    },
  )
})

t.test('what a client has, had and gave back is found by its DUID', async (t) => {
  const table = leaseTable6()
  const { na, pd, registered } = BINDING_KIND
  const live = lease(address6(1), client6(1, 7, na), { ...DAY, subnetId: 1 })
  const delegated = lease(key6('2001:db8:1::/56'), client6(1, 7, pd), { ...DAY, subnetId: 2 })
  const given = release(lease(address6(2), client6(1, 8, na), DAY), 5000, nextChange())
  put(table, live, delegated, given, lease(address6(3), client6(2, 7, na), DAY))
  for (let count = 0; count < 100; count++) {
    const own = { ...DAY, state: LEASE_STATE.registered }
    put(table, lease(address6(1000 + count), client6(1, 0, registered), own))
  }
  const addresses = (leases: Lease6[]) => leases.map((each) => each.address).toSorted()
  t.strictSame(
    addresses(table.byDuid(duid6(1), [na, pd])),
    [live, delegated, given].map((each) => each.address).toSorted(),
  )
  t.equal(table.byDuid(duid6(1)).length, 3 + 64, 'and so many of its own')
  t.strictSame(table.byDuid(duid6(1), [pd]), [delegated])
  t.strictSame(table.byDuid(duid6(9)), [])
  t.strictSame(table.byClient(client6(1, 7, pd), 2), delegated)
  t.equal(table.byClient(client6(1, 7, pd), 1), undefined, 'of another subnet')
  t.strictSame(table.byClient(client6(1, 8, na), 1), given, 'its address is kept for it')
})

t.test('what time does to leases', async (t) => {
  const terms = {
    ...{ subnetId: 1, poolId: 0, hostname: '', fqdnFwd: false, fqdnRev: false, userContext: '' },
    ...{ client: client6(1), validLifetime: 1000, preferredLifetime: 600 },
  }
  const due = (table: Table, now: number) =>
    table.due(now, 10, HOLD, nextChange).map(({ change }) => {
      table.apply(change)
      return change
    })

  t.test('preferred lifetimes are kept for as long as the lease runs', async (t) => {
    const table = leaseTable6()
    put(table, grant(address6(1), undefined, false, terms, 0, nextChange()))
    t.match(table.byAddress(address6(1)), { validLifetime: 1000, preferredLifetime: 600 })
    const again = grant(
      address6(1),
      table.byAddress(address6(1)),
      true,
      { ...terms, preferredLifetime: 0 },
      9000,
      nextChange(),
    )
    put(table, again)
    t.match(table.byAddress(address6(1)), { preferredLifetime: 0, start: 9000 })
  })

  t.test(
    'a registration is forgotten when it ends (RFC 9686), a lease kept for its client',
    async (t) => {
      const table = leaseTable6()
      put(table, register(address6(1), undefined, terms, 0, nextChange()))
      put(table, grant(address6(2), undefined, false, terms, 0, nextChange()))
      t.match(table.byAddress(address6(1)), {
        state: LEASE_STATE.registered,
        preferredLifetime: 600,
      })
      t.match(table.counts(1), { assigned: 1, registered: 1 })
      t.strictSame(due(table, 1_014_999), [])
      const changes = due(table, 1_015_000)
      t.match(
        changes.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
        [
          { kind: 'put', lease: { address: address6(2), state: LEASE_STATE.expired } },
          { kind: 'remove', address: address6(1) },
        ],
      )
      t.match(table.byClient(terms.client, 1), { address: address6(2) })
    },
  )

  t.test('a registration moves to whoever tells of it last, and is taken back', async (t) => {
    const first = register(address6(1), undefined, terms, 0, 1)
    const moved = register(address6(1), first, { ...terms, client: client6(2) }, 5000, 2)
    t.match(moved, { clientId: client6(2).clientId, start: 5000, end: 1_005_000, change: 2 })
    const table = leaseTable6()
    put(table, register(address6(1), moved, { ...terms, validLifetime: 0 }, 6000, nextChange()))
    t.match(due(table, 16_000), [{ kind: 'remove', address: address6(1) }])
    const leased = grant(address6(1), undefined, false, terms, 0, 1)
    t.throws(() => register(address6(1), leased, terms, 1000, 2), { message: /not over/ })
  })

  t.test('one without end never ends', async (t) => {
    const table = leaseTable6()
    put(table, lease(address6(1), client6(1), { validLifetime: 0xffffffff, end: NEVER }))
    t.strictSame(due(table, 1e15), [])
    t.notOk(table.mayGive(address6(1), table.byAddress(address6(1)), 1e15))
  })
})

t.test(
  'of a pair, a registration takes the place of nothing but a row that nobody has',
  async (t) => {
    const address = address6(1)
    const side = homeOf6(address)
    const rights = { ...PAIRED, side }
    const own = { state: LEASE_STATE.registered, ...DAY }
    const theirs = lease(address, client6(1, 0, 5), { ...own, change: 5, givenBy: 'us', start: 10 })
    const taken = merge(undefined, theirs, side, rights, 1000).lease
    t.match(taken, { state: LEASE_STATE.registered, gave: 0, got: 0, givenBy: 'partner' })
    const ended = lease(address, client6(2), {
      state: LEASE_STATE.released,
      end: 0,
      gave: 1,
      change: 3,
    })
    t.match(merge(ended, theirs, side, rights, 1000).lease, { ...own, gave: 1, got: 0, change: 3 })
    const live = lease(address, client6(2), DAY)
    t.equal(merge(live, theirs, side, rights, 1000).lease, undefined)
    const leased = lease(address, client6(2), { ...DAY, gave: 0, change: 9, start: 500 })
    const other = { ...PAIRED, side: (1 - side) as Side }
    t.match(merge(theirs, { ...leased, gave: 1 }, side, other, 1000).lease, { state: 0, got: 1 })
  },
)
