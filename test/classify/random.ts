// Random expressions and messages for fast-check, in the plain form of plain.ts. Literals come from
// few values, which messages have too, so that comparisons are often true.

import fc from 'fast-check'
import type { Conversion, PlainPath, PlainTest, PlainText } from './plain.ts'

const WORDS = ['', 'a', 'b', 'ab', 'AB', 'a.b', '..', 'port', 'port:1', 'MSFT 5.0', 'PXEClient']
const CONVERSIONS: readonly Conversion[] = [
  ...(['lcase', 'ucase', 'addrtotext', 'int8totext', 'uint8totext'] as const),
  ...(['int16totext', 'uint16totext', 'int32totext', 'uint32totext'] as const),
]
const PATTERNS = [
  'a',
  'a*',
  '(?:a|b)+',
  '.*',
  'PXE[A-Z].*',
  '[^.]*',
  'port:\\d',
  '\\w+',
  'a{1,2}b?',
]

/** Names of the classes of a list of tests, by their places. */
export const classNames = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `c${at}`)

const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 5 })
  .map((all) => Buffer.from(all).toString('latin1'))

const path: fc.Arbitrary<PlainPath> = fc.oneof(
  fc.record({ is: fc.constant('option' as const), code: fc.constantFrom(12, 60, 61, 93, 77, 222) }),
  fc.record({ is: fc.constant('relayed' as const), code: fc.constantFrom(1, 2, 9) }),
  fc.record({
    is: fc.constant('vendor' as const),
    enterprise: fc.constantFrom(9, 4491),
    code: fc.constantFrom(1, 2),
  }),
)

const literal: fc.Arbitrary<PlainText> = fc.oneof(
  fc.record({ is: fc.constant('string' as const), value: fc.constantFrom(...WORDS) }),
  fc.record({ is: fc.constant('hex' as const), value: bytes }),
  fc.record({ is: fc.constant('integer' as const), value: fc.constantFrom(0, 1, 6, 255, 2 ** 31) }),
)

/** Pieces of options, as vendor classes and circuits are mostly tested. */
const piece: fc.Arbitrary<PlainText> = fc.record({
  is: fc.constant('substring' as const),
  of: fc.record({ is: fc.constant('value' as const), path }),
  start: fc.integer({ min: -3, max: 2 }),
  length: fc.oneof(fc.integer({ min: -2, max: 4 }), fc.constant('all' as const)),
})

/** What is compared with literals. */
const compared: fc.Arbitrary<PlainTest> = fc.record({
  is: fc.constant('equal' as const),
  a: fc.oneof(fc.record({ is: fc.constant('value' as const), path }), piece),
  b: fc.record({ is: fc.constant('string' as const), value: fc.constantFrom('a', 'b', 'ab', '') }),
})

const leaf: fc.Arbitrary<PlainText> = fc.oneof(
  literal,
  fc.record({ is: fc.constant('value' as const), path }),
  fc.record({ is: fc.constant('value' as const), path }),
  fc.record({
    is: fc.constant('field' as const),
    name: fc.constantFrom('mac' as const, 'hlen' as const, 'transid' as const, 'giaddr' as const),
  }),
)

const place = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -6, max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 32, -(2 ** 40)) },
)

/** `classes`: names that `member` may ask for. */
export function expressions(classes: readonly string[]): {
  test: fc.Arbitrary<PlainTest>
  text: fc.Arbitrary<PlainText>
} {
  const { test, text } = fc.letrec<{ test: PlainTest; text: PlainText }>((tie) => {
    const [anyTest, anyText] = [tie('test'), tie('text')]
    return {
      test: fc.oneof(
        { depthSize: 'small', maxDepth: 5 },
        fc.record({ is: fc.constant('equal' as const), a: leaf, b: literal }),
        fc.record({ is: fc.constant('exists' as const), path }),
        compared,
        compared,
        fc.record({ is: fc.constant('equal' as const), a: anyText, b: literal }),
        fc.record({ is: fc.constant('equal' as const), a: anyText, b: anyText }),
        fc.record({
          is: fc.constant('member' as const),
          name: fc.constantFrom('ALL', ...classes),
        }),
        fc.record({
          is: fc.constant('match' as const),
          pattern: fc.constantFrom(...PATTERNS),
          of: anyText,
        }),
        fc.record({ is: fc.constant('not' as const), of: anyTest }),
        fc.record({
          is: fc.constant('both' as const),
          word: fc.constantFrom('and' as const, 'or' as const, 'sand' as const, 'sor' as const),
          a: anyTest,
          b: anyTest,
        }),
        fc.record({
          is: fc.constant('both' as const),
          word: fc.constantFrom('and' as const, 'or' as const),
          a: anyTest,
          b: anyTest,
        }),
      ),
      text: fc.oneof(
        { depthSize: 'small', maxDepth: 5 },
        leaf,
        fc.record({
          is: fc.constant('substring' as const),
          of: anyText,
          start: place,
          length: fc.oneof(place, fc.constant('all' as const)),
        }),
        fc.record({ is: fc.constant('split' as const), of: anyText, by: anyText, field: place }),
        fc.record({
          is: fc.constant('join' as const),
          isSign: fc.boolean(),
          a: anyText,
          b: anyText,
        }),
        fc.record({
          is: fc.constant('choice' as const),
          word: fc.constantFrom('ifelse' as const, 'sifelse' as const),
          test: anyTest,
          yes: anyText,
          no: anyText,
        }),
        fc.record({ is: fc.constant('hexstring' as const), of: anyText, by: anyText }),
        fc.record({
          is: fc.constant('convert' as const),
          name: fc.constantFrom(...CONVERSIONS),
          of: anyText,
        }),
      ),
    }
  })
  return { test, text }
}

export interface RandomMessage {
  readonly mac: string
  readonly xid: number
  readonly giaddr: number
  readonly options: readonly (readonly [number, string])[]
}

const values = fc.oneof(fc.constantFrom('a', 'b', 'ab'), fc.constantFrom(...WORDS), bytes)

const inner = fc
  .array(fc.tuple(fc.constantFrom(1, 2), values), { maxLength: 3 })
  .map((all) =>
    all.map(([code, value]) => String.fromCharCode(code, value.length) + value).join(''),
  )

const vendorBlocks = fc
  .array(fc.tuple(fc.constantFrom('\0\0\0\x09', '\0\0\x11\x8b'), inner), {
    minLength: 1,
    maxLength: 3,
  })
  .map((all) =>
    all.map(([id, value]) => `${id}${String.fromCharCode(value.length)}${value}`).join(''),
  )

const option: fc.Arbitrary<readonly [number, string]> = fc.oneof(
  fc.tuple(fc.constantFrom(12, 60, 77), values),
  fc.tuple(
    fc.constant(61),
    values.filter((value) => value.length > 1),
  ),
  fc.tuple(fc.constant(93), fc.constantFrom('\0\x07', '\0\0')),
  fc.tuple(fc.constant(82), inner),
  fc.tuple(fc.constant(125), vendorBlocks),
)

export const messages: fc.Arbitrary<RandomMessage> = fc.record({
  mac: fc.constantFrom('', 'ab', '\x08\0\x2b\x02\x3f\x4e'),
  xid: fc.constantFrom(0, 1, 255),
  giaddr: fc.constantFrom(0, 6, 2 ** 31),
  options: fc.uniqueArray(option, { selector: ([code]) => code, maxLength: 6 }),
})
