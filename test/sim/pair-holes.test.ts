// Histories that broke the server of a pair once: not a rule of safety that was missing, but two rooms whose
// proofs did not meet. S1 and S2 are server1 and server2, X is at home at S1, Y at S2.

import t from 'tap'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import {
  bindAt,
  both,
  HOUR,
  hardwareAddress,
  poolOf,
  S1,
  S2,
  stage,
  X,
  X2,
  Y,
  Y2,
} from './pair-stage.ts'

const OF_S2 = { hwAddress: hardwareAddress(1) }
const TOO = { hwAddress: hardwareAddress(1, 1) }
const FOUR = [X, X2, Y, Y2]

// S2 returns everything to S1 while its disk is slow. A lease that is granted meanwhile must not reach S1 before
// it is on the disk of S2: S2 may die, and give the address to another client when it is back.
t.test('a refill has no rows that are not durable', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const lab = createPair({ ...stage(poolOf(FOUR, HOUR), OF_S2, TOO), seed })
    t.ok(lab.reachNormal())
    t.ok(order(lab, 1, 'start'))
    lab.advance(5000)
    t.equal(lab.server(1).disk.pair?.rights, 'sole')
    Object.assign(lab.server(1).disk.behaviour, { commitMin: 3000, commitMax: 3000 })
    order(lab, 1, 'cancel', 100)
    lab.world.advanceUntil(() => lab.server(1).server?.pair?.record.rights === 'shared', 20_000)
    lab.advance(500)
    const [a, b] = both(lab)
    bindAt(lab, a, S2, Y, 100)
    lab.world.advanceUntil(() => lab.server(1).disk.pair?.rights === 'shared', 20_000)
    lab.advance(1000)
    lab.kill(1)
    lab.cutLink()
    Object.assign(lab.server(1).disk.behaviour, { commitMin: 0.2, commitMax: 1 })
    lab.start(1)
    lab.advance(10_000)
    bindAt(lab, a, S1, Y, 30_000)
    bindAt(lab, b, S2, Y, 30_000)
    lab.advance(60_000)
    t.same(lab.invariants.violations, [], `seed ${seed}`)
  }
})

/** An operator's word to a server about maintenance of its partner; whether it is allowed. */
function order(lab: PairLab, server: number, step: 'start' | 'cancel', wait = 1000): boolean {
  let isAllowed = false
  lab.server(server).server!.pair!.handOver[step](({ allowed }) => (isAllowed = allowed))
  lab.advance(wait)
  return isAllowed
}
