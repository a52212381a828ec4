// Which options a client gets: levels, classes, tags, what is always and what is never sent.

import t, { type Test } from 'tap'
import type { OptionLevel, OptionScope } from '../../lib/config/plan/option-set.ts'
import { overlaid } from '../../lib/config/plan/option-set.ts'
import { SELECTIONS_MAX, SELECTIONS_OF_SET } from '../../lib/dhcp/reply-options.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import {
  asking,
  entry,
  inClasses,
  level,
  reservationOf,
  type Said,
  select,
  sent,
  setOf,
} from './option-levels.ts'

const C1 = 11
const C2 = 12
const C3 = 13

interface Row {
  readonly title: string
  readonly levels: Partial<Record<OptionScope, OptionLevel>>
  readonly classes?: Readonly<Record<number, OptionLevel>>
  /** Classes of the client, in the order in which they were assigned. */
  readonly is?: readonly number[]
  readonly reservation?: OptionLevel
  readonly asks?: readonly number[]
  readonly gets: readonly string[]
}

const of = (code: number, data: string, said: Said = {}) => level(entry(code, data, said))

function check(t: Test, rows: readonly Row[]): void {
  for (const { title, levels, classes = {}, is = [], reservation, asks = [42], gets } of rows) {
    const byNumber: (OptionLevel | undefined)[] = []
    for (const [number, own] of Object.entries(classes)) byNumber[Number(number)] = own
    const options = new ReplyOptions4(byNumber)
    const who = {
      classes: inClasses(...is),
      query: asking(...asks),
      ...(reservation === undefined ? {} : { reservation: reservationOf(reservation) }),
    }
    const selection = select(options, setOf(levels), who)
    t.strictSame(sent(selection), gets, title)
  }
}

const EVERYWHERE = {
  global: of(42, 'global'),
  network: of(42, 'network'),
  subnet: of(42, 'subnet'),
  pool: of(42, 'pool'),
}

t.test('the strongest level that says something of an option counts', async (t) => {
  const { global, network, subnet } = EVERYWHERE
  const classes = { [C1]: of(42, 'c1'), [C2]: of(42, 'c2') }
  const is = [C1, C2]
  const reservation = of(42, 'reservation')
  check(t, [
    {
      title: 'reservation',
      levels: EVERYWHERE,
      classes,
      is,
      reservation,
      gets: ['42=reservation'],
    },
    { title: 'pool', levels: EVERYWHERE, classes, is, gets: ['42=pool'] },
    { title: 'subnet', levels: { global, network, subnet }, classes, is, gets: ['42=subnet'] },
    { title: 'network', levels: { global, network }, classes, is, gets: ['42=network'] },
    { title: 'class', levels: { global }, classes, is, gets: ['42=c1'] },
    { title: 'global', levels: { global }, classes, gets: ['42=global'] },
    { title: 'class alone', levels: {}, classes, is, gets: ['42=c1'] },
    {
      title: 'reservation over a class',
      levels: {},
      classes,
      is,
      reservation,
      gets: ['42=reservation'],
    },
  ])
})

t.test('of two classes the one that was assigned first counts', async (t) => {
  const classes = { [C1]: of(42, 'c1'), [C2]: of(42, 'c2'), [C3]: of(69, 'c3') }
  const levels = { global: of(42, 'global') }
  const asks = [42, 69]
  check(t, [
    { title: 'C1 first', levels, classes, is: [C1, C2], gets: ['42=c1'] },
    { title: 'C2 first', levels, classes, is: [C2, C1], gets: ['42=c2'] },
    { title: 'in one only', levels, classes, is: [C2], gets: ['42=c2'] },
    { title: 'each its own', levels, classes, is: [C3, C2], asks, gets: ['42=c2', '69=c3'] },
    { title: 'none that says it', levels, classes, is: [C3], asks, gets: ['42=global', '69=c3'] },
    { title: 'in a class that says nothing', levels, classes, is: [9], asks, gets: ['42=global'] },
  ])
})

