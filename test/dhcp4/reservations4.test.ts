// Reservations as clients see them: by what a relay says of them, in which order, and what becomes
// of an address that several may have.

import t from 'tap'
import type { Dhcp4Document, ReservationDocument } from '../../lib/config/keys/document4.ts'
import {
  addressOf,
  client,
  DISCOVER,
  documentWith,
  hex,
  ip,
  kindOf,
  type Options,
  TestServer,
} from './test-server.ts'

const X = '192.0.2.15'
const MAC1 = '02:00:5e:10:00:01'
const PORT7: Options = { 82: '\x01\x05port7\x02\x01s' }

function serverOf(reservations: ReservationDocument[], global: Partial<Dhcp4Document> = {}) {
  return new TestServer(documentWith({ reservations }, global))
}

t.test('circuit-id: whoever is behind the port of the relay', async (t) => {
  const reservation = { 'circuit-id': "'port7'", 'ip-address': X, hostname: 'port7' }
  const server = serverOf([reservation])
  t.equal(server.discover(client(1), PORT7).address, X)
  t.equal(server.discover(client(1)).address !== X, true, 'not without option 82')
  t.not(server.discover(client(2), { 82: '\x01\x05port8' }).address, X)
  t.not(server.discover(client(3), { 82: '\x02\x05port7' }).address, X, 'the remote id is another')
  t.equal(server.lease(client(4), PORT7), X)
  t.equal(server.row(X)?.hostname, 'port7')
})

t.test('circuit-id: a lease is of the client, not of the port', async (t) => {
  const server = serverOf([{ 'circuit-id': "'port7'", 'ip-address': X }])
  t.equal(server.lease(client(1), PORT7), X)
  t.not(server.lease(client(2), PORT7), X, 'a second device at the port while the first has it')
})

t.test('duid: of a client identifier of RFC 4361', async (t) => {
  const server = serverOf([{ duid: '00:03:00:01:02:00', 'ip-address': X }])
  t.equal(server.lease(client(1), { 61: hex('ff00000007000300010200') }), X)
  t.not(server.lease(client(2), { 61: hex('01000300010200') }), X)
})

t.test(
  'host-reservation-identifiers: the hardware address goes before the circuit-id',
  async (t) => {
    const byPort = { 'circuit-id': "'port7'", 'ip-address': '192.0.2.16' }
    const byMac = { 'hw-address': MAC1, 'ip-address': X }
    const usual = serverOf([byPort, byMac])
    t.equal(usual.discover(client(1), PORT7).address, X)
    t.equal(usual.discover(client(2), PORT7).address, '192.0.2.16')
    const order = { 'host-reservation-identifiers': ['circuit-id', 'hw-address'] } as const
    t.equal(serverOf([byPort, byMac], order).discover(client(1), PORT7).address, '192.0.2.16')
  },
)

t.test('shared networks: the order of identifiers is that of single subnets', async (t) => {
  // Kea asks identifier by identifier there, and keeps what it finds last.
  const byMac = { 'hw-address': MAC1, 'ip-address': X }
  const byPort = { 'circuit-id': "'port7'", 'ip-address': '192.0.2.16' }
  const pools = [{ pool: '192.0.2.10 - 192.0.2.19' }]
  const members = Array.from({ length: 12 }, (_, n) => ({
    id: n + 2,
    subnet: `10.0.${n}.0/24`,
    pools: [{ pool: `10.0.${n}.10 - 10.0.${n}.19` }],
  }))
  const first = { id: 1, subnet: '192.0.2.0/24', pools, reservations: [byMac, byPort] }
  const server = new TestServer({
    'valid-lifetime': 4000,
    'shared-networks': [{ name: 'floor', subnet4: [first, ...members] }],
  })
  t.equal(server.discover(client(1), PORT7).address, X)
  t.equal(server.discover(client(2), PORT7).address, '192.0.2.16')
})

t.test('ip-reservations-unique false: each may have it, and who has it keeps it', async (t) => {
  const reservations = [1, 2].map((last) => ({
    'hw-address': `02:00:5e:10:00:0${last}`,
    'ip-address': X,
  }))
  const server = serverOf(reservations, { 'ip-reservations-unique': false })
  t.equal(server.lease(client(1)), X)
  const other = server.lease(client(2))
  t.not(other, X)
  t.equal(kindOf(server.renew(client(2), other)), 'ack')
  t.equal(kindOf(server.renew(client(1), X)), 'ack')
  server.advance(5000)
  t.equal(server.lease(client(2)), X, 'the lease of the first one is over')
  t.not(server.lease(client(1)), X)
})

t.test(
  'a reservation without an address gives names and options to whatever is free',
  async (t) => {
    const server = serverOf([{ 'hw-address': MAC1, hostname: 'named' }])
    const offer = server.discover(client(1), { 55: '\x0c' })
    t.equal(offer.message.octets(12), 'named')
    const first = server.send(DISCOVER, client(2))
    t.not(addressOf(first), offer.address)
  },
)

t.test('a reserved address outside of every pool is given', async (t) => {
  const server = serverOf([{ 'hw-address': MAC1, 'ip-address': '192.0.2.200' }])
  t.equal(server.lease(client(1)), '192.0.2.200')
  t.equal(kindOf(server.renew(client(1), '192.0.2.200')), 'ack')
  t.equal(ip('192.0.2.200'), server.row('192.0.2.200')?.address)
})
