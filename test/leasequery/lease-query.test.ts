// RFC 4388: one query about a lease, one answer.

import t from 'tap'
import { client, hex, ip, type Options, RELEASE, uint32 } from '../dhcp4/test-server.ts'
import { ask, kindOf, linesOf, REQUESTER, serverWith } from './asking.ts'

const KEEPING = { 'store-extended-info': true, 'renew-timer': 1000, 'rebind-timer': 3000 }
const AGENT = hex('0102abcd0201ee')
const ID = hex('01c1c1')

function withLease(global: object = KEEPING) {
  const server = serverWith(global)
  server.lease(client(1, { giaddr: ip('192.0.2.1') }), { 61: ID, 82: AGENT })
  return server
}

t.test('RFC 4388 §6.4.2: all that is known of a live lease, times counted from now', async (t) => {
  const server = withLease()
  server.advance(250)
  const answer = ask(server, { ciaddr: ip('192.0.2.10') })
  t.equal(kindOf(answer), 'active')
  if (typeof answer === 'string') return
  t.strictSame(linesOf(answer), [
    'op 2 reply',
    'htype 1',
    'xid 0x00004388',
    'ciaddr 192.0.2.10',
    'giaddr 198.51.100.7',
    'chaddr 02:00:5e:10:00:01',
    'option 53 dhcp-message-type: 13',
    'option 54 dhcp-server-identifier: 192.0.2.1',
    'option 61 dhcp-client-identifier: 01c1c1',
    'option 91 client-last-transaction-time: 250',
    'option 51 dhcp-lease-time: 3750',
    'option 58 dhcp-renewal-time: 750',
    'option 59 dhcp-rebinding-time: 2750',
    'option 82 dhcp-agent-options: circuit-id=abcd, remote-id=ee',
  ])
})

t.test('RFC 4388 §6.4.2: T1 and T2 are left out once they have passed', async (t) => {
  const server = withLease()
  server.advance(1000)
  const codes = (seconds: number) => {
    server.advance(seconds)
    const answer = ask(server, { ciaddr: ip('192.0.2.10') })
    return typeof answer === 'string' ? answer : linesOf(answer).join(' ')
  }
  t.match(codes(0), /renewal-time.*|rebinding-time: 2000/)
  t.notMatch(codes(0), /renewal-time/)
  t.notMatch(codes(2000), /rebinding-time/)
})

t.test('RFC 4388 §6.4.1: a lease without end says so, and no timers', async (t) => {
  const server = withLease({ 'valid-lifetime': 0xffffffff, 'calculate-tee-times': true })
  server.advance(90)
  const answer = ask(server, { ciaddr: ip('192.0.2.10') })
  const said = typeof answer === 'string' ? answer : linesOf(answer).join(' ')
  t.match(said, /client-last-transaction-time: 90 option 51 dhcp-lease-time: 4294967295/)
  t.notMatch(said, /option 5[89]/)
})

t.test('RFC 4388 §6.4: by address, and what is not leased', async (t) => {
  const server = withLease()
  const at = (address: string) => kindOf(ask(server, { ciaddr: ip(address) }))
  t.equal(at('192.0.2.10'), 'active')
  t.equal(at('192.0.2.11'), 'unassigned', 'of a pool')
  t.equal(at('192.0.2.77'), 'unknown', 'of no pool')
  t.equal(at('10.9.9.9'), 'unknown', 'of no subnet')
  server.send(RELEASE, client(1, { ciaddr: ip('192.0.2.10') }), {
    61: ID,
    54: uint32(ip('192.0.2.1')),
  })
  t.equal(at('192.0.2.10'), 'unassigned', 'released')
  const ended = withLease()
  ended.advance(4000)
  t.equal(kindOf(ask(ended, { ciaddr: ip('192.0.2.10') })), 'unassigned', 'ended')
})

t.test('RFC 4388 §6.4: an address that is reserved outside of the pools is known', async (t) => {
  const reservations = [{ 'hw-address': '02:00:00:00:00:99', 'ip-address': '192.0.2.77' }]
  const server = serverWith({
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', reservations }],
  })
  t.equal(kindOf(ask(server, { ciaddr: ip('192.0.2.77') })), 'unassigned')
})

