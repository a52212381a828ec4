// A named schedule of a pair is played twice: with the product as it is, when nothing may be
// broken, and with the rule that it is about taken away from outside (pair-weakness.ts), when that
// must be found out.

import type { Test } from 'tap'
import type { Ipv4 } from '../../lib/address/ipv4.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { both } from './pair-stage.ts'
import { FAMILIES, type StageFamily } from './pair-stage6.ts'
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
  /** What stands for an address of the stage in the family that is played. */
  readonly keyOf: (address: Ipv4) => Key
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
  /** Clients of DHCPv6 do not wait for a second server's offer. */
  readonly isRapid?: boolean
  /** Why it is of DHCPv4 alone. */
  readonly only4?: string
}

/** In each family that it is about. */
export function playTwice(t: Test, schedule: Schedule): void {
  const families = schedule.only4 === undefined ? FAMILIES : FAMILIES.slice(0, 1)
  for (const family of families) playTwiceIn(t, schedule, family)
}

function playTwiceIn(t: Test, schedule: Schedule, family: StageFamily): void {
  const { lab, failed } = run(schedule, false, family)
  t.same(failed, [], `${family.name}: as it is to go`)
  t.same(lab.invariants.violations, [], `${family.name}: nothing is broken`)
  const spoiled = run(schedule, true, family).lab
  const wanted = schedule.found ?? /is valid for/
  const found = spoiled.invariants.violations.filter((one) => wanted.test(one))
  t.ok(found.length > 0, `${family.name}: found when the rule is taken away`)
}

function run(schedule: Schedule, isSpoiled: boolean, family: StageFamily) {
  const rule = { isOff: false }
  const ports = weakPorts(schedule.weakness, () => rule.isOff, [])!
  const lab = family.stageOf(createPair({ ...family.settingsOf(schedule), ports }))
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
  schedule.play({ lab, a, b, weaken, check, keyOf: family.keyOf })
  return { lab, failed }
}
