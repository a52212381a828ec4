// libdhcp_limits: how many messages are taken of a subnet or class, and how many leases are given.

import fc from 'fast-check'
import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { RateWindow } from '../../lib/dhcp/rate-limits.ts'
import { classesIn, withClasses } from '../../lib/leases/lease-classes.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import {
  client,
  DISCOVER,
  documentWith,
  INFORM,
  ip,
  kindOf,
  RELEASE,
  TestServer,
  uint32,
} from './test-server.ts'

const LIBRARY = { 'hooks-libraries': [{ library: 'libdhcp_limits.so' }] }

function limited(limits: object, more: Record<string, unknown> = {}): Dhcp4Document {
  return documentWith({ 'user-context': { limits }, ...more }, LIBRARY)
}

t.test('rate-limit: what is beyond it is dropped, and does not count', async (t) => {
  const server = new TestServer(limited({ 'rate-limit': '2 packets per second' }))
  const said = (number: number) => kindOf(server.send(DISCOVER, client(number)))
  t.equal(said(1), 'offer')
  server.now += 400
  t.equal(said(2), 'offer')
  t.equal(said(3), 'rate-limit')
  server.now += 599
  t.equal(said(3), 'rate-limit')
  server.now += 1
  t.equal(said(3), 'offer', 'the first one was a second ago')
  t.equal(said(4), 'rate-limit')
  server.now += 400
  t.equal(said(4), 'offer')
})

t.test('rate-limit of a subnet: of messages that select it', async (t) => {
  const server = new TestServer(limited({ 'rate-limit': '1 packet per minute' }))
  t.equal(server.lease.length, 1)
  const { address } = server.discover(client(1))
  t.equal(server.select(client(1), address), 'rate-limit')
  server.advance(60)
  t.equal(kindOf(server.select(client(1), address)), 'ack')
  const own = { ...client(1), ciaddr: ip(address) }
  t.equal(server.send(INFORM, own, {}, { address: ip(address) }), 'rate-limit')
  server.advance(13)
  const released = server.send(
    RELEASE,
    own,
    { 54: uint32(ip('192.0.2.1')) },
    { address: ip(address) },
  )
  t.equal(released, 'changes', 'a lease may be given back at any time')
})

t.test('0: nothing is taken', async (t) => {
  const server = new TestServer(limited({ 'rate-limit': '0 packets per year' }))
  t.equal(server.send(DISCOVER, client(1)), 'rate-limit')
})

t.test('address-limit: no new lease, and the others go on', async (t) => {
  const server = new TestServer(limited({ 'address-limit': 2 }))
  const first = server.lease(client(1))
  server.lease(client(2))
  t.equal(server.send(DISCOVER, client(3)), 'address-limit')
  t.equal(kindOf(server.select(client(3), '192.0.2.15')), 'nak')
  t.equal(kindOf(server.renew(client(1), first)), 'ack')
  t.equal(server.discover(client(1)).address, first)
  server.advance(13)
  server.send(RELEASE, { ...client(1), ciaddr: ip(first) }, { 54: uint32(ip('192.0.2.1')) })
  t.equal(kindOf(server.send(DISCOVER, client(3))), 'offer')
})

t.test('address-limit: another subnet of the network serves', async (t) => {
  const pools = (net: string) => [{ pool: `${net}.10 - ${net}.19` }]
  const context = { limits: { 'address-limit': 1 } }
  const server = new TestServer({
    ...LIBRARY,
    'valid-lifetime': 4000,
    'shared-networks': [
      {
        name: 'n',
        interface: 'eth0',
        subnet4: [
          { id: 1, subnet: '192.0.2.0/24', pools: pools('192.0.2'), 'user-context': context },
          { id: 2, subnet: '198.51.100.0/24', pools: pools('198.51.100') },
        ],
      },
    ],
  })
  t.match(server.lease(client(1)), /^192/)
  t.match(server.lease(client(2)), /^198/)
})

