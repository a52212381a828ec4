// The two servers of a pair should have the same hooks: what each has is told in their hellos, and
// a difference is one line in the log of both.

import t from 'tap'
import { createPair } from '../../lib/lab/pair.ts'
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
