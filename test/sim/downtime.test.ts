// A server that was off for longer than its leases: addresses are free again at once where that is
// certain, and nobody's lease ends early where it is not.

import t, { type Test } from 'tap'
import { createLab, type Lab } from '../../lib/lab/lab.ts'
import { onePool } from './plans.ts'

const HOUR = 3600
const HOUR_MS = 3_600_000

/** Two clients hold the whole pool when the server ends; a third one comes when it is back. */
function world(renews: boolean): Lab {
  const settings = { startDelayMax: 0, renews }
  const names = ['A', 'B', 'C']
  const lab = createLab({
    plan: onePool('192.0.2.10 - 192.0.2.11', HOUR),
    clients: names.map((name) => ({ name, ...settings, start: name !== 'C' })),
  })
  lab.advance(10_000)
  return lab
}

function logged(lab: Lab): boolean {
  return lab.server().log.lines.some(({ id }) => id === 'JOURNAL_DOWNTIME')
}

/** What C has a minute after the server is back, `off` later, on a host that was started anew. */
function comeback(t: Test, off: number, jump = 0): { lab: Lab; isServed: boolean } {
  const lab = world(false)
  const { node } = lab.server()
  lab.crash()
  lab.advance(off)
  node.startHost()
  node.skew += jump
  lab.restart()
  lab.client(2).start()
  lab.advance(60_000)
  t.same(lab.invariants.violations, [])
  return { lab, isServed: lab.client(2).isBound }
}

t.test('a full pool has free addresses as soon as the server is back', async (t) => {
  const { lab, isServed } = comeback(t, 2 * HOUR_MS)
  t.ok(isServed)
  t.ok(logged(lab))
})

t.test('leases that still run go on running', async (t) => {
  const { isServed } = comeback(t, HOUR_MS / 2)
  t.notOk(isServed)
})

t.test(
  'with a calendar that nobody keeps, nothing counts, however far it has jumped',
  async (t) => {
    for (const jump of [24 * HOUR_MS, -24 * HOUR_MS, 1]) {
      const { lab, isServed } = comeback(t, HOUR_MS / 2, jump)
      t.notOk(isServed)
      t.notOk(logged(lab))
      lab.advance(2 * HOUR_MS)
      t.same(lab.invariants.violations, [])
    }
  },
)

t.test(
  'counted without being certain, one address is given twice, and that is found out',
  async (t) => {
    const lab = world(false)
    lab.crash()
    lab.advance(1000)
    const { disk, node } = lab.server()
    const { note, ...state } = disk.snapshot()
    t.ok(note)
    disk.restore({ ...state, stamp: state.stamp + 24 * HOUR_MS })
    node.boot()
    node.crash()
    lab.restart()
    lab.client(2).start()
    lab.advance(60_000)
    t.not(lab.invariants.violations.length, 0)
  },
)
