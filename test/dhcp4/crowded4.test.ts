// How a free address is found, and what becomes of lease times where few are left (allocator,
// adaptive-lease-time-threshold).

import t from 'tap'
import { longestLifetime4 } from '../../lib/config/plan/longest-lifetime.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import {
  client,
  documentWith,
  ip,
  kindOf,
  RELEASE,
  type Reply,
  TestServer,
  uint32,
} from './test-server.ts'

const BOUNDS = { 'valid-lifetime': 4000, 'min-valid-lifetime': 600, 'max-valid-lifetime': 8000 }

function crowded(threshold: number, more: Record<string, unknown> = {}): TestServer {
  return new TestServer(
    documentWith({ ...BOUNDS, 'adaptive-lease-time-threshold': threshold, ...more }),
  )
}

function lifetimeOf(reply: Reply | string): number | undefined {
  return typeof reply === 'string' ? undefined : reply.message.uint(51)
}

/** Takes this many of the ten addresses. */
function fill(server: TestServer, count: number): void {
  for (let number = 1; number <= count; number++) server.lease(client(number))
}

t.test('adaptive-lease-time-threshold: which part of the pool is taken by others', async (t) => {
  const table: [threshold: number, taken: number, lifetime: number][] = [
    [1, 9, 4000],
    [0.5, 4, 4000],
    [0.5, 5, 600],
    [0.9, 8, 4000],
    [0.9, 9, 600],
    [0, 0, 600],
  ]
  for (const [threshold, taken, lifetime] of table) {
    for (const allocator of ['iterative', 'random', 'flq']) {
      const server = crowded(threshold, { allocator })
      fill(server, taken)
      const what = `${threshold}, ${taken} of 10 taken, ${allocator}`
      t.equal(lifetimeOf(server.discover(client(100))), lifetime, what)
      server.lease(client(100))
      const row = server.table.byClient({ ...client(100), clientId: '', htype: 1 } as never, 1)
      t.equal(row?.validLifetime, lifetime, what)
    }
  }
})

t.test('adaptive-lease-time-threshold: a renewal is told what is left at least', async (t) => {
  for (const [age, lifetime] of [
    [1000, 3000],
    [3900, 600],
  ] as const) {
    const server = crowded(0.5)
    fill(server, 3)
    server.advance(age)
    for (let number = 4; number <= 9; number++) server.lease(client(number))
    const { end } = server.row('192.0.2.10')!
    t.equal(lifetimeOf(server.renew(client(1), '192.0.2.10')), lifetime, `after ${age} s`)
    t.ok(server.row('192.0.2.10')!.end >= end, 'its end does not move earlier')
  }
})

t.test(
  'adaptive-lease-time-threshold: what is left of a longer lease is no reason for another',
  async (t) => {
    for (const former of [100_000, 0xffffffff]) {
      const long = { 'valid-lifetime': former, 'max-valid-lifetime': former }
      const server = crowded(0.5, long)
      fill(server, 4)
      server.reload(documentWith({ ...BOUNDS, 'adaptive-lease-time-threshold': 0.5 }))
      for (let number = 5; number <= 9; number++) server.lease(client(number))
      t.equal(lifetimeOf(server.renew(client(1), '192.0.2.10')), 4000, `of ${former} s`)
    }
  },
)

t.test('adaptive-lease-time-threshold: the address in question counts as free', async (t) => {
  const server = crowded(0.5)
  fill(server, 5)
  server.advance(10)
  t.equal(lifetimeOf(server.renew(client(1), '192.0.2.10')), 4000, 'four others')
  t.equal(lifetimeOf(server.discover(client(6))), 600, 'five others')
})

t.test('adaptive-lease-time-threshold: what ended is free, what is declined is not', async (t) => {
  const server = crowded(0.5)
  fill(server, 5)
  server.send(RELEASE, { ...client(1), ciaddr: ip('192.0.2.10') })
  server.advance(60)
  t.equal(lifetimeOf(server.discover(client(9))), 4000, 'one was released')
  server.set('192.0.2.10', 2, { state: 1, end: server.now + 1_000_000, validLifetime: 1000 })
  t.equal(lifetimeOf(server.discover(client(9))), 600, 'it is declined')
})

t.test(
  'adaptive-lease-time-threshold: a reserved address outside of the pools takes nothing',
  async (t) => {
    const reservations = [{ 'hw-address': '02:00:5e:10:00:64', 'ip-address': '192.0.2.200' }]
    const server = crowded(0.5, { reservations })
    fill(server, 9)
    t.equal(lifetimeOf(server.discover(client(100))), 4000)
  },
)

