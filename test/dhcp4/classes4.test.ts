// Classes of clients: in which order they are assigned, what they open and close, what each gives,
// and who wins.

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import {
  client,
  DISCOVER,
  INFORM,
  ip,
  kindOf,
  NAK,
  type Options,
  RELEASE,
  REQUEST,
  type Reply,
  TestServer,
  uint32,
} from './test-server.ts'

type Members = Record<string, unknown>

const POOL = { pool: '192.0.2.10 - 192.0.2.19' }
const OTHERS = { pool: '192.0.2.20 - 192.0.2.29' }

function documentOf(members: Members = {}, subnet: Members = {}): Dhcp4Document {
  const only = { id: 1, subnet: '192.0.2.0/24', pools: [POOL], ...subnet }
  return { 'valid-lifetime': 4000, subnet4: [only], ...members } as unknown as Dhcp4Document
}

function serverOf(members: Members = {}, subnet: Members = {}): TestServer {
  return new TestServer(documentOf(members, subnet))
}

const MAC = (number: number) => `02:00:5e:10:00:${number.toString(16).padStart(2, '0')}`

const option = (code: number, data: string, more: Members = {}) => ({ code, data, ...more })
const asks = (...codes: number[]): Options => ({ 55: String.fromCharCode(...codes) })
const VOICE = { 60: 'voice' }
const isVoice = { name: 'voice', test: "option[60].text == 'voice'" }

/** What of an option was sent: addresses as text. */
function sent(reply: Reply, code: number): string {
  const data = reply.message.octets(code)
  return data === undefined ? '' : [...data].map((each) => each.charCodeAt(0)).join('.')
}

t.test('client-classes of a pool: who is in none of them gets nothing there', async (t) => {
  const pools = [{ ...POOL, 'client-classes': ['voice'] }, OTHERS]
  const server = serverOf({ 'client-classes': [isVoice] }, { pools })
  t.equal(server.lease(client(1), VOICE), '192.0.2.10')
  t.equal(server.lease(client(2)), '192.0.2.20')
  t.equal(server.lease(client(3), { 60: 'voice mail' }), '192.0.2.21', 'not the whole value')
  t.test('a REQUEST for an address of a closed pool', async (t) => {
    t.equal(kindOf(server.select(client(4), '192.0.2.12')), 'nak')
    t.equal(kindOf(server.select(client(4), '192.0.2.12', VOICE)), 'ack')
    t.equal(kindOf(server.renew(client(4), '192.0.2.12')), 'nak', 'when it is no phone any more')
  })
  t.test('a reserved address is given whatever the guard of its pool', async (t) => {
    const reservations = [{ 'hw-address': MAC(1), 'ip-address': '192.0.2.15' }]
    const reserved = serverOf({ 'client-classes': [isVoice] }, { pools, reservations })
    t.equal(reserved.lease(client(1)), '192.0.2.15')
  })
  t.test('ALL opens, a name that nobody has closes', async (t) => {
    const names = [{ ...POOL, 'client-classes': ['vioce', 'ALL'] }]
    t.equal(serverOf({}, { pools: names }).lease(client(1)), '192.0.2.10')
    const closed = [{ ...POOL, 'client-classes': ['vioce'] }]
    t.equal(serverOf({}, { pools: closed }).send(DISCOVER, client(1)), 'no-pool')
  })
})

t.test('client-classes of subnets and shared networks', async (t) => {
  const subnets = (first: Members = {}, second: Members = {}) => [
    { id: 1, subnet: '10.0.1.0/24', pools: [{ pool: '10.0.1.10 - 10.0.1.19' }], ...first },
    { id: 2, subnet: '10.0.2.0/24', pools: [{ pool: '10.0.2.10 - 10.0.2.19' }], ...second },
  ]
  const voice = { 'client-classes': ['voice'] }
  const relayed = (number: number) => client(number, { giaddr: ip('10.0.1.1') })
  const from = (network: Members, first: Members = {}, second: Members = {}) =>
    new TestServer({
      'client-classes': [isVoice],
      'shared-networks': [{ name: 'n', ...network, subnet4: subnets(first, second) }],
    } as unknown as Dhcp4Document)
  t.equal(from({}, voice).lease(relayed(1)), '10.0.2.10', 'the next one that admits')
  t.equal(from({}, voice).lease(relayed(1), VOICE), '10.0.1.10')
  t.equal(from(voice).send(DISCOVER, relayed(1)), 'no-subnet')
  t.equal(from(voice).lease(relayed(1), VOICE), '10.0.1.10')
  t.equal(from(voice, { 'client-classes': ['x'] }).lease(relayed(1), VOICE), '10.0.2.10', 'both')
})

