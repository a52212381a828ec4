// Long lists in pieces: what edits make of them is what they would make of a plain list, and what
// differs is found without a look at what is shared.

import fc from 'fast-check'
import t from 'tap'
import {
  holds,
  isStrict,
  keysApart,
  keysFrom,
  placeIn,
  withKeys,
} from '../../lib/leases/store/key-list.ts'
import { Pieces } from '../../lib/leases/store/pieces.ts'

const splice = fc.record({
  first: fc.nat(3200),
  gone: fc.oneof(fc.nat(3), fc.nat(2000)),
  come: fc.array(fc.nat(9), { maxLength: 6 }),
  times: fc.constantFrom(1, 1, 1, 300),
})

t.test('a list in pieces is what a plain list would be', async () => {
  fc.assert(
    fc.property(fc.nat(3000), fc.array(splice, { maxLength: 8 }), (length, splices) => {
      let plain = Array.from({ length }, (_, at) => at)
      let pieces = Pieces.of(plain)
      for (const { come, first, gone, times } of splices) {
        const at = Math.min(first, plain.length)
        const end = Math.min(at + gone, plain.length)
        const all = Array.from({ length: times }, () => come).flat()
        const [before, kept] = [pieces, [...pieces]]
        pieces = pieces.spliced(at, end, all)
        plain = plain.toSpliced(at, end - at, ...all)
        if (before.length !== kept.length || !same([...before], kept)) return false
        if (!same(pieces.slice(at, end), plain.slice(at, end))) return false
      }
      const sizes = pieces.pieces.map((piece) => piece.length)
      return pieces.length === plain.length && same([...pieces], plain) && !sizes.includes(0)
    }),
    { numRuns: 300 },
  )
})

t.test('keys in order: found, put in, taken out, and compared', async () => {
  const key = fc.nat(6000)
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 3000 }),
      fc.array(fc.tuple(key, fc.boolean()), { maxLength: 40 }),
      fc.constantFrom<(number: number) => number | string>(Number, (one) =>
        String.fromCharCode(1000 + one),
      ),
      (numbers, changes, keyOf) => {
        const order = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0)
        const start = numbers.map(keyOf).sort(order)
        const before = Pieces.of(start)
        const plain = new Set(start)
        let list = before
        for (const [number, isThere] of changes) {
          const one = keyOf(number)
          if (isThere === plain.has(one)) continue
          list = withKeys(list, isThere ? [] : [one], isThere ? [one] : [])
          if (isThere) plain.add(one)
          else plain.delete(one)
        }
        const wanted = [...plain].sort(order)
        const apart = [
          ...start.filter((one) => !plain.has(one)),
          ...wanted.filter((one) => !start.includes(one)),
        ].sort(order)
        return (
          same([...list], wanted) &&
          isStrict(list) &&
          same([...keysApart(before, list)].sort(order), apart) &&
          changes.every(([number]) => {
            const one = keyOf(number)
            const at = placeIn(list, one)
            const from = wanted.filter((each) => each >= one)
            return (
              holds(list, one) === plain.has(one) &&
              at === wanted.length - from.length &&
              same([...keysFrom(list, one)], from)
            )
          })
        )
      },
    ),
    { numRuns: 200 },
  )
})

t.test('a list with a key twice, or one behind a higher one, is not strict', async (t) => {
  const many = Array.from({ length: 2000 }, (_, at) => at)
  t.ok(isStrict(Pieces.of(many)))
  t.notOk(isStrict(Pieces.of(many.with(1500, 1499))))
  t.notOk(isStrict(Pieces.of(many.with(1000, 0))))
})

t.test('of 100,000 an edit makes a few pieces anew', async (t) => {
  const before = Pieces.of(Array.from({ length: 100_000 }, (_, at) => 2 * at))
  const known = new Set<unknown>(before.pieces)
  const made = (list: Pieces<number>) => list.pieces.filter((piece) => !known.has(piece)).length
  t.equal(made(withKeys(before, [], [777])), 1)
  t.equal(made(withKeys(before, [4000], [150_001])), 2)
  t.equal(made(withKeys(before, [], [999_999])), 1, 'behind the last one')
})

function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at])
}
