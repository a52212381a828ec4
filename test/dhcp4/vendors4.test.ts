// Options 124 and 125 (RFC 3925): of which enterprises a client gets options, and which.

import t, { type Test } from 'tap'
import { type OptionLevel, type OptionScope, overlaid } from '../../lib/config/plan/option-set.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import { block } from '../../lib/wire/options/enterprises.ts'
import {
  enterprise,
  entry,
  inClasses,
  level,
  queryWith,
  reservationOf,
  select,
  sent,
  setOf,
  vendorLevel,
} from './option-levels.ts'
import { type Options, requestList } from './test-server.ts'

const CABLE = 4491
const OTHER = 3561
const C1 = 11

const always = { always: true } as const

interface Row {
  readonly title: string
  readonly levels: Partial<Record<OptionScope, OptionLevel>>
  readonly ofClass?: OptionLevel
  readonly reservation?: OptionLevel
  /** Options of the query. */
  readonly says?: Options
  readonly gets: readonly string[]
}

function check(t: Test, rows: readonly Row[]): void {
  for (const { title, levels, ofClass, reservation, says = {}, gets } of rows) {
    const options = new ReplyOptions4([...Array(C1), ofClass])
    const who = {
      classes: inClasses(C1),
      query: queryWith(says),
      ...(reservation === undefined ? {} : { reservation: reservationOf(reservation) }),
    }
    t.strictSame(sent(select(options, setOf(levels), who)), gets, title)
  }
}

/** An enterprise number, as it goes on the wire. */
const number = (value: number) => block(value, '').slice(0, 4)

t.test(
  'RFC 3925 §3: option 124 has of each enterprise what the strongest level says',
  async (t) => {
    const global = vendorLevel(
      enterprise(OTHER, [entry(124, '\x05other')]),
      enterprise(CABLE, [entry(124, '\x04weak')]),
    )
    const subnet = vendorLevel(enterprise(CABLE, [entry(124, '\x06docsis')]))
    const both = [`124=${number(OTHER)}\x05other`, `124=${number(CABLE)}\x06docsis`]
    const forbidden = vendorLevel(enterprise(OTHER, [entry(124, '', { never: true })]))
    check(t, [
      { title: 'not asked for', levels: { global, subnet }, gets: [] },
      { title: 'asked for', levels: { global, subnet }, says: requestList(124), gets: both },
      {
        title: 'always-send of one enterprise is for the code',
        levels: {
          global,
          subnet: vendorLevel(enterprise(CABLE, [entry(124, '\x06docsis', always)])),
        },
        gets: both,
      },
      {
        title: 'where the client wants it',
        levels: { global: { ...global, options: [entry(42, 'n'), entry(3, 'r')] } },
        says: requestList(42, 124, 3),
        gets: ['42=n', `124=${number(OTHER)}\x05other`, `124=${number(CABLE)}\x04weak`, '3=r'],
      },
      {
        title: 'a class goes before the global level',
        levels: { global },
        ofClass: subnet,
        says: requestList(124),
        gets: both,
      },
      {
        title: 'never-send of one enterprise is for the code',
        levels: { global, pool: forbidden },
        says: requestList(124),
        gets: [],
      },
      {
        title: 'never-send of the code without a number',
        levels: { global, pool: level(entry(124, '', { never: true })) },
        says: requestList(124),
        gets: [],
      },
      {
        title: 'longer than 255 octets: split as RFC 3396 says',
        levels: { global: vendorLevel(enterprise(1, [entry(124, `\xff${'x'.repeat(255)}`)])) },
        says: requestList(124),
        gets: [`124=\0\0\0\x01\xff${'x'.repeat(250)}`, '124=xxxxx'],
      },
    ])
  },
)

