// Which address a client gets, and which REQUEST is granted, refused or left alone.

import t from 'tap'
import { BROADCAST } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { OFFER_HOLD_MS } from '../../lib/dhcp4/discover.ts'
import { RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import type { MessageFields4 } from '../../lib/wire/v4/builder.ts'
import {
  addressOf,
  client,
  DECLINE,
  DISCOVER,
  DOCUMENT,
  documentWith,
  hex,
  INFORM,
  ip,
  kindOf,
  type Options,
  RELEASE,
  REQUEST,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const A = '192.0.2.10'
const B = '192.0.2.11'
const HW1 = '02:00:5e:10:00:01'
const reservedForClient1 = (address: string) => ({
  reservations: [{ 'hw-address': HW1, 'ip-address': address }],
})

t.test('an own row is granted in every state of a REQUEST', async (t) => {
  for (const state of ['select', 'reboot', 'renew'] as const) {
    const server = new TestServer()
    const address = server.lease(client(1))
    server.advance(100)
    const reply = server[state](client(1), address)
    t.equal(kindOf(reply), 'ack', state)
    t.equal(addressOf(reply), address)
    t.equal(server.row(address)?.start, server.now, 'the row is written anew')
  }
})

t.test('a known client is told that another address is not its own', async (t) => {
  const server = new TestServer()
  server.lease(client(1))
  t.equal(kindOf(server.reboot(client(1), B)), 'nak', 'INIT-REBOOT')
  t.equal(kindOf(server.renew(client(1), B)), 'nak', 'RENEWING')
  t.equal(kindOf(server.reboot(client(1), '198.51.100.7')), 'nak', 'another network')
})

t.test('a client that moved to another subnet of this server is told so', async (t) => {
  const other = { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.0/25' }] }
  const server = new TestServer({ ...DOCUMENT, subnet4: [...DOCUMENT.subnet4!, other] })
  const address = server.lease(client(1))
  const link = { name: 'eth1', addresses: [{ address: ip('198.51.100.1'), length: 24 }] }
  const options = { 50: uint32(ip(address)) }
  t.equal(kindOf(server.send(REQUEST, client(1), options, { link })), 'nak')
  t.equal(kindOf(server.send(REQUEST, client(2), options, { link })), 'unknown-client')
})

t.test('a REQUEST without option 50 and ciaddr is answered with an address', async (t) => {
  const server = new TestServer()
  t.equal(addressOf(server.send(REQUEST, client(1), { 54: uint32(SERVER) })), A)
  t.equal(addressOf(server.send(REQUEST, client(2))), B)
  t.equal(addressOf(server.send(REQUEST, client(1))), A, 'and again with the same')
})

t.test('a client that names the server while it renews is renewing', async (t) => {
  const server = new TestServer()
  const address = server.lease(client(1))
  const reply = server.renew(client(1), address, { 54: uint32(SERVER) })
  t.equal(kindOf(reply), 'ack')
  t.equal(server.outcome.kind === 'reply' && server.outcome.destination.address, ip(address))
})

t.test('sticky addresses', async (t) => {
  t.test('the own live lease goes before the requested address', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    t.equal(server.discover(client(1), { 50: uint32(ip(B)) }).address, A)
  })
  t.test('a reservation goes before the own live lease', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.reload(documentWith(reservedForClient1(B)))
    t.equal(server.discover(client(1)).address, B)
  })
  t.test('the own offer goes before the requested address', async (t) => {
    const server = new TestServer()
    t.equal(server.discover(client(1)).address, A)
    t.equal(server.discover(client(1), { 50: uint32(ip(B)) }).address, A)
  })
  t.test('the requested address goes before the former one', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(5000)
    t.equal(server.discover(client(1), { 50: uint32(ip(B)) }).address, B)
  })
  t.test('the former address goes before a free one', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.lease(client(2))
    server.advance(5000)
    t.equal(server.discover(client(2)).address, B)
  })
  t.test('a requested address that is taken, offered or in no pool is passed over', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    t.equal(server.discover(client(2)).address, B)
    for (const wish of [A, B, '192.0.2.200', '0.0.0.0', '255.255.255.255'])
      t.equal(server.discover(client(3), { 50: uint32(ip(wish)) }).address, '192.0.2.12', wish)
  })
  t.test('a former address that another client holds now is passed over', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(5000)
    server.select(client(2), A)
    t.equal(server.discover(client(1)).address, B)
  })
  t.test('an own lease that no pool holds any more is passed over', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.reload(documentWith({ pools: [{ pool: '192.0.2.50 - 192.0.2.59' }] }))
    t.equal(server.discover(client(1)).address, '192.0.2.50')
    t.equal(kindOf(server.renew(client(1), A)), 'nak')
  })
})

