// What a reload changes of a pair that runs: how long is waited for what. Who serves whom, and
// where the servers are, needs a restart, which is said.

import t from 'tap'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { isSamePair, needsRestart } from '../../lib/server/same-plan.ts'
import { FOUR, HOUR, plansOf, poolOf, stage } from './pair-stage.ts'

const DOCUMENT = poolOf(FOUR, HOUR)

function tuned(plan: Plan): Plan {
  const times = { heartbeatDelay: 100, maxResponseDelay: 300, maxAckDelay: 300 }
  return { ...plan, ha: { ...plan.ha!, ...times } }
}

function states(lab: PairLab): readonly (string | undefined)[] {
  return [0, 1].map((index) => lab.server(index).server!.pairing.status().ha?.state)
}

function begun(): PairLab {
  const lab = createPair(stage(DOCUMENT))
  lab.advance(60_000)
  return lab
}

t.test('a silent partner is held for down as the file says by now', async (t) => {
  const NORMAL = ['load-balancing', 'load-balancing']
  const DOWN = ['partner-down', 'partner-down']
  const plans = plansOf(DOCUMENT)
  for (const [isTuned, expected] of [
    [false, NORMAL],
    [true, DOWN],
  ] as const) {
    const lab = begun()
    t.strictSame(states(lab), NORMAL)
    if (isTuned) for (const [index, plan] of plans.entries()) lab.reload(tuned(plan), index)
    lab.advance(5000)
    t.strictSame(states(lab), NORMAL, 'nobody is taken for silent meanwhile')
    lab.cutLink()
    lab.advance(2500)
    t.strictSame(states(lab), expected)
  }
})

t.test('only what says who serves, and where, needs a restart', async (t) => {
  const [plan] = plansOf(DOCUMENT)
  const other = tuned(plan!)
  t.strictSame(needsRestart(other, plan!), [])
  const renamed = { ...other, ha: { ...other.ha!, mode: 'hot-standby' as const } }
  t.strictSame(needsRestart(renamed, plan!), ['high-availability'])
  t.notOk(isSamePair(undefined, plan!.ha))
})