t.test(
  'RFC 4388 §6.4.2: by client; of several leases the youngest, the others in 92',
  async (t) => {
    const pools = (net: string) => ({
      subnet: `${net}.0/24`,
      pools: [{ pool: `${net}.10-${net}.19` }],
    })
    const subnet4 = ['192.0.2', '198.51.100', '203.0.113'].map((net, at) => ({
      id: at + 1,
      ...pools(net),
    }))
    const server = serverWith({ subnet4 })
    for (const relay of ['203.0.113.1', '192.0.2.1', '198.51.100.1']) {
      server.advance(5)
      server.lease(client(1, { giaddr: ip(relay) }), { 61: ID })
    }
    server.lease(client(2, { giaddr: ip('192.0.2.1') }), { 61: hex('01c2c2') })
    for (const about of [{ hwAddress: client(1).hwAddress! }, {}] as const) {
      const answer = ask(server, about, 'hwAddress' in about ? {} : { 61: ID })
      t.equal(kindOf(answer), 'active')
      if (typeof answer === 'string') return
      const lines = linesOf(answer)
      t.ok(lines.includes('ciaddr 198.51.100.10'))
      t.ok(lines.includes('option 92 associated-ip: 192.0.2.10, 203.0.113.10'), lines.join('; '))
    }
    const stranger = ask(server, { hwAddress: client(9).hwAddress! })
    t.equal(kindOf(stranger), 'unknown')
    if (typeof stranger !== 'string')
      t.ok(linesOf(stranger).includes('chaddr 02:00:5e:10:00:09'), 'what was asked for comes back')
    const unheard = ask(server, {}, { 61: hex('01ffff') })
    if (typeof unheard !== 'string')
      t.ok(linesOf(unheard).includes('option 61 dhcp-client-identifier: 01ffff'))
  },
)

t.test('RFC 4388 §6.1: who may ask, whom, and for what', async (t) => {
  const server = withLease()
  const ciaddr = ip('192.0.2.10')
  const { hwAddress = '' } = client(1)
  const rows: [string, object, Options, string][] = [
    ['an address of the list', { ciaddr, giaddr: ip('203.0.113.9') }, {}, 'active'],
    ['of a prefix of the list', { ciaddr, giaddr: ip('198.51.100.15') }, {}, 'active'],
    ['beside it', { ciaddr, giaddr: ip('198.51.100.16') }, {}, 'not-a-requester'],
    ['without giaddr', { ciaddr, giaddr: 0 }, {}, 'not-a-requester'],
    ['for this server', { ciaddr }, { 54: uint32(ip('192.0.2.1')) }, 'active'],
    ['for another one', { ciaddr }, { 54: uint32(ip('192.0.2.2')) }, 'not-for-us'],
    ['a reply', { ciaddr, op: 2 }, {}, 'bad-op'],
    ['for nothing', {}, {}, 'bad-lease-query'],
    ['for an address and hardware', { ciaddr, hwAddress }, {}, 'bad-lease-query'],
    ['for an address and a client', { ciaddr }, { 61: ID }, 'bad-lease-query'],
    ['for hardware and a client', { hwAddress }, { 61: ID }, 'bad-lease-query'],
    ['for a client that is too short', {}, { 61: '\x01' }, 'bad-lease-query'],
  ]
  for (const [what, fields, options, kind] of rows)
    t.equal(kindOf(ask(server, { giaddr: REQUESTER, ...fields }, options)), kind, what)
})

t.test('rule 1: of a pair, "unassigned" is said of what nobody else can have given', async (t) => {
  const server = withLease().pair(0)
  const at = (address: string, knowsAll: boolean) =>
    kindOf(ask(server, { ciaddr: ip(address) }, {}, knowsAll))
  server.set('192.0.2.12', 2, { end: -1 })
  server.set('192.0.2.13', 1, { end: -1 })
  t.equal(at('192.0.2.12', false), 'unassigned', 'both keys are here')
  t.equal(at('192.0.2.13', false), 'unknown', 'the partner may have given it')
  t.equal(at('192.0.2.13', true), 'unassigned', 'and would have told')
  t.equal(at('192.0.2.10', false), 'active', 'a lease is one')
})

t.test('rule 1d: in doubt about its own past a server says less', async (t) => {
  const server = withLease().pair(0, { kind: 'all' })
  const at = (address: string) => kindOf(ask(server, { ciaddr: ip(address) }))
  t.equal(at('192.0.2.11'), 'unassigned')
  const doubtUntil = server.now + 60_000
  server.pair(0, { kind: 'all', doubtUntil })
  t.equal(at('192.0.2.11'), 'unknown', 'what is lost may have given it')
  server.pair(0, { kind: 'all', doubtUntil, doubtFrom: server.now + 1 })
  t.equal(at('192.0.2.10'), 'unknown', 'the row may be of the past')
  t.equal(kindOf(ask(server, { hwAddress: client(1).hwAddress! })), 'unknown')
})