t.test('offers', async (t) => {
  t.test('write no row and run out', async (t) => {
    const server = new TestServer()
    server.discover(client(1))
    t.equal(server.row(A), undefined)
    t.equal(server.discover(client(2)).address, B, 'kept for the first client')
    server.now += OFFER_HOLD_MS + 1
    t.equal(server.discover(client(3), { 50: uint32(ip(A)) }).address, A)
  })
  t.test('are withdrawn when the client takes the offer of another server', async (t) => {
    const server = new TestServer()
    server.discover(client(1))
    const options = { 50: uint32(ip('192.0.2.77')), 54: uint32(ip('192.0.2.2')) }
    t.equal(server.send(REQUEST, client(1), options), 'not-for-us')
    t.equal(server.discover(client(2), { 50: uint32(ip(A)) }).address, A)
  })
  t.test('are forgotten once they are taken', async (t) => {
    const server = new TestServer()
    server.discover(client(1))
    t.equal(server.table.offerCount, 1)
    server.select(client(1), A)
    t.equal(server.table.offerCount, 0)
  })
  t.test('of an ended lease to another client give way to its holder who renews', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(5000)
    t.equal(server.discover(client(2), { 50: uint32(ip(A)) }).address, A)
    t.equal(kindOf(server.renew(client(1), A)), 'ack')
    t.equal(kindOf(server.select(client(1), A)), 'ack')
    t.equal(server.discover(client(1)).address, A)
    t.equal(kindOf(server.select(client(2), A)), 'nak')
  })
  t.test('are not needed for a REQUEST: the server may have started anew', async (t) => {
    const server = new TestServer()
    t.equal(kindOf(server.select(client(1), B)), 'ack')
  })
  t.test('to one client are not given to another', async (t) => {
    const server = new TestServer()
    server.discover(client(1))
    t.equal(kindOf(server.select(client(2), A)), 'nak')
  })
})

