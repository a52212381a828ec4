// The tree of prefixes against a sorted list, and how much it costs.

import fc from 'fast-check'
import t from 'tap'
import { type Prefix6, prefix6, prefix6FromText } from '../../lib/address/prefix6.ts'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import { family6 } from '../../lib/leases/keys/family6.ts'
import { TREE_SETS_MAX } from '../../lib/leases/keys/prefix-nodes.ts'
import { PrefixTree } from '../../lib/leases/keys/prefix-tree.ts'

/** Members of each set and the rows, looked for by looking at everything. */
class Model {
  readonly sets = [new Set<Prefix6>(), new Set<Prefix6>(), new Set<Prefix6>()]
  readonly rows = new Map<Prefix6, number>()

  nextMember(set: number, from: Prefix6, last: Prefix6): Prefix6 | undefined {
    return [...this.sets[set]!].filter((key) => from <= key && key <= last).toSorted()[0]
  }

  nextOther(set: number, from: Prefix6, last: Prefix6): Prefix6 | undefined {
    let key = from
    while (key <= last && this.sets[set]!.has(key)) key = family6.after(key)
    return key <= last ? key : undefined
  }
}

/**
 * Where the last bits of a prefix stand, its length, what stands before them, and the first of
 * them.
 */
const GROUNDS = [
  ...([
    [15, 128, 0, 0],
    [15, 128, 0xff, 232],
    [8, 72, 0, 240],
    [6, 56, 0, 250],
  ] as const),
  ...([
    [6, 54, 0xff, 0],
    [0, 8, 0, 0],
    [0, 3, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 0, 0],
  ] as const),
]
type Ground = (typeof GROUNDS)[number]

/** So few that ranges fill up. */
const KEYS = 24

/** One of two neighbourhoods. */
function keyOf(grounds: readonly [Ground, Ground], number: number): Prefix6 {
  const [at, length, before, first] = grounds[number < KEYS ? 0 : 1]
  const bytes = new Uint8Array(16).fill(before)
  bytes[at] = (first + (number % KEYS)) << ((8 - (length & 7)) & 7)
  if (first + (number % KEYS) > 255) bytes[at - 1]!++
  return prefix6(octetsFromBytes(bytes), length)
}

const key = fc.nat(2 * KEYS - 1)

type Step =
  | { kind: 'put'; key: number; set: number; isMember: boolean }
  | { kind: 'fill'; key: number; set: number; count: number }
  | { kind: 'row'; key: number; row: number }
  | { kind: 'clear'; set: number }
  | { kind: 'assign'; set: number; other: number }

const set = fc.nat(2)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('put' as const), key, set, isMember: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      ...{ key, set, count: fc.integer({ min: 2, max: 9 }) },
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('row' as const),
      ...{ key, row: fc.integer({ min: -1, max: 9 }) },
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), set }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('assign' as const), set, other: set }) },
)

function take(tree: PrefixTree, model: Model, each: Step, at: (key: number) => Prefix6): void {
  if (each.kind === 'put') {
    tree.put(each.set, at(each.key), each.isMember)
    if (each.isMember) model.sets[each.set]!.add(at(each.key))
    else model.sets[each.set]!.delete(at(each.key))
  } else if (each.kind === 'fill') {
    let member = at(each.key)
    for (let left = each.count; left > 0 && member <= family6.all.last; left--) {
      tree.put(each.set, member, true)
      model.sets[each.set]!.add(member)
      member = family6.after(member)
    }
  } else if (each.kind === 'row') {
    tree.setRow(at(each.key), each.row)
    if (each.row < 0) model.rows.delete(at(each.key))
    else model.rows.set(at(each.key), each.row)
  } else if (each.kind === 'clear') {
    tree.clear(each.set)
    model.sets[each.set]!.clear()
  } else if (each.set !== each.other) {
    tree.assign(each.set, each.other)
    model.sets[each.set]!.clear()
    for (const member of model.sets[each.other]!) model.sets[each.set]!.add(member)
  }
}

t.test('rows and sets are those of a list', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...GROUNDS),
      fc.constantFrom(...GROUNDS),
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.array(fc.tuple(key, key, set), { minLength: 10, maxLength: 30 }),
      (one, other, steps, questions) => {
        const tree = new PrefixTree()
        for (let number = 0; number < 3; number++) tree.addSet()
        const model = new Model()
        const at = (number: number) => keyOf([one, other], number)
        for (const each of steps) {
          take(tree, model, each, at)
          for (const [first, last, set] of questions) {
            const from = at(first)
            if (tree.rowOf(from) !== (model.rows.get(from) ?? -1)) throw new Error('row')
            if (tree.has(set, from) !== model.sets[set]!.has(from)) throw new Error('has')
            for (const end of [at(last), family6.all.last]) {
              const member = tree.nextMember(set, from, end)
              if (member !== model.nextMember(set, from, end)) throw new Error('nextMember')
              const other = tree.nextOther(set, from, end)
              if (other !== model.nextOther(set, from, end)) throw new Error('nextOther')
            }
          }
        }
      },
    ),
    { numRuns: 600, seed: 9915 },
  )
})

