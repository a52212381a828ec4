// What would become of a change: nothing is put in force.

import { withFollowing } from '../../config/load.ts'
import type { Problem } from '../../config/text/problem.ts'
import type { Members } from '../../config/whole.ts'
import type { InForce } from './in-force.ts'
import { type JudgedEdits, judging } from './judging.ts'
import type { Tried, WantedEdits } from './running-configuration.ts'
import { FAULT } from './turns.ts'

/** `next`: whoever wants something else may. `fault`: an error of ours is told. */
export function tryEdits(
  wanted: WantedEdits,
  inForce: InForce,
  answer: (tried: Tried) => void,
  next: () => void,
  fault: (error: unknown) => void,
): void {
  const over = (tried: Tried): void => {
    next()
    answer(tried)
  }
  const lost = (error: unknown): void => {
    fault(error)
    over(UNTRIED)
  }
  const compile = ({ document, edits, problems }: JudgedEdits): void => {
    const say = (isServed: boolean, all: readonly Problem[]): void =>
      over({ isServed, edits, problems: all, trouble: '' })
    if (document === undefined) return say(false, problems)
    inForce.compileSoon(
      document,
      (compiled) => say(compiled.plan !== undefined, withFollowing(problems, compiled.problems)),
      lost,
    )
  }
  inForce.soon(judging(inForce.built.document, wanted), compile, lost)
}

export function tryMembers(
  members: Members,
  inForce: InForce,
  answer: (tried: Tried) => void,
): void {
  inForce.judge(members, true, ({ edits, problems, trouble }) =>
    answer({ isServed: edits !== undefined, edits: edits ?? [], problems, trouble }),
  )
}

const UNTRIED: Tried = { isServed: false, edits: [], problems: [], trouble: FAULT }
