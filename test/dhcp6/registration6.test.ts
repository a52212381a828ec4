// ADDR-REG-INFORM (RFC 9686): hosts tell of addresses that they have made themselves.

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { OF_CLIENT_MAX } from '../../lib/dhcp6/registration6.ts'
import { duidOf, kindOf as kindOfBinding } from '../../lib/leases/binding.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { leaseInfoOf } from '../../lib/leases/lease-info.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import {
  clientId,
  duid,
  iaNa,
  ip6,
  oro,
  REGISTER,
  REQUEST,
  SOLICIT,
  serverId,
  uint32,
} from './messages6.ts'
import { DOCUMENT6, documentWith, kindOf, leasesOf, TestServer6 } from './test-server6.ts'

const OWN = '2001:db8:1::abcd'

/** Option 5 at the top of the message. */
function named(address: string, valid = 1800, preferred = 900): OptionPair6 {
  return [OPTION6.iaAddress, ip6(address) + uint32(preferred) + uint32(valid)]
}

function register(
  server: TestServer6,
  address = OWN,
  number = 1,
  options: readonly OptionPair6[] = [],
  from = address,
  valid = 1800,
) {
  const own = named(address, valid, Math.min(900, valid))
  return server.send(REGISTER, [clientId(number), own, ...options], [], { address: ip6(from) })
}

t.test('an address is registered, and the answer says it again', async (t) => {
  const server = new TestServer6()
  const reply = register(server)
  if (typeof reply === 'string') return t.fail(reply)
  t.equal(reply.type, 37)
  t.same(reply.codes, [1, 2, 5])
  t.equal(reply.message.option(5), named(OWN)[1])
  t.equal(reply.destination.address, ip6(OWN), '§4.3: to the address that is registered')
  const row = server.row(OWN)!
  t.match(row, {
    state: LEASE_STATE.registered,
    validLifetime: 1800,
    preferredLifetime: 900,
    subnetId: 1,
    start: server.now,
    end: server.now + 1_800_000,
  })
  t.equal(leaseInfoOf(row).state, 'registered')
  t.equal(duidOf(row), duid(1))
  t.equal(kindOfBinding(row), OPTION6.iaAddress)
  t.match(server.outcome, { changes: [{ action: 'granted' }] })
})

t.test('it is told again, and taken back', async (t) => {
  const server = new TestServer6()
  register(server)
  server.advance(1000)
  register(server)
  t.match(server.outcome, { changes: [{ action: 'renewed' }] })
  t.equal(server.row(OWN)!.end, server.now + 1_800_000)
  t.equal(kindOf(register(server, OWN, 1, [], OWN, 0)), 'addressRegistrationReply')
  t.match(server.outcome, { changes: [{ action: 'released' }] })
  t.ok(server.row(OWN)!.end <= server.now)
  t.equal(
    kindOf(register(server, '2001:db8:1::abce', 1, [], '2001:db8:1::abce', 0)),
    'addressRegistrationReply',
  )
  t.match(server.outcome, { changes: [] }, 'nothing was there to take back')
})

t.test('it goes over to another client that has the address now', async (t) => {
  const server = new TestServer6()
  register(server)
  register(server, OWN, 2)
  t.equal(duidOf(server.row(OWN)!), duid(2))
  t.match(server.outcome, { changes: [{ former: { state: LEASE_STATE.registered } }] })
})

const NETWORK: Dhcp6Document = {
  ...DOCUMENT6,
  subnet6: [],
  'shared-networks': [
    {
      name: 'hall',
      interface: 'eth0',
      subnet6: [
        { id: 1, subnet: '2001:db8:1::/64' },
        { id: 2, subnet: '2001:db8:2::/64' },
      ],
    },
  ],
}

t.test('what is not answered', async (t) => {
  const server = () => new TestServer6()
  const sent = (...options: OptionPair6[]) =>
    kindOf(server().send(REGISTER, [clientId(), ...options], [], { address: ip6(OWN) }))
  t.equal(sent(), 'no-address-named')
  t.equal(sent(named(OWN), named('2001:db8:1::9')), 'no-address-named', 'two addresses')
  t.equal(sent(named(OWN, 10, 20)), 'no-address-named', 'preferred for longer than valid')
  t.equal(sent(named('2001:db8:1::9')), 'not-its-address', 'of another host')
  t.equal(sent(named(OWN), iaNa(1)), 'lease-forbidden')
  t.equal(sent(named(OWN), oro(148)), 'addressRegistrationReply', 'an ORO is ignored')
  t.equal(kindOf(register(server(), '2001:db8:77::1')), 'not-on-link')
  t.equal(kindOf(register(server(), 'fe80::1')), 'not-on-link')
  const off = documentWith({}, { 'allow-address-registration': false })
  t.equal(kindOf(register(new TestServer6(off))), 'no-registration')
})

