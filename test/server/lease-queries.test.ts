// Queries about leases among the messages of clients: RFC 4388 at a whole server.

import t from 'tap'
import type { LeaseQueryPlan } from '../../lib/config/plan/lease-query-plan.ts'
import type { BulkSink } from '../../lib/ports/bulk-queries.ts'
import type { MessageFields4 } from '../../lib/wire/v4/builder.ts'
import { ip, type Options } from '../dhcp4/test-server.ts'
import { CALENDAR, query, REQUESTER } from '../leasequery/asking.ts'
import { ETH0, planWith, SmallWorld } from './small-world.ts'

const LIBRARY = {
  library: 'libdhcp_lease_query.so',
  parameters: { requesters: ['198.51.100.7'], advanced: { 'bulk-query-enabled': true } },
}
const ASKED = { 'hooks-libraries': [LIBRARY] }

function world(global: object = ASKED, subnet: object = {}): SmallWorld {
  const made = SmallWorld.serving(planWith(subnet, global))
  made.request(1, 10)
  made.endBatch()
  made.committed()
  return made
}

function ask(one: SmallWorld, fields: MessageFields4, options: Options = {}): void {
  const bytes = query({ giaddr: REQUESTER, ...fields }, options)
  one.sink!.onDatagram(ETH0, bytes, 0, bytes.length, REQUESTER, 67, 0)
}

const counted = (one: SmallWorld) =>
  Object.entries(one.server.measures.v4!.counters.statistics())
    .filter(([name, count]) => /lease-query|drop-|admin|unknown-rec/.test(name) && count > 0)
    .map(([name, count]) => `${name} ${count}`)

t.test('queries are answered and counted by the names of Kea', async (t) => {
  const one = world()
  const before = one.given.length
  ask(one, { ciaddr: ip('192.0.2.10') })
  ask(one, { ciaddr: ip('192.0.2.11') })
  ask(one, { ciaddr: ip('10.0.0.1') })
  ask(one, { hwAddress: '\x02\0\0\0\0\x01' })
  ask(one, { ciaddr: ip('192.0.2.10'), giaddr: ip('192.0.2.2') })
  one.endBatch()
  t.equal(one.given.length - before, 4)
  t.strictSame(counted(one), [
    'pkt4-lease-query-received 5',
    'pkt4-lease-query-response-unassigned-sent 1',
    'pkt4-lease-query-response-unknown-sent 1',
    'pkt4-lease-query-response-active-sent 2',
    'pkt4-drop-not-a-requester 1',
    'pkt4-admin-filtered 1',
  ])
  t.equal(one.commits.length, 1, 'nothing is stored for it')
})

t.test('without the library a query is a message that nobody answers, as in Kea', async (t) => {
  const one = world({})
  ask(one, { ciaddr: ip('192.0.2.10') })
  one.endBatch()
  t.strictSame(counted(one), ['pkt4-unknown-received 1', 'pkt4-drop-bad-message-type 1'])
})

t.test('a client that was asked for is not said to have sent anything (whio why)', async (t) => {
  const one = world()
  ask(one, { hwAddress: '\x02\0\0\0\0\x63', giaddr: ip('192.0.2.2') })
  one.endBatch()
  const { clients } = one.server.why('02:00:00:00:00:63')
  t.strictSame(clients, [])
})

t.test('a flood of queries by client costs no more than so many look-ups a turn', async (t) => {
  const many = Array.from({ length: 2000 }, (_, at) => ({
    id: at + 2,
    subnet: `10.${at >> 8}.${at & 255}.0/24`,
  }))
  const one = world({ ...ASKED, 'shared-networks': [{ name: 'n', subnet4: many }] })
  for (let at = 0; at < 50; at++) ask(one, { hwAddress: '\x02\0\0\0\0\x01' })
  one.endBatch()
  const sent = () => counted(one).find((line) => /active-sent/.test(line))
  t.equal(sent(), 'pkt4-lease-query-response-active-sent 3')
  t.ok(counted(one).includes('pkt4-drop-overload 47'))
  ask(one, { hwAddress: '\x02\0\0\0\0\x01' })
  one.endBatch()
  t.equal(sent(), 'pkt4-lease-query-response-active-sent 4', 'and goes on in the next one')
})

t.test('option 54 of the answer is what the file says', async (t) => {
  const option = { name: 'dhcp-server-identifier', data: '192.0.2.99' }
  for (const [global, id] of [
    [{ ...ASKED, 'option-data': [option] }, '192.0.2.99'],
    [ASKED, '192.0.2.1'],
  ] as const) {
    const one = world(global)
    const bytes: Uint8Array[] = []
    one.onSend = (reply) => void bytes.push(reply.bytes.slice(reply.start, reply.end))
    ask(one, { ciaddr: ip('192.0.2.10') })
    one.endBatch()
    const at = bytes[0]!.findIndex((_, n) => bytes[0]![n] === 54 && bytes[0]![n + 1] === 4)
    t.strictSame([...bytes[0]!.slice(at + 2, at + 6)].join('.'), id)
  }
})

t.test('queries in bulk are taken once clients are, with what is in force', async (t) => {
  const calls: string[] = []
  const plan = planWith({}, ASKED)
  const bulkQueries = {
    use: (plan: LeaseQueryPlan | undefined, sink: BulkSink) => {
      const known = sink.known()
      const at = known === undefined ? 'no answers' : known.wall - CALENDAR
      calls.push(`${plan?.bulk === undefined ? 'none' : 'bulk'} ${at}`)
    },
    close: () => void calls.push('close'),
  }
  const one = new SmallWorld(plan, undefined, undefined, undefined, undefined, { bulkQueries })
  one.server.start()
  t.strictSame(calls, [])
  one.journalSink!.onReady({ stamp: 0, change: 0, setAside: 0, database: 'd', pair: undefined })
  t.strictSame(calls, ['bulk 0'])
  one.server.reload(planWith())
  t.strictSame(calls, ['bulk 0', 'none 0'])
  one.server.stop(() => {})
  t.equal(calls.at(-1), 'close')
})
