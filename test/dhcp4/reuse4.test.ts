// A client that asks again soon keeps its lease as it is (cache-threshold, cache-max-age), and how
// long an address is kept that was offered (offer-lifetime).

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { OFFER_HOLD_MS } from '../../lib/dhcp4/discover.ts'
import { isReuse } from '../../lib/dhcp4/outcome4.ts'
import { REUSES_MAX, Reuses } from '../../lib/leases/table/reuses.ts'
import {
  client,
  documentWith,
  hex,
  kindOf,
  OFFER,
  RELEASE,
  type Reply,
  TestServer,
  uint32,
} from './test-server.ts'

const A = '192.0.2.10'
const LIFETIME = 4000

function serverWith(own: Record<string, unknown>, more: Partial<Dhcp4Document> = {}): TestServer {
  return new TestServer(documentWith(own, more))
}

/** Seconds that the reply says in option 51. */
function told(reply: Reply | string): number | undefined {
  return typeof reply === 'string' ? undefined : reply.message.uint(51)
}

function wasReused({ outcome }: TestServer): boolean {
  return outcome.kind === 'reply' && isReuse(outcome)
}

t.test('cache-threshold, cache-max-age: which age of a lease is too old', async (t) => {
  const table: [keys: Record<string, number>, age: number, isReused: boolean][] = [
    [{}, 1, false],
    [{ 'cache-threshold': 0.25 }, 0, true],
    [{ 'cache-threshold': 0.25 }, 1000.9, true],
    [{ 'cache-threshold': 0.25 }, 1001, false],
    [{ 'cache-threshold': 1 }, 3999, true],
    [{ 'cache-threshold': 1 }, 3999.5, false],
    [{ 'cache-threshold': 0 }, 1, false],
    [{ 'cache-max-age': 60 }, 60.9, true],
    [{ 'cache-max-age': 60 }, 61, false],
    [{ 'cache-max-age': 0 }, 0, false],
    [{ 'cache-threshold': 0.25, 'cache-max-age': 60 }, 61, false],
    [{ 'cache-threshold': 0.01, 'cache-max-age': 60 }, 41, false],
    [{ 'cache-threshold': 0, 'cache-max-age': 60 }, 1, false],
    [{ 'cache-threshold': 0.5, 'cache-max-age': 0 }, 1, false],
  ]
  for (const [keys, age, isReused] of table) {
    const server = serverWith(keys)
    server.lease(client(1))
    const row = server.row(A)!
    server.advance(age)
    const reply = server.renew(client(1), A)
    const what = `${JSON.stringify(keys)} after ${age} s`
    t.equal(kindOf(reply), 'ack', what)
    t.equal(wasReused(server), isReused, what)
    t.equal(told(reply), isReused ? Math.floor(LIFETIME - age) : LIFETIME, what)
    if (isReused) t.same(server.row(A), row, `${what}: the row stays as it is`)
    else t.equal(server.row(A)?.start, server.now, `${what}: the row is written anew`)
  }
})

t.test('the network and the subnet say it, too, and 0 takes it back', async (t) => {
  const network = { name: 'n', 'cache-threshold': 0.5 }
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }]
  const within = (own: object): Dhcp4Document => ({
    'valid-lifetime': LIFETIME,
    'shared-networks': [{ ...network, subnet4: [{ ...subnet4[0]!, ...own }] }],
  })
  for (const [own, isReused] of [
    [{}, true],
    [{ 'cache-threshold': 0 }, false],
    [{ 'cache-max-age': 5 }, false],
  ] as const) {
    const server = new TestServer(within(own))
    server.lease(client(1))
    server.advance(10)
    server.renew(client(1), A)
    t.equal(wasReused(server), isReused, JSON.stringify(own))
  }
})

t.test('each REQUEST of the holder is answered so, and the OFFER says the same', async (t) => {
  for (const state of ['select', 'reboot', 'renew'] as const) {
    const server = serverWith({ 'cache-threshold': 0.25 })
    server.lease(client(1))
    server.advance(100)
    const offer = server.discover(client(1))
    t.equal(offer.type, OFFER)
    t.equal(told(offer), 3900, 'the OFFER')
    t.equal(told(server[state](client(1), A)), 3900, state)
    t.ok(wasReused(server), state)
  }
})

t.test('T1 and T2 are reckoned from what is left', async (t) => {
  const server = serverWith({ 'cache-threshold': 0.25, 'calculate-tee-times': true })
  server.lease(client(1))
  server.advance(1000)
  const { message } = server.renew(client(1), A) as Reply
  t.same([message.uint(51), message.uint(58), message.uint(59)], [3000, 1500, 2625])
})

t.test('what differs from the lease that is there is written', async (t) => {
  const caching = { 'cache-threshold': 0.5 }
  const changes: [string, (server: TestServer) => void][] = [
    ['another client-id', (server) => server.renew(client(1), A, { 61: 'abc' })],
    ['another name', (server) => server.renew(client(1), A, { 12: 'other' })],
    [
      'another lifetime',
      (server) => {
        server.reload(documentWith({ ...caching, 'valid-lifetime': 3000 }))
        server.renew(client(1), A)
      },
    ],
    [
      'another pool',
      (server) => {
        const pools = [{ pool: '192.0.2.10 - 192.0.2.19', 'pool-id': 7 }]
        server.reload(documentWith({ ...caching, pools }))
        server.renew(client(1), A)
      },
    ],
  ]
  for (const [what, change] of changes) {
    const server = serverWith(caching)
    server.lease(client(1), { 12: 'name' })
    server.advance(10)
    change(server)
    t.notOk(wasReused(server), what)
    t.equal(server.row(A)?.start, server.now, what)
  }
  const server = serverWith(caching)
  server.lease(client(1), { 12: 'name' })
  server.renew(client(1), A)
  t.ok(wasReused(server), 'a client that leaves out its name has not changed it')
})

