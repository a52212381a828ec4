// Steps of hooks: what they say while a message is answered becomes classes, subnets, terms of
// leases and options, in both families.

import t, { type Test } from 'tap'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { leaseOf } from '../server/small-world.ts'
import { DUID } from '../server/small-world6.ts'
import { HookWorld, moduleText } from './hook-world.ts'

const { discover, request, release } = MESSAGE_TYPE4
const { solicit, request: request6 } = MESSAGE_TYPE6

function world(t: Test): HookWorld {
  const hooks = new HookWorld()
  t.teardown(() => hooks.close())
  return hooks
}

t.test('a class that a hook assigns opens a pool, and only a defined one can be', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    received({ query, classes }) {
      if (query.hwAddress.endsWith('01')) classes.add('staff')
      if (query.hwAddress.endsWith('09')) classes.add('nobody-defines-it')
    },
    classified({ classes, query }) {
      if (query.hwAddress.endsWith('07') || classes.has('printer')) return { drop: 'no printers' }
    },
  }`)
  const classes = {
    'client-classes': [{ name: 'staff' }, { name: 'printer', test: "option[60].text == 'p'" }],
  }
  const pools = [
    { pool: '192.0.2.10 - 192.0.2.19', 'client-class': 'staff' },
    { pool: '192.0.2.20 - 192.0.2.29', 'client-class': 'UNKNOWN' },
  ]
  const server = await hooks.serve4([{ text }], classes, { pools })
  server.arrive(discover, 1)
  server.endBatch()
  t.equal(server.last, 'send OFFER 1')
  t.equal(server.given.at(-1), 0xc000020a)
  server.arrive(discover, 7)
  t.equal(server.last, 'drop refused-by-hook')
  server.arrive(discover, 8, { 60: 'p' })
  t.equal(server.last, 'drop refused-by-hook', 'tests have assigned theirs by then')
  server.arrive(discover, 9)
  t.equal(server.last, 'drop hook-failed')
  t.match(hooks.said('HOOK_FAILED'), [
    { hook: 'test', callout: 'received', error: /nobody-defines-it/ },
  ])
  t.match(hooks.hooks.status(), [{ hook: 'test', failures: 1, refused: { 'no printers': 2 } }])
})

t.test('hooks are asked in the order of the file, and the first refusal ends it', async (t) => {
  const hooks = world(t)
  const text = (name: string, lifetime: number) =>
    moduleText(
      `{ lease({ lifetime, hostname }) {
           if (hostname === 'stop') return { drop: '${name}' }
           return { lifetime: lifetime + ${lifetime}, hostname: hostname + '${name}' }
      } }`,
      name,
    )
  const server = await hooks.serve4([{ text: text('a', 7) }, { text: text('b', 30) }])
  server.arrive(request, 1, { 50: '\xc0\0\x02\x0a', 54: '\xc0\0\x02\x01', 12: 'pc' })
  server.endBatch()
  const lease = leaseOf(server.commits.at(-1)!.changes[0])
  t.match(lease, { hostname: 'pcab' })
  t.equal(lease.validLifetime % 100, 37)
  server.committed()
  server.arrive(discover, 2, { 12: 'stop' })
  t.equal(server.last, 'drop refused-by-hook')
  t.match(hooks.hooks.status(), [
    { hook: 'a', refused: { a: 1 } },
    { hook: 'b', refused: {} },
  ])
})

t.test('a refusal aloud is a NAK to a REQUEST, and silence to all else', async (t) => {
  const hooks = world(t)
  const server = await hooks.serve4([{ text: moduleText(`{ lease: () => ({ nak: 'no' }) }`) }])
  server.request(1, 10)
  server.endBatch()
  t.equal(server.last, 'send NAK 1')
  server.arrive(discover, 2)
  t.equal(server.last, 'drop refused-by-hook')
  t.strictSame(server.commits, [])
})

t.test('a message for another server is not answered by a refusal aloud', async (t) => {
  const hooks = world(t)
  const library = { text: moduleText(`{ received: () => ({ nak: 'no' }) }`) }
  const four = await hooks.serve4([library])
  four.arrive(request, 1, { 50: '\xc0\0\x02\x0a', 54: '\xc0\0\x02\x63' })
  t.equal(four.last, 'drop refused-by-hook')
  // Whose it is may depend on the subnet, of which a hook has a say, too.
  const more = `{ received: () => ({ nak: 'no' }), selectSubnet() { throw new Error('x') } }`
  const other = await world(t).serve4([{ text: moduleText(more) }])
  other.arrive(request, 1, { 50: '\xc0\0\x02\x0a', 54: '\xc0\0\x02\x63' })
  t.equal(other.last, 'drop hook-failed')
  const six = await hooks.serve6([library])
  six.ask(request6, 1, 'the DUID of another server')
  six.endBatch()
  t.strictSame(six.happenings, [])
  t.equal(six.statistic('pkt6-drop-refused-by-hook'), 1)
  six.ask(request6, 1, DUID)
  six.endBatch()
  t.match(six.happenings, [/^send REPLY/])
})

t.test('a hook names the flex-id, the subnet, and what the lease says of its client', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    identify: ({ query }) => query.subOption(82, 1),
    selectSubnet: ({ subnetId }) => (subnetId === 1 ? undefined : 'none'),
    names: ({ hostname }) => ({ hostname: 'n-' + hostname, forward: true, reverse: false }),
    lease: () => ({ userContext: { room: '2.14' } }),
  }`)
  const reservations = [{ 'flex-id': "'port1'", 'ip-address': '192.0.2.77', hostname: 'reserved' }]
  const global = { 'host-reservation-identifiers': ['flex-id', 'hw-address'] }
  const server = await hooks.serve4([{ text }], global, { reservations })
  const relayAgent = '\x01\x05port1'
  server.arrive(request, 1, { 50: '\xc0\0\x02\x4d', 54: '\xc0\0\x02\x01', 82: relayAgent })
  server.endBatch()
  const lease = leaseOf(server.commits.at(-1)!.changes[0])
  t.match(lease, { hostname: 'n-reserved', fqdnFwd: true, fqdnRev: false })
  t.match(JSON.parse(lease.userContext), { room: '2.14' })
})