t.test(
  'always-send and never-send count at every level, where another value counts too',
  async (t) => {
    const always = { always: true } as const
    const never = { never: true } as const
    const ntp = of(42, 'subnet')
    check(t, [
      {
        title: 'always-send of a weaker level',
        levels: { global: of(42, 'global', always), subnet: ntp },
        asks: [],
        gets: ['42=subnet'],
      },
      {
        title: 'always-send of a class under the subnet',
        levels: { subnet: ntp },
        classes: { [C1]: of(42, 'c1', always) },
        is: [C1],
        asks: [],
        gets: ['42=subnet'],
      },
      {
        title: 'always-send of a class that the client is not in',
        levels: { subnet: ntp },
        classes: { [C1]: of(42, 'c1', always) },
        is: [C2],
        asks: [],
        gets: [],
      },
      {
        title: 'always-send of the second class',
        levels: {},
        classes: { [C1]: of(42, 'c1'), [C2]: of(42, 'c2', always) },
        is: [C1, C2],
        asks: [],
        gets: ['42=c1'],
      },
      {
        title: 'never-send of a weaker level',
        levels: { global: of(42, '', never), subnet: ntp },
        gets: [],
      },
      {
        title: 'never-send of a class',
        levels: { subnet: of(42, 'subnet', always) },
        classes: { [C1]: of(42, '', never) },
        is: [C1],
        gets: [],
      },
      {
        title: 'never-send under a reservation',
        levels: { pool: of(42, '', never) },
        reservation: of(42, 'reservation', always),
        gets: [],
      },
      {
        title: 'never-send of routers, sent unasked else',
        levels: { global: level(entry(3, 'rrrr'), entry(6, 'dddd')), subnet: of(3, '', never) },
        asks: [3, 6],
        gets: ['6=dddd'],
      },
    ])
  },
)

t.test('client-classes of option-data', async (t) => {
  const forC1 = { tag: [C1] }
  const forC2 = { tag: [C2] }
  const global = of(42, 'global')
  check(t, [
    {
      title: 'the first tagged entry that admits the client goes before those for all',
      levels: {
        subnet: level(
          entry(42, 'all'),
          entry(42, 'c2', forC2),
          entry(42, 'c1', forC1),
          entry(42, 'c1 again', forC1),
        ),
      },
      is: [C1],
      gets: ['42=c1'],
    },
    {
      title: 'the order of the document counts, not that of the classes',
      levels: { subnet: level(entry(42, 'c2', forC2), entry(42, 'c1', forC1)) },
      is: [C1, C2],
      gets: ['42=c2'],
    },
    {
      title: 'of entries for all the last',
      levels: { subnet: level(entry(42, 'one'), entry(42, 'c1', forC1), entry(42, 'two')) },
      gets: ['42=two'],
    },
    {
      title: 'none that admits the client: the next level',
      levels: { global, subnet: of(42, 'c1', forC1) },
      is: [C2],
      gets: ['42=global'],
    },
    {
      title: 'any class of the list',
      levels: { global, subnet: of(42, 'some', { tag: [C1, 40] }) },
      is: [40],
      gets: ['42=some'],
    },
    {
      title: 'inside a class',
      levels: { global },
      classes: { [C2]: of(42, 'c2 and c1', forC1) },
      is: [C2, C1],
      gets: ['42=c2 and c1'],
    },
    {
      title: 'inside a class, not admitted',
      levels: { global },
      classes: { [C2]: of(42, 'c2 and c1', forC1) },
      is: [C2],
      gets: ['42=global'],
    },
    {
      title: 'in a reservation',
      levels: { pool: of(42, 'pool') },
      reservation: of(42, 'mine', forC1),
      is: [C1],
      gets: ['42=mine'],
    },
    {
      title: 'in a reservation, not admitted',
      levels: { pool: of(42, 'pool') },
      reservation: of(42, 'mine', forC1),
      gets: ['42=pool'],
    },
    {
      title: 'always-send counts for whom the entry is not, too',
      levels: { global, subnet: of(42, 'c1', { ...forC1, always: true }) },
      asks: [],
      gets: ['42=global'],
    },
    {
      title: 'always-send where there is nothing else to send',
      levels: { subnet: of(42, 'c1', { ...forC1, always: true }) },
      asks: [],
      gets: [],
    },
    {
      title: 'never-send counts for whom the entry is not, too',
      levels: { global, subnet: of(42, '', { ...forC1, never: true }) },
      gets: [],
    },
  ])
})