t.test(
  'of a pair: where one subnet is full, the partner is asked for addresses of the others',
  async (t) => {
    const limits = { limits: { 'address-limit': 1 } }
    const theirs = Array.from({ length: 50 }, (_, index) => `198.51.100.${100 + index}`).find(
      (text) => homeOf(ip(text)) === 1,
    )!
    const network = (second: object) => ({
      ...LIBRARY,
      'valid-lifetime': 4000,
      'shared-networks': [
        {
          name: 'n',
          interface: 'eth0',
          subnet4: [
            {
              id: 1,
              subnet: '192.0.2.0/24',
              pools: [{ pool: '192.0.2.10 - 192.0.2.19' }],
              'user-context': limits,
            },
            { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: `${theirs}/32` }], ...second },
          ],
        },
      ],
    })
    const server = new TestServer(network({})).pair(0)
    t.match(server.lease(client(1)), /^192/)
    t.equal(server.send(DISCOVER, client(2)), 'no-own-address')
    const { outcome } = server
    const all = [{ first: ip(theirs), last: ip(theirs) }]
    t.same(outcome.kind === 'drop' && outcome.wanted, all, 'and not for those of the full one')
    server.set(theirs, 2)
    t.equal(server.lease(client(2)), theirs)
    t.equal(server.send(DISCOVER, client(3)), 'address-limit')
    const both = new TestServer(network({ 'user-context': { limits: { 'address-limit': 0 } } }))
    both.pair(0).lease(client(1))
    t.equal(both.send(DISCOVER, client(2)), 'address-limit')
  },
)

function classes(...definitions: object[]): TestServer {
  return new TestServer(documentWith({}, { ...LIBRARY, 'client-classes': definitions } as object))
}

function limit(text: string): object {
  return { 'user-context': { limits: { 'rate-limit': text } } }
}

t.test('rate-limit of classes: of all that a client is in, or of none', async (t) => {
  const server = classes(
    { name: 'all', test: 'substring(pkt4.mac, 0, 1) == 0x02', ...limit('2 packets per second') },
    { name: 'phones', test: "option[60].hex == 'phone'", ...limit('1 packet per second') },
  )
  const said = (number: number, options = {}) =>
    kindOf(server.send(DISCOVER, client(number), options))
  const phone = { 60: 'phone' }
  t.equal(said(1, phone), 'offer')
  t.equal(said(2, phone), 'rate-limit', 'the second class is full')
  t.equal(said(3), 'offer', 'what was refused did not count in the first one')
  t.equal(said(4), 'rate-limit')
  server.advance(1)
  t.equal(said(4), 'offer')
})

t.test('rate-limit of a template: each value has its own', async (t) => {
  const server = classes({
    name: 'port',
    'template-test': 'option[200].hex',
    ...limit('1 packet per minute'),
  })
  const said = (number: number, port?: string) =>
    kindOf(server.send(DISCOVER, client(number), port === undefined ? {} : { 200: port }))
  t.same(
    [said(1, 'a'), said(2, 'b'), said(3, 'a'), said(4, 'b')],
    ['offer', 'offer', 'rate-limit', 'rate-limit'],
  )
  t.same([said(5), said(6)], ['offer', 'offer'], 'who has no value is not in the class')
  server.advance(60)
  t.equal(said(3, 'a'), 'offer')
})

t.test('address-limit of a template: each value has its own', async (t) => {
  const definition = {
    name: 'port',
    'template-test': 'option[200].hex',
    'user-context': { limits: { 'address-limit': 1 } },
  }
  const server = classes(definition)
  const said = (number: number, port?: string) => {
    const options = port === undefined ? {} : { 200: port }
    const answer = kindOf(server.send(DISCOVER, client(number), options))
    return answer === 'offer' ? server.lease(client(number), options) : answer
  }
  const first = said(1, 'a%\xff')
  t.match(
    [said(2, 'b'), said(3, 'a%\xff'), said(4, 'b')],
    [/^192/, 'address-limit', 'address-limit'],
  )
  t.match(server.row(first)?.userContext, '{"ISC":{"client-classes":["SPAWN_port_a%%%ff"]}}')
  t.match([said(5), said(6)], [/^192/, /^192/], 'who has no value is not in the class')
  t.match(said(1, 'a%\xff'), first, 'who has a lease keeps it')
  t.comment('counts are made anew from what leases say')
  const { classes: counts } = server.table
  counts.follow([])
  counts.follow(server.plan.classLimits.addresses)
  t.equal(said(3, 'a%\xff'), 'address-limit')
  server.advance(13)
  const own = { ...client(1), ciaddr: ip(first) }
  server.send(RELEASE, own, { 54: uint32(ip('192.0.2.1')), 200: 'a%\xff' })
  t.match(said(3, 'a%\xff'), /^192/, 'another one in its place')
})

