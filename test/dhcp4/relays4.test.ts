// What relays say of clients (option 82, RFC 3046): what is used, what goes back, what is kept.

import t from 'tap'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { relaySubOptionsOf } from '../../lib/leases/relay-info.ts'
import {
  ACK,
  addressOf,
  client,
  documentWith,
  hex,
  INFORM,
  ip,
  kindOf,
  REQUEST,
  type Reply,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const A = '192.0.2.10'
const RELAY = ip('192.0.2.1')
const AGENT = hex('0102abcd0201ee0c0200ff')
const KEEPING = { 'store-extended-info': true }
const STASHING = { 'store-extended-info': true, 'stash-agent-options': true }

const relayed = (number: number) => client(number, { giaddr: RELAY })

function leased(global: object, agent = AGENT): TestServer {
  const server = new TestServer(documentWith({}, global))
  server.lease(relayed(1), { 82: agent })
  server.advance(100)
  return server
}

const contextAt = (server: TestServer) => server.row(A)!.userContext

t.test('store-extended-info: with each ACK, and what was said before stays', async (t) => {
  t.equal(contextAt(leased({})), '', 'not without the key')
  const server = leased(KEEPING)
  const first = contextAt(server)
  t.equal(
    first,
    '{"ISC":{"relay-agent-info":{"sub-options":"0x0102ABCD0201EE0C0200FF","remote-id":"EE","relay-id":"00FF"}}}',
  )
  server.renew(client(1), A)
  t.equal(contextAt(server), first, 'a renewal past the relay')
  server.renew(relayed(1), A, { 82: '' })
  t.equal(contextAt(server), first, 'an empty option')
  server.renew(relayed(1), A, { 82: hex('0101aa') })
  t.equal(contextAt(server), '{"ISC":{"relay-agent-info":{"sub-options":"0x0101AA"}}}')
  t.equal(leased(KEEPING, '').row(A)?.userContext, '')
})

t.test('store-extended-info: what a relay says anew is written (cache-threshold)', async (t) => {
  const server = leased({ ...KEEPING, 'cache-threshold': 0.5 })
  const { start } = server.row(A)!
  server.renew(relayed(1), A, { 82: AGENT })
  t.equal(server.row(A)?.start, start, 'the same')
  server.renew(relayed(1), A, { 82: hex('0101aa') })
  t.equal(server.row(A)?.start, server.now)
})

t.test(
  'stash-agent-options: a renewal past the relay is judged as if it had come through it',
  async (t) => {
    const subnets = (more: object) => ({
      'valid-lifetime': 4000,
      ...more,
      subnet4: [
        { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] },
        { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.10 - 198.51.100.19' }] },
      ],
    })
    const selecting = hex('0504c63364010b04c6336401')
    for (const [global, serverId] of [
      [STASHING, '198.51.100.1'],
      [KEEPING, '192.0.2.1'],
    ] as const) {
      const server = new TestServer(subnets(global))
      const address = server.lease(relayed(1), { 82: selecting })
      t.match(address, /^198/)
      server.advance(100)
      const context = server.row(address)?.userContext
      const ack = server.renew(client(1), address) as Reply
      t.equal(ack.type, ACK)
      t.equal(ack.message.uint(54), ip(serverId), 'the override of the relay counts')
      t.equal(ack.message.octets(82), undefined, 'what is recalled is not returned')
      t.match(ack.destination, { address: ip(address), port: 68 })
      t.equal(server.row(address)?.userContext, context, 'nor noted anew')
    }
  },
)

t.test('stash-agent-options: when what a relay said before counts', async (t) => {
  const overridden = hex('0b04c0000263')
  const heard = (server: TestServer, number = 1, fields = {}, options = {}) => {
    const reply = server.renew(client(number, fields), A, options)
    return typeof reply === 'string' ? reply : reply.message.uint(54) === ip('192.0.2.99')
  }
  t.equal(heard(leased(STASHING, overridden)), true)
  t.equal(heard(leased(STASHING, overridden), 1, {}, { 82: '' }), true, 'an empty option')
  t.equal(heard(leased(STASHING, overridden), 1, {}, { 82: hex('0101aa') }), false, 'its own')
  t.equal(heard(leased(STASHING, overridden), 1, { giaddr: RELAY }), false, 'through a relay')
  t.equal(heard(leased({ 'stash-agent-options': true }, overridden)), false, 'nothing is kept')
  t.equal(heard(leased(STASHING, overridden), 2), false, 'the lease of another client')
  const ended = leased(STASHING, overridden)
  ended.advance(4000)
  t.equal(heard(ended), false, 'the lease has ended')
  const selecting = leased(STASHING, overridden)
  const { message } = selecting.select(client(1), A) as Reply
  t.not(message.uint(54), ip('192.0.2.99'), 'a REQUEST without ciaddr')
  const old = leased(STASHING, overridden)
  old.set(A, 2, { userContext: '{"ISC":{"relay-agent-info":"0x0B04C0000263"}}' })
  t.equal(heard(old), true, 'as Kea 2.2 has kept it')
})

t.test(
  'stash-agent-options: the next message of another client is not touched by it',
  async (t) => {
    const server = leased(STASHING, hex('0b04c0000263'))
    server.renew(client(1), A)
    const { message } = server.discover(client(2))
    t.equal(message.uint(54), SERVER)
    const agent = hex('0101aa')
    t.equal(server.discover(relayed(3), { 82: agent }).message.octets(82), agent)
  },
)

t.test('RFC 3046 §2.2: option 82 goes back unless it says nothing', async (t) => {
  t.equal(new TestServer().discover(relayed(1), { 82: '' }).message.octets(82), undefined)
  t.equal(new TestServer().discover(relayed(1)).message.octets(82), undefined)
  const snooped = new TestServer().discover(client(1), { 82: AGENT })
  t.equal(snooped.message.octets(82), AGENT, 'a switch put it there, without a relay')
})

t.test('RFC 3046 §2.1: what a chain of relays brings comes back whole', async (t) => {
  const twice = hex('0101aa0101bb9703000102')
  const { message, destination } = new TestServer().discover(relayed(1), { 82: twice })
  t.equal(message.octets(82), twice)
  t.equal(message.giaddr, RELAY)
  t.equal(destination.address, RELAY)
})

t.test(
  'RFC 2131 §4.3.5: the ACK of an INFORM that goes past the relay says nothing of it',
  async (t) => {
    const server = new TestServer()
    const direct = server.reply(INFORM, client(1, { giaddr: RELAY, ciaddr: ip(A) }), { 82: AGENT })
    t.match(direct.destination, { address: ip(A), port: 68 })
    t.equal(direct.message.giaddr, 0)
    t.equal(direct.message.octets(82), undefined)
    const back = server.reply(INFORM, relayed(1), { 82: AGENT }, { address: RELAY })
    t.match(back.destination, { address: RELAY, port: 67 })
    t.equal(back.message.giaddr, RELAY)
    t.equal(back.message.octets(82), AGENT)
  },
)

t.test('sub-options of a wrong length count as absent', async (t) => {
  const table: [agent: string, serverId: string][] = [
    ['0b04c0000263', '192.0.2.99'],
    ['0b03c00002', '192.0.2.1'],
    ['0b05c000026300', '192.0.2.1'],
    ['0b00', '192.0.2.1'],
    ['0b04c00002', '192.0.2.1'],
    ['0b', '192.0.2.1'],
    ['0504c0000201', '192.0.2.1'],
    ['0503c00002', '192.0.2.1'],
    ['0505c000020100', '192.0.2.1'],
  ]
  for (const [agent, serverId] of table) {
    const { message, address } = new TestServer().discover(relayed(1), { 82: hex(agent) })
    t.equal(message.uint(54), ip(serverId), agent)
    t.equal(address, A, agent)
    t.equal(message.octets(82), hex(agent), 'and go back as they came')
  }
})

t.test('RFC 8357: a relay with a port of its own hears everything there', async (t) => {
  const port = { 82: hex('0101aa1300') }
  const from = { address: RELAY, port: 9999 }
  const server = new TestServer()
  const offer = server.reply(1, relayed(1), port, from)
  const wanted = { 50: uint32(ip(A)), 54: uint32(SERVER), ...port }
  const ack = server.reply(REQUEST, relayed(1), wanted, from)
  const nak = server.reply(REQUEST, relayed(2), { ...wanted, 50: uint32(ip('10.0.0.1')) }, from)
  t.same(
    [offer, ack, nak].map(({ destination }) => destination.port),
    [9999, 9999, 9999],
  )
  for (const { message } of [offer, ack, nak]) t.equal(message.octets(82), port[82])
  t.equal(server.reply(1, relayed(3), { 82: hex('0101aa') }, from).destination.port, 67)
})

t.test(
  'RFC 5107 §4: a client that was told the override may name it, through that relay',
  async (t) => {
    const server = new TestServer()
    const override = { 82: hex('0b04c0000263') }
    const named = { 50: uint32(ip(A)), 54: uint32(ip('192.0.2.99')) }
    t.equal(kindOf(server.send(REQUEST, relayed(1), { ...named, ...override })), 'ack')
    t.equal(kindOf(server.send(REQUEST, relayed(2), named)), 'not-for-us')
    t.equal(addressOf(server.renew(relayed(1), A, override)), A)
  },
)

t.test('what is kept of a relay ends with the lease', async (t) => {
  const server = leased(KEEPING)
  t.equal(relaySubOptionsOf(contextAt(server)), AGENT)
  server.advance(5000)
  for (const { change } of server.table.due(server.now, 10, { holdReclaimed: 3600 }, () => 99))
    server.table.apply(change)
  t.equal(server.row(A)?.state, LEASE_STATE.expired)
  t.equal(contextAt(server), '')
})

t.test(
  'exclude-first-last-24: .0 and .255 are given to nobody who does not ask for them',
  async (t) => {
    const excluding = { compatibility: { 'exclude-first-last-24': true } }
    const pools = [{ pool: '10.0.0.254 - 10.0.1.1' }]
    const server = new TestServer(
      documentWith({ subnet: '10.0.0.0/16', pools, interface: 'eth0' }, excluding),
    )
    t.equal(server.lease(client(1)), '10.0.0.254')
    t.equal(server.lease(client(2)), '10.0.1.1')
    t.equal(kindOf(server.send(1, client(3))), 'no-free-address')
    const wish = { 50: uint32(ip('10.0.1.0')) }
    t.equal(server.discover(client(3), wish).address, '10.0.1.0', 'a hint')
    t.equal(addressOf(server.select(client(3), '10.0.1.0')), '10.0.1.0')
    t.equal(addressOf(server.renew(client(3), '10.0.1.0')), '10.0.1.0', 'who has it keeps it')
  },
)