t.test('RFC 3925 §4: option 125 is for enterprises that the client names', async (t) => {
  const subOptions = [entry(2, 'two', always), entry(1, 'one', always), entry(3, 'three')]
  const subnet = vendorLevel(enterprise(OTHER, [], subOptions))
  const gets = [`125=${block(OTHER, '\x01\x03one\x02\x03two')}`]
  check(t, [
    { title: 'it names none', levels: { subnet }, says: requestList(125), gets: [] },
    { title: 'in option 125', levels: { subnet }, says: { 125: block(OTHER, '') }, gets },
    { title: 'in option 124', levels: { subnet }, says: { 124: block(OTHER, 'phone') }, gets },
    {
      title: 'behind another one',
      levels: { subnet },
      says: { 125: block(9, '\x01\x01x') + block(OTHER, '\x07\0') },
      gets,
    },
    { title: 'another one alone', levels: { subnet }, says: { 125: block(9, '') }, gets: [] },
    {
      title: 'cut short: as if it were not there',
      levels: { subnet },
      says: { 125: block(OTHER, 'abc').slice(0, -1) },
      gets: [],
    },
    {
      title: 'one cut short, the other whole',
      levels: { subnet },
      says: { 124: block(OTHER, 'phone'), 125: block(OTHER, 'abc').slice(0, -1) },
      gets,
    },
    {
      title: 'nothing is set to always-send',
      levels: { subnet: vendorLevel(enterprise(OTHER, [], [entry(1, 'one')])) },
      says: { 125: block(OTHER, '\x01\x01\x01') },
      gets: [],
    },
    {
      title: 'two, lowest number first',
      levels: {
        subnet: vendorLevel(
          enterprise(CABLE, [], [entry(9, 'c', always)]),
          enterprise(OTHER, [], [entry(8, 'o', always)]),
        ),
      },
      says: { 124: block(CABLE, ''), 125: block(OTHER, '') },
      gets: [`125=${block(OTHER, '\x08\x01o')}`, `125=${block(CABLE, '\x09\x01c')}`],
    },
  ])
})

t.test('sub-options of option 125 count level by level, as options do', async (t) => {
  const says = { 125: block(OTHER, '') }
  const gives = (...subOptions: Parameters<typeof entry>[]) =>
    vendorLevel(
      enterprise(
        OTHER,
        [],
        subOptions.map((args) => entry(...args)),
      ),
    )
  check(t, [
    {
      title: 'always-send of a weaker level, the value of a stronger one',
      levels: {
        global: gives([1, 'global', always], [2, 'two', always]),
        pool: gives([1, 'pool']),
      },
      says,
      gets: [`125=${block(OTHER, '\x01\x04pool\x02\x03two')}`],
    },
    {
      title: 'of a class',
      levels: { global: gives([1, 'global', always]), subnet: gives([2, 'subnet', always]) },
      ofClass: gives([1, 'class'], [2, 'class']),
      says,
      gets: [`125=${block(OTHER, '\x01\x05class\x02\x06subnet')}`],
    },
    {
      title: 'of a reservation',
      levels: { pool: gives([1, 'pool', always]) },
      reservation: gives([1, 'mine']),
      says,
      gets: [`125=${block(OTHER, '\x01\x04mine')}`],
    },
    {
      title: 'never-send of one',
      levels: {
        global: gives([1, 'one', always], [2, 'two', always]),
        pool: gives([1, '', { never: true }]),
      },
      says,
      gets: [`125=${block(OTHER, '\x02\x03two')}`],
    },
    {
      title: 'for a class',
      levels: { pool: gives([1, 'c1', { tag: [C1], always: true }], [1, 'others']) },
      says,
      gets: [`125=${block(OTHER, '\x01\x02c1')}`],
    },
    {
      title: 'for another class',
      levels: { pool: gives([1, 'c2', { tag: [40], always: true }], [1, 'others']) },
      says,
      gets: [`125=${block(OTHER, '\x01\x06others')}`],
    },
  ])
})