t.test('the last step changes options and fields of the reply', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    reply({ reply }) {
      if (reply.type !== 'OFFER') return
      reply.setOption(42, Uint8Array.of(192, 0, 2, 1))
      reply.setOption(3, Uint8Array.of(192, 0, 2, 254))
      reply.deleteOption(6)
      reply.setField('boot-file-name', 'x.efi')
      reply.setField('next-server', '192.0.2.5')
    },
    sent: (replies) => globalThis.sentByTest.push(...replies),
  }`)
  const sent: { bytes: Uint8Array; type: string; address: string }[] = []
  Object.assign(globalThis, { sentByTest: sent })
  const option = (name: string, data: string) => ({ name, data })
  const options = [option('routers', '192.0.2.1'), option('domain-name-servers', '192.0.2.2')]
  const server = await hooks.serve4([{ text }], { 'option-data': options })
  server.arrive(discover, 1, { 55: '\x03\x06\x2a' })
  server.endBatch()
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.match(sent, [{ type: 'OFFER', address: '192.0.2.10' }])
  const reply = new Message4()
  t.equal(decode4(reply, sent[0]!.bytes, 0, sent[0]!.bytes.length, 'strict'), undefined)
  const hex = (code: number) => hexFromOctets(reply.octets(code) ?? '')
  t.equal(hex(42), 'c0000201')
  t.equal(hex(3), 'c00002fe')
  t.equal(hex(6), '')
  t.equal(reply.bootFile(), 'x.efi')
  t.equal(reply.siaddr, 0xc0000205)
})

t.test('what a hook makes a message say counts for classes, names and options', async (t) => {
  const hooks = world(t)
  const first = moduleText(
    `{
      received({ query, options }) {
        const name = Buffer.from(query.option(12) ?? '').toString()
        options.set(12, Buffer.from(name.toLowerCase().replaceAll('_', '-')))
        options.set(60, Buffer.from('phone'))
        options.delete(77)
        options.set(55, Uint8Array.of(42))
        this.kept = options
      },
    }`,
    'first',
  )
  const seen: unknown[] = []
  Object.assign(globalThis, { seenByTest: seen })
  const second = moduleText(
    `{
      received({ query }) {
        const text = (code) => query.option(code) && Buffer.from(query.option(code)).toString()
        globalThis.seenByTest.push([text(12), text(60), text(77), query.codes().includes(77)])
        globalThis.seenByTest.push(Buffer.from(query.bytes).includes('My_PC'))
      },
      query: ({ query }) => ({ found: query.option(12).length }),
      lease: ({ found }) => ({ userContext: { found } }),
    }`,
    'second',
  )
  const classes = [
    { name: 'phone', test: "option[60].text == 'phone'" },
    {
      name: 'old',
      test: 'option[77].exists',
      'option-data': [{ name: 'routers', data: '192.0.2.1' }],
    },
  ]
  const reservations = [{ 'flex-id': "'my-pc'", 'ip-address': '192.0.2.33' }]
  const server = await hooks.serve4(
    [{ text: first }, { text: second }],
    {
      'client-classes': classes,
      'host-reservation-identifiers': ['flex-id'],
      'hooks-libraries': [
        ...hooks.libraries([{ text: first }, { text: second }])['hooks-libraries'],
        {
          library: 'libdhcp_flex_id.so',
          parameters: { 'identifier-expression': 'option[12].text' },
        },
      ],
      'option-data': [{ name: 'ntp-servers', data: '192.0.2.4' }],
    },
    { reservations },
  )
  const ask = { 50: '\xc0\0\x02\x21', 54: '\xc0\0\x02\x01', 12: 'My_PC', 77: 'old', 55: '\x03' }
  server.arrive(request, 1, ask)
  server.endBatch()
  while (server.commits.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const lease = leaseOf(server.commits.at(-1)!.changes[0])
  t.match(lease, { hostname: 'my-pc', address: 0xc0000221 }, 'it is reserved by the new name')
  t.match(JSON.parse(lease.userContext), { found: 5 }, 'a gate sees it, too')
  t.same(seen.slice(0, 2), [['my-pc', 'phone', undefined, false], true])
  t.same(new Set(seen.map((one) => JSON.stringify(one))).size, 2, 'whenever it is asked')
})

for (const [family, code, value, what] of [
  [4, 61, 'Uint8Array.of(1, 2)', 'is not a hook'],
  [4, 50, 'Uint8Array.of(192, 0, 2, 9)', 'is not a hook'],
  [4, 57, 'Uint8Array.of(1)', 'cannot have 1 bytes'],
  [4, 256, 'Uint8Array.of(1)', 'is no code'],
  [4, 12, "'text'", 'is a Uint8Array'],
  [4, 12, 'new Uint8Array(1025)', 'at most'],
  [6, 1, 'Uint8Array.of(0, 1, 2, 3)', 'is not a hook'],
  [6, 25, 'new Uint8Array(12)', 'is not a hook'],
  [6, 16, 'Uint8Array.of(1)', 'cannot have 1 bytes'],
] as const)
  t.test(`DHCPv${family}: option ${code} = ${value} ${what}`, async (t) => {
    const hooks = world(t)
    const text = moduleText(`{ received({ options }) { options.set(${code}, ${value}) } }`)
    if (family === 4) {
      const server = await hooks.serve4([{ text }])
      server.arrive(discover, 1)
      t.equal(server.last, 'drop hook-failed')
    } else {
      const server = await hooks.serve6([{ text }])
      server.ask(solicit, 1)
      server.endBatch()
      t.strictSame(server.happenings, [])
    }
    t.match(hooks.said('HOOK_FAILED'), [{ callout: 'received', error: new RegExp(what) }])
  })

t.test('DHCPv6: what a hook makes a message say counts', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    received({ query, options }) {
      options.set(6, Uint8Array.of(0, 31))
      options.set(16, Uint8Array.of(0, 0, 0, 9, 0, 1, 120))
      globalThis.seenByTest6.push(query.all(16).length)
    },
    classified({ query, classes }) {
      globalThis.seenByTest6.push(query.all(16).length, classes.has('vendor'))
      globalThis.seenByTest6.push(query.codes().filter((code) => code === 16).length)
    },
    sent: (replies) => globalThis.sentByTest6.push(...replies),
  }`)
  const seen: unknown[] = []
  const sent: { bytes: Uint8Array }[] = []
  Object.assign(globalThis, { seenByTest6: seen, sentByTest6: sent })
  const server = await hooks.serve6([{ text }], {
    'client-classes': [{ name: 'vendor', test: 'vendor-class[9].exists' }],
    'option-data': [{ name: 'sntp-servers', data: '2001:db8::4' }],
  })
  server.ask(solicit, 1)
  server.endBatch()
  t.same(seen, [0, 1, true, 1])
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.match(hexFromOctets(octetsFromBytes(sent[0]!.bytes)), /001f0010/, 'it is asked for')
})