t.test('the order of assignment decides whose option is sent', async (t) => {
  // Each class says something of option 42; who is in several shows the order.
  const gives = (name: string, last: number, members: Members = {}) => ({
    name,
    ...members,
    'option-data': [option(42, `1.1.1.${last}`)],
  })
  const always = { test: 'pkt4.htype == 1' }
  const first = (...classes: Members[]) => {
    const server = serverOf({ 'client-classes': classes })
    return sent(server.discover(client(1), { ...VOICE, ...asks(42) }), 42)
  }
  const all = gives('ALL', 1)
  const vendor = gives('VENDOR_CLASS_voice', 2)
  const one = gives('one', 3, always)
  const two = gives('two', 4, always)
  const unknown = gives('UNKNOWN', 5)
  const late = gives('late', 6, { test: "member('UNKNOWN')" })
  t.equal(first(late, unknown, two, one, vendor, all), '1.1.1.1', 'ALL first')
  t.equal(first(late, unknown, two, one, vendor), '1.1.1.2', 'then the vendor')
  t.equal(first(late, unknown, two, one), '1.1.1.4', 'then as they stand in the file')
  t.equal(first(late, unknown, one), '1.1.1.3', 'those that do not ask for KNOWN')
  t.equal(first(late, unknown), '1.1.1.5', 'then KNOWN or UNKNOWN')
  t.equal(first(late), '1.1.1.6', 'then those that ask for it')
})

t.test('a reserved class goes before those that are evaluated', async (t) => {
  const test = { test: 'pkt4.htype == 1' }
  const classes = [
    { name: 'c1', ...test, 'option-data': [option(42, '1.1.1.1')], 'boot-file-name': 'c1' },
    { name: 'r1', 'option-data': [option(42, '3.3.3.3')], 'boot-file-name': 'r1' },
  ]
  const reservation = { 'hw-address': MAC(1), 'client-classes': ['r1'] }
  const plain = serverOf({ 'client-classes': classes }, { reservations: [reservation] })
  const offer = plain.discover(client(1), asks(42))
  t.same([sent(offer, 42), offer.message.bootFile()], ['3.3.3.3', 'r1'])
  const network = new TestServer({
    'client-classes': classes,
    'shared-networks': [
      { name: 'n', subnet4: documentOf({}, { reservations: [reservation] }).subnet4 },
    ],
  } as unknown as Dhcp4Document)
  const late = network.discover(client(1), asks(42))
  t.same([sent(late, 42), late.message.bootFile()], ['1.1.1.1', 'c1'], 'not in a shared network')
  const without = serverOf(
    { 'client-classes': [{ name: 'r1' }, { name: 'd', test: "not member('r1')" }] },
    { pools: [{ ...POOL, 'client-classes': ['d'] }, OTHERS], reservations: [reservation] },
  )
  t.equal(without.lease(client(1)), '192.0.2.20', 'tests see it')
  t.equal(without.lease(client(2)), '192.0.2.10')
})