t.test('a tree that is emptied is as if it were new', async (t) => {
  const tree = new PrefixTree()
  const one = tree.addSet()
  const first = prefix6FromText('2001:db8::/56')!
  for (let round = 0; round < 3; round++) {
    let at = first
    for (let count = 0; count < 300; count++, at = family6.after(at)) tree.put(one, at, true)
    t.equal(tree.nextOther(one, first, family6.all.last), at, 'the first behind them')
    at = first
    for (let count = 0; count < 300; count++, at = family6.after(at)) tree.put(one, at, false)
    t.equal(tree.nextMember(one, family6.all.first, family6.all.last), undefined)
    t.equal(tree.nextOther(one, first, family6.all.last), first)
  }
})

t.test('a set of prefixes and addresses is read as one', async (t) => {
  const space = family6.space()
  const [set, other] = [space.set(), space.set()]
  const { first, last } = family6.all
  const texts = ['::/0', '2001:db8::/56', '2001:db8::/64', '2001:db8::/127', '::/128', 'ff::1/128']
  const keys = texts.map((text) => prefix6FromText(text)!)
  const read = (): Prefix6[] => {
    const found: Prefix6[] = []
    let key = set.nextSet(first, last)
    for (; key !== undefined; key = set.nextSet(family6.after(key), last)) found.push(key)
    return found
  }
  for (const [row, key] of keys.entries()) {
    set.add(key)
    space.rows.add(key, row)
  }
  t.same(read(), keys)
  t.same(
    keys.map((key) => space.rows.get(key)),
    [...keys.keys()],
  )
  t.equal(set.nextSet(keys[1]!, keys[2]!), keys[1])
  t.equal(set.nextSet(family6.after(keys[2]!), keys[3]!), keys[3], 'to the last prefix')
  t.equal(set.nextSet(family6.after(keys[3]!), family6.after(keys[3]!)), undefined)
  t.equal(set.nextClear(keys[4]!, last), family6.after(keys[4]!))
  t.equal(set.nextClear(keys[3]!, last), family6.after(keys[3]!))
  other.assign(set)
  set.clear()
  t.same(read(), [])
  set.assign(other)
  t.same(read(), keys)
  set.delete(keys[5]!)
  t.same(read(), keys.slice(0, 5))
})

t.test('a tree has room for so many sets', async (t) => {
  const tree = new PrefixTree()
  for (let number = 0; number < TREE_SETS_MAX; number++) t.equal(tree.addSet(), number)
  t.throws(() => tree.addSet(), { message: 'a tree has 12 sets' })
})

t.test('arithmetic of prefixes is that of numbers', async () => {
  const numberOf = (key: Prefix6) =>
    BigInt(`0x${Buffer.from(key.slice(1), 'latin1').toString('hex')}`)
  const keyFrom = (number: bigint, length: number) => {
    const hex = (number & ((1n << 128n) - 1n)).toString(16).padStart(32, '0')
    return prefix6(octetsFromBytes(Buffer.from(hex, 'hex')), length)
  }
  const address = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
  const length = fc.oneof(fc.nat(128), fc.constantFrom(31, 32, 33, 63, 64, 65, 96, 127, 128))
  fc.assert(
    fc.property(address, length, length, fc.nat(), (number, one, other, index) => {
      const key = keyFrom(number, one)
      const step = 1n << BigInt(128 - one)
      const isLast = numberOf(key) + step >= 1n << 128n
      const next = isLast
        ? `${String.fromCharCode(one + 1)}${'\0'.repeat(16)}`
        : keyFrom(numberOf(key) + step, one)
      if (family6.after(key) !== next) throw new Error('after')
      const shorter = Math.min(one, other)
      const outer = keyFrom(number, shorter)
      const within = family6.nesting!.below(outer, one)
      const size = 1n << BigInt(one - shorter)
      if (within.first !== keyFrom(numberOf(outer), one)) throw new Error('first')
      if (within.last !== keyFrom(numberOf(outer) + (size - 1n) * step, one))
        throw new Error('last')
      if (family6.sizeOf(within) !== Number(size)) throw new Error('size')
      const at = BigInt(index) % size
      if (family6.at(within, Number(at)) !== keyFrom(numberOf(outer) + at * step, one))
        throw new Error('at')
      const drawn = family6.any(within, (bound) => index % bound)
      if (drawn < within.first || drawn > within.last) throw new Error('any')
      if (family6.nesting!.above(key, shorter) !== outer) throw new Error('above')
    }),
    { numRuns: 2000 },
  )
})