t.test('an option 125 of the configuration goes out by itself', async (t) => {
  const carrier = (data: string, said = {}) => [entry(125, data, said)]
  const subOptions = [entry(1, 'one', always), entry(2, 'two')]
  const level125 = vendorLevel(enterprise(OTHER, carrier(''), subOptions))
  check(t, [
    {
      title: 'to who asks for the code, with what is set to always-send',
      levels: { global: level125 },
      says: requestList(125),
      gets: [`125=${block(OTHER, '\x01\x03one')}`],
    },
    { title: 'not to others', levels: { global: level125 }, gets: [] },
    {
      title: 'the sub-options of another level',
      levels: {
        global: vendorLevel(enterprise(OTHER, carrier('', always))),
        subnet: vendorLevel(enterprise(OTHER, [], subOptions)),
      },
      gets: [`125=${block(OTHER, '\x01\x03one')}`],
    },
    {
      title: 'empty where there is nothing to put into it',
      levels: { global: vendorLevel(enterprise(OTHER, carrier(''), [entry(2, 'two')])) },
      says: requestList(125),
      gets: ['125=\0\0\x0d\xe9\0'],
    },
    {
      title: 'with sub-options that stand in it, which none of the level replaces',
      levels: {
        global: vendorLevel(enterprise(OTHER, carrier('\x01\x03own\x05\0', always), subOptions)),
      },
      gets: [`125=${block(OTHER, '\x01\x03own\x05\0')}`],
    },
    {
      title: 'never-send: to nobody, whatever is named',
      levels: { global: level125, pool: level(entry(125, '', { never: true })) },
      says: { ...requestList(125), 125: block(OTHER, '') },
      gets: [],
    },
  ])
})

t.test('DOCSIS: the client of Cable Labs names the sub-options that it wants', async (t) => {
  const subOptions = [entry(2, 'tftp'), entry(3, 'x'), entry(4, 'unasked'), entry(5, 'a', always)]
  const global = vendorLevel(enterprise(CABLE, [], subOptions))
  const says = (content: string) => ({ 125: block(CABLE, content) })
  check(t, [
    {
      title: 'sub-option 1',
      levels: { global },
      says: says('\x07\x01z\x01\x03\x03\x02\x63'),
      gets: [`125=${block(CABLE, '\x02\x04tftp\x03\x01x\x05\x01a')}`],
    },
    {
      title: 'without it',
      levels: { global },
      says: says(''),
      gets: [`125=${block(CABLE, '\x05\x01a')}`],
    },
    {
      title: 'one that exceeds its block',
      levels: { global },
      says: says('\x01\x05\x02'),
      gets: [`125=${block(CABLE, '\x05\x01a')}`],
    },
    {
      title: 'of another enterprise it is nothing',
      levels: { global: vendorLevel(enterprise(OTHER, [], subOptions)) },
      says: { 125: block(OTHER, '\x01\x01\x02') },
      gets: [`125=${block(OTHER, '\x05\x01a')}`],
    },
    {
      title: 'never-send',
      levels: {
        global,
        subnet: vendorLevel(enterprise(CABLE, [], [entry(2, '', { never: true })])),
      },
      says: says('\x01\x01\x02'),
      gets: [`125=${block(CABLE, '\x05\x01a')}`],
    },
  ])
})

t.test('more than a block of an enterprise holds goes into the next one', async (t) => {
  const long = (code: number) => entry(code, `${code}`.padEnd(150, '.'), always)
  const global = vendorLevel(enterprise(OTHER, [], [long(1), long(2)]))
  const one = block(OTHER, `\x01\x96${'1'.padEnd(150, '.')}`)
  const two = block(OTHER, `\x02\x96${'2'.padEnd(150, '.')}`)
  const whole = one + two
  const says = { 125: block(OTHER, '') }
  check(t, [
    {
      title: 'and the option is split as RFC 3396 says',
      levels: { global },
      says,
      gets: [`125=${whole.slice(0, 255)}`, `125=${whole.slice(255)}`],
    },
  ])
})

t.test(
  'what clients say of enterprises is looked at only where it makes a difference',
  async (t) => {
    const options = new ReplyOptions4()
    const set = setOf({
      global: vendorLevel(enterprise(CABLE, [], [entry(2, 'tftp'), entry(5, 'a', always)])),
    })
    const of = (content: string, more: Options = {}) =>
      select(options, set, { query: queryWith({ 125: block(CABLE, content), ...more }) })
    t.equal(
      of('\x01\x01\x02\x05\x04SER1'),
      of('\x01\x03\x02\x63\x62\x05\x04SER2'),
      'serial numbers',
    )
    t.not(of('\x01\x01\x02'), of(''), 'what is wanted')
    t.equal(of('', { 124: block(7, 'phone') }), of(''), 'an enterprise that nothing is for')
    const without = overlaid(setOf({}), 'global', level(entry(42, 'n')))
    const plain = (says: Options) => select(options, without, { query: queryWith(says) })
    t.equal(plain({ 125: block(CABLE, '') }), plain({}), 'nothing is for enterprises')
  },
)