t.test('an address that somebody has from a server is not registered', async (t) => {
  const server = new TestServer6()
  server.give(OWN, 2)
  t.equal(register(server), 'address-leased')
  server.give(OWN, 1)
  t.equal(register(server), 'address-leased', 'not even for its own client')
  server.set(OWN, 2, { state: LEASE_STATE.declined, clientId: '', end: server.now + 1000 })
  t.equal(register(server), 'address-leased')
  server.give(OWN, 2)
  server.advance(5000)
  t.equal(kindOf(register(server)), 'addressRegistrationReply', 'a lease that is over is no lease')
})

t.test('an address that is reserved, or that a router has', async (t) => {
  const reservations = [{ duid: '00:03:00:01:02:00:5e:10:00:01', 'ip-addresses': [OWN] }]
  const document = documentWith({ reservations })
  t.equal(register(new TestServer6(document), OWN, 2), 'address-reserved')
  t.equal(kindOf(register(new TestServer6(document), OWN, 1)), 'addressRegistrationReply')
  const kept = new TestServer6(undefined, { keptFrom: () => 'named' })
  t.equal(register(kept), 'address-reserved')
})

t.test('a subnet beside it on the link, and a prefix that the client has', async (t) => {
  const server = new TestServer6(NETWORK)
  t.equal(kindOf(register(server, '2001:db8:2::9')), 'addressRegistrationReply')
  t.equal(server.row('2001:db8:2::9')!.subnetId, 2)
  const inside = '2001:db8:8000:1::9'
  t.equal(register(server, inside), 'not-on-link')
  server.give('2001:db8:8000::/56', 1, {}, 25)
  t.equal(kindOf(register(server, inside)), 'addressRegistrationReply')
  t.equal(register(server, inside, 2), 'not-on-link', 'in a prefix of somebody else')
  server.advance(5000)
  t.equal(register(server, '2001:db8:8000:1::a'), 'not-on-link', 'the prefix has ended')
})

t.test('through a relay: what the relay beside the client heard it from', async (t) => {
  const server = new TestServer6()
  const through = (peer: string) =>
    kindOf(
      server.send(
        REGISTER,
        [clientId(), named(OWN)],
        [
          { hopCount: 1, peer: 'fe80::9' },
          { link: '2001:db8:1::1', peer },
        ],
        { address: ip6('2001:db8:ffff::9') },
      ),
    )
  t.equal(through(OWN), 'addressRegistrationReply')
  t.equal(through('2001:db8:1::7'), 'not-its-address')
})

t.test('RFC 9686 §4.1: who asks for option 148 is told that it may', async (t) => {
  const asked = (document: Dhcp6Document, ...codes: number[]) =>
    new TestServer6(document)
      .reply(SOLICIT, [clientId(), iaNa(1), oro(...codes)])
      .codes.includes(148)
  t.ok(asked(DOCUMENT6, 148))
  t.notOk(asked(DOCUMENT6, 23))
  t.notOk(asked(documentWith({}, { 'allow-address-registration': false }), 148))
})

t.test('a client that registers without end', async (t) => {
  const server = new TestServer6()
  const one = (index: number) => `2001:db8:1::${(0x1000 + index).toString(16)}`
  for (let index = 0; index < OF_CLIENT_MAX; index++)
    t.equal(kindOf(register(server, one(index))), 'addressRegistrationReply')
  t.equal(register(server, one(OF_CLIENT_MAX)), 'registration-limit')
  t.equal(kindOf(register(server, one(0))), 'addressRegistrationReply', 'known ones go on')
  t.equal(kindOf(register(server, one(OF_CLIENT_MAX), 2)), 'addressRegistrationReply')
})

t.test('nobody is given an address that is registered', async (t) => {
  const pools = [{ pool: '2001:db8:1::10 - 2001:db8:1::11' }]
  const server = new TestServer6(documentWith({ pools }))
  register(server, '2001:db8:1::10', 1)
  const asks = (number: number) =>
    leasesOf(server.send(REQUEST, [clientId(number), serverId(), iaNa(1, '2001:db8:1::10')]))
  t.same(asks(2), ['2001:db8:1::11 3000/4000'])
  t.same(asks(3), [])
  server.advance(1800 + 60)
  t.same(asks(3), ['2001:db8:1::10 3000/4000'], 'when it is over it is free')
})