t.test('KNOWN and UNKNOWN', async (t) => {
  const pools = [
    { ...POOL, 'client-classes': ['KNOWN'] },
    { ...OTHERS, 'client-classes': ['UNKNOWN'] },
  ]
  const reservations = [{ 'hw-address': MAC(1), hostname: 'one' }]
  const server = serverOf({}, { pools, reservations })
  t.equal(server.lease(client(1)), '192.0.2.10', 'a reservation without an address')
  t.equal(server.lease(client(2)), '192.0.2.20')
  t.test('a subnet that is for KNOWN is closed to all, one for UNKNOWN too', async (t) => {
    for (const name of ['KNOWN', 'UNKNOWN']) {
      const closed = serverOf({}, { 'client-classes': [name], reservations })
      for (const number of [1, 2]) t.equal(closed.send(DISCOVER, client(number)), 'no-subnet')
    }
  })
  t.test('early-global-reservations-lookup opens it', async (t) => {
    const early = serverOf(
      {
        'early-global-reservations-lookup': true,
        reservations: [{ 'hw-address': MAC(1), 'client-classes': ['gold'] }],
      },
      { 'client-classes': ['KNOWN'], pools: [{ ...POOL, 'client-classes': ['gold'] }] },
    )
    t.equal(early.lease(client(1)), '192.0.2.10')
    t.equal(early.send(DISCOVER, client(2)), 'no-subnet')
  })
  t.test('a global reservation opens a subnet only where it is looked up early', async (t) => {
    const guarded = { id: 1, subnet: '192.0.2.0/24', pools: [POOL], 'client-classes': ['gold'] }
    const open = { id: 2, subnet: '192.0.2.128/25', pools: [{ pool: '192.0.2.200/29' }] }
    const members = (early: boolean) => ({
      'early-global-reservations-lookup': early,
      'reservations-global': true,
      reservations: [{ 'hw-address': MAC(1), 'client-classes': ['gold'] }],
      subnet4: [guarded, open].map((subnet) => ({ ...subnet, interface: 'eth0' })),
    })
    t.equal(serverOf(members(true)).lease(client(1)), '192.0.2.10')
    t.equal(serverOf(members(false)).lease(client(1)), '192.0.2.200')
  })
})

t.test('a reserved class opens a pool, also one that nothing defines', async (t) => {
  const pools = [OTHERS, { ...POOL, 'client-classes': ['gold'] }]
  const reservations = [{ 'hw-address': MAC(1), 'client-classes': ['gold'] }]
  const closedFirst = [{ ...OTHERS, 'client-classes': ['silver'] }, pools[1]]
  t.equal(serverOf({}, { pools: closedFirst, reservations }).lease(client(1)), '192.0.2.10')
  const global = { 'reservations-global': true, reservations }
  t.equal(serverOf(global, { pools: closedFirst }).lease(client(1)), '192.0.2.10', 'a global one')
  const network = (members: Members, subnet: Members) =>
    new TestServer({
      ...members,
      'shared-networks': [{ name: 'n', subnet4: documentOf({}, subnet).subnet4 }],
    } as unknown as Dhcp4Document)
  t.equal(
    network({}, { pools: closedFirst, reservations }).send(DISCOVER, client(1)),
    'no-pool',
    'in a shared network it is too late for guards',
  )
  t.equal(network(global, { pools: closedFirst }).lease(client(1)), '192.0.2.10')
})

t.test('DROP', async (t) => {
  const silent = { name: 'DROP', test: "option[60].text == 'voice'" }
  const server = serverOf({ 'client-classes': [silent] })
  t.equal(server.send(DISCOVER, client(1), VOICE), 'dropped-by-class')
  const address = server.lease(client(1))
  t.equal(kindOf(server.renew(client(1), address)), 'ack')
  t.equal(server.renew(client(1), address, VOICE), 'dropped-by-class')
  server.now += 60_000
  t.equal(server.send(RELEASE, client(1, { ciaddr: ip(address) }), VOICE), 'dropped-by-class')
  t.equal(server.send(INFORM, client(1, { ciaddr: ip(address) }), VOICE), 'dropped-by-class')
  t.equal(server.send(RELEASE, client(1, { ciaddr: ip(address) })), 'changes')
  t.test("by who has no reservation: member('UNKNOWN')", async (t) => {
    const known = serverOf(
      { 'client-classes': [{ name: 'DROP', test: "member('UNKNOWN')" }] },
      { reservations: [{ 'hw-address': MAC(1), hostname: 'one' }] },
    )
    t.equal(known.lease(client(1)), '192.0.2.10')
    t.equal(known.send(DISCOVER, client(2)), 'dropped-by-class')
    t.equal(known.send(INFORM, client(2, { ciaddr: ip('192.0.2.99') })), 'dropped-by-class')
    t.equal(
      known.send(REQUEST, client(2, { giaddr: ip('10.9.9.9') }), { 50: uint32(ip('10.9.9.8')) }),
      'dropped-by-class',
      'also from where no subnet fits',
    )
  })
  t.test('by a reservation', async (t) => {
    const reservations = [{ 'hw-address': MAC(1), 'client-classes': ['DROP'] }]
    t.equal(serverOf({}, { reservations }).send(DISCOVER, client(1)), 'dropped-by-class')
    const global = serverOf({ 'reservations-global': true, reservations })
    t.equal(global.send(DISCOVER, client(1)), 'dropped-by-class')
    const early = serverOf({ 'early-global-reservations-lookup': true, reservations })
    t.equal(early.send(RELEASE, client(1, { ciaddr: ip('192.0.2.10') })), 'dropped-by-class')
  })
})