t.test('reservations', async (t) => {
  t.test('give the reserved address, inside or outside the pools, to nobody else', async (t) => {
    for (const address of [A, '192.0.2.200']) {
      const server = new TestServer(documentWith(reservedForClient1(address)))
      t.not(server.discover(client(2), { 50: uint32(ip(address)) }).address, address)
      t.equal(kindOf(server.select(client(2), address)), 'nak')
      t.equal(server.lease(client(1)), address)
    }
  })
  t.test(
    'wait while another client holds the address; the holder moves at its renewal',
    async (t) => {
      const server = new TestServer()
      t.equal(server.lease(client(2)), A)
      server.reload(documentWith(reservedForClient1(A)))
      t.equal(server.lease(client(1)), B, 'a dynamic address meanwhile')
      t.equal(kindOf(server.renew(client(1), B)), 'ack', 'and renewed while it has to wait')
      t.equal(kindOf(server.renew(client(2), A)), 'nak', 'the holder is refused')
      t.not(server.lease(client(2)), A, 'and gets another address')
      t.equal(server.row(A)?.hwAddress, client(2).hwAddress, 'its row lives on until its end')
      t.equal(server.discover(client(1)).address, B, 'so the reserved address is not free yet')
      server.advance(4000 + 31)
      t.equal(kindOf(server.renew(client(1), B)), 'nak', 'now it is')
      t.equal(server.lease(client(1)), A)
    },
  )
  t.test('added to a leased client: refused at renewal, then the reserved address', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.reload(documentWith(reservedForClient1(B)))
    t.equal(kindOf(server.renew(client(1), A)), 'nak')
    t.equal(kindOf(server.reboot(client(1), A)), 'nak')
    t.equal(server.lease(client(1)), B)
    t.equal(kindOf(server.renew(client(1), B)), 'ack')
  })
  t.test('are a record of the client in INIT-REBOOT', async (t) => {
    const server = new TestServer(documentWith(reservedForClient1(B)))
    t.equal(kindOf(server.reboot(client(1), B)), 'ack')
    t.equal(server.reboot(client(2), B), 'unknown-client')
  })
  t.test('without an address leave the choice to the pool', async (t) => {
    const server = new TestServer(
      documentWith({ reservations: [{ 'hw-address': HW1, hostname: 'duck' }] }),
    )
    t.equal(server.lease(client(1)), A)
    t.equal(server.row(A)?.hostname, 'duck')
  })
  t.test('by client-id count where leases go by hardware address', async (t) => {
    const reservations = [{ 'client-id': '00:aa:bb', 'ip-address': B }]
    const server = new TestServer(documentWith({ reservations, 'match-client-id': false }))
    t.equal(server.lease(client(1), { 61: hex('00:aa:bb') }), B)
    t.equal(server.row(B)?.clientId, '')
    t.equal(server.lease(client(2), { 61: hex('00:aa:cc') }), A)
  })
  t.test(
    'field 6b row 34: one added between OFFER and REQUEST does not refuse what was offered',
    async (t) => {
      for (const reserved of [B, A]) {
        const server = new TestServer()
        const mine = reserved === B ? client(1) : client(2)
        server.discover(mine)
        server.reload(documentWith(reservedForClient1(reserved)))
        t.equal(kindOf(server.select(mine, A)), 'ack', 'served')
        t.equal(kindOf(server.renew(mine, A)), 'nak', 'moved at its renewal')
        t.equal(server.lease(mine), B, 'and no loop follows')
      }
    },
  )
})

t.test('identity', async (t) => {
  t.test('match-client-id false: one lease for boot ROM and system of one machine', async (t) => {
    const server = new TestServer(documentWith({ 'match-client-id': false }))
    t.equal(server.lease(client(1)), A)
    t.equal(server.lease(client(1), { 61: hex('ff:01:02:03') }), A)
  })
  t.test('match-client-id true: another client-id is another client', async (t) => {
    const server = new TestServer()
    t.equal(server.lease(client(1), { 61: hex('01:01') }), A)
    t.equal(server.lease(client(1), { 61: hex('01:02') }), B)
    t.equal(server.lease(client(2), { 61: hex('01:01') }), A, 'whatever its hardware address')
  })
  t.test('a client without hardware address is told by its client-id', async (t) => {
    const server = new TestServer(documentWith({ 'match-client-id': false }))
    const infiniband: MessageFields4 = { htype: 32, flags: 0x8000 }
    t.equal(server.lease(infiniband, { 61: hex('00:01:02') }), A)
    t.equal(server.lease(infiniband, { 61: hex('00:01:03') }), B)
  })
})

t.test('exhaustion has a reason', async (t) => {
  const server = new TestServer(documentWith({ pools: [{ pool: '192.0.2.10 - 192.0.2.10' }] }))
  server.lease(client(1))
  t.equal(server.send(DISCOVER, client(2)), 'no-free-address')
  t.equal(server.send(REQUEST, client(2)), 'no-free-address')
  const poolless = new TestServer(documentWith({ pools: [], ...reservedForClient1(B) }))
  t.equal(poolless.send(DISCOVER, client(2)), 'no-pool')
  t.equal(poolless.lease(client(1)), B)
})

