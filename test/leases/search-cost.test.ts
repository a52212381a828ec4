// What a search for a free key costs, counted in steps through the sets of keys and not in time:
// the same, however large or full pools are.

import t from 'tap'
import type { Prefix6 } from '../../lib/address/prefix6.ts'
import { family6 } from '../../lib/leases/keys/family6.ts'
import type { Range } from '../../lib/leases/keys/key.ts'
import type { KeySet } from '../../lib/leases/keys/key-space.ts'
import { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'
import { client6, key6, range6 } from './keys6.ts'
import { drawing, ITERATIVE, lease } from './table-rows.ts'

const RANDOM: FreeSearch = { order: 'random', draw: drawing(5) }
const DAY = { validLifetime: 86_400, end: 86_400_000 }

/** What one search may ask: four draws, and two rounds of its range. */
const MOST = 12

/** Questions to sets of keys: each costs as many steps as the tree is deep. */
let questions = 0

function counting(set: KeySet<Prefix6>): KeySet<Prefix6> {
  const counted = {
    has: (key: Prefix6) => {
      questions++
      return set.has(key)
    },
    nextSet: (from: Prefix6, last: Prefix6) => {
      questions++
      return set.nextSet(from, last)
    },
    nextClear: (from: Prefix6, last: Prefix6) => {
      questions++
      return set.nextClear(from, last)
    },
  }
  return Object.assign(Object.create(set), {
    ...counted,
    add: (key: Prefix6) => set.add(key),
    delete: (key: Prefix6) => set.delete(key),
    set: (key: Prefix6, isMember: boolean) => set.set(key, isMember),
    clear: () => set.clear(),
    assign: (other: { inner?: KeySet<Prefix6> }) =>
      set.assign(other.inner ?? (other as typeof set)),
    inner: set,
  })
}

const counted = {
  ...family6,
  space() {
    const space = family6.space()
    return { rows: space.rows, set: () => counting(space.set()) }
  },
}

/** The most questions that one of some searches asks, each with a lease that is given then. */
function worst(
  table: LeaseTable<Prefix6>,
  ranges: readonly Range<Prefix6>[],
  search: FreeSearch,
  times: number,
): number {
  let most = 0
  for (let round = 0; round < times; round++) {
    questions = 0
    const key = table.findFree(ranges, search, 0)
    most = Math.max(most, questions)
    if (key !== undefined) table.apply({ kind: 'put', lease: lease(key, client6(round), DAY) })
  }
  return most
}

function fill(table: LeaseTable<Prefix6>, { first, last }: Range<Prefix6>): void {
  for (let key = first; key <= last; key = family6.after(key))
    table.apply({ kind: 'put', lease: lease(key, client6(1), DAY) })
}

for (const [name, search] of [
  ['iterative', ITERATIVE],
  ['random', RANDOM],
] as const)
  t.test(`a search costs the same in any pool (${name})`, async (t) => {
    const empty = new LeaseTable(counted, 1)
    const small = worst(empty, [range6('2001:db8::', '2001:db8::ff')], search, 20)
    t.ok(small > 0 && small <= MOST, `${small} questions in a small one`)

    t.test('one of 2^64 addresses', async (t) => {
      const table = new LeaseTable(counted, 1)
      const pool = [range6('2001:db8::', '2001:db8::ffff:ffff:ffff:ffff')]
      t.ok(worst(table, pool, search, 200) <= MOST)
    })

    t.test('one of 2^16 that is full but for one', async (t) => {
      const table = new LeaseTable(counted, 1)
      const pool = range6('2001:db8::1:0', '2001:db8::1:ffff')
      fill(table, pool)
      for (const free of ['2001:db8::1:0', '2001:db8::1:8000', '2001:db8::1:ffff']) {
        table.apply({ kind: 'remove', address: key6(free), change: 1 })
        t.ok(worst(table, [pool], search, 1) <= MOST, free)
        t.ok(table.byAddress(key6(free)), 'it was found')
      }
      t.ok(worst(table, [pool], search, 3) <= MOST, 'full')
    })

    t.test('ten thousand of prefixes, all full but the last', async (t) => {
      const table = new LeaseTable(counted, 1)
      const all = family6.nesting!.below(key6('2001:db8::/32'), 48)
      const pools = Array.from({ length: 10_000 }, (_, index) =>
        family6.nesting!.below(family6.at(all, 2 * index), 50),
      )
      for (const pool of pools.slice(0, -1)) fill(table, pool)
      table.findFree(pools, search, 0)
      t.ok(worst(table, pools, search, 3) <= MOST, 'what was found full is not looked at')
      fill(table, pools.at(-1)!)
      t.equal(table.findFree(pools, search, 0), undefined, 'that is looked for once')
      t.ok(worst(table, pools, search, 3) <= MOST, 'nor is anything where all are full')
    })
  })
