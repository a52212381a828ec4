// Hooks in threads of their own: they are asked and told as others are, and whatever one does, the
// server goes on, and the hook is there again.

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { HookWorld, moduleText, until, type Wanted } from './hook-world.ts'

const { discover } = MESSAGE_TYPE4

function world(t: Test): HookWorld {
  const hooks = new HookWorld()
  t.teardown(() => hooks.close())
  return hooks
}

/** The door of a thread to whoever has started it, which a module can always get. */
const PORT = `process.getBuiltinModule('node:worker_threads').parentPort`

const threaded = (callouts: string): Wanted => ({
  ...{ text: moduleText(callouts), worker: true, timeout: 1900 },
})

type Small = Awaited<ReturnType<HookWorld['serve4']>>

/** What comes of the DISCOVER of a client; a machine that stands still lets a thread be late. */
async function outcome(server: Small, client = 1): Promise<string> {
  for (;;) {
    const { length } = server.happenings
    server.arrive(discover, client)
    server.endBatch()
    await until(() => server.happenings.length > length)
    if (server.last !== 'drop answer-too-late') return server.last
  }
}

t.test('gates answer from a thread', async (t) => {
  const rows: readonly (readonly [what: string, callouts: string, last: RegExp])[] = [
    ['nothing', `{ async offer() {} }`, /^send OFFER 1/],
    ['a refusal', `{ query: () => ({ drop: 'a stranger' }) }`, /^drop refused-by-hook/],
    ['what is no answer', `{ query: () => 'yes' }`, /^drop hook-failed/],
    ['an error', `{ async query() { throw new Error('broken') } }`, /^drop hook-failed/],
    ['what cannot be sent', `{ query: () => ({ found: () => {} }) }`, /^drop hook-failed/],
  ]
  for (const [what, callouts, last] of rows)
    t.match(await outcome(await world(t).serve4([threaded(callouts)])), last, what)
})

t.test('a message is in a thread what it is in the server', async (t) => {
  const reads = `(c) => ({ found: JSON.stringify([
    c.query.family, c.query.type, c.query.xid, c.query.interface, c.query.source, c.query.codes(),
    c.query.hwAddress, c.query.duid, c.query.relays?.length, c.query.bytes.length,
    [...(c.query.option(c.query.family === 4 ? 60 : 59) ?? [])], c.subnetId, c.addresses, Object.isFrozen(c),
  ]) })`
  const edit = moduleText(
    `{ received: (c) => c.options.set(c.query.family === 4 ? 60 : 59, Uint8Array.of(65, 66)) }`,
    'edit',
  )
  const seen = async (worker: boolean, family: 4 | 6) => {
    const hooks = world(t)
    const says = `{ query: ${reads}, offer: (c) => { host.log.info('q' + c.found) } }`
    const wanted = [{ text: edit }, { ...threaded(says), worker }]
    if (family === 4) await outcome(await hooks.serve4(wanted))
    else {
      const server = await hooks.serve6(wanted)
      server.ask(MESSAGE_TYPE6.solicit, 1)
      server.endBatch()
    }
    await until(() => hooks.said('HOOK_SAYS').length > 0)
    return hooks.said('HOOK_SAYS').slice(0, 1)
  }
  for (const family of [4, 6] as const) {
    const own = await seen(false, family)
    t.match(own[0]!.says, /\[65,66\]/, 'what another hook has edited')
    t.same(await seen(true, family), own, `DHCPv${family}`)
  }
})

t.test('what has happened is told to a thread; it counts and is disposed of there', async (t) => {
  const hooks = world(t)
  const server = await hooks.serve4([
    threaded(`{
      committed(events) {
        host.metrics.counter('changes', 'Changes').add(events.length)
        host.log.info(events[0].action + ' ' + events[0].lease.address)
      },
      sent(replies) { host.log.warn(replies[0].type + ' ' + (replies[0].bytes instanceof Uint8Array)) },
      dispose() { host.log.error('over ' + host.signal.aborted) },
    }`),
  ])
  server.request(1, 10)
  server.endBatch()
  server.committed()
  await until(() => hooks.said('HOOK_SAYS').length > 0 && hooks.said('HOOK_SAYS_WARN').length > 0)
  t.match(hooks.said('HOOK_SAYS'), [{ hook: 'test', says: /^granted 192\.0\.2\.\d+$/ }])
  t.match(hooks.said('HOOK_SAYS_WARN'), [{ says: 'ACK true' }])
  const counted = () =>
    hooks.hooks.metrics().find(({ name }) => name === 'whio_hook_test_changes_total')
  await until(() => counted() !== undefined)
  t.match(counted(), { values: [{ value: 1, labels: { hook: 'test', family: 4 } }] })
  await new Promise<void>((resolve) => hooks.hooks.close(resolve))
  t.match(hooks.said('HOOK_SAYS_ERROR'), [{ says: 'over true' }])
  t.same(hooks.said('HOOK_THREAD_ENDED'), [], 'and nobody starts it again')
})

