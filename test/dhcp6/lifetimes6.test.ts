// For how long addresses and prefixes are given, and when they are to be extended (RFC 9915 §7.7,
// §14.2, §21.4, §21.6).

import t from 'tap'
import type { Timers } from '../../lib/config/plan/plan4.ts'
import { timesFor } from '../../lib/dhcp6/times6.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import {
  asksFor,
  client,
  documentWith,
  LeaseServer6,
  na,
  pd,
  RENEW,
  REQUEST,
  type Reply6,
  SOLICIT,
} from './lease-server6.ts'

const FOREVER = 0xffff_ffff
const USUAL: Timers = { renew: undefined, rebind: undefined, calculate: true, t1: 0.5, t2: 0.8 }

t.test('§14.2: T1 and T2', async (t) => {
  const lease = (preferred: number, valid: number, timers: Partial<Timers> = {}) => ({
    timers: { ...USUAL, ...timers },
    preferred,
    valid,
  })
  const times = (...told: ReturnType<typeof lease>[]) => Object.values(timesFor(told))
  t.strictSame(times(), [0, 0], 'nothing is to be extended')
  t.strictSame(times(lease(3000, 4000)), [1500, 2400], 'parts of the preferred lifetime')
  t.strictSame(times(lease(3000, 4000), lease(1000, 9000)), [500, 800], 'the shortest counts')
  t.strictSame(times(lease(3000, 4000), lease(0, 4000)), [1500, 2400], 'not what is deprecated')
  t.strictSame(times(lease(0, 4000), lease(0, 1000)), [500, 800], 'unless all is')
  t.strictSame(times(lease(3000, 4000, { renew: 10, rebind: 20 })), [10, 20], 'as configured')
  t.strictSame(times(lease(3000, 4000, { renew: 10 })), [10, 2400])
  const bare = { calculate: false }
  t.strictSame(times(lease(3000, 4000, bare)), [0, 0], 'nothing is calculated')
  t.strictSame(times(lease(3000, 4000, { ...bare, rebind: 20 })), [0, 20])
  t.strictSame(times(lease(3000, 4000, { renew: 20, rebind: 20 })), [0, 20], 'T1 before T2')
  t.strictSame(times(lease(3000, 4000, { renew: 9000 })), [0, 2400])
  t.strictSame(times(lease(FOREVER, FOREVER)), [0x7fffffff, 0x7fffffff], 'signed numbers hold it')
  t.strictSame(times(lease(FOREVER, FOREVER), lease(100, 200)), [50, 80])
  t.strictSame(times(lease(1, 1)), [0, 1])
})

t.test('one pair for all IAs, and none where an IA has nothing', async (t) => {
  const server = new LeaseServer6(documentWith({ 'pd-pools': [] }))
  const reply = server.send(REQUEST, client(1), [na(1), pd(1), na(2)])
  t.strictSame(timesOf(reply), ['1500/2400', '0/0', '1500/2400'])
})

t.test(
  'lifetimes: the default, unless a range is given and the client wishes for more or less',
  async (t) => {
    const plain = new LeaseServer6()
    const wish = (preferred: number, valid: number) => [
      na(1, { key: '2001:db8:1::10', preferred, valid }),
    ]
    t.strictSame(plain.ias(SOLICIT, client(1), wish(1, 2)), ['NA 1: 2001:db8:1::10 3000/4000'])
    const ranged = new LeaseServer6(
      documentWith({
        'min-valid-lifetime': 1000,
        'max-valid-lifetime': 8000,
        'min-preferred-lifetime': 500,
        'max-preferred-lifetime': 6000,
      }),
    )
    for (const [preferred, valid, told] of [
      [0, 0, '3000/4000'],
      [10, 20, '500/1000'],
      [2000, 3000, '2000/3000'],
      [9999, 9999, '6000/8000'],
      [FOREVER, FOREVER, '3000/4000'],
      [6000, 2000, '1250/2000'],
    ] as const)
      t.strictSame(ranged.ias(SOLICIT, client(1), wish(preferred, valid)), [
        `NA 1: 2001:db8:1::10 ${told}`,
      ])
  },
)