t.test('an edit is made within the callout', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    received({ options }) { this.kept = options },
    classified() { this.kept.set(12, Uint8Array.of(97)) },
  }`)
  const server = await hooks.serve4([{ text }])
  server.arrive(discover, 1)
  t.equal(server.last, 'drop hook-failed')
  t.match(hooks.said('HOOK_FAILED'), [{ callout: 'classified', error: /callout is over/ }])
})

t.test('a RELEASE passes the steps that it has, and no gate', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    received: ({ query }) => (query.type === 'RELEASE' ? { drop: 'never' } : undefined),
    query: async () => ({ drop: 'never' }),
  }`)
  const server = await hooks.serve4([{ text }])
  server.arrive(release, 1, {}, 0xc000020a)
  t.equal(server.last, 'drop refused-by-hook')
})

t.test('DHCPv6: classes, terms, names and options by hooks', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    received({ query, classes }) { if (query.duid.endsWith('01')) classes.add('staff') },
    lease: ({ address }) => ({ lifetime: 300, userContext: { address } }),
    names: () => ({ hostname: 'six.example.org' }),
    reply({ reply }) { reply.setOption(31, Uint8Array.from({ length: 16 }, (_, at) => at)) },
  }`)
  const pools = [{ pool: '2001:db8:1::40 - 2001:db8:1::4f', 'client-class': 'staff' }]
  const global = { 'client-classes': [{ name: 'staff' }] }
  const server = await hooks.serve6([{ text }], global, { pools })
  server.ask(solicit, 1)
  server.endBatch()
  t.match(server.happenings, ['send ADVERTISE 2001:db8:1::40 2001:db8:8000::/56'])
  server.ask(request6, 1, DUID)
  server.endBatch()
  server.committed()
  const rows = server.server.tables.v6.walk('leases').next(9)
  t.equal(rows.length, 2)
  t.match(rows, [{ validLifetime: 300, preferredLifetime: 300 }, { validLifetime: 300 }])
  t.strictSame(
    rows.map(({ hostname, userContext }) => [hostname, JSON.parse(userContext).address]).sort(),
    [
      ['', '2001:db8:8000::/56'],
      ['six.example.org', '2001:db8:1::40'],
    ],
  )
})

t.test('where hooks listen nowhere the engine has no steps at all', async (t) => {
  const hooks = world(t)
  await hooks.serve4([{ text: moduleText('{ committed() {} }') }])
  t.equal(hooks.hooks.steps4(), undefined)
  t.equal(hooks.hooks.points, 0)
})
