// What replies contain, how large they may be and where they go.

import t from 'tap'
import { BROADCAST, textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { SELECTIONS_MAX, SELECTIONS_OF_SET } from '../../lib/dhcp/reply-options.ts'
import { lifetimeWithin, rebindTimeFor, renewTimeFor } from '../../lib/dhcp4/lifetimes.ts'
import { ReplyOptions4 } from '../../lib/dhcp4/reply-options.ts'
import { ALONE } from '../../lib/leases/rights.ts'
import type { MessageFields4 } from '../../lib/wire/v4/builder.ts'
import { queryWith, select, setOf } from './option-levels.ts'
import {
  ACK,
  client,
  DISCOVER,
  DOCUMENT,
  documentWith,
  hex,
  INFORM,
  ip,
  kindOf,
  NAK,
  OFFER,
  type Options,
  REQUEST,
  requestList,
  SERVER,
  TestServer,
  uint16,
  uint32,
} from './test-server.ts'

const A = '192.0.2.10'
const HW1 = '02:00:5e:10:00:01'
const option = (name: string, data: string, more = {}) => ({ name, data, ...more })
const ROUTER = option('routers', '192.0.2.1')
const DNS = option('domain-name-servers', '192.0.2.53')
const DOMAIN = option('domain-name', 'example.org')
const NTP = option('ntp-servers', '192.0.2.123')
const withOptions = (...options: object[]) =>
  documentWith({}, { 'option-data': options } as Partial<Dhcp4Document>)

t.test('options of a lease', async (t) => {
  t.test('head, then the client’s order, then mandatory ones by code', async (t) => {
    const server = new TestServer(withOptions(NTP, DOMAIN, DNS, ROUTER))
    const offer = server.discover(client(1), {
      ...requestList(42, 15, 1, 3, 42, 121),
      61: hex('0102'),
    })
    t.same(offer.codes, [53, 54, 51, 1, 61, 42, 15, 3, 6])
    t.equal(offer.message.uint(53), OFFER)
    t.equal(offer.message.uint(54), SERVER)
    t.equal(offer.message.uint(51), 4000)
    t.equal(offer.message.uint(1), 0xffffff00)
    t.equal(offer.message.octets(61), hex('0102'))
    t.equal(offer.message.uint(3), SERVER)
  })
  t.test('without a request list only the mandatory ones', async (t) => {
    const server = new TestServer(withOptions(NTP, DOMAIN, DNS, ROUTER))
    t.same(server.discover(client(1)).codes, [53, 54, 51, 1, 3, 6, 15])
  })
  t.test('always-send and never-send; never wins', async (t) => {
    const always = { 'always-send': true }
    const server = new TestServer(
      withOptions(
        option('ntp-servers', '192.0.2.123', always),
        option('routers', '192.0.2.1', { 'never-send': true, ...always }),
        option('log-servers', '192.0.2.7', always),
        option('subnet-mask', '255.255.255.0', { 'never-send': true }),
      ),
    )
    t.same(server.discover(client(1), requestList(3, 1)).codes, [53, 54, 51, 7, 42])
  })
  t.test('precedence: reservation, pool, subnet, global', async (t) => {
    const at = (address: string) => ({ 'option-data': [option('routers', address)] })
    const levels = [at('192.0.2.1'), at('192.0.2.2'), at('192.0.2.3'), at('192.0.2.4')] as const
    const routerOf = (count: number) => {
      const pool = { pool: '192.0.2.10 - 192.0.2.19', ...(count > 2 ? levels[2] : {}) }
      const mine = { 'hw-address': HW1, 'ip-address': A, ...(count > 3 ? levels[3] : {}) }
      const subnet = { ...(count > 1 ? levels[1] : {}), pools: [pool], reservations: [mine] }
      const document = documentWith(subnet, levels[0])
      return textFromIpv4(new TestServer(document).discover(client(1)).message.uint(3)!)
    }
    t.same([1, 2, 3, 4].map(routerOf), ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'])
  })
  t.test('flags of a reservation’s option are sticky', async (t) => {
    const mine = { 'hw-address': HW1, 'option-data': [option('ntp-servers', '192.0.2.9')] }
    const server = new TestServer(
      documentWith(
        { reservations: [mine] },
        { 'option-data': [option('ntp-servers', '192.0.2.1', { 'always-send': true })] },
      ),
    )
    t.equal(server.discover(client(1)).message.uint(42), ip('192.0.2.9'))
    t.equal(server.discover(client(2)).message.uint(42), ip('192.0.2.1'))
  })
  t.test('a configured mask and server identifier replace the computed ones', async (t) => {
    const server = new TestServer(
      withOptions(
        option('subnet-mask', '255.255.0.0'),
        option('dhcp-server-identifier', '192.0.2.99'),
      ),
    )
    const { message, codes } = server.discover(client(1), requestList(1, 54, 51, 53, 82, 255, 0))
    t.equal(message.uint(1), 0xffff0000)
    t.equal(message.uint(54), ip('192.0.2.99'))
    t.same(codes, [53, 54, 51, 1])
  })
  t.test('the server identifier is the interface’s address inside the subnet', async (t) => {
    const addresses = [
      { address: ip('203.0.113.1'), length: 24 },
      { address: SERVER, length: 24 },
    ]
    const link = { name: 'eth0', addresses }
    t.equal(new TestServer().reply(DISCOVER, client(1), {}, { link }).message.uint(54), SERVER)
  })
  t.test('option 61 is not returned where echo-client-id is false', async (t) => {
    const server = new TestServer({ ...DOCUMENT, 'echo-client-id': false })
    t.notOk(server.discover(client(1), { 61: hex('0102') }).message.has(61))
  })
  t.test('a value over 255 octets is split and arrives whole', async (t) => {
    const long = { code: 224, 'csv-format': false, data: 'ab'.repeat(300) }
    const server = new TestServer(withOptions(long))
    const { message } = server.discover(client(1), { ...requestList(224), 57: uint16(1500) })
    t.equal(message.octets(224), hex('ab'.repeat(300)))
  })
  t.test('a reservation’s options follow its client from pool to pool', async (t) => {
    const pool = (range: string, ntp: string) => ({
      pool: range,
      'option-data': [option('ntp-servers', ntp)],
    })
    const pools = [
      pool('192.0.2.10 - 192.0.2.19', '192.0.2.7'),
      pool('192.0.2.20 - 192.0.2.29', '192.0.2.8'),
    ]
    const mine = { 'hw-address': HW1, 'option-data': [option('routers', '192.0.2.3')] }
    const server = new TestServer(documentWith({ pools, reservations: [mine] }))
    const asked = (address: string) => {
      const options = { 50: uint32(ip(address)), 54: uint32(SERVER), ...requestList(3, 42) }
      const { message } = server.reply(REQUEST, client(1), options)
      return [message.uint(3), message.uint(42)]
    }
    t.same(asked('192.0.2.10'), [ip('192.0.2.3'), ip('192.0.2.7')])
    t.same(asked('192.0.2.20'), [ip('192.0.2.3'), ip('192.0.2.8')])
    t.same(asked('192.0.2.10'), [ip('192.0.2.3'), ip('192.0.2.7')])
  })
  t.test('what is sent is encoded once, until too many selections are kept', async (t) => {
    const options = new ReplyOptions4()
    const set = setOf({})
    const selected = (list: string) => select(options, set, { query: queryWith({ 55: list }) })
    const first = selected('first')
    t.equal(selected('first'), first)
    for (let number = 1; number < SELECTIONS_MAX + SELECTIONS_OF_SET; number++)
      selected(`${number}`)
    t.equal(selected('first'), first, 'full')
    selected('one more')
    t.not(selected('first'), first, 'forgotten')
  })
})

t.test('option 82', async (t) => {
  const relayed = client(1, { giaddr: SERVER })
  const agent = hex('0104deadbeef')
  t.test('is returned unchanged, last, in OFFER, ACK and NAK', async (t) => {
    const server = new TestServer(withOptions(ROUTER))
    const offer = server.discover(relayed, { 82: agent })
    t.equal(offer.codes.at(-1), 82)
    const ack = server.reply(REQUEST, relayed, { 50: uint32(ip(A)), 54: uint32(SERVER), 82: agent })
    const nak = server.reply(REQUEST, relayed, { 50: 'xxxx', 54: uint32(SERVER), 82: agent })
    t.same(
      [offer, ack, nak].map(({ type }) => type),
      [OFFER, ACK, NAK],
    )
    for (const { message, codes } of [offer, ack, nak]) {
      t.equal(message.octets(82), agent)
      t.equal(codes.at(-1), 82)
    }
  })
  t.test('RFC 3046 §2.2: of an empty one there is nothing to return', async (t) => {
    const { message, codes } = new TestServer().discover(relayed, { 82: '' })
    t.notOk(message.has(82))
    t.same(codes, [53, 54, 51, 1])
  })
  t.test('stays out of the ACK to an INFORM that goes past the relay', async (t) => {
    const server = new TestServer()
    const past = server.reply(INFORM, client(1, { giaddr: SERVER, ciaddr: ip('192.0.2.80') }), {
      82: agent,
    })
    t.same(past.codes, [53, 54])
    const through = server.reply(INFORM, relayed, { 82: agent })
    t.same(through.codes, [53, 54, 82])
  })
  t.test('RFC 5107: the relay’s server-id-override is the server identifier', async (t) => {
    const { message } = new TestServer().discover(relayed, { 82: hex('0b04c0000263') })
    t.equal(message.uint(54), ip('192.0.2.99'))
  })
  t.test('RFC 3011: option 118 is returned', async (t) => {
    const { message } = new TestServer().discover(client(1), { 118: uint32(ip('192.0.2.0')) })
    t.equal(message.uint(118), ip('192.0.2.0'))
  })
})

t.test('NAK holds only what table 3 allows, and 82 and 61', async (t) => {
  const server = new TestServer(
    withOptions(option('routers', '192.0.2.1', { 'always-send': true })),
  )
  const fields = client(1, { giaddr: SERVER, ciaddr: ip('198.51.100.7'), flags: 0 })
  const options = {
    50: 'xxxx',
    54: uint32(SERVER),
    61: hex('0102'),
    82: hex('0101ff'),
    ...requestList(3),
  }
  const { message, codes, destination } = server.reply(REQUEST, fields, options)
  t.same(codes, [53, 54, 56, 61, 82])
  t.match(message, { ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: SERVER, flags: 0x8000 })
  t.equal(destination.address, SERVER)
})

t.test('header fields', async (t) => {
  const boot = { 'next-server': '192.0.2.8', 'server-hostname': 'tftp', 'boot-file-name': 'net.0' }
  const mine = { 'hw-address': HW1, 'boot-file-name': 'mine.0' }
  const server = new TestServer(documentWith({ ...boot, reservations: [mine] }))
  const fields = { xid: 0xdeadbeef, flags: 0x8000, secs: 9, hops: 1, giaddr: SERVER }
  const { message } = server.discover(client(1, fields))
  const expected = {
    op: 2,
    htype: 1,
    hops: 0,
    xid: 0xdeadbeef,
    secs: 0,
    flags: 0x8000,
    giaddr: SERVER,
  }
  t.match(message, { ...expected, siaddr: ip('192.0.2.8'), ciaddr: 0, yiaddr: ip(A) })
  t.equal(message.hwAddress, client(1).hwAddress)
  t.equal(message.serverName(), 'tftp')
  t.equal(message.bootFile(), 'mine.0', 'the reservation wins field by field')
})

t.test('destinations, RFC 2131 §4.1', async (t) => {
  const port = hex('1300')
  const row = (address: string, portTo: number, hwAddress = '') => ({
    address: ip(address),
    port: portTo,
    hwAddress,
    source: SERVER,
  })
  const SELECTING = { 50: uint32(ip(A)), 54: uint32(SERVER) }
  const HW = client(1).hwAddress
  const TO_ALL = '255.255.255.255'
  const cases: readonly [string, MessageFields4, Options, object][] = [
    ['no address yet: a frame', {}, {}, row(A, 68, client(1).hwAddress)],
    ['broadcast flag', { flags: 0x8000 }, {}, row('255.255.255.255', 68)],
    ['no Ethernet', { htype: 6 }, {}, row('255.255.255.255', 68)],
    ['longer hardware address', { hwAddress: '\x01'.repeat(8) }, {}, row('255.255.255.255', 68)],
    ['renewing', { ciaddr: ip(A) }, {}, row(A, 68)],
    ['renewing, broadcast flag', { ciaddr: ip(A), flags: 0x8000 }, {}, row(A, 68)],
    ['ciaddr of no host', { ciaddr: BROADCAST }, SELECTING, row(A, 68, client(1).hwAddress)],
    ['ciaddr that is had no more', { ciaddr: ip('192.0.2.99') }, SELECTING, row(A, 68, HW)],
    ['the same, broadcast flag', { ciaddr: ip(A), flags: 0x8000 }, SELECTING, row(TO_ALL, 68)],
    ['relay', { giaddr: ip('192.0.2.9'), ciaddr: ip(A) }, {}, row('192.0.2.9', 67)],
    ['relay with its own port, RFC 8357', { giaddr: SERVER }, { 82: port }, row('192.0.2.1', 9999)],
  ]
  for (const [title, fields, options, expected] of cases) {
    const { destination } = new TestServer().reply(REQUEST, client(1, fields), options, {
      port: 9999,
    })
    t.match(destination, expected, title)
  }
  const ports = new TestServer(DOCUMENT, { serverPort: 10067, clientPort: 10068 })
  t.equal(ports.discover(client(1)).destination.port, 10068)
  t.equal(ports.discover(client(1, { giaddr: SERVER })).destination.port, 10067)
  const nak = new TestServer().reply(REQUEST, client(1), { 50: 'xxxx', 54: uint32(SERVER) })
  t.match(nak.destination, { address: BROADCAST, port: 68, hwAddress: '' }, 'NAK')
})

t.test('the address that was asked answers, and is the server identifier', async (t) => {
  const [FIRST, SECOND, OTHER] = [SERVER, ip('192.0.2.2'), ip('198.51.100.1')]
  const addresses = [OTHER, FIRST, SECOND].map((address) => ({ address, length: 24 }))
  const link = { name: 'eth0', addresses }
  const relay = { giaddr: ip('192.0.2.9') }
  const cases: readonly [string, MessageFields4, Options, number, number, number][] = [
    ['a broadcast: the one in the subnet', {}, {}, 0, FIRST, FIRST],
    ['a relay asks another one', relay, {}, SECOND, SECOND, SECOND],
    ['a relay asks one of another network', relay, {}, OTHER, OTHER, OTHER],
    ['the client chose another than is asked', relay, { 54: uint32(FIRST) }, SECOND, FIRST, SECOND],
    ['the override of the relay', relay, { 82: hex('0b04c0000209') }, SECOND, relay.giaddr, SECOND],
  ]
  for (const [title, fields, options, to, serverId, source] of cases) {
    const arrival = { link, to, address: ip('192.0.2.9') }
    const request = { 50: uint32(ip(A)), ...options }
    const server = new TestServer()
    const { message, destination } = server.reply(DISCOVER, client(1, fields), request, arrival)
    t.equal(message.uint(54), serverId, title)
    t.equal(destination.source, source, title)
    const lastHop = fields.giaddr === undefined ? 0 : arrival.address
    t.equal(destination.lastHop, lastHop, `${title}: the way back`)
  }
  const configured = new TestServer(withOptions(option('dhcp-server-identifier', '192.0.2.77')))
  const ack = configured.reply(DISCOVER, client(1, relay), {}, { link, to: SECOND })
  t.equal(ack.message.uint(54), ip('192.0.2.77'))
  t.equal(ack.destination.source, SECOND)
})

t.test('a client that starts anew with its former address in ciaddr hears the offer', async (t) => {
  for (const ciaddr of [ip(A), ip('198.51.100.7')]) {
    const offer = new TestServer().discover(client(1, { ciaddr }))
    t.match(offer.destination, { address: ip(A), port: 68, hwAddress: client(1).hwAddress })
    t.equal(offer.message.ciaddr, 0)
  }
  const broadcast = new TestServer().discover(client(1, { ciaddr: ip(A), flags: 0x8000 }))
  t.equal(broadcast.destination.address, BROADCAST)
})

t.test('INFORM', async (t) => {
  const server = new TestServer(withOptions(ROUTER, NTP))
  const fields = client(1, { ciaddr: ip('192.0.2.77') })
  t.test('is answered at ciaddr with options and without a lease', async (t) => {
    const ack = server.reply(INFORM, fields, requestList(42, 1, 51))
    t.equal(ack.type, ACK)
    t.same(ack.codes, [53, 54, 1, 42, 3])
    t.match(ack.message, { ciaddr: ip('192.0.2.77'), yiaddr: 0 })
    t.match(ack.destination, { address: ip('192.0.2.77'), port: 68, hwAddress: '' })
    t.equal(server.row('192.0.2.77'), undefined)
    t.same(server.outcome.kind === 'reply' && server.outcome.changes, [])
  })
  t.test('outside the subnets gets the global options', async (t) => {
    const address = ip('203.0.113.5')
    const ack = server.reply(INFORM, client(1, { ciaddr: address }), requestList(1), { address })
    t.same(ack.codes, [53, 54, 3])
  })
  t.test('without ciaddr goes to the relay or back to the sender', async (t) => {
    const address = ip('192.0.2.80')
    t.equal(server.reply(INFORM, client(1), {}, { address }).destination.address, address)
    t.equal(server.reply(INFORM, client(1), {}, { address }).message.flags, 0)
    const relayed = server.reply(INFORM, client(1, { giaddr: ip('192.0.2.9') }))
    t.equal(relayed.destination.address, ip('192.0.2.9'))
    t.equal(relayed.message.flags, 0x8000, 'a relay knows no address to place it by')
    const named = client(1, { giaddr: ip('192.0.2.9'), ciaddr: ip('192.0.2.80') })
    t.equal(server.reply(INFORM, named).message.flags, 0, 'with ciaddr it goes straight there')
    t.equal(server.send(INFORM, client(1)), 'no-address-named')
  })
  t.test('is never answered to an address of many hosts', async (t) => {
    for (const ciaddr of [BROADCAST, ip('224.0.0.1'), ip('127.0.0.1')])
      t.equal(server.send(INFORM, client(1, { ciaddr })), 'no-address-named')
  })
})

t.test('lifetimes and timers', async (t) => {
  const bounds = { 'min-valid-lifetime': 600, 'valid-lifetime': 3600, 'max-valid-lifetime': 7200 }
  t.test('the requested lifetime counts within the bounds', async (t) => {
    const server = new TestServer(documentWith(bounds))
    const given = (seconds?: number) => {
      const options = seconds === undefined ? {} : { 51: uint32(seconds) }
      return server.discover(client(1), options).message.uint(51)
    }
    t.same(
      [undefined, 0, 1, 600, 1000, 7200, 7201, 0xffffffff].map(given),
      [3600, 3600, 600, 600, 1000, 7200, 7200, 7200],
    )
  })
  t.test('an infinite lifetime never ends and has no computed timers', async (t) => {
    const forever = { 'valid-lifetime': 0xffffffff, 'calculate-tee-times': true }
    const server = new TestServer(documentWith(forever))
    server.lease(client(1))
    t.equal(server.row(A)?.end, Number.POSITIVE_INFINITY)
    t.same(server.discover(client(1)).codes, [53, 54, 51, 1])
  })
  t.test('T1 and T2: each is sent only where it makes sense', async (t) => {
    const timers = (renew?: number, rebind?: number, calculate = false) => {
      const rule = { renew, rebind, calculate, t1: 0.5, t2: 0.875 }
      const t2 = rebindTimeFor(rule, 4000)
      return [renewTimeFor(rule, 4000, t2), t2]
    }
    t.same(timers(), [0, 0])
    t.same(timers(undefined, undefined, true), [2000, 3500])
    t.same(timers(1000, 2000), [1000, 2000])
    t.same(timers(1000, undefined, true), [1000, 3500], 'a given one wins over the fraction')
    t.same(timers(2000, 2000), [0, 2000], 'T1 before T2')
    t.same(timers(3999, 4000), [3999, 0], 'T2 before the end')
    t.same(timers(4000, 5000), [0, 0])
  })
  t.test('a query without bounds to choose from gets the default', async (t) => {
    const query = { uint: () => 5 } as never
    const fixed = { default: 60, min: 60, max: 60 }
    t.equal(lifetimeWithin(query, fixed, ALONE), 60)
    t.equal(
      lifetimeWithin(query, fixed, { ...ALONE, longest: 40 }),
      40,
      'what the partner knows of',
    )
    t.equal(lifetimeWithin(query, fixed, { ...ALONE, longest: 80 }), 60)
  })
})

t.test('size', async (t) => {
  const big = Array.from({ length: 5 }, (_, index) => ({
    code: 224 + index,
    'csv-format': false,
    data: '00'.repeat(200),
  }))
  const wanted = requestList(224, 225, 226, 227, 228)
  t.test('a reply has at least 300 bytes', async (t) => {
    t.equal(new TestServer().discover(client(1)).bytes.length, 300)
  })
  t.test('a reply has at most 548 bytes unless option 57 allows more', async (t) => {
    const server = new TestServer(withOptions(...big))
    const small = server.discover(client(1), { ...wanted, 82: hex('0101ff') })
    t.ok(small.bytes.length <= 548)
    t.equal(small.codes.at(-1), 82)
    for (const [claim, limit] of [
      [100, 548],
      [600, 572],
      [1500, 1472],
      [65535, 1472],
    ] as const) {
      const { bytes } = server.discover(client(1), { ...wanted, 57: uint16(claim) })
      t.ok(bytes.length <= limit, `option 57 = ${claim}`)
    }
    const large = server.discover(client(1), { ...wanted, 57: uint16(1500) })
    t.same(large.codes, [53, 54, 51, 1, 224, 225, 226, 227, 228])
  })
  t.test('what is left out is never mandatory and never set to always-send', async (t) => {
    const long = (code: number) => ({ code, 'csv-format': false, data: 'ab'.repeat(90) })
    const always = { ...long(230), 'always-send': true }
    const others = [224, 225, 226, 227, 228, 229]
    const server = new TestServer(
      withOptions(
        ...others.map(long),
        always,
        ROUTER,
        DNS,
        DOMAIN,
        option('tftp-server-name', 'x'),
      ),
    )
    const wanted = requestList(...others, 230, 66, 15, 6, 3)
    const { codes, bytes } = server.discover(client(1), wanted)
    t.same(codes, [53, 54, 51, 1, 230, 15, 6, 3, 224, 66, 52, 225])
    t.ok(bytes.length <= 548)
    const whole = server.discover(client(1), { ...wanted, 57: uint16(1500) })
    t.same(whole.codes, [53, 54, 51, 1, ...others, 230, 66, 15, 6, 3], 'in the client’s order')
  })
})

t.test('hostile content never throws', async (t) => {
  const server = new TestServer(withOptions(ROUTER, NTP))
  let seed = 1
  const random = (bound: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % bound
  }
  const codes = [12, 50, 51, 54, 55, 57, 61, 81, 82, 118, 43, 255, 0, 52]
  const kinds = new Set<string>()
  for (let round = 0; round < 5000; round++) {
    const options: Record<number, string> = {}
    for (let count = random(6); count > 0; count--) {
      let value = ''
      for (let length = random(9); length > 0; length--) value += String.fromCharCode(random(256))
      options[codes[random(codes.length)]!] = value
    }
    const address = () => [0, ip(A), SERVER, BROADCAST, random(2 ** 32)][random(5)]!
    const fields = { ciaddr: address(), giaddr: address(), flags: random(65536), hops: random(20) }
    kinds.add(
      kindOf(server.send(random(10), client(random(30), fields), options, { address: address() })),
    )
  }
  t.ok(kinds.has('ack') && kinds.has('offer') && kinds.has('nak') && kinds.has('bad-option'))
})