t.test('lease ends', async (t) => {
  t.test('a shorter renewal never takes back what was promised', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    const end = server.row(A)!.end
    server.reload({ ...DOCUMENT, 'valid-lifetime': 600 })
    server.advance(100)
    t.equal(kindOf(server.renew(client(1), A)), 'ack')
    t.ok(server.row(A)!.end >= end)
    t.equal(server.row(A)?.validLifetime, 600)
  })
  t.test('the address of an ended lease stays with its client through the grace', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(4000 + 29)
    t.equal(kindOf(server.select(client(2), A)), 'nak')
    server.advance(2)
    t.equal(kindOf(server.select(client(2), A)), 'ack')
  })
  t.test('an ended lease is renewed for its client', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(100_000)
    t.equal(kindOf(server.renew(client(1), A)), 'ack')
    t.equal(kindOf(server.reboot(client(1), A)), 'ack')
  })
})

t.test('RELEASE', async (t) => {
  const release = (server: TestServer, number: number, address: string, options = {}) =>
    server.send(RELEASE, client(number, { ciaddr: ip(address) }), options)

  t.test('frees the address, which stays with its former client if it can', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(60)
    t.equal(release(server, 1, A, { 54: uint32(SERVER) }), 'changes')
    t.equal(server.row(A)?.end, server.now)
    t.equal(server.discover(client(2)).address, B, 'never used addresses first')
    t.equal(server.discover(client(1)).address, A)
    t.equal(kindOf(server.select(client(3), A)), 'nak', 'offered again')
  })
  t.test('counts without option 54, as Kea does', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(60)
    t.equal(release(server, 1, A), 'changes')
  })
  t.test('of an address that nobody held before is believed at once', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    t.equal(release(server, 1, A), 'changes')
  })
  t.test('so soon after a renewal may be a late duplicate and changes nothing', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.renew(client(1), A)
    server.now += RELEASE_GUARD_MS - 1
    t.equal(release(server, 1, A), 'release-too-soon')
    server.now += 1
    t.equal(release(server, 1, A), 'changes')
    server.lease(client(1))
    t.equal(release(server, 1, A), 'release-too-soon', 'and so it may after a RELEASE')
  })
  t.test('field 6b row 33: of others, unknown, or repeated changes nothing', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(60)
    const before = server.row(A)
    t.equal(release(server, 2, A), 'not-owner')
    t.equal(release(server, 1, B), 'not-owner')
    t.equal(release(server, 1, '0.0.0.0'), 'no-address-named')
    t.equal(release(server, 1, A, { 54: uint32(ip('192.0.2.2')) }), 'not-for-us')
    t.same(server.row(A), before)
    t.equal(release(server, 1, A), 'changes')
    t.equal(release(server, 1, A), 'already-ended')
    const change = server.row(A)?.change
    t.equal(release(server, 1, A), 'already-ended')
    t.equal(server.row(A)?.change, change)
  })
  t.test('counts by hardware address where client-ids are not matched', async (t) => {
    const server = new TestServer()
    server.lease(client(1), { 61: hex('0011') })
    server.reload(documentWith({ 'match-client-id': false }))
    server.advance(60)
    t.equal(release(server, 1, A, { 61: hex('0022') }), 'changes')
  })
  t.test('counts although its subnet is no longer configured', async (t) => {
    const server = new TestServer()
    server.lease(client(1), { 61: hex('0011') })
    server.reload(documentWith({ id: 9 }))
    server.advance(60)
    t.equal(release(server, 1, A, { 61: hex('0022') }), 'not-owner')
    t.equal(release(server, 1, A, { 61: hex('0011') }), 'changes')
  })
  t.test('of a lease that has run out changes nothing', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    server.advance(5000)
    t.equal(release(server, 1, A), 'already-ended')
  })
})

