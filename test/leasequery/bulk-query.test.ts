// RFC 6926: many leases over one connection.

import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { hexFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import { FRAME_MAX, Frames, framed } from '../../lib/leasequery/frames.ts'
import type { MessageFields4 } from '../../lib/wire/v4/builder.ts'
import { LEASE_QUERY4 } from '../../lib/wire/v4/message.ts'
import type { Message4 } from '../../lib/wire/v4/reader.ts'
import { client, hex, ip, type Options, type TestServer, uint32 } from '../dhcp4/test-server.ts'
import { askInBulk, type BulkSettings, CALENDAR, query, serverWith } from './asking.ts'

const { active: ACTIVE, bulkQuery: BULK, done: DONE } = LEASE_QUERY4
const RELAY = ip('192.0.2.1')
const KEEPING = { 'store-extended-info': true, 'renew-timer': 1000 }

/** Eight clients on lines 1 and 2 of the relay `00ff`, two of them of another relay. */
function withLeases(): TestServer {
  const server = serverWith(KEEPING)
  for (let number = 0; number < 10; number++) {
    server.advance(1)
    const relay = number < 8 ? '0c0200ff' : '0c0200fe'
    const agent = hex(`0101aa0201${number % 2 === 0 ? 'e1' : 'e2'}${relay}`)
    server.lease(client(number, { giaddr: RELAY }), { 61: hex(`01c1c${number}`), 82: agent })
  }
  return server
}

function bulk(
  server: TestServer,
  fields: MessageFields4,
  options: Options = {},
  settings: BulkSettings = {},
): Message4[] {
  const messages = askInBulk(server, query(fields, options, BULK), settings)
  if (messages === undefined) throw new Error('no query')
  return messages
}

function addressesIn(messages: readonly Message4[]): string[] {
  return messages.filter(({ type }) => type === ACTIVE).map(({ ciaddr }) => textFromIpv4(ciaddr))
}

/** Status and words of the last message, '' = success. */
function statusOf(messages: readonly Message4[]): string {
  const last = messages.at(-1)!
  t.equal(last.type, DONE)
  const status = last.octets(151)
  return status === undefined ? '' : `${status.charCodeAt(0)} ${status.slice(1)}`
}

const relayIs = (id: Octets): Options => ({ 82: hex(`0c${lengthOf(id)}${id}`) })
const lineIs = (id: Octets): Options => ({ 82: hex(`02${lengthOf(id)}${id}`) })
const lengthOf = (id: string) => (id.length / 2).toString(16).padStart(2, '0')
const ALL = Array.from({ length: 10 }, (_, at) => `192.0.2.${10 + at}`)

t.test(
  'RFC 6926 §7.1: each kind of query finds its leases, in the order of addresses',
  async (t) => {
    const server = withLeases()
    const rows: [string, MessageFields4, Options, string[]][] = [
      ['hardware address', { hwAddress: client(3).hwAddress! }, {}, [ALL[3]!]],
      ['client identifier', {}, { 61: hex('01c1c4') }, [ALL[4]!]],
      ['relay', {}, relayIs('00ff'), ALL.slice(0, 8)],
      ['line', {}, lineIs('e2'), ALL.filter((_, at) => at % 2 === 1)],
      ['a relay that nobody came by', {}, relayIs('00'), []],
      ['octets that stand elsewhere in the option', {}, relayIs('aa02'), []],
      ['a client without a lease', {}, { 61: hex('01c1ff') }, []],
    ]
    for (const [what, fields, options, found] of rows)
      for (const leasesPerFetch of [100, 1]) {
        const messages = bulk(server, fields, options, { leasesPerFetch })
        t.strictSame(addressesIn(messages), found, what)
        t.equal(statusOf(messages), '', what)
        t.ok(messages.every(({ op, xid }) => op === 2 && xid === 0x4388))
      }
  },
)

t.test(
  'RFC 6926 §6.2, §8.3: what is said of a lease; the server once, the calendar in each',
  async (t) => {
    const server = withLeases()
    server.advance(100)
    const messages = bulk(server, {}, relayIs('00fe'), { isOfPair: true })
    t.strictSame(
      messages.map((message) => message.codes()),
      [[53, 54, 152, 61, 91, 51, 58, 82, 157], [53, 152, 61, 91, 51, 58, 82, 157], [53]],
    )
    const [first] = messages
    t.equal(first!.uint(152), Math.floor((CALENDAR + server.now) / 1000))
    t.equal(first!.uint(91), 101)
    t.equal(first!.uint(51), 4000 - 101)
    t.equal(first!.uint(157), 0, 'this server gave it')
    t.equal(hexFromOctets(first!.octets(82)!), '0101aa0201e10c0200fe')
    const lease = server.row(ALL[8]!)!
    server.table.apply({ kind: 'put', lease: { ...lease, givenBy: 'partner' } })
    t.equal(
      bulk(server, {}, relayIs('00fe'), { isOfPair: true })[0]!.uint(157),
      1,
      'the partner did',
    )
    t.notOk(bulk(server, {}, relayIs('00fe'))[0]!.has(157), 'a lone server has no partner')
  },
)

t.test('RFC 6926 §6.2.5, §6.2.6: only clients that were heard within the time', async (t) => {
  const server = withLeases()
  const heard = (number: number) =>
    uint32(Math.floor(CALENDAR / 1000) + server.row(ALL[number]!)!.start / 1000)
  const all = (options: Options) =>
    addressesIn(bulk(server, {}, { ...relayIs('00ff'), ...options }))
  t.strictSame(all({ 154: heard(5) }), ALL.slice(5, 8))
  t.strictSame(all({ 155: heard(2) }), ALL.slice(0, 3))
  t.strictSame(all({ 154: heard(2), 155: heard(3) }), ALL.slice(2, 4))
  t.match(statusOf(bulk(server, {}, { ...relayIs('00ff'), 154: heard(3), 155: heard(2) })), /^3 /)
})

t.test('RFC 6926 §8.2: what is malformed or not allowed ends at once, with a status', async (t) => {
  const server = withLeases()
  const { hwAddress = '' } = client(1)
  const rows: [MessageFields4, Options, RegExp][] = [
    [{ hwAddress, ciaddr: RELAY }, {}, /^3 ciaddr/],
    [{ hwAddress, yiaddr: RELAY }, {}, /^3 yiaddr/],
    [{ hwAddress, siaddr: RELAY }, {}, /^3 siaddr/],
    [{ hwAddress }, { 61: hex('01c1c1') }, /^3 several/],
    [{ hwAddress }, relayIs('00ff'), /^3 several/],
    [{}, { 82: hex('0c0200ff0201e1') }, /^3 several/],
    [{}, { 82: hex('0c00') }, /^3 an identifier of the relay is empty/],
    [{}, {}, /^4 all addresses/],
    [{}, { 82: hex('0101aa') }, /^4 all addresses/],
    [{ hwAddress }, { 221: '\xff' }, /^4 VPNs/],
  ]
  for (const [fields, options, status] of rows) {
    const messages = bulk(server, fields, options)
    t.equal(messages.length, 1)
    t.match(statusOf(messages), status)
    t.equal(messages[0]!.uint(54), ip('192.0.2.1'))
  }
})

t.test('leases that end while others are sent are not told', async (t) => {
  const server = withLeases()
  server.advance(4000 - 5)
  t.strictSame(addressesIn(bulk(server, {}, relayIs('00ff'))), ALL.slice(5, 8))
})

t.test(
  'what Kea keeps in older forms is found: sub-options alone, and in small letters',
  async (t) => {
    const server = withLeases()
    const contexts = [
      '{"ISC":{"relay-agent-info":"0x0C0200DD"}}',
      '{"ISC":{"relay-agent-info":{"sub-options":"0x0c0200dd"}}}',
      '{"note":"0C0200DD"}',
    ]
    for (const [at, userContext] of contexts.entries()) {
      const lease = server.row(ALL[at]!)!
      server.table.apply({ kind: 'put', lease: { ...lease, userContext } })
    }
    t.strictSame(addressesIn(bulk(server, {}, relayIs('00dd'))), ALL.slice(0, 2))
  },
)

t.test('hostile: a query that is cut anywhere is none, or ends with a status', async (t) => {
  const server = withLeases()
  const whole = query(
    { hwAddress: client(1).hwAddress! },
    { 82: hex('0c0200ff'), 154: uint32(1) },
    BULK,
  )
  for (let end = 0; end < whole.length; end++) {
    const messages = askInBulk(server, whole.slice(0, end))
    if (messages !== undefined) t.equal(messages.at(-1)!.type, DONE)
  }
  for (const type of [0, 1, 3, 10, 13, 15, 200])
    t.equal(askInBulk(server, query({}, {}, type)), undefined, `type ${type}`)
  t.equal(askInBulk(server, query({ op: 2 }, {}, BULK)), undefined, 'a reply')
})

t.test('RFC 6926 §6.1: messages come whole out of a stream, however it is cut', async (t) => {
  const one = query({}, { 61: hex('01c1c1') }, BULK)
  const two = query({}, { 61: hex('01c1c2') }, BULK)
  const stream = new Uint8Array([...framed(one), ...framed(two)])
  for (let piece = 1; piece <= stream.length; piece++) {
    const frames = new Frames()
    const got: string[] = []
    for (let at = 0; at < stream.length; at += piece) {
      frames.add(stream.subarray(at, at + piece))
      for (let bytes = frames.next(); bytes !== undefined; bytes = frames.next())
        got.push(bytes === 'too-long' ? bytes : Buffer.from(bytes).toString('hex'))
    }
    if (got.length !== 2 || frames.isHalf) t.fail(`in pieces of ${piece}`)
    t.same(
      got,
      [one, two].map((bytes) => Buffer.from(bytes).toString('hex')),
    )
  }
  const frames = new Frames()
  frames.add(new Uint8Array([(FRAME_MAX + 1) >> 8, (FRAME_MAX + 1) & 255]))
  t.equal(frames.next(), 'too-long')
})