t.test(
  'what is preferred is 5/8 of the valid lifetime where nobody says it, or too much',
  async (t) => {
    const bare = documentWith({}, { 'preferred-lifetime': undefined } as never)
    t.strictSame(new LeaseServer6(bare).ias(SOLICIT, client(1), [na()]), [
      'NA 1: 2001:db8:1::10 2500/4000',
    ])
    const more = new LeaseServer6(documentWith({ 'preferred-lifetime': 5000 }))
    t.strictSame(more.ias(SOLICIT, client(1), [na()]), ['NA 1: 2001:db8:1::10 2500/4000'])
  },
)

t.test('§7.7: for ever', async (t) => {
  const server = new LeaseServer6(
    documentWith({ 'valid-lifetime': FOREVER, 'preferred-lifetime': FOREVER }),
  )
  const reply = server.send(REQUEST, client(1), [na()])
  t.strictSame(timesOf(reply), ['2147483647/2147483647'])
  server.advance(1_000_000_000)
  t.strictSame(server.ias(RENEW, client(1), [na(1, '2001:db8:1::10')]), [
    `NA 1: 2001:db8:1::10 ${FOREVER}/${FOREVER}`,
  ])
})

t.test('a lease that is asked for again soon is told as it stands (cache-threshold)', async (t) => {
  const server = new LeaseServer6(documentWith({ 'cache-threshold': 0.25 }))
  server.lease(client(1), na(), pd())
  const named = [na(1, '2001:db8:1::10'), pd(1, '2001:db8:8000::/56')]
  server.advance(900)
  t.strictSame(server.ias(RENEW, client(1), named), [
    'NA 1: 2001:db8:1::10 2100/3100',
    'PD 1: 2001:db8:8000::/56 2100/3100',
  ])
  t.same(changesOf(server), 0)
  server.advance(200)
  t.strictSame(server.ias(RENEW, client(1), named), [
    'NA 1: 2001:db8:1::10 3000/4000',
    'PD 1: 2001:db8:8000::/56 3000/4000',
  ])
  t.same(changesOf(server), 2)
})

t.test('rule 5f: a server of a pair writes every renewal', async (t) => {
  const server = new LeaseServer6(documentWith({ 'cache-threshold': 0.25 })).pair(0)
  server.set('2001:db8:1::10', 2)
  server.lease(client(1), na(1, '2001:db8:1::10'))
  server.set('2001:db8:1::10', 1)
  server.ias(RENEW, client(1), [na(1, '2001:db8:1::10')])
  t.same(changesOf(server), 1)
})

t.test('adaptive-lease-time-threshold: where little is left leases are short', async (t) => {
  const server = new LeaseServer6(
    documentWith({
      'min-valid-lifetime': 100,
      'max-valid-lifetime': 8000,
      'adaptive-lease-time-threshold': 0.5,
    }),
  )
  const told = Array.from({ length: 8 }, (_, at) => server.ias(REQUEST, client(20 + at), [na()])[0])
  t.match(told[3], '3000/4000')
  t.match(told[7], '62/100')
})

t.test('RFC6603 §4.2: the excluded part of a prefix, to who asks for it', async (t) => {
  const pool = {
    prefix: '2001:db8:8000::',
    'prefix-len': 48,
    'delegated-len': 56,
    'excluded-prefix': '2001:db8:8000:ab::',
    'excluded-prefix-len': 64,
  }
  const server = new LeaseServer6(documentWith({ 'pd-pools': [pool] }))
  const options = [asksFor(OPTION6.pdExclude)]
  const excluded = (from: ReturnType<typeof client>, sent = {}) => {
    const reply = server.send(SOLICIT, from, [pd()], sent)
    if (typeof reply === 'string') return reply
    return reply.message.ias[0]!.entries[0]!.option(OPTION6.pdExclude)
  }
  t.equal(excluded(client(1)), undefined)
  t.equal(excluded(client(1), { options }), '\x40\xab')
  const own = {
    duid: '00:03:00:01:00:00:5e:00:53:02',
    prefixes: ['2001:db8:9000::/44'],
    'excluded-prefixes': ['2001:db8:9007:a000::/51'],
  }
  server.reload(documentWith({ 'pd-pools': [pool], reservations: [own] }))
  t.equal(excluded(client(2), { options }), '\x33\x7a', 'bits 44 to 50: 0111 101')
})

function timesOf(reply: Reply6 | string): string[] {
  if (typeof reply === 'string') return [reply]
  return reply.message.ias.map(({ t1, t2 }) => `${t1}/${t2}`)
}

function changesOf({ outcome }: LeaseServer6): number {
  return outcome.kind === 'reply' ? outcome.changes.length : -1
}