t.test('REJECT: no offer, a NAK in any state, and nothing else', async (t) => {
  const server = serverOf({
    'client-classes': [{ name: 'REJECT', test: "option[60].text == 'voice'" }],
  })
  const address = server.lease(client(1))
  t.equal(server.send(DISCOVER, client(2), VOICE), 'rejected-by-class')
  const row = server.table.byAddress(ip(address))
  for (const reply of [
    server.select(client(2), '192.0.2.12', VOICE),
    server.renew(client(1), address, VOICE),
    server.send(REQUEST, client(1), { 50: uint32(ip(address)), ...VOICE }),
  ]) {
    t.equal(kindOf(reply), 'nak')
    if (typeof reply !== 'string')
      t.equal(reply.message.octets(56), 'clients of this kind are not served here')
  }
  t.same(server.table.byAddress(ip(address)), row, 'no lease is touched')
  t.equal(kindOf(server.send(INFORM, client(1, { ciaddr: ip(address) }), VOICE)), 'ack')
  server.now += 60_000
  t.equal(server.send(RELEASE, client(1, { ciaddr: ip(address) }), VOICE), 'changes')
  t.equal(NAK, 6)
})

t.test('VENDOR_CLASS_: the whole of option 60, as either version of Kea writes it', async (t) => {
  const into = (name: string, said: string) => {
    const pools = [{ ...POOL, 'client-classes': [`VENDOR_CLASS_${name}`] }, OTHERS]
    return serverOf({}, { pools }).lease(client(1), { 60: said }) === '192.0.2.10'
  }
  t.ok(into('docsis3.0', 'docsis3.0'))
  t.ok(into('docsis3.0', 'docsis3.0\x00\x00'), 'NULs at the end are none of it')
  t.notOk(into('docsis', 'docsis3.0'))
  t.ok(into('a b', 'a b'), 'as it stands')
  t.ok(into('a%20b', 'a b'), 'escaped')
  t.ok(into('a%20b', 'a%20b'))
  t.ok(into('100%%', '100%'))
  const member = { name: 'm', test: "member('VENDOR_CLASS_a b')" }
  const pools = [{ ...POOL, 'client-classes': ['m'] }]
  t.equal(
    serverOf({ 'client-classes': [member] }, { pools }).lease(client(1), { 60: 'a b' }),
    '192.0.2.10',
  )
})

t.test('template-test: the class of the value goes before that of the template', async (t) => {
  const template = {
    name: 't',
    'template-test': 'substring(option[60].hex,0,3)',
    'option-data': [option(42, '1.1.1.1'), option(69, '1.1.1.1')],
  }
  const spawned = { name: 'SPAWN_t_voi', 'option-data': [option(42, '2.2.2.2')] }
  const server = serverOf({ 'client-classes': [template, spawned] })
  const offer = server.discover(client(1), { ...VOICE, ...asks(42, 69) })
  t.same([sent(offer, 42), sent(offer, 69)], ['2.2.2.2', '1.1.1.1'])
  const none = server.discover(client(2), asks(42, 69))
  t.same([sent(none, 42), sent(none, 69)], ['', ''], 'an empty value is none')
  const guarded = serverOf(
    { 'client-classes': [template] },
    { pools: [{ ...POOL, 'client-classes': ['SPAWN_t_voi'] }, OTHERS] },
  )
  t.equal(guarded.lease(client(1), VOICE), '192.0.2.10')
  t.equal(guarded.lease(client(2), { 60: 'data' }), '192.0.2.20')
})