t.test('what a thread cannot be is refused, and says why', async (t) => {
  const rows: readonly (readonly [what: string, text: string, trouble: RegExp])[] = [
    ['steps', moduleText('{ received() {} }'), /has a callout received, which a thread cannot/],
    ['a failing setup', moduleText(`(() => { throw new Error('no file') })()`), /setup: no file/],
    ['a module that does not load', `throw new Error('too early')`, /cannot be loaded: too early/],
    ['a module that ends it', `process.exit(3)`, /it ended with code 3/],
    ['another version', `export default { name: 'x', apiVersion: 2 }`, /version 2/],
    ['no callouts', moduleText('undefined'), /gave no callouts/],
  ]
  for (const [what, text, trouble] of rows) {
    const hooks = world(t)
    t.match(await hooks.prepare(hooks.plan4([{ text, worker: true }])), trouble, what)
  }
})

t.test('whatever it does, others are served, and it is there again', async (t) => {
  const rows: readonly (readonly [what: string, evil: string, why: RegExp])[] = [
    ['blocks for ever', `for (;;);`, /it did not turn for 3 s/],
    ['ends', `process.exit(5)`, /it ended with code 5/],
    // Where the machine is too slow for a flood, it still does not turn.
    ['floods the log', `for (;;) host.log.debug('')`, /it sent 20000 messages|it did not turn/],
    ['floods', `for (;;) ${PORT}.postMessage(0)`, /it sent 20000 messages|it did not turn/],
  ]
  for (const [what, evil, why] of rows) {
    const hooks = world(t)
    const query = `(c) => { if (c.query.hwAddress.endsWith('01')) { ${evil} } }`
    const server = await hooks.serve4([threaded(`{ query: ${query} }`)])
    server.arrive(discover, 1)
    server.endBatch()
    await until(() => hooks.said('HOOK_THREAD_ENDED').length > 0 && server.last !== 'serving')
    t.match(server.last, /^drop (hook-failed|answer-too-late)/, `${what}: its message is dropped`)
    t.match(hooks.said('HOOK_THREAD_ENDED'), [{ hook: 'test', why }], what)
    // Another one is asked as soon as it is there.
    // However many ask before that, the hook is not switched off: it would be asked no more.
    for (let asked = 0; asked < 150; asked++) await outcome(server, 2)
    let last = ''
    while (last !== 'send OFFER 2') {
      last = await outcome(server, 2)
      await delay(50)
    }
    t.match(hooks.hooks.status(), [{ state: 'on', restarts: 1 }])
  }
})

t.test('what it says past its callouts is said to nobody', async (t) => {
  const rows: readonly (readonly [what: string, words: string])[] = [
    ['nothing', `null`],
    ['an answer of another', `{ kind: 'answer', id, said: { drop: 'forged' } }`],
    ['a failure of another', `{ kind: 'failed', id, error: 'forged' }`],
    ['a line that there is not', `{ kind: 'line', id: 'NONE', fields: {} }`],
    ['metrics that are none', `{ kind: 'metrics', metrics: null }`],
    ['its end', `{ kind: 'over' }`],
  ]
  for (const [what, words] of rows) {
    const hooks = world(t)
    // Twice each, before its own answer.
    const says = `for (const id of [1, 1, 2, 2, 3, 3]) ${PORT}.postMessage(${words})`
    const server = await hooks.serve4([threaded(`{ query() { ${says} } }`)])
    t.match(await outcome(server), /^send OFFER 1/, what)
    t.match(await outcome(server, 2), /^send OFFER 2/, `${what}: the next one`)
    t.equal(hooks.hooks.metrics().length > 0, true)
    t.match(hooks.hooks.status(), [{ state: 'on', restarts: 0, failures: 0 }])
  }
})

t.test('one that blocks while it is set up again is ended, too', async (t) => {
  const hooks = world(t)
  const parameters = { file: join(hooks.folder, 'was-there') }
  const text = `
    import { existsSync, rmSync, writeFileSync } from 'node:fs'
    const setup4 = ({ file }) => {
      if (existsSync(file)) { rmSync(file); for (;;); }
      writeFileSync(file, '')
      return { query: (c) => { if (c.query.hwAddress.endsWith('01')) process.exit(4) } }
    }
    export default { name: 'test', apiVersion: 1, setup4 }`
  const server = await hooks.serve4([{ text, parameters, worker: true, timeout: 1900 }])
  server.arrive(discover, 1)
  server.endBatch()
  let last = ''
  while (last !== 'send OFFER 2') {
    last = await outcome(server, 2)
    await delay(50)
  }
  t.match(hooks.hooks.status(), [{ state: 'on', restarts: 2 }])
  t.match(hooks.said('HOOK_THREAD_ENDED')[0], { why: /it ended with code 4/ })
})

t.test('what is thrown where nobody catches it is a failure of the hook', async (t) => {
  const hooks = world(t)
  const late = `setTimeout(() => { throw new Error('from a timer') }, 1)`
  await hooks.serve4([threaded(`(${late}, { query() {} })`)])
  await until(() => hooks.said('HOOK_FAILED').length > 0)
  t.match(hooks.said('HOOK_FAILED'), [{ callout: 'background', error: /from a timer/ }])
  t.match(hooks.hooks.status(), [{ state: 'on', restarts: 0, failures: 1 }])
})

t.test('one that blocks while it is unloaded is ended', async (t) => {
  const hooks = new HookWorld()
  await hooks.serve4([threaded(`{ query() {}, dispose() { for (;;); } }`)])
  await hooks.close()
  t.equal(hooks.said('HOOK_UNLOADED').length, 1)
})