t.test('in no time of the length are more taken than the limit says', async (t) => {
  const pauses = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })
  const isKept = fc.property(fc.integer({ min: 1, max: 6 }), pauses, (messages, gaps) => {
    const window = new RateWindow({ messages, within: 100 })
    const taken: number[] = []
    let now = 0
    for (const gap of gaps) {
      now += gap
      const isFull = taken.filter((time) => time > now - 100).length >= messages
      if (window.admits(now) === isFull) return false
      if (isFull) continue
      window.take(now)
      taken.push(now)
    }
    return true
  })
  t.equal(fc.check(isKept).failed, false)
})

t.test('a limit of millions takes little memory and is kept to a part of a thousand', async (t) => {
  const messages = 3_000_000
  const window = new RateWindow({ messages, within: 1e9 })
  let taken = 0
  while (window.admits(1) && taken <= 2 * messages) {
    window.take(1)
    taken++
  }
  t.ok(taken >= messages && taken < messages * 1.001, `${taken}`)
})

const PHONES = {
  name: 'phones',
  test: "option[60].hex == 'phone'",
  'user-context': { limits: { 'address-limit': 1 } },
}
const PHONE = { 60: 'phone' }

t.test('address-limit of a class: no new lease, and the others go on', async (t) => {
  const server = classes(PHONES)
  const first = server.lease(client(1), PHONE)
  t.equal(server.row(first)?.userContext, '{"ISC":{"client-classes":["phones"]}}')
  t.equal(server.send(DISCOVER, client(2), PHONE), 'address-limit')
  t.equal(kindOf(server.select(client(2), '192.0.2.15', PHONE)), 'nak')
  t.equal(server.row(server.lease(client(3)))?.userContext, '', 'who is in no such class')
  t.equal(kindOf(server.renew(client(1), first, PHONE)), 'ack')
  t.equal(server.discover(client(1), PHONE).address, first)
  server.advance(13)
  server.send(RELEASE, { ...client(1), ciaddr: ip(first) }, { 54: uint32(ip('192.0.2.1')) })
  t.equal(kindOf(server.send(DISCOVER, client(2), PHONE)), 'offer')
})

t.test('address-limit of a class: a renewal outside of the class counts no more', async (t) => {
  const server = classes(PHONES)
  const first = server.lease(client(1), PHONE)
  server.renew(client(1), first)
  t.equal(server.row(first)?.userContext, '')
  t.equal(kindOf(server.send(DISCOVER, client(2), PHONE)), 'offer')
})

t.test(
  'address-limit of a class: leases are counted anew at a start, and by a reload',
  async (t) => {
    const before = classes(PHONES)
    const first = before.lease(client(1), PHONE)
    const after = new TestServer(documentWith({}))
    after.table.apply({ kind: 'put', lease: before.row(first)! })
    t.equal(kindOf(after.send(DISCOVER, client(2), PHONE)), 'offer', 'no limit stands there')
    after.reload(documentWith({}, { ...LIBRARY, 'client-classes': [PHONES] } as object))
    t.equal(after.send(DISCOVER, client(3), PHONE), 'address-limit')
    after.table.apply({ kind: 'remove', address: ip(first), change: 9 })
    t.equal(kindOf(after.send(DISCOVER, client(3), PHONE)), 'offer')
  },
)

t.test('a user context keeps what else stands in it', async (t) => {
  t.equal(withClasses('', []), '')
  t.equal(withClasses('{"a":1}', ['x']), '{"a":1,"ISC":{"client-classes":["x"]}}')
  const relayed = '{"ISC":{"relay-agent-info":{"sub-options":"0x00"}}}'
  t.equal(withClasses(withClasses(relayed, ['x', 'y']), []), relayed)
  t.equal(withClasses('7', ['x']), '7')
  t.same([...classesIn('{"ISC":{"client-classes":["x",7,"x"]}}')], ['x'])
  t.same([...classesIn('"client-classes"')], [])
})