t.test('a reservation moves to another subnet, and its client to other classes', async (t) => {
  const options = new ReplyOptions4([...Array(C1), of(42, 'c1')])
  const reservation = reservationOf(of(69, 'mine'))
  const one = setOf({ subnet: of(7, 'one') })
  const two = setOf({ subnet: of(7, 'two') })
  const query = asking(7, 42, 69)
  const gets = (set: typeof one, ...numbers: number[]) =>
    sent(select(options, set, { classes: inClasses(...numbers), reservation, query }))
  t.strictSame(gets(one), ['7=one', '69=mine'])
  t.strictSame(gets(two, C1), ['7=two', '42=c1', '69=mine'])
  t.strictSame(gets(one, C1), ['7=one', '42=c1', '69=mine'])
  t.strictSame(gets(two), ['7=two', '69=mine'])
})

t.test('the mask and the server identifier of a class', async (t) => {
  const own = level(entry(1, '\xff\xff\0\0'), entry(54, '\xc0\0\x02\x07'))
  const options = new ReplyOptions4([...Array(C1), own, of(1, '', { never: true })])
  const set = setOf({})
  const { mask, sendsMask, serverId } = select(options, set, { classes: inClasses(C1) })
  t.strictSame([mask, sendsMask, serverId], [0xffff0000, true, 0xc0000207])
  const others = select(options, set, { classes: inClasses(C2) })
  t.strictSame([others.sendsMask, others.serverId], [false, 0])
})

t.test('what is sent is encoded once', async (t) => {
  const ofClasses = [...Array(C1), of(42, 'c1'), of(42, 'c2')]
  t.test('for classes that make a difference; others do not tell clients apart', async (t) => {
    const options = new ReplyOptions4(ofClasses)
    const set = setOf({ subnet: of(7, 'subnet') })
    const query = asking(42)
    const chosen = (...numbers: number[]) =>
      select(options, set, { classes: inClasses(...numbers), query })
    t.equal(chosen(2, C1, 4), chosen(2, 30, C1, 40), 'others make none')
    t.equal(chosen(), chosen(40))
    t.not(chosen(C1, C2), chosen(C2, C1), 'the order does')
    const tagged = overlaid(set, 'pool', of(69, 'x', { tag: [40] }))
    const inPool = (...numbers: number[]) =>
      select(options, tagged, { classes: inClasses(...numbers), query })
    t.not(inPool(40), inPool(), 'a tag makes one')
    t.equal(inPool(41), inPool())
  })
  t.test('for each of many reservations with options of its own', async (t) => {
    const options = new ReplyOptions4(ofClasses)
    const set = setOf({ subnet: of(7, 'subnet') })
    const query = asking(7, 69)
    const reservations = Array.from({ length: 20_000 }, (_, number) =>
      reservationOf(of(69, `${number}`)),
    )
    const all = () =>
      reservations.map((reservation) => select(options, set, { reservation, query }))
    const [first, second] = [all(), all()]
    t.ok(first.every((selection, index) => selection === second[index]))
  })
  t.test('for ten kinds of clients in each of many subnets', async (t) => {
    const options = new ReplyOptions4(Array.from({ length: 10 }, (_, n) => of(42, `class ${n}`)))
    const kinds = Array.from({ length: 10 }, (_, number) => inClasses(number))
    const sets = Array.from({ length: 3000 }, (_, number) => setOf({ subnet: of(7, `${number}`) }))
    const query = asking(7, 42)
    const all = () =>
      sets.flatMap((set) => kinds.map((classes) => select(options, set, { classes, query })))
    const [first, second] = [all(), all()]
    t.ok(first.every((selection, index) => selection === second[index]))
  })
  t.test('until too many combinations are kept', async (t) => {
    const options = new ReplyOptions4(ofClasses)
    const set = setOf({ subnet: of(7, 'subnet') })
    const query = asking(42)
    const first = select(options, set, { classes: inClasses(C1), query })
    const reservation = reservationOf(of(69, 'mine'))
    const reserved = select(options, set, { reservation, query })
    t.equal(select(options, set, { classes: inClasses(C1), query }), first)
    for (let at = 0; at < SELECTIONS_MAX + 2 * SELECTIONS_OF_SET; at++)
      select(options, set, { query: asking(at & 127, 128 | (at >> 7), 90 + (at >> 14)) })
    const again = select(options, set, { classes: inClasses(C1), query })
    t.not(again, first, 'forgotten')
    t.strictSame(sent(again), sent(first))
    t.not(select(options, set, { reservation, query }), reserved, 'reservations, too')
  })
})