t.test('DECLINE', async (t) => {
  const decline = (server: TestServer, number: number, address: string, options = {}) =>
    server.send(DECLINE, client(number), { 50: uint32(ip(address)), ...options })

  t.test('puts the address into quarantine without the client', async (t) => {
    const server = new TestServer(documentWith({}, { 'decline-probation-period': 9000 }))
    server.lease(client(1), { 12: 'duck' })
    server.advance(3)
    t.equal(decline(server, 1, A, { 54: uint32(SERVER) }), 'changes')
    const row = server.row(A)!
    t.match(row, { state: 1, hwAddress: '', clientId: '', hostname: '', subnetId: 1 })
    t.equal(row.end, server.now + 9_000_000)
    t.equal(server.lease(client(1)), B, 'its client moves on')
    t.equal(kindOf(server.select(client(2), A)), 'nak')
    server.advance(9000 + 10 + 46)
    t.equal(kindOf(server.select(client(2), A)), 'ack', 'after the probation it is free again')
  })
  t.test('keeps the quarantine as long as the client was promised the address', async (t) => {
    const server = new TestServer(documentWith({}, { 'decline-probation-period': 60 }))
    server.lease(client(1))
    const end = server.row(A)!.end
    decline(server, 1, A)
    t.ok(server.row(A)!.end >= end)
  })
  t.test('field 6b row 33: of others, unknown, or repeated changes nothing', async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    const before = server.row(A)
    t.equal(decline(server, 2, A), 'not-owner')
    t.equal(decline(server, 1, B), 'not-owner')
    t.equal(decline(server, 1, A, { 54: uint32(ip('192.0.2.2')) }), 'not-for-us')
    t.equal(server.send(DECLINE, client(1)), 'no-address-named')
    const late = new TestServer()
    late.lease(client(1))
    late.advance(5000)
    t.equal(decline(late, 1, A), 'already-ended')
    t.same(server.row(A), before)
    t.equal(decline(server, 1, A), 'changes')
    const declined = server.row(A)
    t.equal(decline(server, 1, A), 'not-owner')
    t.same(server.row(A), declined)
  })
})

const TWO_SUBNETS: Dhcp4Document = {
  subnet4: [
    {
      id: 1,
      subnet: '192.0.2.0/24',
      pools: [{ pool: '192.0.2.0/25' }],
      'reservations-in-subnet': true,
    },
    {
      id: 2,
      subnet: '198.51.100.0/24',
      pools: [{ pool: '198.51.100.0/25' }],
      relay: { 'ip-addresses': ['203.0.113.9'] },
    },
    { id: 3, subnet: '10.0.0.0/8', pools: [{ pool: '10.1.0.0/16' }], interface: 'eth7' },
  ],
}

t.test('the subnet of a client', async (t) => {
  const eth7 = { name: 'eth7', addresses: [{ address: SERVER, length: 24 }] }
  const bare = { name: 'eth9', addresses: [{ address: ip('203.0.113.1'), length: 24 }] }
  const linkSelection = { 82: hex('0504c6336401') }
  const cases: readonly [string, MessageFields4, Options, object, string][] = [
    ['address of the interface', {}, {}, {}, '192.0.2'],
    ['interface of the subnet', {}, {}, { link: eth7 }, '10.1.0'],
    ['relay inside the subnet', { giaddr: ip('198.51.100.1') }, {}, {}, '198.51.100'],
    ['relay.ip-addresses', { giaddr: ip('203.0.113.9') }, {}, {}, '198.51.100'],
    ['link-selection', { giaddr: ip('192.0.2.1') }, linkSelection, {}, '198.51.100'],
    ['subnet selection', {}, { 118: uint32(ip('198.51.100.0')) }, {}, '198.51.100'],
    ['nothing fits', {}, {}, { link: bare }, 'no-subnet'],
    ['unknown relay', { giaddr: ip('203.0.113.8') }, {}, {}, 'no-subnet'],
    ['relay at no address of a host', { giaddr: ip('255.255.255.255') }, {}, {}, 'bad-relay'],
    ['link-selection by no host', { giaddr: BROADCAST }, linkSelection, {}, 'bad-relay'],
    [
      'link-selection to nowhere',
      { giaddr: ip('192.0.2.1') },
      { 82: hex('0504cb007101') },
      {},
      'no-subnet',
    ],
    [
      'malformed link-selection',
      { giaddr: ip('192.0.2.1') },
      { 82: hex('0503c63364') },
      {},
      '192.0.2',
    ],
  ]
  for (const [title, fields, options, arrival, expected] of cases) {
    const reply = new TestServer(TWO_SUBNETS).send(DISCOVER, client(1, fields), options, arrival)
    t.equal(
      typeof reply === 'string' ? reply : reply.address.replace(/\.\d+$/, ''),
      expected,
      title,
    )
  }
  const ignoring = { ...TWO_SUBNETS, compatibility: { 'ignore-rai-link-selection': true } }
  const reply = new TestServer(ignoring).reply(
    DISCOVER,
    client(1, { giaddr: SERVER }),
    linkSelection,
  )
  t.match(reply.address, /^192\.0\.2\./, 'ignore-rai-link-selection')
})