t.test('evaluate-additional-classes: pool, subnet, network', async (t) => {
  const gives = (name: string, last: number, members: Members = {}) => ({
    name,
    ...members,
    'option-data': [option(42, `1.1.1.${last}`)],
  })
  const list = (...names: string[]) => ({ 'evaluate-additional-classes': names })
  const only = { 'only-in-additional-list': true }
  const classes = [
    gives('network', 1),
    gives('subnet', 2),
    gives('pool', 3, { ...only, test: "option[60].text == 'voice'" }),
    gives('follower', 4, { ...only, test: "member('pool')" }),
  ]
  const first = (pool: Members, subnet: Members, network: Members, options: Options = VOICE) => {
    const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [{ ...POOL, ...pool }], ...subnet }]
    const server = new TestServer({
      'client-classes': classes,
      'shared-networks': [{ name: 'n', ...network, subnet4 }],
    } as unknown as Dhcp4Document)
    return sent(server.discover(client(1), { ...options, ...asks(42) }), 42)
  }
  const subnet = list('subnet')
  const network = list('network')
  t.equal(first({}, {}, {}), '', 'listed nowhere')
  t.equal(first(list('pool'), subnet, network), '1.1.1.3')
  t.equal(first(list('pool'), subnet, network, {}), '1.1.1.2', 'its test is false')
  t.equal(first(list('nobody'), {}, network), '1.1.1.1', 'one that is not defined is nothing')
  t.equal(first(list('follower', 'pool'), {}, {}), '1.1.1.3', 'tested in the order of the list')
  t.equal(first(list('pool', 'follower'), {}, {}), '1.1.1.3')
  t.equal(first(list('follower'), subnet, {}), '1.1.1.2')
  t.test('no lifetime, no guard', async (t) => {
    const late = { name: 'late', 'valid-lifetime': 100 }
    const pools = [
      { ...POOL, 'client-classes': ['late'] },
      { ...OTHERS, ...list('late') },
    ]
    const offer = serverOf({ 'client-classes': [late] }, { pools }).discover(client(1))
    t.equal(offer.address, '192.0.2.20')
    t.equal(offer.message.uint(51), 4000)
  })
})

t.test('options: the subnet beats the class; fields: the class beats the subnet', async (t) => {
  const test = { test: 'pkt4.htype == 1' }
  const classes = [
    { name: 'c1', ...test, 'option-data': [option(42, '1.1.1.1')], 'boot-file-name': 'c1' },
    {
      name: 'c2',
      ...test,
      'option-data': [option(42, '2.2.2.2'), option(69, '2.2.2.2')],
      'next-server': '9.9.9.9',
    },
  ]
  const server = serverOf(
    { 'client-classes': classes, 'option-data': [option(42, '8.8.8.8')] },
    {
      'option-data': [option(69, '7.7.7.7')],
      'boot-file-name': 'sub',
      'server-hostname': 'subhost',
      reservations: [{ 'hw-address': MAC(2), 'boot-file-name': 'own' }],
    },
  )
  const fields = ({ message }: Reply) => [message.bootFile(), message.serverName(), message.siaddr]
  const offer = server.discover(client(1), asks(42, 69))
  t.same([sent(offer, 42), sent(offer, 69)], ['1.1.1.1', '7.7.7.7'])
  t.same(fields(offer), ['c1', 'subhost', ip('9.9.9.9')])
  t.same(fields(server.discover(client(2))), ['own', 'subhost', ip('9.9.9.9')])
  const inform = server.reply(INFORM, client(3, { ciaddr: ip('192.0.2.99') }), asks(42))
  t.same([sent(inform, 42), ...fields(inform)], ['1.1.1.1', 'c1', 'subhost', ip('9.9.9.9')])
  const refused = server.select(client(1), '10.1.1.1', asks(42))
  if (typeof refused !== 'string') {
    t.same([refused.type, sent(refused, 42), fields(refused)[0]], [NAK, '', ''], 'a NAK has none')
  }
})

