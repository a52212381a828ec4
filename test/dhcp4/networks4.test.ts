// Shared networks: several subnets on one link.

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import {
  addressOf,
  client,
  DISCOVER,
  INFORM,
  ip,
  kindOf,
  RELEASE,
  REQUEST,
  requestList,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const HW1 = '02:00:5e:10:00:01'
const A1 = '192.0.2.10'
const A2 = '198.51.100.10'
const A3 = '203.0.113.10'
/** On the other link. */
const ELSEWHERE = '10.0.0.10'
const PREFIXES = ['192.0.2', '198.51.100', '203.0.113']

type Fields = Record<string, unknown>

/** A network of three subnets with two free addresses each, and a subnet on another link. */
function floor(first: Fields = {}, second: Fields = {}, third: Fields = {}, network: Fields = {}) {
  const own = [first, second, third]
  const subnet4 = PREFIXES.map((prefix, index) => ({
    id: index + 1,
    subnet: `${prefix}.0/24`,
    pools: [{ pool: `${prefix}.10 - ${prefix}.11` }],
    ...own[index],
  }))
  return {
    'valid-lifetime': 4000,
    'shared-networks': [{ name: 'floor', subnet4, ...network }],
    subnet4: [{ id: 9, subnet: '10.0.0.0/24', pools: [{ pool: '10.0.0.10 - 10.0.0.19' }] }],
  } as Dhcp4Document
}

/** A client behind the relay of the subnet. */
const behind = (number: number, prefix: string) => client(number, { giaddr: ip(`${prefix}.1`) })

t.test('free addresses: of the selected subnet, then of the others by id', async (t) => {
  const orders = [
    ['192.0.2', ['192.0.2', '198.51.100', '203.0.113']],
    ['198.51.100', ['198.51.100', '203.0.113', '192.0.2']],
    ['203.0.113', ['203.0.113', '192.0.2', '198.51.100']],
  ] as const
  for (const [selected, order] of orders) {
    const server = new TestServer(floor())
    const given = [1, 2, 3, 4, 5, 6].map((number) => server.lease(behind(number, selected)))
    t.same(
      given,
      order.flatMap((prefix) => [`${prefix}.10`, `${prefix}.11`]),
      selected,
    )
    t.equal(server.send(DISCOVER, behind(7, selected)), 'no-free-address')
    t.equal(server.send(REQUEST, behind(7, selected)), 'no-free-address')
  }
  const poolless = new TestServer(floor({ pools: [] }, { pools: [] }, { pools: [] }))
  t.equal(poolless.send(DISCOVER, client(1)), 'no-pool')
  const half = new TestServer(floor({ pools: [] }, {}, { pools: [] }))
  t.equal(half.lease(client(1)), A2)
})

t.test('no offer is taken from another client while a sibling has a free address', async (t) => {
  const server = new TestServer(floor())
  const offered = [1, 2, 3, 4, 5, 6].map((number) => {
    const { address } = server.discover(behind(number, '192.0.2'))
    return address
  })
  t.equal(new Set(offered).size, 6, 'each its own, in three subnets')
  t.ok(offered.includes(server.discover(behind(7, '192.0.2')).address), 'nothing else is left')
  const half = new TestServer(floor({}, {}, { pools: [] }))
  for (const number of [1, 2]) half.discover(behind(number, '192.0.2'))
  for (const number of [3, 4]) half.lease(behind(number, '198.51.100'))
  half.send(RELEASE, { ...behind(3, '198.51.100'), ciaddr: ip(A2) })
  half.advance(20)
  t.equal(half.discover(behind(5, '192.0.2')).address, A2, 'one that a client had counts, too')
})

t.test('options, mask, lifetime and row are those of the subnet of the address', async (t) => {
  const routers = [{ name: 'routers', data: '198.51.100.1' }]
  const second = { 'valid-lifetime': 600, 'option-data': routers, subnet: '198.51.100.0/25' }
  const server = new TestServer(floor({ pools: [] }, second))
  const asks = requestList(1, 3)
  const offer = server.discover(client(1), asks)
  t.equal(offer.address, A2)
  t.equal(offer.message.octets(3), uint32(ip('198.51.100.1')))
  t.equal(offer.message.octets(1), uint32(ip('255.255.255.128')))
  t.equal(offer.message.uint(51), 600)
  const ack = server.select(client(1), A2, asks)
  t.equal(kindOf(ack), 'ack')
  t.match(server.row(A2), { subnetId: 2, validLifetime: 600 })
  t.equal(kindOf(server.renew(client(1), A2)), 'ack')
})

t.test("a lease in any of the subnets is the client's", async (t) => {
  const taken = (server: TestServer) => {
    server.lease(behind(1, '203.0.113'))
    return server
  }
  t.equal(taken(new TestServer(floor())).discover(client(1)).address, A3, 'DISCOVER')
  t.equal(addressOf(taken(new TestServer(floor())).send(REQUEST, client(1))), A3, 'bare REQUEST')
  for (const giaddr of [undefined, ip('198.51.100.1')]) {
    const server = taken(new TestServer(floor()))
    const who = client(1, giaddr === undefined ? {} : { giaddr })
    for (const state of ['select', 'reboot', 'renew'] as const) {
      t.equal(kindOf(server[state](who, A3)), 'ack', state)
      t.equal(server.row(A3)?.subnetId, 3)
    }
    server.advance(60)
    t.equal(server.send(RELEASE, { ...who, ciaddr: ip(A3) }), 'changes')
    t.equal(server.discover(who).address, A3, 'its former one goes before a free one')
    server.advance(10_000)
    t.equal(server.lease(who, {}), A3)
  }
})

t.test('of two leases the one in the selected subnet goes first', async (t) => {
  const server = new TestServer(floor())
  server.select(client(1), A2)
  server.select(client(1), A3)
  t.equal(server.discover(behind(1, '192.0.2')).address, A2)
  t.equal(server.discover(behind(1, '203.0.113')).address, A3)
})

t.test('a requested address counts in any of the subnets', async (t) => {
  const server = new TestServer(floor())
  t.equal(server.discover(client(1), { 50: uint32(ip(A3)) }).address, A3)
  t.equal(server.discover(client(1)).address, A3, 'the offer stays')
  t.equal(server.discover(client(2), { 50: uint32(ip(A3)) }).address, A1, 'and is kept')
  t.equal(kindOf(server.select(client(2), A3)), 'nak')
  t.equal(kindOf(server.select(client(1), A3)), 'ack')
  t.equal(server.discover(client(3), { 50: uint32(ip(ELSEWHERE)) }).address, '192.0.2.11')
})

t.test('an offer in another subnet is withdrawn when the client goes elsewhere', async (t) => {
  const server = new TestServer(floor())
  server.discover(client(1), { 50: uint32(ip(A3)) })
  t.equal(server.table.offerCount, 1)
  server.send(REQUEST, client(1), { 50: uint32(ip(A1)), 54: uint32(ip('192.0.2.2')) })
  t.equal(server.table.offerCount, 0)
})

t.test('what the client remembers of the network is judged in the network', async (t) => {
  const server = new TestServer(floor())
  t.equal(server.reboot(client(1), A3), 'unknown-client')
  t.equal(server.reboot(client(1), ELSEWHERE), 'unknown-client')
  server.lease(behind(1, '198.51.100'))
  t.equal(kindOf(server.reboot(client(1), A3)), 'nak', 'its lease is another one')
  t.equal(kindOf(server.renew(client(1), A3)), 'nak', 'so it has no claim to this one')
  t.equal(kindOf(server.reboot(client(1), ELSEWHERE)), 'nak', 'another network')
  t.equal(kindOf(server.renew(client(2), A3)), 'ack', 'a stranger takes up a free one, as in Kea')
  t.equal(kindOf(server.select(client(3), ELSEWHERE)), 'nak')
})

t.test('an ended lease elsewhere in the network still makes a client known', async (t) => {
  const server = new TestServer(floor())
  server.lease(behind(1, '203.0.113'))
  server.advance(100_000)
  t.equal(kindOf(server.reboot(client(1), A1)), 'nak')
  t.equal(kindOf(server.renew(client(1), A1)), 'ack', 'but may take another address')
  server.renew(client(1), A3)
  server.advance(100_000)
  server.renew(client(1), A3)
  t.equal(kindOf(server.renew(client(1), '192.0.2.11')), 'nak', 'unless it has a live one')
})

t.test('a reservation in any of the subnets goes before a lease', async (t) => {
  const reserved = { reservations: [{ 'hw-address': HW1, 'ip-address': '198.51.100.77' }] }
  const server = new TestServer(floor())
  t.equal(server.lease(client(1)), A1)
  server.reload(floor({}, reserved))
  t.equal(kindOf(server.renew(client(1), A1)), 'nak')
  t.equal(kindOf(server.reboot(client(1), A1)), 'nak')
  t.equal(server.lease(client(1)), '198.51.100.77')
  t.equal(server.row('198.51.100.77')?.subnetId, 2)
  for (const state of ['select', 'reboot', 'renew'] as const)
    t.equal(kindOf(server[state](client(1), '198.51.100.77')), 'ack', state)
  t.equal(kindOf(server.select(client(2), '198.51.100.77')), 'nak')
})

t.test('a reservation counts in its own subnet: name, options, server identifier', async (t) => {
  const own = '203.0.113.54'
  const option = { name: 'dhcp-server-identifier', data: own }
  const reservation = {
    'hw-address': HW1,
    'ip-address': '198.51.100.77',
    hostname: 'duck',
    'option-data': [option],
  }
  const server = new TestServer(floor({}, { reservations: [reservation] }))
  const offer = server.discover(client(1), { 12: 'goose' })
  t.equal(offer.address, '198.51.100.77')
  t.equal(offer.message.octets(12), 'duck')
  t.equal(offer.message.octets(54), uint32(ip(own)))
  t.equal(kindOf(server.select(client(1), offer.address, { 54: uint32(ip(own)) })), 'ack')
  t.equal(server.row(offer.address)?.hostname, 'duck')
  t.equal(kindOf(server.select(client(2), A1, { 54: uint32(ip(own)) })), 'not-for-us')
})

t.test('who a client is, each subnet says for itself', async (t) => {
  const server = new TestServer(floor({ pools: [] }, { 'match-client-id': false }))
  const [one, two] = ['\x01aa', '\x01bb'].map((clientId) => ({ 61: clientId }))
  t.equal(server.lease(client(1), one), A2)
  t.equal(server.row(A2)?.clientId, '')
  t.equal(server.lease(client(1), two), A2, 'by hardware address')
  server.select(client(2), '198.51.100.11')
  t.equal(server.lease(client(3), one), A3)
  t.equal(server.row(A3)?.clientId, '\x01aa')
  server.renew(client(3), A3, one)
  t.equal(server.row(A3)?.clientId, '\x01aa', 'and still at its renewal')
})

t.test('INFORM: options of the subnet that the client is in', async (t) => {
  const routers = (data: string) => ({ 'option-data': [{ name: 'routers', data }] })
  const server = new TestServer(floor(routers('192.0.2.1'), routers('198.51.100.1')))
  const ask = (ciaddr: string, relay: string) =>
    server.reply(INFORM, { ...behind(1, relay), ciaddr: ip(ciaddr) }, requestList(3))
  t.equal(ask('198.51.100.200', '192.0.2').message.octets(3), uint32(ip('198.51.100.1')))
  t.equal(ask('192.0.2.200', '192.0.2').message.octets(3), uint32(SERVER))
  t.equal(ask('10.9.9.9', '198.51.100').message.octets(3), uint32(ip('198.51.100.1')))
})

t.test('a subnet of its own is no part of the network', async (t) => {
  const server = new TestServer(floor())
  const other = client(1, { giaddr: ip('10.0.0.1') })
  t.equal(server.lease(other), ELSEWHERE)
  t.equal(server.lease(client(1)), A1, 'its lease there is another matter')
  t.equal(kindOf(server.reboot(client(1), ELSEWHERE)), 'nak')
})

// ---- guards and rights

const HA = {
  'hooks-libraries': [
    {
      library: 'libdhcp_ha.so',
      parameters: {
        'high-availability': [
          {
            'this-server-name': 'server1',
            mode: 'load-balancing' as const,
            peers: [
              { name: 'server1', url: 'http://192.0.2.1:8000/', role: 'primary' as const },
              { name: 'server2', url: 'http://192.0.2.2:8000/', role: 'secondary' as const },
            ],
          },
        ],
      },
    },
  ],
}
const only = (...servers: number[]) => ({
  'client-classes': servers.map((number) => `HA_server${number}`),
})
const guarded = (...fields: Parameters<typeof floor>): Dhcp4Document => ({
  ...floor(...fields),
  ...HA,
})

t.test('a subnet that does not admit the owner is passed over', async (t) => {
  const server = new TestServer(guarded(only(1), only(2), {}))
  const given = (owner: number, numbers: number[]) => {
    server.owner = owner
    return numbers.map((number) => server.lease(client(number)))
  }
  t.same(given(1, [1, 2]), [A2, '198.51.100.11'], 'another one of the network is selected')
  t.same(given(0, [3, 4]), [A1, '192.0.2.11'])
  t.same(given(1, [5]), [A3])
  t.same(given(0, [6]), ['203.0.113.11'])
  t.equal(server.send(DISCOVER, client(7)), 'no-free-address')
})

t.test('a lease in a subnet that does not admit the owner is not extended', async (t) => {
  const server = new TestServer(guarded(only(1), only(2), {}))
  t.equal(server.lease(client(1)), A1)
  server.owner = 1
  t.equal(kindOf(server.renew(client(1), A1)), 'nak')
  t.equal(kindOf(server.reboot(client(1), A1)), 'nak')
  t.equal(kindOf(server.select(client(1), A1)), 'nak')
  t.equal(server.discover(client(1), { 50: uint32(ip(A1)) }).address, A2)
  server.owner = 0
  t.equal(kindOf(server.renew(client(1), A1)), 'ack')
})

t.test('the guard of the network counts for all of it', async (t) => {
  const server = new TestServer(guarded({}, {}, {}, only(2)))
  t.equal(server.send(DISCOVER, client(1)), 'no-subnet')
  server.owner = 1
  t.equal(server.lease(client(1)), A1)
  const nobody = new TestServer(guarded(only(1), only(1), only(1)))
  nobody.owner = 1
  t.equal(nobody.send(DISCOVER, client(1)), 'no-subnet')
})

t.test(
  'clients that come at once are offered every free address of the network before one twice',
  async (t) => {
    const pools = ['192.0.2.10 - 192.0.2.11', '198.51.100.10 - 198.51.100.200']
    const subnet4 = pools.map((pool, at) => {
      return { id: at + 1, subnet: `${pool.split('.', 3).join('.')}.0/24`, pools: [{ pool }] }
    })
    const server = new TestServer({ 'shared-networks': [{ name: 'link', subnet4 }] })
    const offered = (numbers: number[]) =>
      numbers.map((number) => server.discover(client(number)).address)
    const [a, b, c] = ['192.0.2.10', '192.0.2.11', '198.51.100.10']
    t.same(offered([1, 2, 3, 4, 5, 6]), [a, b, c, ...[11, 12, 13].map((n) => `198.51.100.${n}`)])
    const many = offered(Array.from({ length: 187 }, (_, number) => number + 7))
    t.equal(new Set([...many, ...offered([1, 2, 3, 4, 5, 6])]).size, 193)
    t.equal(server.discover(client(300)).address, a, 'then the oldest offer')
  },
)

t.test('of a pair: own addresses of every subnet, then the partner is asked for all', async (t) => {
  const server = new TestServer(floor()).pair(0)
  const all = PREFIXES.flatMap((prefix) => [`${prefix}.10`, `${prefix}.11`])
  const own = all.filter((text) => homeOf(ip(text)) === 0)
  t.same(
    own.map((_, number) => server.lease(client(number))),
    own,
  )
  t.equal(server.send(DISCOVER, client(99)), 'no-own-address')
  const { outcome } = server
  t.equal(outcome.kind === 'drop' && outcome.wanted.length, 3)
})

t.test(
  'of a pair: a pool of one address that is reserved is asked for by its owner alone',
  async (t) => {
    const theirs = Array.from({ length: 50 }, (_, index) => `198.51.100.${100 + index}`).find(
      (text) => homeOf(ip(text)) === 1,
    )!
    const second = {
      pools: [{ pool: `${theirs}/32` }],
      reservations: [{ 'hw-address': HW1, 'ip-address': theirs }],
    }
    const none = { pools: [] }
    const server = new TestServer(floor(none, second, none)).pair(0)
    t.type(server.send(DISCOVER, client(99)), 'string')
    const { outcome } = server
    t.same(outcome.kind === 'drop' && outcome.wanted, [])
  },
)

t.test('of a pair: a reserved address in another subnet is waited for', async (t) => {
  const theirs = Array.from({ length: 50 }, (_, index) => `198.51.100.${100 + index}`).find(
    (text) => homeOf(ip(text)) === 1,
  )!
  const reserved = { reservations: [{ 'hw-address': HW1, 'ip-address': theirs }] }
  const server = new TestServer(floor({}, reserved)).pair(0)
  t.equal(server.send(DISCOVER, client(1)), 'no-right')
  const { outcome } = server
  t.same(outcome.kind === 'drop' && outcome.wanted, [{ first: ip(theirs), last: ip(theirs) }])
  server.set(theirs, 2)
  t.equal(server.lease(client(1)), theirs)
})

// ---- prefixes and pools that overlap

/** The prefix of the second subnet lies within that of the first. */
function nested(first: Fields = {}, second: Fields = {}): Dhcp4Document {
  const wide = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.10' }] }
  const narrow = { id: 2, subnet: '192.0.2.128/25', pools: [{ pool: '192.0.2.200 - 192.0.2.200' }] }
  const subnet4 = [
    { ...wide, ...first },
    { ...narrow, ...second },
  ]
  return { 'shared-networks': [{ name: 'nest', subnet4 }] } as Dhcp4Document
}

/**
 * What a client is answered from DISCOVER to REBINDING: once it has an address, every state gets
 * ACK.
 */
function life(server: TestServer, number: number): readonly string[] {
  const address = server.discover(client(number)).address
  const states = [
    server.select(client(number), address),
    server.reboot(client(number), address),
    server.renew(client(number), address),
    server.send(REQUEST, client(number, { ciaddr: ip(address) })),
  ]
  return [address, ...states.map(kindOf)]
}

t.test('an address offered from a pool inside another prefix of the link can be had', async (t) => {
  for (const reversed of [false, true]) {
    const document = nested()
    if (reversed) (document['shared-networks']![0]!.subnet4! as unknown[]).reverse()
    const server = new TestServer(document)
    t.same(life(server, 1), ['192.0.2.10', 'ack', 'ack', 'ack', 'ack'])
    t.same(life(server, 2), ['192.0.2.200', 'ack', 'ack', 'ack', 'ack'])
    t.equal(server.row('192.0.2.200')?.subnetId, 2)
    t.equal(server.send(RELEASE, client(2, { ciaddr: ip('192.0.2.200') })), 'release-too-soon')
  }
})

t.test('an address that two pools of a link hold keeps the subnet it was offered in', async (t) => {
  const both = { pools: [{ pool: '192.0.2.200 - 192.0.2.201' }] }
  const lifetimes = [{ 'valid-lifetime': 1000 }, { 'valid-lifetime': 2000 }] as const
  const server = new TestServer(nested({ ...both, ...lifetimes[0] }, { ...both, ...lifetimes[1] }))
  t.same(life(server, 1), ['192.0.2.200', 'ack', 'ack', 'ack', 'ack'])
  t.match(server.row('192.0.2.200'), { subnetId: 1, validLifetime: 1000 })
  server.set('192.0.2.200', 2, { subnetId: 2 })
  t.same(life(server, 1), ['192.0.2.200', 'ack', 'ack', 'ack', 'ack'])
  t.match(
    server.row('192.0.2.200'),
    { subnetId: 2, validLifetime: 2000 },
    'a lease stays in its own',
  )
})

t.test('a pool that moves to another subnet of the link takes its leases along', async (t) => {
  const moved = nested({ pools: [] }, { pools: [{ pool: '192.0.2.200 - 192.0.2.201' }] })
  const former = nested({ pools: [{ pool: '192.0.2.200 - 192.0.2.201' }] }, { pools: [] })
  for (const state of ['discover', 'select', 'reboot', 'renew'] as const) {
    const server = new TestServer(former)
    t.equal(server.lease(client(2)), '192.0.2.200')
    t.equal(server.lease(client(1)), '192.0.2.201')
    server.reload(moved)
    if (state === 'discover') t.equal(server.lease(client(1)), '192.0.2.201')
    else t.equal(kindOf(server[state](client(1), '192.0.2.201')), 'ack', state)
    t.equal(server.row('192.0.2.201')?.subnetId, 2, state)
  }
})

t.test(
  'an address that is reserved in one subnet of a link is nobody else’s in another',
  async (t) => {
    const reservations = [{ 'hw-address': HW1, 'ip-address': '192.0.2.200' }]
    const server = new TestServer(nested({ reservations }))
    t.equal(server.lease(client(2)), '192.0.2.10')
    t.equal(server.send(DISCOVER, client(3), { 50: uint32(ip('192.0.2.200')) }), 'no-free-address')
    t.equal(kindOf(server.select(client(3), '192.0.2.200')), 'nak')
    t.same(life(server, 1), ['192.0.2.200', 'ack', 'ack', 'ack', 'ack'])
  },
)

t.test(
  'subnets of a link are tried from the selected one upwards, then from the lowest',
  async (t) => {
    const document = floor({ id: 30 }, { id: 10 }, { id: 20 })
    const server = new TestServer(document)
    const given = [1, 2, 3, 4, 5, 6].map((number) => server.lease(behind(number, '203.0.113')))
    t.same(
      given,
      ['203.0.113', '192.0.2', '198.51.100'].flatMap((net) => [`${net}.10`, `${net}.11`]),
    )
    const bound = (id: number, prefix: string) => ({
      id,
      subnet: `${prefix}.0/24`,
      interface: 'eth0',
      pools: [{ pool: `${prefix}.10 - ${prefix}.11` }],
    })
    const two = { subnet4: [bound(5, '198.51.100'), bound(2, '203.0.113')] }
    t.equal(new TestServer(two).lease(client(1)), '203.0.113.10', 'by interface, too')
  },
)

t.test(
  'a client that no address is left for hears it from the subnet that it asked in',
  async (t) => {
    const id = (data: string) => ({ 'option-data': [{ name: 'dhcp-server-identifier', data }] })
    const document = floor(id('192.0.2.3'), id('198.51.100.3'), id('203.0.113.3'))
    const server = new TestServer({ ...document, authoritative: true })
    for (let number = 1; number <= 6; number++) server.lease(behind(number, '198.51.100'))
    const nak = server.reply(REQUEST, behind(7, '198.51.100'))
    t.equal(kindOf(nak), 'nak')
    t.equal(nak.message.uint(54), ip('198.51.100.3'))
  },
)
