// What a client of DHCPv6 gets of the options that count for it.

import t from 'tap'
import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import { hexFromOctets, octetsFromBytes, octetsFromHex } from '../../lib/bytes/octets.ts'
import type { OptionLevel, OptionScope } from '../../lib/config/plan/option-set.ts'
import { ReplyOptions6 } from '../../lib/dhcp6/reply-options6.ts'
import type { Selection6 } from '../../lib/dhcp6/selection6.ts'
import { encodeMessage6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { Query6 } from '../../lib/wire/v6/message.ts'
import {
  type OptionPair6,
  octetsFromOptions6,
  optionsInOctets6,
} from '../../lib/wire/v6/octets6.ts'
import { decode6, Message6 } from '../../lib/wire/v6/reader.ts'
import { bytesPerStep } from '../bench/allocations.ts'
import {
  enterprise,
  entry,
  inClasses,
  level,
  reservationOf,
  setOf,
  vendorLevel,
} from '../dhcp4/option-levels.ts'

const CABLE = 4491
const OTHER = 3561
const C1 = 11
const always = { always: true } as const
const never = { never: true } as const

const DUID = '\0\x03\0\x01\x02\0\x5e\x10\0\x01'

function queryWith(...options: readonly OptionPair6[]): Query6 {
  const query = new Message6()
  const bytes = encodeMessage6(MESSAGE_TYPE6.solicit, 1, [[OPTION6.clientId, DUID], ...options])
  const trouble = decode6(query, bytes, 0, bytes.length)
  if (trouble !== undefined) throw new Error(trouble)
  return query
}

/** An ORO. */
function wishes(...codes: readonly number[]): OptionPair6 {
  return [OPTION6.optionRequest, codes.map((code) => octetsFromUint(code, 2)).join('')]
}

function vendor(number: number, ...options: readonly OptionPair6[]): OptionPair6 {
  return [OPTION6.vendorOptions, octetsFromUint(number, 4) + octetsFromOptions6(options)]
}

/** `code=value` each, in the order of the wire. */
function said(block: Uint8Array): string[] {
  const options = optionsInOctets6(octetsFromBytes(block))!
  return options.map(([code, data]) => `${code}=${data}`)
}

interface Who {
  readonly query?: Query6
  readonly classes?: readonly number[]
  readonly reserved?: OptionLevel
  readonly ofClass?: OptionLevel
}

function select(levels: Partial<Record<OptionScope, OptionLevel>>, who: Who = {}): Selection6 {
  const { query = queryWith(), classes = [], reserved, ofClass } = who
  const options = new ReplyOptions6([...Array(C1), ofClass])
  const reservation = reserved === undefined ? undefined : reservationOf(reserved)
  return options.select(setOf(levels), inClasses(...classes), reservation, query)
}

t.test('RFC 9915 §21.7: a client gets what it asks for, by ascending codes', async (t) => {
  const global = level(entry(24, 'search'), entry(23, 'dns'), entry(31, 'time'))
  const query = queryWith(wishes(31, 23, 500, 23))
  t.strictSame(said(select({ global }, { query }).reply), ['23=dns', '31=time'])
  t.strictSame(said(select({ global }).reply), [], 'nothing unasked')
  const odd = queryWith([OPTION6.optionRequest, '\0\x17\0'])
  t.strictSame(said(select({ global }, { query: odd }).reply), ['23=dns'])
})

t.test('always-send, and never-send, which wins', async (t) => {
  const global = level(entry(23, 'dns', always), entry(24, 'search', always), entry(31, 'time'))
  const subnet = level(entry(24, '', never), entry(31, 'near'))
  const query = queryWith(wishes(24, 31))
  t.strictSame(said(select({ global, subnet }).reply), ['23=dns'])
  t.strictSame(said(select({ global, subnet }, { query }).reply), ['23=dns', '31=near'])
})

t.test(
  'levels: a reservation, then pool, subnet, network, classes, the global level',
  async (t) => {
    const all = level(entry(23, 'global'), entry(24, 'global'), entry(31, 'global'))
    const who = {
      query: queryWith(wishes(23, 24, 31, 59)),
      classes: [C1],
      ofClass: level(entry(24, 'class'), entry(31, 'class')),
      reserved: level(entry(59, 'own')),
    }
    const subnet = level(entry(31, 'subnet'), entry(59, 'subnet'))
    const gets = ['23=global', '24=class', '31=subnet', '59=own']
    t.strictSame(said(select({ global: all, subnet }, who).reply), gets)
    const tagged = level(entry(31, 'tagged', { tag: [C1] }), entry(31, 'plain'))
    const query = queryWith(wishes(31))
    t.strictSame(said(select({ subnet: tagged }, { query, classes: [C1] }).reply), ['31=tagged'])
    t.strictSame(said(select({ subnet: tagged }, { query }).reply), ['31=plain'])
  },
)

t.test('RFC 9915 appendix B: what some replies never have', async (t) => {
  const global = level(
    entry(7, '\xff'),
    entry(23, 'dns'),
    entry(32, 'refr'),
    entry(82, 'solm'),
    entry(83, 'infm'),
  )
  const { advertise, reply, information } = select(
    { global },
    { query: queryWith(wishes(23, 32, 82, 83)) },
  )
  t.strictSame(said(advertise), ['7=\xff', '23=dns', '82=solm'])
  t.strictSame(said(reply), ['23=dns', '82=solm', '83=infm'])
  t.strictSame(said(information), ['23=dns', '32=refr', '82=solm', '83=infm'])
  t.strictSame(said(select({ global }).advertise), ['7=\xff'], 'no client may ask for it')
  t.strictSame(said(select({ global: level(entry(7, '', never)) }).advertise), [])
})

t.test('what the server sets is taken from no level, whoever asks for it', async (t) => {
  const codes = [1, 2, 3, 5, 8, 9, 12, 13, 14, 25, 26, 39, 67, 148]
  const global = level(...codes.map((code) => entry(code, 'x', always)))
  const { reply } = select({ global }, { query: queryWith(wishes(...codes)) })
  t.strictSame(said(reply), [])
})

t.test('RFC 9686 §4.1: who asks is told that addresses may be registered', async (t) => {
  const asks = queryWith(wishes(148))
  t.equal(select({}, { query: asks }).asksRegistration, true)
  t.equal(select({}).asksRegistration, false)
  t.equal(select({ global: level(entry(148, '', always)) }).asksRegistration, true)
  const forbidden = { global: level(entry(148, '', never)) }
  t.equal(select(forbidden, { query: asks }).asksRegistration, false)
})

t.test('an option of several instances', async (t) => {
  const servers = { ...entry(56, 'onetwo'), instances: ['one', 'two'] }
  const global = level(servers, entry(23, 'dns'))
  const { reply } = select({ global }, { query: queryWith(wishes(56, 23)) })
  t.strictSame(said(reply), ['23=dns', '56=one', '56=two'])
})

t.test('RFC 9915 §21.16: an option 16 for each enterprise, where it is asked for', async (t) => {
  const global = vendorLevel(
    enterprise(OTHER, [entry(16, '\0\x05other')]),
    enterprise(CABLE, [entry(16, '\0\x04weak')]),
  )
  const subnet = vendorLevel(enterprise(CABLE, [entry(16, '\0\x06docsis')]))
  const both = [
    `16=${octetsFromUint(OTHER, 4)}\0\x05other`,
    `16=${octetsFromUint(CABLE, 4)}\0\x06docsis`,
  ]
  const query = queryWith(wishes(16))
  t.strictSame(said(select({ global, subnet }, { query }).reply), both)
  t.strictSame(said(select({ global, subnet }).reply), [])
  const sticky = vendorLevel(enterprise(CABLE, [entry(16, '\0\x06docsis', always)]))
  t.strictSame(said(select({ global, subnet: sticky }).reply), both)
  const forbidden = level(entry(16, '', never))
  t.strictSame(said(select({ global, subnet, pool: forbidden }, { query }).reply), [])
})

t.test('RFC 9915 §21.17: options of the enterprises that a client names', async (t) => {
  const global = vendorLevel(
    enterprise(OTHER, [], [entry(7, 'seven', always), entry(2, 'two')]),
    enterprise(CABLE, [], [entry(33, 'file'), entry(32, 'tftp'), entry(37, 'time')]),
  )
  const sub = (number: number, hex: string): string =>
    `17=${octetsFromUint(number, 4)}${octetsFromHex(hex.replaceAll(' ', ''))}`
  const other = sub(OTHER, '0007 0005 736576656e')
  const rows: [title: string, OptionPair6[], string[]][] = [
    ['names nobody', [], []],
    ['asks for option 17', [wishes(17)], []],
    ['an enterprise without a request list', [vendor(OTHER)], [other]],
    ['by its vendor class', [[16, `${octetsFromUint(OTHER, 4)}\0\x01x`]], [other]],
    ['of Cable Labs, without wishes', [vendor(CABLE)], []],
    [
      'of Cable Labs, with wishes',
      [vendor(CABLE, [1, '\0\x21\0\x20\0\x63'])],
      [sub(CABLE, '0020 0004 74667470 0021 0004 66696c65')],
    ],
    [
      'both',
      [vendor(CABLE, [1, '\0\x20']), vendor(OTHER)],
      [other, sub(CABLE, '0020 0004 74667470')],
    ],
    ['an enterprise that nothing is for', [vendor(9)], []],
    [
      'wishes that are cut short',
      [vendor(CABLE, [1, '\0\x20\0'])],
      [sub(CABLE, '0020 0004 74667470')],
    ],
    ['no enterprise at all', [[17, '\0\0']], []],
  ]
  for (const [title, options, gets] of rows)
    t.strictSame(said(select({ global }, { query: queryWith(...options) }).reply), gets, title)
  const carried = vendorLevel(enterprise(OTHER, [entry(17, '\0\x07\0\x01c')]))
  const whole = sub(OTHER, '0007 0001 63')
  const asks = queryWith(wishes(17))
  t.strictSame(said(select({ global: carried }, { query: asks }).reply), [whole])
  const named = queryWith(wishes(17), vendor(OTHER))
  t.strictSame(said(select({ global, subnet: carried }, { query: named }).reply), [whole])
  t.strictSame(
    said(select({ global, subnet: level(entry(17, '', never)) }, { query: named }).reply),
    [],
  )
})

t.test('nothing is allocated for a client whose kind was there before', async (t) => {
  const ofClasses = Array.from({ length: 20 }, (_, number) => level(entry(200 + number, 'own')))
  const options = new ReplyOptions6(ofClasses)
  const set = setOf({
    global: vendorLevel(enterprise(OTHER, [], [entry(2, 'two', always)])),
    pool: level(entry(23, 'dns'), entry(24, 'n', { tag: [7, 12] })),
  })
  const classes = [[], [3, 7], [7, 3, 19, 12]].map((numbers) => inClasses(...numbers))
  const queries = [queryWith(wishes(23, 24)), queryWith(wishes(23, 24, 203, 207))]
  const found = new Set<Selection6>()
  let last: Selection6 | undefined
  const step = (round: number): void => {
    last = options.select(set, classes[round % 3]!, undefined, queries[round & 1]!)
  }
  for (let round = 0; round < 6; round++) {
    step(round)
    found.add(last!)
  }
  t.equal(found.size, 6, 'each of them is another one')
  // What is read of a message is a string: the request list of these.
  t.ok(bytesPerStep(step) < 100)
  t.match(hexFromOctets(octetsFromBytes(last!.reply)), /^00170003/)
})
