// One change of DNS after the other, as the answers come.

import t from 'tap'
import type { NameServerPlan, ZonePlan } from '../../lib/config/plan/names-plan.ts'
import type { DnsAnswer, DnsRequest } from '../../lib/ddns/message.ts'
import type { Flight } from '../../lib/ddns/queue.ts'
import { troubleInWords } from '../../lib/ddns/trouble.ts'
import { encodedName } from '../../lib/ddns/writer.ts'
import { Zones } from '../../lib/ddns/zones.ts'
import { Courses } from '../../lib/server/names/courses.ts'
import { order, reply } from '../ddns/golden.ts'

const SERVER: NameServerPlan = { address: '192.0.2.53', port: 53, key: undefined }
const OFFICE: NameServerPlan = { address: '192.0.2.54', port: 53, key: undefined }
const FLIGHT = {} as Flight

function courses(zones: readonly ZonePlan[] = []) {
  const sent: { server: NameServerPlan; request: DnsRequest }[] = []
  const ended: string[] = []
  const clocks: number[] = []
  const known = new Zones(zones)
  const resolver = {
    open: () => {},
    close: () => {},
    send: (_ticket: number, server: NameServerPlan, request: DnsRequest) => {
      sent.push({ server, request })
    },
  }
  const clock = { now: 0 }
  const all = new Courses(resolver, {
    now: () => clock.now,
    reverseZoneOf: (name) => known.find(name),
    clockDiffers: (_server, seconds) => clocks.push(seconds),
    ended: (_flight, verdict) => ended.push(verdict.kind),
  })
  let tickets = 0
  const answer = (one: DnsAnswer) => all.onDnsAnswer(++tickets, one)
  return { all, answer, clock, clocks, ended, sent }
}

t.test('RFC 8945 §5.2.3: that a server’s clock differs is told', async (t) => {
  const { all, answer, clocks, ended } = courses()
  all.begin(FLIGHT, order(), SERVER)
  answer({ ...reply('NOERROR'), clockAhead: -600 })
  t.same([clocks, ended], [[-600], ['done']])
  all.begin(FLIGHT, order(), SERVER)
  answer(reply('NOERROR'))
  t.same(clocks, [-600])
})

t.test('RFC 2317: an alias leads to the server of its zone', async (t) => {
  const office = 'office.2.0.192.in-addr.arpa'
  const data = encodedName(`10.${office}`)
  const alias = { name: '10.2.0.192.in-addr.arpa', type: 5, dnsClass: 1, ttl: 60, data }
  const { all, answer, ended, sent } = courses([{ name: office, servers: [OFFICE] }])
  all.begin(FLIGHT, order({ direction: 'reverse' }), SERVER)
  answer(reply('YXRRSET'))
  answer(reply('NOERROR', [alias]))
  t.match(sent.at(-1), { server: OFFICE, request: { kind: 'update', zone: office } })
  answer(reply('NOERROR'))
  t.same(ended, ['done'])

  const other = courses()
  other.all.begin(FLIGHT, order({ direction: 'reverse' }), SERVER)
  other.answer(reply('YXRRSET'))
  other.answer(reply('NOERROR', [alias]))
  t.same(other.ended, ['blocked'], 'no zone of the configuration')
})

t.test('an answer that comes twice is one', async (t) => {
  const { all, answer, ended } = courses()
  all.begin(FLIGHT, order(), SERVER)
  all.onDnsAnswer(1, reply('NOERROR'))
  answer(reply('NOERROR'))
  t.same(ended, ['done'])
})

t.test('why a server does not serve, in words', async (t) => {
  const words = (trouble: 'timeout' | 'refused' | 'unreachable' | 'untrusted', detail = '') =>
    troubleInWords({ kind: 'retry', trouble, detail })
  t.equal(words('timeout'), 'no answer')
  t.equal(words('refused'), 'nobody listens there')
  t.equal(words('unreachable', 'network is unreachable'), 'network is unreachable')
  t.equal(
    words('untrusted', 'REFUSED, but it is not signed'),
    'its answers are not believed: REFUSED, but it is not signed',
  )
})

t.test(
  'RFC 2308 §5: the zone of a name is asked for once in the time that it is said to hold',
  async (t) => {
    const { all, answer, clock, ended, sent } = courses()
    const soa = { name: 'open.test', type: 6, dnsClass: 1, ttl: 60, data: '' }
    const said = { ...reply('NOERROR'), authority: [soa] }
    const asked = () => sent.map(({ request }) => request.kind).join(' ')
    const change = (name: string) =>
      all.begin(FLIGHT, { ...order(), zone: undefined, name }, SERVER)
    change('pc1.open.test')
    answer(said)
    answer(reply('NOERROR'))
    t.equal(asked(), 'query update')
    change('pc2.open.test')
    t.match(
      sent.at(-1)?.request,
      { kind: 'update', zone: 'open.test' },
      'the same of its neighbour',
    )
    answer(reply('NOERROR'))
    change('pc1.other.test')
    t.equal(sent.at(-1)?.request.kind, 'query', 'not of other names')
    answer({ ...said, authority: [{ ...soa, name: 'test' }] })
    answer(reply('NOERROR'))
    clock.now = 60_000
    change('pc2.open.test')
    t.equal(sent.at(-1)?.request.kind, 'query', 'nor later')
    answer({ ...said, authority: [{ ...soa, ttl: 3600 }] })
    answer(reply('NOERROR'))

    // Its zone is another one by now.
    change('pc3.open.test')
    answer(reply('NOTAUTH'))
    t.equal(sent.at(-1)?.request.kind, 'query')
    answer({ ...said, authority: [{ ...soa, name: 'test' }] })
    t.match(sent.at(-1)?.request, { kind: 'update', zone: 'test' })
    answer(reply('NOERROR'))
    all.forget()
    change('pc3.open.test')
    t.equal(sent.at(-1)?.request.kind, 'query', 'the plan is another one')
    t.same(ended, ['done', 'done', 'done', 'done', 'done'])
  },
)