t.test('a lease for ever is told as such', async (t) => {
  const server = serverWith({ 'valid-lifetime': 0xffffffff, 'cache-threshold': 0.25 })
  server.lease(client(1))
  server.advance(10_000_000)
  t.equal(told(server.renew(client(1), A)), 0xffffffff)
  t.ok(wasReused(server))
})

t.test('an ended or released lease, and one that was just given, are no old promise', async (t) => {
  const server = serverWith({ 'cache-threshold': 1 })
  server.lease(client(1))
  server.advance(LIFETIME)
  server.renew(client(1), A)
  t.notOk(wasReused(server), 'ended')
  server.advance(20)
  t.equal(server.send(RELEASE, { ...client(1), ciaddr: server.row(A)!.address }), 'changes')
  server.renew(client(1), A)
  t.notOk(wasReused(server), 'released')
})

t.test('rule 5f: a lease that is not stored wherever it must be is written anew', async (t) => {
  let settled = 0
  const document = documentWith({ 'cache-threshold': 0.25 })
  const server = new TestServer(document, {
    serverPort: 67,
    isSettled: (change) => change <= settled,
  })
  server.lease(client(1))
  server.renew(client(1), A)
  t.notOk(wasReused(server), 'under way')
  settled = server.row(A)!.change
  server.renew(client(1), A)
  t.ok(wasReused(server), 'stored')
})

t.test('rule 5f: in a pair only with both keys, and what this server gave last', async (t) => {
  const table = [
    ['both keys', 2, {}, true],
    ['one key', 1, {}, false],
    ['the partner acknowledged since', 2, { givenBy: 'partner' }, false],
  ] as const
  for (const [what, keys, fields, isReused] of table) {
    const server = serverWith({ 'cache-threshold': 0.25 })
    server.lease(client(1))
    server.pair(0)
    server.set(A, keys, fields)
    server.renew(client(1), A)
    t.equal(wasReused(server), isReused, what)
  }
  const server = serverWith({ 'cache-threshold': 0.25 }).pair(0, { kind: 'all' })
  server.lease(client(1))
  server.renew(client(1), A)
  t.ok(wasReused(server), 'every key is here')
  server.pair(0, { kind: 'all', doubtUntil: server.now + 1 })
  server.renew(client(1), A)
  t.notOk(wasReused(server), 'in doubt')
})

t.test('rule 6b: a RELEASE from before a reuse ends nothing', async (t) => {
  const server = serverWith({ 'cache-threshold': 0.25 })
  server.lease(client(1))
  const release = () => server.send(RELEASE, { ...client(1), ciaddr: server.row(A)!.address })
  server.advance(500)
  server.reboot(client(1), A)
  t.ok(wasReused(server))
  server.advance(11.9)
  t.equal(release(), 'release-too-soon')
  server.advance(0.1)
  t.equal(release(), 'changes')
})

t.test(
  'rule 6b: nor one of shortly after a start, since what was reused is not stored',
  async (t) => {
    const server = serverWith({ 'cache-threshold': 0.25 })
    server.lease(client(1))
    server.advance(500)
    server.table.reuses.begin(server.now)
    const release = () => server.send(RELEASE, { ...client(1), ciaddr: server.row(A)!.address })
    server.advance(11.9)
    t.equal(release(), 'release-too-soon')
    server.advance(0.1)
    t.equal(release(), 'changes')
  },
)

t.test('what cannot be noted is not reused', async (t) => {
  const reuses = new Reuses<number>(2)
  t.ok(reuses.note(1, 0) && reuses.note(2, 1000) && reuses.note(1, 2000))
  t.notOk(reuses.note(3, 2000))
  t.notOk(reuses.isRecent(3, 2000))
  t.notOk(reuses.note(3, 12_999))
  t.ok(reuses.note(3, 13_000), 'the oldest has served its time')
  t.ok(reuses.isRecent(1, 13_999))
  t.notOk(reuses.isRecent(1, 14_000))
  t.ok(REUSES_MAX > 0)
})

t.test('offer-lifetime: so long the address is kept for its client', async (t) => {
  for (const [own, hold] of [
    [{}, OFFER_HOLD_MS],
    [{ 'offer-lifetime': 0 }, OFFER_HOLD_MS],
    [{ 'offer-lifetime': 5 }, 5000],
    [{ 'offer-lifetime': 600 }, 600_000],
  ] as const) {
    const server = serverWith(own)
    const { address, message } = server.discover(client(1))
    t.equal(message.uint(51), LIFETIME, 'the lease that is offered is as long as ever')
    const asks = { 50: uint32(server.outcome.kind === 'reply' ? server.outcome.address : 0) }
    server.now += hold - 1
    t.not(server.discover(client(2), asks).address, address, `${hold} ms: kept`)
    const later = serverWith(own)
    later.discover(client(1))
    later.now += hold
    t.equal(later.discover(client(2), asks).address, address, `${hold} ms: free again`)
  }
})

t.test(
  'offer-lifetime: nothing is stored, and a flood of DISCOVERs keeps no client out',
  async (t) => {
    const server = serverWith({
      'offer-lifetime': 3600,
      pools: [{ pool: '192.0.2.10 - 192.0.2.11' }],
    })
    for (let number = 1; number <= 9; number++) {
      server.discover(client(number), { 61: hex('00ff') + String.fromCharCode(number) })
      t.equal(server.row(A), undefined)
    }
    t.match(server.lease(client(100)), /^192\.0\.2\.1[01]$/, 'the first REQUEST wins')
  },
)
