// Classes as bits: who is admitted by a mask, and what two masks have in common.

import t from 'tap'
import { ByClasses, COMBINATIONS_MAX } from '../../lib/classify/by-classes.ts'
import {
  admits,
  type ClassMask,
  ClassSet,
  canMeet,
  covers,
  inBoth,
  inEither,
  isOfPair,
  maskOf,
  numbersOf,
} from '../../lib/classify/class-set.ts'

const CLASSES = 70

const setOf = (...numbers: number[]): ClassSet => {
  const set = new ClassSet(CLASSES)
  for (const number of numbers) set.add(number)
  return set
}

t.test('a set has what was added to it, until it is cleared', async (t) => {
  const set = setOf(0, 31, 32, 69)
  for (let number = 0; number < 200; number++)
    t.equal(set.has(number), [0, 31, 32, 69].includes(number), `${number}`)
  set.clear()
  for (const number of [0, 31, 32, 69]) t.notOk(set.has(number))
})

const orderOf = ({ order, count }: ClassSet) => [...order.subarray(0, count)]

t.test('classes keep the order in which they were assigned', async (t) => {
  const set = setOf(40, 3, 69, 3, 40, 0)
  t.same(orderOf(set), [40, 3, 69, 0])
  set.remove(maskOf([3, 68]))
  t.same(orderOf(set), [40, 69, 0])
  t.notOk(set.has(3))
  set.add(3)
  t.same(orderOf(set), [40, 69, 0, 3], 'what was taken away comes behind the others')
  set.clear()
  t.same(orderOf(set), [])
  t.same([...set.words], [0, 0, 0])
})

t.test('a mask of classes of a pair only', async (t) => {
  for (const mask of [undefined, maskOf([]), maskOf([0]), maskOf([0, 1])]) t.ok(isOfPair(mask))
  for (const number of [2, 31, 32, 69]) t.notOk(isOfPair(maskOf([0, number])), `${number}`)
  t.same(numbersOf(maskOf([1, 31, 32, 69])), [1, 31, 32, 69])
})

t.test('a client needs one of the classes of a mask; without a mask none', async (t) => {
  t.ok(admits(undefined, setOf()))
  t.notOk(admits(maskOf([]), setOf(0, 69)), 'no class at all admits nobody')
  for (const number of [0, 1, 31, 32, 63, 69]) {
    t.ok(admits(maskOf([number]), setOf(number, 5)))
    t.ok(admits(maskOf([number, 6]), setOf(number)))
    t.notOk(admits(maskOf([number]), setOf(number + 1 === 70 ? 2 : number + 1)))
    t.notOk(admits(maskOf([number]), setOf()))
  }
})

/** Masks of different lengths, with the classes that they name below; undefined names all. */
const MASKS: readonly (readonly number[] | undefined)[] = [
  undefined,
  [],
  [0],
  [1],
  [0, 1],
  [31],
  [0, 40],
  [40],
  [1, 69],
]

t.test('two masks, seen by clients of one class', async (t) => {
  const of = (numbers: readonly number[] | undefined): ClassMask => numbers && maskOf(numbers)
  const clients = [0, 1, 31, 40, 69, 50].map((number) => setOf(number))
  for (const one of MASKS)
    for (const other of MASKS) {
      const [a, b] = [of(one), of(other)]
      const title = `${one} and ${other}`
      const admitted = (mask: ClassMask) => clients.map((client) => admits(mask, client))
      const [byOne, byOther] = [admitted(a), admitted(b)]
      t.same(
        admitted(inBoth(a, b)),
        byOne.map((is, at) => is && byOther[at]!),
        title,
      )
      t.same(
        admitted(inEither(a, b)),
        byOne.map((is, at) => is || byOther[at]!),
        title,
      )
      t.equal(
        canMeet(a, b),
        byOne.some((is, at) => is && byOther[at]!),
        title,
      )
      t.equal(
        covers(a, b),
        byOther.every((is, at) => !is || byOne[at]!),
        title,
      )
    }
})

t.test('one value for each combination of masks, the same object at each call', async (t) => {
  let made = 0
  const masks = [undefined, maskOf([0]), maskOf([0]), maskOf([1, 40])]
  const values = new ByClasses(masks, (classes) => ({ number: made++, zero: classes.has(0) }))
  const seen = new Set<object>()
  for (let round = 0; round < 3; round++)
    for (const classes of [setOf(), setOf(0), setOf(1), setOf(40), setOf(1, 40), setOf(0, 40)]) {
      const value = values.of(classes)
      seen.add(value)
      t.equal(value.zero, classes.has(0))
    }
  t.equal(seen.size, 4, 'classes that no mask tells apart are one')
  t.equal(made, 4)
  t.equal(values.of(setOf(1)), values.of(setOf(40)))
})

t.test('however many combinations clients choose, a bounded number is kept', async (t) => {
  const bits = Array.from({ length: 11 }, (_, bit) => bit)
  let made = 0
  const values = new ByClasses(
    bits.map((bit) => maskOf([bit])),
    () => ({ number: made++ }),
  )
  const choose = (choice: number) =>
    values.of(setOf(...bits.filter((bit) => ((choice >>> bit) & 1) === 1)))
  const first = choose(0)
  for (let choice = 1; choice < COMBINATIONS_MAX; choice++) choose(choice)
  t.equal(choose(0), first)
  t.equal(made, COMBINATIONS_MAX)
  choose(COMBINATIONS_MAX)
  t.not(choose(0), first, 'all are forgotten')
  t.equal(choose(0), choose(0), 'and found again')
})