t.test('a routed renewal is served by its address, not by the interface', async (t) => {
  const server = new TestServer(TWO_SUBNETS)
  t.equal(kindOf(server.renew(client(1), '198.51.100.5')), 'ack')
  t.equal(server.row('198.51.100.5')?.subnetId, 2)
})

t.test('field 6b row 1: a unicast REQUEST from nowhere is dropped with its reason', async (t) => {
  const server = new TestServer()
  const options = { 12: 'x', 81: hex('000000ff'), 82: hex('0102ffff') }
  const address = ip('203.0.113.77')
  t.equal(server.send(REQUEST, client(1), options, { address }), 'no-subnet')
  t.equal(server.send(REQUEST, client(1, { ciaddr: address }), options, { address }), 'no-subnet')
  t.equal(
    server.send(REQUEST, client(1), { ...options, 50: uint32(address) }, { address }),
    'no-subnet',
  )
})

t.test('field 6b row 6: no hardware address and no client-id is nobody', async (t) => {
  const server = new TestServer()
  for (const type of [DISCOVER, REQUEST, RELEASE, DECLINE, INFORM])
    t.equal(server.send(type, { ciaddr: ip(A) }, { 50: uint32(ip(A)) }), 'no-client-identity')
  t.equal(server.send(DISCOVER, {}, { 61: '\x01' }), 'no-client-identity')
})

t.test('field 6b row 14: a client-id of length 0 or 1 counts as absent', async (t) => {
  const server = new TestServer()
  for (const clientId of ['', '\x01']) {
    t.equal(server.lease(client(1), { 61: clientId }), A)
    t.equal(server.row(A)?.clientId, '')
  }
})

t.test('a row tells its subnet and pool', async (t) => {
  const server = new TestServer(
    documentWith({ id: 7, pools: [{ pool: '192.0.2.10 - 192.0.2.19', 'pool-id': 5 }] }),
  )
  server.lease(client(1))
  t.match(server.row(A), { subnetId: 7, poolId: 5, state: 0, validLifetime: 4000 })
})

t.test('a client-id longer than one option can hold is malformed', async (t) => {
  const server = new TestServer()
  t.equal(server.send(DISCOVER, client(1), { 61: 'x'.repeat(256) }), 'bad-option')
  t.equal(server.lease(client(1), { 61: 'x'.repeat(255) }), A)
})

t.test('field 6b row 15: a truncated RFC 4361 client-id is opaque', async (t) => {
  const server = new TestServer()
  t.equal(server.lease(client(1), { 61: hex('ff:00:00') }), A)
  t.equal(server.row(A)?.clientId, hex('ff:00:00'))
  t.equal(server.lease(client(2), { 61: hex('ff:00:01') }), B)
})

t.test('field 6b row 20: BOOTP, replies and foreign message types are dropped', async (t) => {
  const server = new TestServer()
  t.equal(server.send(0, client(1)), 'no-message-type')
  t.equal(server.send(DISCOVER, client(1, { op: 2 })), 'bad-op')
  for (const type of [2, 5, 6, 9, 10, 13, 255])
    t.equal(server.send(type, client(1)), 'bad-message-type', `type ${type}`)
  t.equal(server.send(DISCOVER, client(1, { hops: 17, giaddr: SERVER })), 'too-many-hops')
})

