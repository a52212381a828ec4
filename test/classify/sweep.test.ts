// Many tests over one message: in the order of the document, and at the cost of those that match.

import t from 'tap'
import { type CompiledTest, type CompiledText, Failure } from '../../lib/classify/expression.ts'
import type { Facts } from '../../lib/classify/facts.ts'
import { Sweep } from '../../lib/classify/sweep.ts'
import { DISCOVER, DISCOVER_FIELDS, DISCOVER_OPTIONS, said, testOf, textOf } from './said.ts'

type Step = CompiledTest | CompiledText

/** What is told: `0` matched, `1=text`, `2!` failed. */
function told(steps: readonly Step[], facts: Facts): string[] {
  const told: string[] = []
  new Sweep(steps).run(facts, {
    matched: (step) => void told.push(`${step}`),
    gave: (step, value) => void told.push(`${step}=${value}`),
    failed: (step, failure) => {
      t.type(failure, Failure)
      told.push(`${step}!`)
    },
  })
  return told
}

/** The same facts, and how often anything was asked of them. */
function counted(facts: Facts): { facts: Facts; asked: () => number } {
  let count = 0
  const proxy = new Proxy(facts, {
    get: (target, name) => {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...given: unknown[]) => {
        count++
        return method.apply(target, given)
      }
    },
  })
  return { facts: proxy, asked: () => count }
}

const port = (number: number): string =>
  `substring(relay4[1].hex,-15,15) == 'leaf1:etp${String(number).padStart(6, '0')}'`

const relayed = (circuit: string): Facts =>
  said(DISCOVER_FIELDS, [
    ...DISCOVER_OPTIONS.filter(([code]) => code !== 82),
    [82, `\x01${String.fromCharCode(circuit.length)}${circuit}`],
  ])

t.test(
  'of a thousand classes by port, what is asked does not grow with their number',
  async (t) => {
    for (const count of [10, 1000]) {
      const steps = Array.from({ length: count }, (_, number) => testOf(port(number)))
      const there = counted(relayed('Ethernet leaf1:etp000007'))
      t.same(told(steps, there.facts), ['7'])
      t.equal(there.asked(), 1)
      const elsewhere = counted(relayed('Ethernet leaf2:etp000007'))
      t.same(told(steps, elsewhere.facts), [])
      t.equal(elsewhere.asked(), 1)
    }
  },
)

t.test(
  'a list of addresses in one test, and others with one more condition, cost one look-up',
  async (t) => {
    const mac = (number: number): string => `pkt4.mac == 0x0800${String(number).padStart(8, '0')}`
    const all = Array.from({ length: 300 }, (_, number) => mac(number)).join(' or ')
    const steps = [
      testOf(all),
      ...Array.from({ length: 300 }, (_, number) => testOf(`option[80].exists and ${mac(number)}`)),
      testOf('pkt4.mac == 0x08002b023f4e and option[80].exists'),
      testOf('pkt4.mac == 0x08002b023f4e and option[222].exists'),
    ]
    const { facts, asked } = counted(DISCOVER)
    t.same(told(steps, facts), ['301'])
    t.ok(asked() < 10, `${asked()}`)
  },
)

t.test('the condition with the most literals is the one that is looked up', async (t) => {
  const steps = Array.from({ length: 200 }, (_, number) =>
    testOf(
      `substring(option[60].hex,0,9) == 'PXEClient' and option[93].hex == 0x00${hex2(number)}`,
    ),
  )
  const { facts, asked } = counted(DISCOVER)
  t.same(told(steps, facts), ['7'])
  t.ok(asked() < 6, `${asked()}`)
})

const hex2 = (number: number): string => number.toString(16).padStart(2, '0')