t.test('adaptive-lease-time-threshold: all pools of the subnet count together', async (t) => {
  const pools = [{ pool: '192.0.2.10 - 192.0.2.14' }, { pool: '192.0.2.20 - 192.0.2.24' }]
  const server = crowded(0.6, { pools })
  fill(server, 5)
  t.equal(lifetimeOf(server.discover(client(9))), 4000, 'the first is full, the second empty')
  server.lease(client(6))
  t.equal(lifetimeOf(server.discover(client(9))), 600)
})

t.test('valid-lifetime, offer-lifetime of a class go before those of the subnet', async (t) => {
  const HOLD = 5000
  const serverWith = (own: object): TestServer =>
    new TestServer({
      ...documentWith({ 'offer-lifetime': 60 }),
      'client-classes': [{ name: 'ALL', ...own }],
    })
  const offered = (own: object) => {
    const server = serverWith(own)
    const reply = server.discover(client(1))
    server.now += HOLD
    const wish = { 50: uint32(ip('192.0.2.10')) }
    return [lifetimeOf(reply), server.discover(client(2), wish).address]
  }
  t.same(offered({}), [4000, '192.0.2.11'])
  t.same(offered({ 'valid-lifetime': 77 }), [77, '192.0.2.11'])
  t.same(offered({ 'offer-lifetime': HOLD / 1000 }), [4000, '192.0.2.10'])
  const longest = (own: object, least: number) => longestLifetime4(serverWith(own).plan, least)
  t.equal(longest({ 'valid-lifetime': 77 }, 5), 4000, 'rule 9d')
  t.equal(longest({ 'valid-lifetime': 77, 'max-valid-lifetime': 5000 }, 5), 5000, 'of classes, too')
  t.equal(longest({}, 6000), 6000)
})

t.test('the occupancy of a large pool is a sample, and good for a second', async (t) => {
  const table = leaseTable4()
  const ranges = [{ first: ip('10.0.0.0'), last: ip('10.0.255.255') }]
  let drawn = 0
  const draw = (bound: number) => {
    drawn += 7919
    return drawn % bound
  }
  t.equal(table.occupancy(ranges, ip('10.0.0.1'), draw, 1000), 0)
  const before = drawn
  t.equal(table.occupancy(ranges, ip('10.0.0.1'), draw, 1999), 0)
  t.equal(drawn, before)
  table.occupancy(ranges, ip('10.0.0.1'), draw, 2000)
  t.ok(drawn > before)
  t.equal(table.occupancy([], ip('10.0.0.1'), draw, 2000), 0)
})

t.test('flq: of the addresses that somebody had, the one that is free for longest', async (t) => {
  const given = (allocator: string) => {
    const server = new TestServer(documentWith({ allocator, pools: [{ pool: '192.0.2.10/30' }] }))
    for (let number = 1; number <= 4; number++) server.lease(client(number))
    server.advance(100)
    for (const number of [3, 1, 4, 2]) {
      const { address } = server.table.byAddress(ip(`192.0.2.${7 + number}`))!
      t.equal(server.send(RELEASE, { ...client(number), ciaddr: address }), 'changes')
      server.advance(100)
    }
    return [11, 12, 13, 14].map((number) => server.lease(client(number)).slice(-2))
  }
  t.same(given('flq'), ['10', '.8', '11', '.9'])
  t.same(given('iterative'), ['.8', '.9', '10', '11'])
})

t.test('flq: an address that nobody had goes before', async (t) => {
  const server = new TestServer(documentWith({ allocator: 'flq' }))
  const first = server.lease(client(1))
  server.advance(100)
  server.send(RELEASE, { ...client(1), ciaddr: ip(first) })
  server.advance(100)
  for (let number = 2; number <= 10; number++) t.not(server.lease(client(number)), first)
  t.equal(server.lease(client(11)), first)
  t.equal(kindOf(server.send(1, client(12))), 'no-free-address')
})

t.test('flq: among very many that ended, those that are compared take turns', async (t) => {
  const pools = [{ pool: '192.0.2.0 - 192.0.2.255' }, { pool: '192.0.3.0 - 192.0.5.255' }]
  const server = new TestServer(
    documentWith({ allocator: 'flq', subnet: '192.0.0.0/21', pools, 'valid-lifetime': 60 }),
  )
  const count = 1024
  for (let number = 0; number < count; number++) server.lease(client(number))
  server.advance(10_000)
  for (let number = 0; number < count; number++) {
    const given = server.lease(client(20_000 + number))
    t.ok(given)
  }
  t.equal(server.table.counts(1).assigned, count)
})
