// The text of requests and answers: what is read, and the one form in which values are written.

import t from 'tap'
import { DEPTH_MAX, parsed, Reading, TOKEN_MAX } from '../../lib/control/parse.ts'
import { Listing, pieces, printed } from '../../lib/control/print.ts'
import { chance, oneOf } from '../../lib/lab/chance.ts'

t.test(
  'JSON with comments of all three kinds is read, and strings keep what looks like one',
  async (t) => {
    const text = '{ # a\n"a": "# no // none /* at all */", // b "\n/* { [ */ "b": [1] }'
    t.strictSame(parsed(text), { value: { a: '# no // none /* at all */', b: [1] } })
  },
)

t.test('of a repeated key the last counts', async (t) => {
  t.strictSame(parsed('{"a":1,"b":2,"a":3}').value, { a: 3, b: 2 })
})

t.test('integers beyond 2^53 come through without loss, in a list and in a map', async (t) => {
  const digits = '340282366920938463463374607431768211456'
  const text = `{ "a": [ -9007199254740993, 9007199254740991 ], "b": ${digits} }`
  t.strictSame(parsed(text).value, {
    a: [-9007199254740993n, 9007199254740991],
    b: BigInt(digits),
  })
  t.equal(printed(parsed(text).value), text)
  t.equal(parsed('1.25e20').value, 1.25e20)
})

t.test('what is no JSON is told with its place', async (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['{"command":}', 'error: unexpected character } in <wire>:0:12'],
    ['{"a":1,}', 'error: unexpected character } in <wire>:0:8'],
    ['{\n  "a": x }', 'error: unexpected character x in <wire>:1:8'],
    ['{"a":1', 'error: unexpected end of the text in <wire>:0:7'],
    ['', 'error: unexpected end of the text in <wire>:0:1'],
    ['{} /* open', 'error: unexpected character / in <wire>:0:4'],
    ['/', 'error: unexpected character / in <wire>:0:1'],
    ['{} {}', 'error: unexpected character { in <wire>:0:4'],
  ]
  for (const [text, trouble] of rows) t.strictSame(parsed(text), { trouble }, text)
})

t.test('a tower of brackets is refused before anything is built of it', async (t) => {
  const tower = (height: number): string => '['.repeat(height) + ']'.repeat(height)
  t.equal(parsed(tower(DEPTH_MAX)).trouble, undefined)
  t.match(parsed(tower(DEPTH_MAX + 1)).trouble, /more than 100 levels/)
  t.match(parsed('['.repeat(1_000_000)).trouble, /more than 100 levels/)
  t.equal(parsed(`"${'['.repeat(1000)}\\""`).trouble, undefined, 'in a string it is text')
  t.equal(parsed(`[1, # ${'['.repeat(1000)}\n2]`).trouble, undefined, 'in a comment, too')
})

t.test(
  'what is JSON and what is not is told as by the engine, whatever is changed in a text',
  async (t) => {
    const draw = chance(1, 'texts')
    const seed =
      '{"a":[1,-2.5e3,true,null,{"b":"x\\u00e9\\n\\"","c":{}},[[]]],"__proto__":{"d":0},"e":"{[,:]}"}'
    const signs = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '0',
      '-',
      '.',
      'e',
      't',
      'n',
      ' ',
      '\n',
      '\u0001',
    ]
    let good = 0
    for (let round = 0; round < 20_000; round++) {
      let text = seed
      for (let edits = draw(4); edits >= 0; edits--) {
        const at = draw(text.length)
        text = text.slice(0, at) + oneOf(draw, ['', ...signs]) + text.slice(at + draw(2))
      }
      let value: unknown
      let isJson = true
      try {
        value = JSON.parse(text)
      } catch {
        isJson = false
      }
      const found = parsed(text)
      if (isJson) good++
      const isSame = isJson
        ? found.trouble === undefined && JSON.stringify(found.value) === JSON.stringify(value)
        : found.trouble !== undefined
      if (!isSame) t.fail(`${text}: ${found.trouble}`)
    }
    t.ok(good > 500 && good < 19_500, `${good} texts of both kinds`)
  },
)

t.test('a member called __proto__ is a member', async (t) => {
  const value = parsed('{"__proto__":{"isAdmin":true}}').value as Record<string, unknown>
  t.same(Object.keys(value), ['__proto__'])
  t.equal(value.isAdmin, undefined)
})

t.test('a long text is read in parts, and none of its tokens is endless', async (t) => {
  const texts: readonly string[] = [
    `[${'1,'.repeat(200_000)}1]`,
    `[${' '.repeat(400_000)}]`,
    `[${'#\n'.repeat(200_000)}]`,
  ]
  for (const text of texts) {
    const reading = new Reading(text)
    let parts = 1
    while (reading.step() === undefined) parts++
    t.ok(parts >= 10, `${parts} parts`)
  }
  t.match(parsed(`"${'x'.repeat(TOKEN_MAX)}"`).trouble, /unexpected character "/)
  t.match(parsed('9'.repeat(TOKEN_MAX + 1)).trouble, /unexpected character 9/)
  t.equal(parsed('9'.repeat(1000)).value, Number.POSITIVE_INFINITY, 'no BigInt of any size')
  t.match(parsed(`${'[1],'.repeat(400_000)}`).trouble, /unexpected character ,/)
  t.match(parsed(`[${'1,'.repeat(TOKEN_MAX)}}`).trouble, /in <wire>, character \d+$/)
})

t.test('a value has one form: keys sorted, spaced as Kea does', async (t) => {
  const rows: readonly (readonly [unknown, string])[] = [
    [{ b: 1, a: { d: [], c: {} } }, '{ "a": { "c": {  }, "d": [  ] }, "b": 1 }'],
    [[1, 'ü"\n', true, null, 0.5], '[ 1, "ü\\"\\n", true, null, 0.5 ]'],
    [{ 'subnet[1].a': 18446744073709551616n }, '{ "subnet[1].a": 18446744073709551616 }'],
    [{ result: 0, text: undefined }, '{ "result": 0 }'],
  ]
  for (const [value, text] of rows) t.equal(printed(value), text)
})

t.test('a list that is not in memory is written as it comes', async (t) => {
  const listing = (rounds: number): Listing => {
    let round = 0
    return new Listing(() => (round++ < rounds ? Array(1000).fill('x'.repeat(20)) : []))
  }
  const texts = [...pieces({ leases: listing(20), z: 1 })]
  t.ok(texts.length >= 10, 'in pieces')
  t.same(JSON.parse(texts.join('')), { leases: Array(20_000).fill('x'.repeat(20)), z: 1 })
  t.equal(printed([listing(0)]), '[ [  ] ]')
})