t.test('steps are told in the order of the document, whatever finds them', async (t) => {
  const steps: readonly Step[] = [
    testOf('option[80].exists'),
    testOf("option[12].hex == 'Host-One'"),
    textOf('option[12].hex'),
    testOf("addrtotext(option[12].hex) == ''"),
    testOf("option[12].hex == 'other'"),
    textOf('option[222].hex'),
    testOf("option[12].hex == 'Host-One' and not option[222].exists"),
    textOf('addrtotext(option[12].hex)'),
    testOf("option[12].hex == 'Host-One' or option[12].hex == 'other'"),
    testOf("option[12].hex == 'Host-One' and option[222].exists or option[12].hex == 'other'"),
  ]
  t.same(told(steps, DISCOVER), ['0', '1', '2=Host-One', '3!', '6', '7!', '8'])
  const many = Array.from({ length: 70 }, (_, at) =>
    testOf(`option[12].hex == 'Host-One' or ${at} == 1`),
  )
  t.same(
    told(many, DISCOVER),
    many.map((_, at) => `${at}`),
  )
})

t.test(
  'a test that fails before it is decided is told as failing, beside look-ups, too',
  async (t) => {
    const steps = [
      testOf("addrtotext(option[12].hex) == '' and pkt4.hlen == 7"),
      testOf("pkt4.hlen == 7 and addrtotext(option[12].hex) == ''"),
      testOf("pkt4.hlen == 6 and addrtotext(option[12].hex) == ''"),
      testOf("pkt4.hlen == 7 sand addrtotext(option[12].hex) == ''"),
      testOf("pkt4.hlen == 6 or addrtotext(option[12].hex) == ''"),
    ]
    t.same(told(steps, DISCOVER), ['0!', '2!', '3!', '4'])
  },
)

t.test('an error that is none of the message is not taken for one', async (t) => {
  const facts = Object.create(DISCOVER) as Facts
  facts.option = () => {
    throw new RangeError('of ours')
  }
  t.throws(() => told([testOf('option[12].exists')], facts), RangeError)
})

t.test('a piece of a value is found among literals wherever it begins and ends', async (t) => {
  const literals = ['', 'a', 'b', 'ab', 'ba', 'bc', 'abc', 'abcd', 'd']
  const lengths = [1, 2, 3, 5, 'all'] as const
  for (let start = -5; start <= 5; start++)
    for (const length of lengths) {
      const piece = `substring(option[97].hex,${start},${length})`
      const steps = literals.map((literal) => testOf(`${piece} == '${literal}'`))
      for (const value of ['', 'a', 'ab', 'abc', 'abcd', 'ba']) {
        const from = start < 0 ? value.length + start : start
        const end = length === 'all' ? value.length : from + length
        const there = from < 0 ? '' : value.slice(from, end)
        const wanted = literals.indexOf(there)
        const options = DISCOVER_OPTIONS.filter(([code]) => code !== 97)
        const facts = said(DISCOVER_FIELDS, [...options, [97, value]])
        t.same(told(steps, facts), wanted < 0 ? [] : [`${wanted}`], `${piece} of '${value}'`)
      }
    }
})

t.test('a field between delimiters is compared in its place', async (t) => {
  const literals = ['', 'a', 'b', 'ab', 'a:b', 'b:']
  for (const value of ['', 'a', 'a:b', ':a', 'a:', 'ab::b:', ':'])
    for (const by of [':', '', 'b:'])
      for (const field of [-1, 0, 1, 2, 3, 4]) {
        const fields = by === '' || value === '' ? [value] : value.split(by === ':' ? ':' : /[b:]/)
        const isWhole = by === '' || value === ''
        const there = isWhole ? value : (fields[field - 1] ?? '')
        const options = DISCOVER_OPTIONS.filter(([code]) => code !== 97)
        const facts = said(DISCOVER_FIELDS, [...options, [97, value]])
        for (const literal of literals) {
          const text = `split(option[97].hex,'${by}',${field}) == '${literal}'`
          const { test } = testOf(text) as CompiledTest
          t.equal(test(facts), there === literal, `${text} of '${value}'`)
        }
      }
})
