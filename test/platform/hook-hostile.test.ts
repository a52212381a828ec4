// Hooks that are wrong in every way that there is: each costs the messages that it was asked about,
// at most, and never the order journal, partner, client.

import t, { type Test } from 'tap'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { HookWorld, moduleText, turns, until, type Wanted } from './hook-world.ts'

const { discover } = MESSAGE_TYPE4

function world(t: Test): HookWorld {
  const hooks = new HookWorld()
  t.teardown(() => hooks.close())
  return hooks
}

/** What comes of the DISCOVER of a client, at once or once the hook has answered. */
async function outcome(hooks: HookWorld, callouts: string, more: Wanted = {}): Promise<string> {
  const server = await hooks.serve4([{ text: moduleText(callouts), ...more }])
  server.arrive(discover, 1)
  server.endBatch()
  await until(() => server.last !== 'serving')
  return server.last
}

const STEPS: readonly (readonly [what: string, callouts: string, error: RegExp])[] = [
  ['throws', `{ received() { throw new Error('broken') } }`, /broken \(at .*hook1\.mjs/],
  ['throws what is no error', `{ received() { throw null } }`, /null/],
  ['throws what cannot be printed', `{ received() { throw { toString() { throw 1 } } } }`, /print/],
  ['gives a promise from a step', `{ received: async () => {} }`, /gave a promise/],
  ['gives a promise that fails', `{ received: async () => { throw new Error('x') } }`, /a promise/],
  ['says a word', `{ received: () => 'drop' }`, /"drop" is no answer/],
  ['says a number', `{ lease: () => 7 }`, /7 is no answer/],
  ['says a map of something else', `{ received: () => ({ dorp: 'x' }) }`, /dorp/],
  ['says what has no end', `{ received: () => { const o = {}; o.o = o; return o } }`, /no answer/],
  ['gives a lifetime of 0', `{ lease: () => ({ lifetime: 0 }) }`, /0 is no lifetime/],
  ['gives a lifetime of NaN', `{ lease: () => ({ lifetime: NaN }) }`, /NaN is no lifetime/],
  ['gives a lifetime in words', `{ lease: () => ({ lifetime: '60' }) }`, /is no answer/],
  ['gives an address of its own', `{ lease: () => ({ address: '192.0.2.1' }) }`, /is no answer/],
  ['reserves what is no address', `{ reserve: () => ({ addresses: ['here'] }) }`, /no IPv4 addr/],
  [
    'reserves two addresses of one subnet',
    `{ reserve: () => ({ addresses: ['192.0.2.7', '192.0.2.8'] }) }`,
    /one address of subnet 1/,
  ],
  ['reserves a name of blanks', `{ reserve: () => ({ hostname: 'a b' }) }`, /is no host name/],
  ['reserves something else', `{ reserve: () => ({ address: '192.0.2.7' }) }`, /is no answer/],
  ['reserves a list of numbers', `{ reserve: () => ({ addresses: [7] }) }`, /is no answer/],
  ['names what is no name', `{ names: () => ({ hostname: 'a b' }) }`, /is no host name/],
  ['names a subnet that there is not', `{ selectSubnet: () => 77 }`, /no subnet 77/],
  ['changes the message', `{ received: (c) => { c.query.xid = 5 } }`, /xid/],
  ['changes what it is given', `{ lease: (c) => { c.lifetime = 5 } }`, /read only/],
  ['adds to what it is given', `{ received: (c) => { c.query.more = 5 } }`, /not extensible/],
  [
    'changes the message type',
    `{ reply: (c) => c.reply.setOption(53, Uint8Array.of(5)) }`,
    /53 is not/,
  ],
  [
    'changes the lease time',
    `{ reply: (c) => c.reply.setOption(51, new Uint8Array(4)) }`,
    /51 is not/,
  ],
  ['takes the server id out', `{ reply: (c) => c.reply.deleteOption(54) }`, /54 is not/],
  [
    'sets option 300',
    `{ reply: (c) => c.reply.setOption(300, new Uint8Array(1)) }`,
    /300 is no code/,
  ],
  ['sets an option of text', `{ reply: (c) => c.reply.setOption(12, 'pc') }`, /Uint8Array/],
  [
    'sets an option of 1 MB',
    `{ reply: (c) => c.reply.setOption(43, new Uint8Array(1e6)) }`,
    /1024/,
  ],
  [
    'sets a field to a long text',
    `{ reply: (c) => c.reply.setField('boot-file-name', 'x'.repeat(128)) }`,
    /127/,
  ],
  [
    'sets a field that there is not',
    `{ reply: (c) => c.reply.setField('yiaddr', '192.0.2.9') }`,
    /no field/,
  ],
]

for (const [what, callouts, error] of STEPS)
  t.test(`a hook that ${what} costs that message; the next one is judged anew`, async (t) => {
    const hooks = world(t)
    t.equal(await outcome(hooks, callouts), 'drop hook-failed')
    t.match(hooks.said('HOOK_FAILED'), [{ hook: 'test', error }])
    t.match(hooks.hooks.status(), [{ failures: 1, state: 'on' }])
  })

t.test('on-error: continue: as if the hook had said nothing', async (t) => {
  const hooks = world(t)
  const more = { 'on-error': 'continue' } as const
  t.equal(await outcome(hooks, `{ received() { throw new Error('x') } }`, more), 'send OFFER 1')
  t.match(hooks.hooks.status(), [{ failures: 1 }])
})

t.test('on-error: nak: its client is told that it does not get the lease', async (t) => {
  const more = { 'on-error': 'nak' } as const
  for (const callouts of [
    `{ lease() { throw new Error('x') } }`,
    `{ lease: () => ({ lifetime: 0 }) }`,
    `{ grant: async () => { throw new Error('x') } }`,
  ]) {
    const hooks = world(t)
    const server = await hooks.serve4([{ text: moduleText(callouts), ...more }])
    server.request(1, 10)
    server.endBatch()
    await until(() => server.last !== 'serving')
    t.equal(server.last, 'send NAK 1', callouts)
    t.match(hooks.hooks.status(), [{ failures: 1 }])
    t.strictSame(server.commits, [])
  }
  const hooks = world(t)
  const offered = `{ lease() { throw new Error('x') } }`
  t.equal(await outcome(hooks, offered, more), 'drop hook-failed', 'a DISCOVER has no such answer')
})

t.test(
  'a reply that a hook changes too late is not changed, and the hook hears of it',
  async (t) => {
    const hooks = world(t)
    const callouts = `{ reply: ({ reply }) => { setTimeout(() => reply.setOption(3, new Uint8Array(4))) } }`
    t.equal(await outcome(hooks, callouts), 'send OFFER 1')
    await until(() => hooks.said('HOOK_FAILED').length > 0)
    t.match(hooks.said('HOOK_FAILED'), [{ callout: 'background', error: /the callout is over/ }])
  },
)

t.test('bytes that a hook writes over are a copy', async (t) => {
  const hooks = world(t)
  const callouts = `{
    received({ query }) { query.bytes.fill(0); query.option(53)?.fill(0) },
    reply({ reply }) { reply.option(54)?.fill(0) },
  }`
  t.equal(await outcome(hooks, callouts), 'send OFFER 1')
})

// ---- gates

t.test('a gate that never answers costs its message after timeout, and nobody else', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    query: ({ query }, signal) => query.hwAddress.endsWith('01') ? new Promise(() => {}) : undefined,
  }`)
  const server = await hooks.serve4([{ text, timeout: 30 }])
  server.arrive(discover, 1)
  server.arrive(discover, 2)
  await until(() => server.happenings.length > 2)
  t.same(server.happenings.slice(1).toSorted(), ['drop answer-too-late', 'send OFFER 2'])
  t.match(hooks.hooks.status(), [{ late: 1, waiting: 1, failures: 0 }])
  t.match(hooks.said('HOOK_LATE'), [{ hook: 'test', callout: 'query', timeout: 30 }])
})

t.test('on-timeout: continue: the message goes on without the answer', async (t) => {
  const hooks = world(t)
  const more = { timeout: 5, 'on-timeout': 'continue' } as const
  t.equal(await outcome(hooks, `{ query: () => new Promise(() => {}) }`, more), 'send OFFER 1')
})

t.test('an answer after the deadline is nothing, an error then, too', async (t) => {
  const hooks = world(t)
  const callouts = `{
    query: (_, signal) => new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => setImmediate(() => reject(new Error('too late'))))
    }),
  }`
  t.equal(await outcome(hooks, callouts, { timeout: 5 }), 'drop answer-too-late')
  await until(() => hooks.hooks.status()[0]!.waiting === 0)
  await turns()
  t.match(hooks.hooks.status(), [{ late: 1, failures: 0 }])
})

t.test('a gate that answers twice is heard once', async (t) => {
  const hooks = world(t)
  const callouts = `{
    query: () => new Promise((resolve) => { resolve(undefined); resolve({ drop: 'second' }) }),
  }`
  t.equal(await outcome(hooks, callouts), 'send OFFER 1')
  t.match(hooks.hooks.status(), [{ refused: {} }])
})

t.test('a gate that throws, rejects or says nonsense has failed', async (t) => {
  for (const gate of [
    `() => { throw new Error('x') }`,
    `async () => { throw new Error('x') }`,
    `async () => 'send'`,
    `() => ({ then() { throw new Error('x') } })`,
    `async () => ({ inUse: true })`,
  ]) {
    const hooks = world(t)
    t.equal(await outcome(hooks, `{ query: ${gate} }`), 'drop hook-failed', gate)
    t.match(hooks.hooks.status(), [{ failures: 1 }])
  }
})

t.test('what a gate finds out is given to the steps of its hook, and to no other', async (t) => {
  const hooks = world(t)
  const finds = moduleText(`{
    query: async () => ({ found: { drop: 'found it' } }),
    lease: ({ found }) => found,
  }`)
  const other = moduleText(`{ lease: ({ found }) => found && { drop: 'not mine' } }`, 'other')
  const server = await hooks.serve4([{ text: other }, { text: finds }])
  server.arrive(discover, 1)
  await until(() => server.last !== 'serving')
  t.equal(server.last, 'drop refused-by-hook')
  t.match(hooks.hooks.status(), [{ refused: {} }, { refused: { 'found it': 1 } }])
})

// ---- the order journal, partner, client

t.test('whatever a hook does, no ACK leaves before its lease is stored', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    grant: async () => {},
    reply: ({ reply }) => {},
    committed: () => { throw new Error('x') },
    sent: () => { throw new Error('y') },
  }`)
  const server = await hooks.serve4([{ text }])
  server.request(1, 10)
  server.endBatch()
  await turns()
  server.advance(5)
  t.equal(server.last, 'commit 1')
  await turns()
  t.notMatch(server.happenings.join(), 'send')
  server.committed()
  t.ok(server.happenings.includes('send ACK 1'))
  await until(() => hooks.hooks.status()[0]!.failures === 2)
})