t.test('option 43 is looked into when it is known whether the client is KNOWN', async (t) => {
  const within = 'option[43].option[1].exists'
  const into = (test: string) => {
    const pools = [{ ...POOL, 'client-classes': ['own'] }, OTHERS]
    const server = serverOf({ 'client-classes': [{ name: 'own', test }] }, { pools })
    return server.lease(client(1), { 43: '\x01\x02hi' }) === '192.0.2.10'
  }
  t.notOk(into(within))
  t.ok(into(`${within} and (member('KNOWN') or member('UNKNOWN'))`))
  t.ok(into('option[43].exists'))
})

t.test(
  'INFORM: classes of the subnet and of its additional lists, and a reservation',
  async (t) => {
    const list = { 'evaluate-additional-classes': ['listed'] }
    const listed = { name: 'listed', 'option-data': [option(42, '1.1.1.1')] }
    const known = { name: 'KNOWN', 'option-data': [option(69, '2.2.2.2')] }
    const gold = { name: 'gold', 'option-data': [option(70, '3.3.3.3')] }
    const reservations = [{ 'hw-address': MAC(1), 'client-classes': ['gold'] }]
    const server = serverOf({ 'client-classes': [listed, known, gold] }, { ...list, reservations })
    const told = (number: number, address: string) => {
      const inform = client(number, { ciaddr: ip(address) })
      const reply = server.reply(INFORM, inform, asks(42, 69, 70))
      return [42, 69, 70].map((code) => sent(reply, code))
    }
    t.same(told(1, '192.0.2.99'), ['1.1.1.1', '2.2.2.2', '3.3.3.3'])
    t.same(told(2, '192.0.2.98'), ['1.1.1.1', '', ''])
  },
)

t.test('lifetimes: of the first class that has one, within its bounds', async (t) => {
  const test = { test: 'pkt4.htype == 1' }
  const given = (wish: number | undefined, ...classes: Members[]) => {
    const server = serverOf({ 'client-classes': classes.map((each) => ({ ...test, ...each })) })
    const options: Options = wish === undefined ? {} : { 51: uint32(wish) }
    return server.discover(client(1), options).message.uint(51)
  }
  const c = { name: 'c', 'valid-lifetime': 500, 'max-valid-lifetime': 900 }
  for (const [wish, lifetime] of [
    [undefined, 500],
    [5, 500],
    [700, 700],
    [7000, 900],
  ] as const)
    t.equal(given(wish, c), lifetime, `${wish}`)
  t.equal(given(undefined, { name: 'a', 'valid-lifetime': 0 }, c), 500, '0 is nothing')
  t.equal(given(undefined, { name: 'a', 'valid-lifetime': 60 }, c), 60, 'the first')
  t.equal(given(7, { name: 'a', 'min-valid-lifetime': 60 }), 60, 'one bound is all three')
  t.equal(given(undefined, { name: 'a' }), 4000)
})

t.test(
  'an expression without a value for a message: not in the class, and it goes on',
  async (t) => {
    const told: string[] = []
    const classTrouble = {
      classFailed: (name: string, { message }: { readonly message: string }) =>
        told.push(`${name}: ${message}`),
    }
    const failing = { name: 'f', test: "addrtotext(option[60].hex) == '10.0.0.1'" }
    const document = documentOf(
      { 'client-classes': [failing] },
      { pools: [{ ...POOL, 'client-classes': ['f'] }, OTHERS] },
    )
    const server = new TestServer(document, { serverPort: 67, classTrouble })
    t.equal(server.lease(client(1), { 60: '\x0a\x00\x00\x01' }), '192.0.2.10')
    t.same(told, [])
    t.equal(server.discover(client(2), VOICE).address, '192.0.2.20')
    t.match(told, [/^f: addrtotext/])
  },
)
