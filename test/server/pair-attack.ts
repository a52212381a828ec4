// What the attacks on a server of a pair share: the stage, the addresses, a disk that takes its
// time.

import t, { type Test } from 'tap'
import { homeOf } from '../../lib/leases/rights.ts'
import { Stage, type StageSettings } from './fake-partner.ts'

export const FIRST = 0xc000020a
export const POOL = Array.from({ length: 90 }, (_, index) => FIRST + index)
export const MINE = POOL.filter((address) => homeOf(address) === 0)
export const THEIRS = POOL.filter((address) => homeOf(address) === 1)

/** A test on a stage of its own, which must be well at its end. */
export function attack(
  name: string,
  play: (t: Test, stage: Stage) => void,
  settings?: StageSettings,
) {
  t.test(name, async (t) => {
    const stage = new Stage(settings)
    play(t, stage)
    t.ok(stage.isWell(), 'clients are answered, no promise is broken')
    t.same(stage.lab.invariants.violations, [])
  })
}

/**
 * The record of a meeting changes where the clock of the other end is noted, so that it must be
 * stored.
 */
export function slow(stage: Stage, on = true): void {
  stage.storesIn(on ? 800 : undefined)
}