t.test('a step that fails at the last moment leaves no lease behind', async (t) => {
  const hooks = world(t)
  const callouts = `{ reply: () => { throw new Error('x') } }`
  const server = await hooks.serve4([{ text: moduleText(callouts) }])
  server.request(1, 10)
  server.endBatch()
  server.advance(100)
  t.equal(server.last, 'drop hook-failed')
  t.strictSame(server.commits, [])
  t.equal(server.server.tables.v4.size, 0)
})

t.test('a refusal aloud to which the last step objects is silence', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    received: () => ({ nak: 'no' }),
    reply: () => { throw new Error('x') },
  }`)
  const server = await hooks.serve4([{ text }])
  server.request(1, 10)
  t.equal(server.last, 'drop hook-failed')
})

// ---- beyond callouts

t.test('errors that a hook forgot somewhere end no process', async (t) => {
  const hooks = world(t)
  const text = moduleText(
    `{
    received() {
      void Promise.reject(new Error('forgotten'))
      setTimeout(() => { throw new Error('in a timer') })
      setImmediate(() => new EventEmitter().emit('error', new Error('emitted')))
    },
  }`,
    'leaks',
    `import { EventEmitter } from 'node:events'`,
  )
  const server = await hooks.serve4([{ text }])
  server.arrive(discover, 1)
  server.endBatch()
  t.equal(server.last, 'send OFFER 1')
  await until(() => hooks.hooks.status()[0]!.failures === 3)
  t.match(hooks.said('HOOK_FAILED'), [{ hook: 'leaks', callout: 'background' }])
})

/** A server whose hook takes the time that a message names in its option 12. */
async function blocking(hooks: HookWorld, more: Wanted = {}) {
  const text = moduleText(`{
    received({ query }) {
      globalThis.blockTest(Number(new TextDecoder().decode(query.option(12))))
    },
  }`)
  const server = await hooks.serve4([{ text, ...more }])
  Object.assign(globalThis, {
    blockTest(milliseconds: number) {
      hooks.blocked += milliseconds
      server.now += milliseconds
    },
  })
  return server
}

t.test('a hook that blocks the loop is told of, and the server knows what it missed', async (t) => {
  const hooks = world(t)
  const server = await blocking(hooks)
  server.arrive(discover, 1, { 12: '3000' })
  t.match(hooks.said('HOOK_BLOCKED'), [{ hook: 'test', milliseconds: 3000 }])
  // It waited in the socket meanwhile, and may belong to an earlier lease of its client.
  server.arrive(MESSAGE_TYPE4.release, 2, { 12: '0' }, 0xc000020a)
  t.equal(server.last, 'drop release-too-soon')
  server.arrive(discover, 3, { 12: '0' })
  server.endBatch()
  t.ok(server.happenings.includes('send OFFER 1'), 'late, but answered')
  t.ok(server.happenings.includes('send OFFER 3'))
  t.match(hooks.hooks.status(), [{ state: 'on', failures: 0, calls: 2 }])
})

t.test('one that holds the server up for 10 s within a minute is switched off', async (t) => {
  for (const required of [false, true]) {
    const hooks = world(t)
    const server = await blocking(hooks, { required })
    for (let client = 1; client <= 3; client++) server.arrive(discover, client, { 12: '3000' })
    t.match(hooks.hooks.status(), [{ state: 'on', calls: 3 }], '9 s')
    hooks.blocked += 60_000
    for (let client = 1; client <= 3; client++) server.arrive(discover, client, { 12: '3000' })
    t.match(hooks.hooks.status(), [{ state: 'on', calls: 6 }], 'and 9 s in another minute')
    server.arrive(discover, 7, { 12: '1500' })
    const whyOff = 'it held the server up for 10 s within a minute'
    t.match(hooks.hooks.status(), [{ state: 'off', whyOff, calls: 7, failures: 0 }])
    t.match(hooks.said('HOOK_OFF_BLOCKING'), [{ hook: 'test', milliseconds: 10_500 }])
    server.arrive(discover, 8, { 12: '3000' })
    server.endBatch()
    t.ok(server.happenings.includes(required ? 'drop hook-failed' : 'send OFFER 8'))
    t.match(hooks.hooks.status(), [{ calls: 7 }], 'it is not called any more')
  }
})

t.test('time that a promise takes holds nobody up', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{ query: async () => { globalThis.blockTest(30_000) } }`)
  const server = await hooks.serve4([{ text, timeout: 1900 }])
  let asked = 0
  Object.assign(globalThis, { blockTest: () => void asked++ })
  server.arrive(discover, 1)
  hooks.blocked += 30_000
  await until(() => server.happenings.length > 1)
  t.equal(asked, 1)
  t.strictSame(hooks.said('HOOK_BLOCKED'), [])
})

