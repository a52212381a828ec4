// Hooks are loaded, swapped and unloaded: what is refused before anything changes, and who is asked
// at which moment.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadHooks } from '../../lib/platform/hooks/load-hooks.ts'
import { troubleOf } from '../../lib/platform/hooks/module-file.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { SmallWorld } from '../server/small-world.ts'
import { HookWorld, moduleText, turns, until } from './hook-world.ts'

const { discover } = MESSAGE_TYPE4

function world(t: Test): HookWorld {
  const hooks = new HookWorld()
  t.teardown(() => hooks.close())
  return hooks
}

const REFUSED: readonly (readonly [what: string, text: string, why: RegExp])[] = [
  ['without an export', '', /has no default export/],
  [
    'for another version',
    `export default { name: 'a', apiVersion: 2, setup4() {} }`,
    /version 2 of/,
  ],
  ['without a name', `export default { apiVersion: 1, setup4() {} }`, /has no name/],
  ['with a name of spaces', `export default { name: 'a b', apiVersion: 1 }`, /has no name/],
  ['of the other family', `export default { name: 'a', apiVersion: 1, setup6() {} }`, /no setup4/],
  [
    'with a setup of text',
    `export default { name: 'a', apiVersion: 1, setup4: 'x' }`,
    /no function/,
  ],
  ['whose setup throws', moduleText(`(() => { throw new Error('no database') })()`), /no database/],
  ['whose setup rejects', moduleText(`Promise.reject(new Error('no database'))`), /no database/],
  ['whose setup gives nothing', moduleText('undefined'), /gave no callouts/],
  ['with an unknown callout', moduleText('{ recieved() {} }'), /callout recieved/],
  [
    'with a callout of text',
    moduleText(`{ received: 'x' }`),
    /callout received that is no function/,
  ],
  ['that throws as it is loaded', `throw new Error('at once')`, /cannot be loaded: at once/],
  ['that is no JavaScript', 'this is no module', /cannot be loaded/],
]

for (const [what, text, why] of REFUSED)
  t.test(`a module ${what} is refused, and the former hooks go on`, async (t) => {
    const hooks = world(t)
    const server = await hooks.serve4([{ text: moduleText(`{ received: () => ({ drop: 'x' }) }`) }])
    const plan = hooks.plan4([{ text }])
    t.match(await hooks.prepare(plan), why)
    server.server.reload(server.server.plan)
    server.arrive(discover, 1)
    t.equal(server.last, 'drop refused-by-hook')
    t.strictSame(hooks.said('HOOK_UNLOADED'), [])
  })

t.test('a setup that never ends is given up, and what it gives later is unloaded', async (t) => {
  const hooks = world(t)
  const ended: string[] = []
  Object.assign(globalThis, { endedByTest: ended })
  const text = moduleText(
    `new Promise((resolve) => host.signal.addEventListener('abort', () => setImmediate(() =>
       resolve({ dispose: () => globalThis.endedByTest.push('late') }))))`,
  )
  const plan = hooks.plan4([{ text }])
  const log = { enabled: () => false, write() {} }
  const loading = loadHooks(plan.hooks, { log, draw: () => 0, setupMax: 30 })
  await t.rejects(loading, /failed in its setup: it took longer than 0.03 s/)
  await until(() => ended.length > 0)
  t.strictSame(ended, ['late'])
})

t.test(
  'all are set up in order before any is asked; one that fails takes all with it',
  async (t) => {
    const hooks = world(t)
    const done: string[] = []
    Object.assign(globalThis, { doneByTest: done })
    const text = (name: string, wait: number) =>
      `export default {
       name: '${name}', apiVersion: 1,
       async setup4(parameters, host) {
         await new Promise((resolve) => setTimeout(resolve, ${wait}))
         if (parameters.fail) throw new Error('not now')
         globalThis.doneByTest.push('setup ${name} ' + host.family)
         return { dispose: () => globalThis.doneByTest.push('dispose ${name}') }
       },
     }`
    await hooks.ready(hooks.plan4([{ text: text('a', 10) }, { text: text('b', 0) }]))
    t.strictSame(done.splice(0), ['setup a 4', 'setup b 4'])
    const bad = [{ text: text('c', 0) }, { text: text('d', 0), parameters: { fail: true } }]
    t.match(await hooks.prepare(hooks.plan4(bad)), /not now/)
    await turns()
    t.strictSame(done.splice(0), ['setup c 4', 'dispose c'])
    t.match(hooks.hooks.status(), [{ hook: 'a' }, { hook: 'b' }])
    await hooks.ready(hooks.plan4([{ text: text('e', 0) }]))
    await turns()
    t.strictSame(done.splice(0), ['setup e 4', 'dispose a', 'dispose b'])
  },
)

