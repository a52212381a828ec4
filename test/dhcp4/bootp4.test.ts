// libdhcp_bootp: clients that know BOOTP only (RFC 951, served as RFC 1534 says).

import t from 'tap'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { UNCHECKED } from '../../lib/dhcp4/checked.ts'
import { INFINITE_LIFETIME } from '../../lib/time/units.ts'
import {
  ACK,
  client,
  documentWith,
  ip,
  kindOf,
  type Options,
  requestList,
  TestServer,
  uint32,
} from './test-server.ts'

const BOOTP = 0
const LIBRARY = { 'hooks-libraries': [{ library: '/usr/lib/kea/hooks/libdhcp_bootp.so' }] }
const ROUTERS = { name: 'routers', data: '192.0.2.1' }
const HOUR = 3600

function serving(subnet: Record<string, unknown> = {}, global: Partial<Dhcp4Document> = {}) {
  return new TestServer(documentWith(subnet, { ...LIBRARY, ...global }))
}

const ask = (server: TestServer, number: number, fields = {}, options: Options = {}) =>
  server.reply(BOOTP, client(number, fields), options)

t.test('RFC 951 §3: the reply, byte by byte', async (t) => {
  const boot = {
    'boot-file-name': 'prom.bin',
    'next-server': '192.0.2.2',
    'server-hostname': 'boot',
    'option-data': [ROUTERS, { name: 'time-offset', data: '3600' }],
  }
  const { bytes, destination } = ask(serving(boot), 7, { secs: 3 })
  const field = (text: string, size: number) =>
    hexFromOctets(octetsFromBytes(new TextEncoder().encode(text))).padEnd(2 * size, '0')
  const golden = [
    '02010600', // op, htype, hlen, hops
    '00001007', // xid
    '00000000', // secs, flags
    '00000000', // ciaddr
    'c000020a', // yiaddr
    'c0000202', // siaddr
    '00000000', // giaddr
    '02005e100007'.padEnd(32, '0'), // chaddr
    field('boot', 64), // sname
    field('prom.bin', 128), // file
    '63825363', // cookie of RFC 1048
    '0104ffffff00', // mask
    '0304c0000201', // routers
    'ff',
  ]
  t.equal(hexFromOctets(octetsFromBytes(bytes)), golden.join('').padEnd(600, '0'))
  t.equal(destination.address, ip('192.0.2.10'))
  t.equal(destination.port, 68)
})

t.test('the lease never ends, whatever lifetimes, classes and the client say', async (t) => {
  const server = serving(
    { 'valid-lifetime': 60, 'max-valid-lifetime': 120 },
    {
      'adaptive-lease-time-threshold': 0.01,
      'client-classes': [{ name: 'BOOTP', 'valid-lifetime': 90 }],
    },
  )
  const { address, codes } = ask(server, 1, {}, { 51: uint32(30), ...requestList(51, 58, 59, 54) })
  t.match(server.row(address), { validLifetime: INFINITE_LIFETIME })
  t.same(codes, [1])
  server.advance(1000 * 24 * HOUR)
  t.equal(ask(server, 1).address, address)
  t.not(server.lease(client(2)), address)
})

t.test('RFC 1534 §2: no option of DHCP is in the reply, from whatever it comes', async (t) => {
  const always = (name: string, data: string) => ({ name, data, 'always-send': true })
  const server = serving(
    { 'option-data': [ROUTERS, always('dhcp-server-identifier', '192.0.2.9')] },
    {
      'hooks-libraries': [
        ...LIBRARY['hooks-libraries'],
        {
          library: 'libdhcp_flex_option.so',
          parameters: {
            options: [
              { code: 54, add: "'1234'" },
              { code: 60, add: "'here'" },
            ],
          },
        },
      ],
    },
  )
  t.same(ask(server, 1, {}, { 61: '\x01abc' }).codes, [1, 3, 60])
})

t.test('RFC 1542 §2.1: a reply is as long as the message, and at least 300 bytes', async (t) => {
  const names = ['domain-name-servers', 'log-servers', 'ntp-servers']
  const data = Array.from({ length: 20 }, (_, at) => `192.0.2.${200 + at}`).join()
  const long = names.map((name) => ({ name, data, 'always-send': true }))
  const server = serving({ 'option-data': [ROUTERS, ...long] })
  const short = ask(server, 1)
  t.equal(short.bytes.length, 300)
  t.same(short.codes, [1, 3])
  t.equal(short.message.overload, 0, 'nobody looks for options in file and sname')
  const padded = ask(server, 1, {}, { 12: 'x'.repeat(180) })
  t.ok(padded.bytes.length > 300 && padded.bytes.length < 440)
  t.ok(padded.codes.includes(6))
})

t.test('without the library nothing is answered', async (t) => {
  const classes = { 'client-classes': [{ name: 'old', test: "member('BOOTP')" }] }
  for (const global of [{}, classes]) {
    const server = new TestServer(documentWith({}, global))
    t.equal(server.send(BOOTP, client(1)), 'no-message-type')
  }
})

t.test('option 53 of 0 is a broken message of DHCP', async (t) => {
  t.equal(serving().send(BOOTP, client(1), { 53: '\0' }), 'no-message-type')
})