t.test('field 6b row 23: a flood of new clients ends at the pool and leaves no rows', async (t) => {
  const server = new TestServer()
  const answers = new Set<string>()
  for (let number = 0; number < 2000; number++)
    answers.add(addressOf(server.send(DISCOVER, client(number))))
  for (const answer of answers) t.match(answer, /^192\.0\.2\.1\d$|^no-free-address$/)
  for (let last = 10; last < 20; last++) t.equal(server.row(`192.0.2.${last}`), undefined)
})

t.test('not for this server', async (t) => {
  const other = { 50: uint32(ip(A)), 54: uint32(ip('192.0.2.2')) }
  t.equal(new TestServer().send(REQUEST, client(1), other), 'not-for-us')
  const ignoring = { ...DOCUMENT, compatibility: { 'ignore-dhcp-server-identifier': true } }
  t.equal(kindOf(new TestServer(ignoring).send(REQUEST, client(1), other)), 'ack')
  const isOwnAddress = (address: number) => address === ip('192.0.2.2')
  const elsewhere = new TestServer(DOCUMENT, { serverPort: 67, isOwnAddress })
  t.equal(
    kindOf(elsewhere.send(REQUEST, client(1), other)),
    'ack',
    'an address of another interface',
  )
  const configured = {
    ...DOCUMENT,
    'option-data': [{ name: 'dhcp-server-identifier', data: '192.0.2.2' }],
  }
  t.equal(
    kindOf(new TestServer(configured).send(REQUEST, client(1), other)),
    'ack',
    'option-data 54',
  )
  const relayed = { ...other, 82: hex('0b04c0000202') }
  const giaddr = ip('192.0.2.2')
  t.equal(kindOf(new TestServer().send(REQUEST, client(1, { giaddr }), relayed)), 'ack', 'RFC 5107')
})

t.test('network and broadcast address are leased to nobody, whoever asks', async (t) => {
  const server = new TestServer(documentWith({ pools: [{ pool: '192.0.2.0/24' }] }))
  for (const edge of ['192.0.2.255', '192.0.2.0']) {
    const wish = { 50: uint32(ip(edge)) }
    t.not(server.discover(client(1), wish).address, edge)
    t.not(addressOf(server.select(client(1), edge)), edge)
    t.not(addressOf(server.reboot(client(2), edge)), edge)
  }
})

t.test('a RELEASE may name another address of this server', async (t) => {
  const other = ip('198.51.100.1')
  const isOwnAddress = (address: number) => address === other
  const server = new TestServer(DOCUMENT, { serverPort: 67, isOwnAddress })
  server.lease(client(1))
  const release = (id: number) =>
    server.send(RELEASE, client(1, { ciaddr: ip(A) }), { 54: uint32(id) })
  t.equal(release(ip('198.51.100.2')), 'not-for-us')
  t.equal(release(other), 'changes')
})

t.test('a server identifier in a reservation is this server for its client', async (t) => {
  const own = uint32(ip('203.0.113.54'))
  const data = { name: 'dhcp-server-identifier', data: '203.0.113.54' }
  const hw = '02:00:5e:10:00:01'
  const server = new TestServer(
    documentWith({ reservations: [{ 'hw-address': hw, 'option-data': [data] }] }),
  )
  const offer = server.discover(client(1))
  t.equal(offer.message.octets(54), own)
  t.equal(kindOf(server.select(client(1), offer.address, { 54: own })), 'ack')
  t.equal(kindOf(server.select(client(2), '192.0.2.15', { 54: own })), 'not-for-us')
})

t.test('an offer is the client’s with its client-id and without, as a lease is', async (t) => {
  const id = { 61: '\x01one' }
  for (const [first, second] of [
    [id, {}],
    [{}, id],
  ]) {
    const server = new TestServer()
    const { address } = server.discover(client(1), first)
    t.equal(server.discover(client(1), second).address, address)
    t.equal(kindOf(server.select(client(2), address)), 'nak', 'nobody else’s')
    t.equal(kindOf(server.select(client(1), address, second)), 'ack')
    t.equal(server.table.offerCount, 0)
  }
})
