// Where the options of a reply come from, and why others are not in it.

import t from 'tap'
import { levelsFor, type OptionLevel, type RankedLevel } from '../../lib/config/plan/option-set.ts'
import { optionOrigins } from '../../lib/dhcp/option-origins.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import { SentReply4 } from '../../lib/dhcp4/sent-reply4.ts'
import { block } from '../../lib/wire/options/enterprises.ts'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
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
} from './option-levels.ts'
import { client, documentWith, type Options, requestList, TestServer } from './test-server.ts'

const C1 = 11

interface Given {
  readonly levels: Parameters<typeof setOf>[0]
  readonly ofClass?: OptionLevel
  readonly reservation?: OptionLevel
  readonly says?: Options
}

/** `level code value: fate`, a line an entry, and what the server itself put there. */
function told({ levels, ofClass, reservation, says = {} }: Given): string[] {
  const classes = inClasses(C1)
  const ofClasses = [...Array(C1), ofClass]
  const set = setOf(levels)
  const query = queryWith(says)
  const who = { classes, query, ...(reservation && { reservation: reservationOf(reservation) }) }
  const pairs = sent(select(new ReplyOptions4(ofClasses), set, who)).map((text) => {
    const at = text.indexOf('=')
    return [Number(text.slice(0, at)), text.slice(at + 1)] as const
  })
  const reply = new Message4()
  const bytes = encodeMessage4({ op: 2 }, [[53, '\x02'], ...pairs])
  if (decode4(reply, bytes, 0, bytes.length, 'strict') !== undefined) throw new Error('no reply')
  const ranked = levelsFor(set, classes, ofClasses, reservation)
  const { entries, ofServer } = optionOrigins(
    ranked,
    classes,
    new SentReply4(reply, says[55] ?? ''),
  )
  const lines = entries.map(({ from, option, enterprise: number, isSubOption, fate }) => {
    const code = isSubOption ? `${number}.${option.code}` : `${option.code}`
    return `${nameOf(from)} ${code} ${option.data}: ${fate}`
  })
  return [...lines, `server ${ofServer.join(' ')}`]
}

function nameOf(from: RankedLevel): string {
  return from.scope === 'class' ? `class ${from.number}` : from.scope
}

t.test('each entry of each level, strongest first', async (t) => {
  const lines = told({
    levels: {
      global: level(entry(3, 'r'), entry(42, 'weak'), entry(66, 't')),
      subnet: level(entry(42, 'n'), entry(6, '', { never: true })),
      pool: level(entry(7, 'c2', { tag: [40] }), entry(7, 'all'), entry(7, 'last')),
    },
    ofClass: level(entry(6, 'dddd'), entry(69, 's', { always: true })),
    reservation: level(entry(3, 'mine')),
    says: requestList(42, 7),
  })
  t.strictSame(lines, [
    'reservation 3 mine: sent',
    'pool 7 c2: other-classes',
    'pool 7 all: overridden',
    'pool 7 last: sent',
    'subnet 42 n: sent',
    'subnet 6 : never-send',
    'class 11 6 dddd: never-send',
    'class 11 69 s: sent',
    'global 3 r: overridden',
    'global 42 weak: overridden',
    'global 66 t: not-requested',
    'server 53',
  ])
})

t.test('options of enterprises', async (t) => {
  const always = { always: true } as const
  const levels = {
    global: {
      options: [],
      enterprises: [
        enterprise(
          9,
          [entry(124, 'class'), entry(125, '')],
          [entry(1, 'a', always), entry(2, 'b')],
        ),
        enterprise(10, [], [entry(1, 'x', always)]),
      ],
    },
    pool: { options: [], enterprises: [enterprise(9, [], [entry(1, 'p')])] },
  }
  t.strictSame(told({ levels, says: { ...requestList(124), 125: block(9, '') } }), [
    'pool 9.1 p: sent',
    'global 124 class: sent',
    'global 125 : not-requested',
    'global 9.1 a: overridden',
    'global 9.2 b: not-named',
    'global 10.1 x: not-named',
    'server 53',
  ])
  const never = level(entry(125, '', { never: true }))
  t.strictSame(told({ levels: { ...levels, pool: never }, says: requestList(125) }), [
    'pool 125 : never-send',
    'global 124 class: not-requested',
    'global 125 : never-send',
    'global 9.1 a: never-send',
    'global 9.2 b: never-send',
    'global 10.1 x: never-send',
    'server 53',
  ])
})

t.test('a reply of the server: what it puts there itself, and what found no room', async (t) => {
  const own = (name: string, data: string) => ({ name, data })
  const server = new TestServer(
    documentWith(
      { reservations: [{ 'hw-address': '02:00:5e:10:00:01', hostname: 'printer' }] },
      {
        'option-data': [
          own('routers', '192.0.2.1'),
          own('host-name', 'everybody'),
          own('subnet-mask', '255.255.0.0'),
          { code: 224, data: 'ab'.repeat(600), 'csv-format': false },
        ],
      },
    ),
  )
  const asks = requestList(1, 224, 12)
  const { message } = server.discover(client(1), asks)
  const levels = levelsFor(server.plan.subnets[0]!.options, inClasses(), [], undefined)
  const { entries, ofServer } = optionOrigins(
    levels,
    inClasses(),
    new SentReply4(message, asks[55]!),
  )
  t.strictSame(
    entries.map(({ option, fate }) => [option.code, fate]),
    [
      [3, 'sent'],
      [12, 'server'],
      [1, 'sent'],
      [224, 'no-room'],
    ],
  )
  t.strictSame(ofServer, [53, 54, 51, 12])
})
