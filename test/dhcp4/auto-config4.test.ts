// RFC 2563: clients that would make an address of their own, where there is none for them.

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { client, DISCOVER, documentWith, ip, type Options, TestServer } from './test-server.ts'

const ASKS = { 116: '\x01' }
const FULL = { pools: [{ pool: '192.0.2.10 - 192.0.2.10' }] }
const says = (data: string, more: object = {}) => ({
  'option-data': [{ name: 'auto-config', data, ...more }],
})

function full(
  global: Partial<Dhcp4Document> = says('0'),
  subnet: Record<string, unknown> = FULL,
): TestServer {
  const server = new TestServer(documentWith(subnet, global))
  if (subnet === FULL) server.lease(client(1))
  return server
}

/** Why the DISCOVER is dropped, and the value of option 116 that the client is told. */
function told(server: TestServer, options: Options = ASKS, relay = ''): [unknown, unknown] {
  const fields = relay === '' ? {} : { giaddr: ip(relay) }
  const sent = server.send(DISCOVER, client(2, fields), options)
  return [typeof sent === 'string' ? sent : sent.address, server.notice?.message.uint(116)]
}

t.test('RFC 2563 §2.2: an OFFER of no address, with the option and little else', async (t) => {
  const server = full()
  t.strictSame(told(server, { ...ASKS, 61: '\x01abc' }), ['no-free-address', 0])
  const { codes, destination, message, type } = server.notice!
  t.equal(type, 2)
  t.strictSame([message.yiaddr, message.ciaddr, message.siaddr], [0, 0, 0])
  t.strictSame(codes, [53, 54, 116, 61])
  t.equal(destination.address, 0xffffffff)
  t.strictSame(told(full(says('1'))), ['no-free-address', 1])
})

t.test('RFC 2563 §2.2: through a relay, which broadcasts it', async (t) => {
  const server = full()
  t.strictSame(told(server, { ...ASKS, 82: '\x01\x01x' }, '192.0.2.1'), ['no-free-address', 0])
  const { destination, message } = server.notice!
  t.equal(destination.address, ip('192.0.2.1'))
  t.equal(message.flags, 0x8000)
  t.ok(message.has(82))
})

t.test('RFC 2563 §2.2: not to who does not ask, and not where nothing is configured', async (t) => {
  t.strictSame(told(full(), {}), ['no-free-address', undefined])
  t.strictSame(told(full({})), ['no-free-address', undefined])
  t.strictSame(told(full(says('0', { 'never-send': true }))), ['no-free-address', undefined])
})

t.test('auto-config: the option counts as any other, by level and class', async (t) => {
  t.strictSame(told(full(says('0'), { ...FULL, pools: [], ...says('1') })), ['no-pool', 1])
  const named = { name: 'ours', test: "option[60].text == 'ours'", ...says('1') }
  const server = full({ ...says('0'), 'client-classes': [named] })
  t.strictSame(told(server, ASKS), ['no-free-address', 0])
  const rejected = full(
    { ...says('0'), 'client-classes': [{ name: 'REJECT', test: '0 == 0' }] },
    {},
  )
  t.strictSame(told(rejected), ['rejected-by-class', 0])
})

t.test('who gets an address is offered it', async (t) => {
  const server = full(says('0'), {})
  const [address, value] = told(server)
  t.strictSame([address, value], ['192.0.2.10', undefined])
})

t.test('of a pair: not while the partner may have an address for the client', async (t) => {
  const server = full(says('0'), {}).pair(0)
  for (let last = 10; last < 20; last++) server.set(`192.0.2.${last}`, 1, { end: -1_000_000 })
  t.strictSame(told(server), ['no-own-address', undefined])
  const whole = full().pair(0, { kind: 'all' })
  t.strictSame(told(whole), ['no-free-address', 0])
})