t.test('a reload swaps hooks between two messages, and reads a changed file anew', async (t) => {
  const hooks = world(t)
  const library = hooks.write(moduleText(`{ received: () => ({ drop: 'first' }) }`))
  const plan = hooks.plan4([{ library }])
  await hooks.ready(plan)
  const server = SmallWorld.serving(plan, [], 0, hooks.hooks)
  server.arrive(discover, 1)
  writeFileSync(library, moduleText(`{ received: () => ({ drop: 'second' }) }`))
  t.equal(await hooks.prepare(plan), '')
  server.arrive(discover, 2)
  t.match(hooks.hooks.status(), [{ refused: { first: 2 } }], 'not before the plan is in force')
  server.server.reload(plan)
  server.arrive(discover, 3)
  t.match(hooks.hooks.status(), [{ refused: { second: 1 } }])
  const without = hooks.plan4([])
  t.equal(await hooks.prepare(without), '')
  server.server.reload(without)
  server.arrive(discover, 4)
  server.endBatch()
  t.equal(server.last, 'send OFFER 4')
  t.strictSame(hooks.hooks.status(), [])
})

t.test('a query that waits while hooks are swapped is answered by the new ones', async (t) => {
  const hooks = world(t)
  const first = moduleText(
    `{ query: () => new Promise((resolve) => { globalThis.goOn = resolve }) }`,
  )
  const server = await hooks.serve4([{ text: first }])
  server.arrive(discover, 1)
  const plan = hooks.plan4([{ text: moduleText(`{ lease: () => ({ drop: 'new' }) }`) }])
  await hooks.prepare(plan)
  server.server.reload(plan)
  ;(globalThis as unknown as { goOn: (found: unknown) => void }).goOn({ found: 1 })
  await until(() => server.last.startsWith('drop'))
  t.match(hooks.hooks.status(), [{ refused: { new: 1 } }])
})

t.test('what waits for observers is told before they are unloaded; then nothing is', async (t) => {
  const hooks = world(t)
  const told: string[] = []
  Object.assign(globalThis, { toldByTest: told })
  const text = moduleText(`{
    committed: (events) => void globalThis.toldByTest.push(...events.map(({ action }) => action)),
    dispose: () => void globalThis.toldByTest.push('dispose'),
  }`)
  const server = await hooks.serve4([{ text }])
  server.request(1, 10)
  server.endBatch()
  server.committed()
  let isStopped = false
  server.server.stop(() => {
    isStopped = true
  })
  await until(() => isStopped)
  t.strictSame(told, ['granted', 'dispose'])
  t.match(hooks.said('HOOK_UNLOADED'), [{ hook: 'test' }])
})

t.test('who could write the file could do what the server can: it is refused', async (t) => {
  const hooks = world(t)
  const text = moduleText('{}')
  const file = hooks.write(text)
  chmodSync(file, 0o664)
  t.match(
    await hooks.prepare(hooks.plan4([{ library: file }])),
    /hook1\.mjs can be written by others/,
  )
  const folder = join(hooks.folder, 'open')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a.js'), text, { mode: 0o600 })
  chmodSync(folder, 0o777)
  const inside = join(folder, 'a.js')
  t.match(await hooks.prepare(hooks.plan4([{ library: inside }])), /open can be written by others/)
  // A link is as safe as what it leads to.
  const link = join(hooks.folder, 'link.js')
  symlinkSync(inside, link)
  t.match(await hooks.prepare(hooks.plan4([{ library: link }])), /open can be written by others/)
  const gone = join(hooks.folder, 'gone.js')
  t.match(await hooks.prepare(hooks.plan4([{ library: gone }])), /cannot be read: no such file/)
  t.match(await hooks.prepare(hooks.plan4([{ library: 'whio-hook-nobody-has' }])), /not installed/)
})

t.test('the owner counts, of the file and of each folder; sticky folders are safe', async (t) => {
  const owners: Record<string, [number, number]> = {
    '/': [0o755, 0],
    '/tmp': [0o1777, 0],
    '/tmp/own': [0o700, 5],
    '/tmp/own/a.js': [0o600, 5],
    '/home': [0o755, 0],
    '/home/eve': [0o755, 6],
    '/home/eve/a.js': [0o644, 0],
    '/tmp/a.js': [0o1666, 5],
  }
  const look = (path: string) => ({ mode: owners[path]![0], uid: owners[path]![1] })
  t.equal(troubleOf('/tmp/own/a.js', look, 5), '')
  t.match(troubleOf('/tmp/own/a.js', look, 0), /a.js belongs to the user 5/)
  t.match(troubleOf('/home/eve/a.js', look, 5), /\/home\/eve belongs to the user 6/)
  t.match(troubleOf('/tmp/a.js', look, 5), /can be written by others/)
})

t.test('TypeScript, a package of its own version, and one module twice', async (t) => {
  const hooks = world(t)
  const typed = hooks.write(
    `import type { HookModule } from 'whio'
     const hook: HookModule = { name: 'typed', apiVersion: 1, setup4: () => ({ received() {} }) }
     export default hook`,
    'ts',
  )
  const twice = hooks.write(
    `export default { name: 'twice', apiVersion: 1, setup4: ({ drop }) => ({ received: () => drop && { drop } }) }`,
    'js',
  )
  writeFileSync(join(hooks.folder, 'package.json'), '{ "type": "module" }')
  const server = await hooks.serve4([
    { library: typed },
    { library: twice, parameters: {} },
    { library: twice, parameters: { drop: 'by the second' } },
  ])
  server.arrive(discover, 1)
  t.match(hooks.hooks.status(), [
    { hook: 'typed', calls: 1 },
    { hook: 'twice', refused: {} },
    { hook: 'twice#2', refused: { 'by the second': 1 } },
  ])
})