t.test('BOOTP: a class to guards and tests, in which DHCP clients are not', async (t) => {
  const pools = [
    { pool: '192.0.2.10 - 192.0.2.19', 'client-classes': ['BOOTP'] },
    { pool: '192.0.2.30 - 192.0.2.39', 'client-classes': ['new'] },
  ]
  const server = serving(
    { pools },
    {
      'client-classes': [
        { name: 'new', test: "not member('BOOTP')" },
        { name: 'old', test: "member('BOOTP') and pkt4.msgtype == 3", 'boot-file-name': 'old' },
      ],
    },
  )
  const old = ask(server, 1)
  t.match(old, { address: '192.0.2.10' })
  t.equal(old.message.bootFile(), 'old')
  t.equal(server.lease(client(2)), '192.0.2.30')
  t.test('DROP and REJECT', async (t) => {
    for (const [name, reason] of [
      ['DROP', 'dropped-by-class'],
      ['REJECT', 'rejected-by-class'],
    ] as const) {
      const denying = serving({}, { 'client-classes': [{ name, test: "member('BOOTP')" }] })
      t.equal(denying.send(BOOTP, client(1)), reason)
      t.equal(kindOf(denying.discover(client(2))), 'offer')
    }
  })
})

t.test('reservations: address, name and options', async (t) => {
  const reservation = {
    'hw-address': '02:00:5e:10:00:05',
    'ip-address': '192.0.2.77',
    hostname: 'printer',
    'boot-file-name': 'printer.bin',
  }
  const server = serving({ reservations: [reservation] })
  const { address, message, codes } = ask(server, 5, {}, { 12: 'lp' })
  t.equal(address, '192.0.2.77')
  t.equal(message.bootFile(), 'printer.bin')
  t.equal(message.octets(12), 'printer')
  t.same(codes, [1, 12])
  t.match(server.row(address), { validLifetime: INFINITE_LIFETIME, hostname: 'printer' })
})

t.test('RFC 951 §7.3: who names its address gets the rest, or silence', async (t) => {
  const server = serving()
  const { address } = ask(server, 1)
  const again = ask(server, 1, { ciaddr: ip(address) })
  t.equal(again.address, address)
  t.match(again.destination, { address: ip(address), hwAddress: '' })
  t.equal(again.message.ciaddr, ip(address))
  const others = client(2, { ciaddr: ip(address) })
  t.equal(server.send(BOOTP, others), 'not-its-address')
  t.equal(server.send(BOOTP, client(2, { ciaddr: ip('192.0.2.200') })), 'not-its-address')
})

t.test('RFC 1542 §5.4: where the reply goes', async (t) => {
  const server = serving()
  const relayed = ask(server, 1, { giaddr: ip('192.0.2.3') }, { 82: '\x01\x01p' })
  t.match(relayed.destination, { address: ip('192.0.2.3'), port: 67 })
  t.equal(relayed.message.octets(82), '\x01\x01p')
  t.equal(ask(server, 2, { flags: 0x8000 }).destination.address, 0xffffffff)
})

t.test('nothing free, no subnet, rate and address limits: silence', async (t) => {
  const server = serving({ pools: [{ pool: '192.0.2.10 - 192.0.2.10' }] })
  ask(server, 1)
  t.equal(server.send(BOOTP, client(2)), 'no-free-address')
  t.equal(server.send(BOOTP, client(2, { giaddr: ip('198.51.100.1') })), 'no-subnet')
})

t.test('libdhcp_ping_check: the address is asked for before it is given for ever', async (t) => {
  const server = serving(
    {},
    { 'hooks-libraries': [...LIBRARY['hooks-libraries'], { library: 'libdhcp_ping_check.so' }] },
  )
  t.equal(server.send(BOOTP, client(1)), 'check')
  t.match(server.outcome, { kind: 'check', address: ip('192.0.2.10') })
  server.checked = { ...UNCHECKED, free: ip('192.0.2.10'), count: 1 }
  t.match(ask(server, 1), { address: '192.0.2.10' })
})

t.test('a client of both kinds is one client: its lease stays without end', async (t) => {
  const server = serving()
  const { address } = ask(server, 1)
  t.equal(server.lease(client(1)), address)
  server.advance(365 * 24 * HOUR)
  t.not(server.lease(client(2)), address, 'rule 2e: what was given for ever may be in use')
  t.equal(ask(server, 1).address, address)
})

t.test('rule 9d: in a pair as soon as the partner knows that leases have no end', async (t) => {
  const server = serving().pair(0, { longest: HOUR })
  for (const last of [10, 11]) server.set(`192.0.2.${last}`, 2)
  t.equal(server.send(BOOTP, client(1)), 'lease-never-ends')
  t.equal(server.row('192.0.2.10')?.validLifetime, 0)
  t.equal(server.discover(client(2)).message.uint(51), HOUR, 'others are served')
  server.pair(0, { longest: INFINITE_LIFETIME })
  const reply = ask(server, 1)
  t.equal(server.row(reply.address)?.validLifetime, INFINITE_LIFETIME)
  t.equal(server.outcome.kind === 'reply' && server.outcome.type, ACK)
})

t.test('rule 3a: in a pair what both keys here, or one of its own row, allow', async (t) => {
  const server = serving().pair(0, { longest: INFINITE_LIFETIME })
  const { address } = ask(server, 1)
  server.set(address, 1)
  t.equal(ask(server, 1).address, address)
  server.set(address, 0)
  t.equal(server.send(BOOTP, client(1, { ciaddr: ip(address) })), 'no-right')
})
