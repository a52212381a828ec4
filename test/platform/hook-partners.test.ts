// The two servers of a pair should have the same hooks: what each has is told in their hellos, and
// a difference is one line in the log of both.

import t from 'tap'
import { createPair } from '../../lib/lab/pair.ts'
import { VirtualHooks } from '../../lib/lab/virtual-hooks.ts'
import { HookWorld, moduleText, type Wanted } from './hook-world.ts'

const text = moduleText('{ received() {} }')
const other = moduleText('{ received() {}, sent() {} }')
const twin = moduleText('{ received() {} }', 'twin')

/** Copies in folders of their own: the path of a file is each server's matter. */
const CASES: readonly [
  what: string,
  here: readonly Wanted[],
  there: readonly Wanted[],
  isTold: boolean,
][] = [
  ['nothing', [], [], false],
  ['the same', [{ text, parameters: { a: 1 } }], [{ text, parameters: { a: 1 } }], false],
  ['the same with other patience', [{ text }], [{ text, timeout: 50 }], false],
  ['one that the other lacks', [{ text }], [], true],
  ['another text of it', [{ text }], [{ text: other }], true],
  ['other parameters', [{ text, parameters: { a: 1 } }], [{ text, parameters: { a: 2 } }], true],
  ['another order', [{ text }, { text: twin }], [{ text: twin }, { text }], true],
]

for (const [what, here, there, isTold] of CASES)
  t.test(`the servers have ${what}: ${isTold ? 'both warn' : 'nobody warns'}`, async (t) => {
    const worlds = [new HookWorld(), new HookWorld()]
    t.teardown(() => Promise.all(worlds.map((one) => one.close())))
    for (const [index, wanted] of [here, there].entries())
      await worlds[index]!.ready(worlds[index]!.plan4(wanted))
    const lab = createPair({
      clients: 2,
      ports: (own, { name }) => ({ ...own, hooks: worlds[name === 'server1' ? 0 : 1]!.hooks }),
    })
    t.ok(lab.reachNormal())
    for (const { log, name } of lab.servers) {
      const told = log.lines.filter(({ id }) => id === 'HA_HOOKS_DIFFER')
      t.equal(told.length, isTold ? 1 : 0, name)
    }
    t.ok(lab.settle(), 'clients are served all the same')
    t.same(lab.invariants.violations, [])
  })

t.test('a hook that reserves one address for everybody: one client has it at a time', async (t) => {
  const reserved = '192.0.2.200'
  for (let seed = 1; seed <= 4; seed++) {
    const steps = { reserve: [{ addresses: [reserved] }] }
    const lab = createPair({
      ...{ seed, clients: 6, dhcp4: { 'valid-lifetime': 60 } },
      ports: (own, { node }) => ({
        ...own,
        hooks: new VirtualHooks(node, { tables: () => ({ steps }) }),
      }),
    })
    t.ok(lab.reachNormal())
    t.ok(lab.settle())
    const holders = () => lab.clients.filter(({ address }) => address === reserved).length
    t.equal(holders(), 1)
    lab.crash(seed % 2)
    lab.advance(30_000)
    lab.start(seed % 2)
    for (const client of lab.clients) client.release()
    lab.advance(5000)
    for (const client of lab.clients) client.start()
    t.ok(lab.settle(300_000))
    t.equal(holders(), 1)
    t.same(lab.invariants.violations, [])
  }
})