t.test('a hook that fails 100 times in a minute is switched off', async (t) => {
  for (const required of [false, true]) {
    const hooks = world(t)
    const text = moduleText(`{ received() { throw new Error('x') } }`)
    const server = await hooks.serve4([{ text, required }])
    for (let client = 1; client <= 100; client++) server.arrive(discover, client)
    t.equal(server.last, 'drop hook-failed')
    const whyOff = 'it failed 100 times within a minute'
    t.match(hooks.hooks.status(), [{ state: 'off', whyOff, failures: 100 }])
    t.match(hooks.said('HOOK_OFF'), [{ hook: 'test' }])
    t.equal(hooks.said('HOOK_FAILED').length, 1, 'one line in ten seconds')
    server.arrive(discover, 200)
    server.endBatch()
    t.equal(server.last, required ? 'drop hook-failed' : 'send OFFER 200')
    t.match(hooks.hooks.status(), [{ failures: 100 }], 'it is not called any more')
  }
})

t.test('an observer that never ends fills no memory, and what it misses is counted', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{ sent: () => new Promise(() => {}) }`)
  const server = await hooks.serve4([{ text }])
  for (let turn = 0; turn < 40; turn++) {
    for (let client = 1; client <= 500; client++) server.arrive(discover, 1)
    server.endBatch()
    await turns(1)
  }
  t.ok(hooks.hooks.status()[0]!.lost > 0)
  t.match(hooks.said('HOOK_EVENTS_LOST'), [{ hook: 'test' }])
})

t.test('DHCPv6: a hook that fails or refuses costs that message', async (t) => {
  const hooks = world(t)
  const text = moduleText(`{
    reply: ({ reply }) => reply.setOption(3, new Uint8Array(12)),
    grant: async () => ({ nak: 'no' }),
  }`)
  const server = await hooks.serve6([{ text }])
  server.ask(MESSAGE_TYPE6.solicit, 1)
  t.equal(server.statistic('pkt6-drop-hook-failed'), 1)
  t.match(hooks.said('HOOK_FAILED'), [{ error: /option 3 is not a hook's to change/ }])
  t.equal(server.server.tables.v6.size, 0)
})
