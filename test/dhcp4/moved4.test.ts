// Who is where: a client that came from another link, or is on several.

import t from 'tap'
import { BROADCAST } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import {
  client,
  INFORM,
  ip,
  kindOf,
  REQUEST,
  requestList,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const routers = (data: string) => ({ 'option-data': [{ name: 'routers', data }] })
const HERE = {
  id: 1,
  subnet: '192.0.2.0/24',
  pools: [{ pool: '192.0.2.10/32' }],
  ...routers('192.0.2.1'),
}
const THERE = {
  id: 2,
  subnet: '198.51.100.0/24',
  pools: [{ pool: '198.51.100.10 - 198.51.100.11' }],
  ...routers('198.51.100.1'),
}
const TWO_LINKS: Dhcp4Document = { subnet4: [HERE, THERE] }
const ADDRESS = '198.51.100.10'

/**
 * A server whose client 1 got its address on the other link, and is on the link of the server now.
 */
function moved(document = TWO_LINKS): TestServer {
  const server = new TestServer(document)
  server.lease(client(1, { giaddr: ip('198.51.100.1') }))
  return server
}

/** REQUEST with the address in ciaddr, by broadcast or to the server. */
function goesOn(
  server: TestServer,
  number: number,
  to: number,
  address = ADDRESS,
  source = address,
) {
  const arrival = { to, address: source === '' ? 0 : ip(source) }
  return server.send(REQUEST, client(number, { ciaddr: ip(address) }), {}, arrival)
}

t.test('a client that moved does not go on with its address on the wrong link', async (t) => {
  for (const source of [ADDRESS, '']) {
    const server = moved()
    t.equal(kindOf(goesOn(server, 1, BROADCAST, ADDRESS, source)), 'nak')
    t.equal(server.row(ADDRESS)?.start, server.now, 'its lease runs out')
    t.equal(goesOn(server, 2, BROADCAST, '198.51.100.11', source), 'unknown-client')
    t.equal(server.row('198.51.100.11'), undefined, 'nor does a stranger get one there')
  }
})

t.test('a renewal from beyond a router is served by its address', async (t) => {
  // Where nobody knows what a datagram was sent to, its source tells.
  for (const to of [SERVER, 0]) {
    const server = moved()
    t.equal(kindOf(goesOn(server, 1, to)), 'ack')
    t.equal(kindOf(goesOn(server, 2, to, '198.51.100.11')), 'ack')
    t.equal(server.row('198.51.100.11')?.subnetId, 2)
  }
})

t.test(
  'a NAK reaches who renews from beyond a router, and by broadcast everybody else',
  async (t) => {
    const to = (address: string, asked: number) => {
      const server = moved()
      server.reload({ subnet4: [HERE] })
      const reply = goesOn(server, 1, asked, address)
      t.equal(kindOf(reply), 'nak')
      return typeof reply === 'string' ? 0 : reply.destination.address
    }
    t.equal(to(ADDRESS, SERVER), ip(ADDRESS))
    t.equal(to(ADDRESS, BROADCAST), BROADCAST)
    const near = new TestServer(TWO_LINKS)
    near.lease(client(1))
    const reply = goesOn(near, 2, SERVER, '192.0.2.10')
    t.equal(kindOf(reply), 'nak')
    t.equal(typeof reply === 'string' || reply.destination.address, BROADCAST, 'on this link')
  },
)

t.test('REBINDING on an interface that two subnets are on', async (t) => {
  const addresses = [
    { address: SERVER, length: 24 },
    { address: ip('198.51.100.1'), length: 24 },
  ]
  const server = moved()
  server.arrival = { ...server.arrival, link: { name: 'eth0', addresses } }
  t.equal(kindOf(goesOn(server, 1, BROADCAST)), 'ack', 'by the addresses of the interface')
  const bound = (subnet: typeof HERE) => ({ ...subnet, interface: 'eth0' })
  const named: Dhcp4Document = { subnet4: [bound(HERE), bound(THERE)] }
  t.equal(kindOf(goesOn(moved(named), 1, BROADCAST)), 'ack', 'by its name')
  const network = {
    'shared-networks': [{ name: 'floor', subnet4: TWO_LINKS.subnet4! }],
  } as Dhcp4Document
  t.equal(kindOf(goesOn(moved(network), 1, BROADCAST)), 'ack', 'by the shared network')
})

t.test('a lease stays in its subnet where the prefix of another link covers it', async (t) => {
  const wide = {
    id: 1,
    subnet: '198.51.0.0/16',
    pools: [{ pool: '198.51.1.10/32' }],
    interface: 'eth7',
  }
  const inner = { ...THERE, relay: { 'ip-addresses': ['203.0.113.9'] } }
  const server = new TestServer({ subnet4: [wide, inner] })
  const address = server.lease(client(1, { giaddr: ip('203.0.113.9') }))
  t.equal(address, ADDRESS)
  t.equal(kindOf(goesOn(server, 1, SERVER)), 'ack')
  t.match(server.row(ADDRESS), { subnetId: 2 })
})

t.test('INFORM by broadcast: options of the link, whatever address the client names', async (t) => {
  const server = new TestServer(TWO_LINKS)
  const routerFor = (to: number, ciaddr: string) =>
    server
      .reply(INFORM, client(1, { ciaddr: ip(ciaddr) }), requestList(3), { to, address: ip(ciaddr) })
      .message.octets(3)
  t.equal(routerFor(BROADCAST, '198.51.100.77'), uint32(SERVER))
  t.equal(routerFor(BROADCAST, '192.0.2.77'), uint32(SERVER))
  t.equal(routerFor(SERVER, '198.51.100.77'), uint32(ip('198.51.100.1')), 'routed')
  const bare = { name: 'eth9', addresses: [{ address: ip('203.0.113.1'), length: 24 }] }
  const ask = (to: number) =>
    server.send(INFORM, client(1, { ciaddr: ip('203.0.113.77') }), {}, { to, link: bare })
  t.equal(ask(BROADCAST), 'no-subnet', 'a link that is not served')
  t.equal(kindOf(ask(ip('203.0.113.1'))), 'ack', 'who asks this server gets the global options')
})
