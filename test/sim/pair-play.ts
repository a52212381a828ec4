// A named schedule of a pair is played twice: with the product as it is, when nothing may be
// broken, and with the rule that it is about taken away from outside (pair-weakness.ts), when that
// must be found out.

import type { Test } from 'tap'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { both } from './pair-stage.ts'
import { type Weakness, weakPorts } from './pair-weakness.ts'

export type Check = (claim: boolean, sentence: string) => void

export interface Stage {
  readonly lab: PairLab
  readonly a: VirtualClient4
  readonly b: VirtualClient4
  /** Takes the rule away from here on, in the run without it. */
  readonly weaken: () => void
  /** What the product must do; not looked at in the run without the rule. */
  readonly check: Check
}

export interface Schedule {
  readonly name: string
  readonly settings: PairSettings
  readonly weakness: Weakness
  /** What else takes the rule away. */
  readonly spoil?: (lab: PairLab) => void
  readonly play: (stage: Stage) => void
  /**
   * What the run without the rule is found out by. Default: an address that is valid for two
   * clients.
   */
  readonly found?: RegExp
  /** The pair does not come to work together at the beginning. */
  readonly startsApart?: boolean
}

export function playTwice(t: Test, schedule: Schedule): void {
  const { lab, failed } = run(schedule, false)
  t.same(failed, [])
  t.same(lab.invariants.violations, [])
  const spoiled = run(schedule, true).lab
  const wanted = schedule.found ?? /is valid for/
  const found = spoiled.invariants.violations.filter((one) => wanted.test(one))
  t.ok(found.length > 0, 'found when the rule is taken away')
}

function run(schedule: Schedule, isSpoiled: boolean) {
  const rule = { isOff: false }
  const ports = weakPorts(schedule.weakness, () => rule.isOff, [])!
  const lab = createPair({ ...schedule.settings, ports })
  const failed: string[] = []
  const check: Check = (claim, sentence) => claim || failed.push(sentence)
  if (schedule.startsApart !== true) {
    check(lab.reachNormal(), 'the pair works')
    lab.advance(1000)
  }
  const weaken = () => {
    if (!isSpoiled) return
    rule.isOff = true
    schedule.spoil?.(lab)
  }
  const [a, b] = both(lab)
  schedule.play({ lab, a, b, weaken, check })
  return { lab, failed }
}
