// The lines of the log about a configuration that is read again: what is wrong with the map of a
// family stands in lines of that family, which its loggers are for.

import type { Plan } from '../../config/plan/plan.ts'
import { formatProblem, type Problem } from '../../config/text/problem.ts'
import type { LogFields } from '../../ports/log.ts'
import { LIFE_LINES } from '../life-lines.ts'
import type { Reporter } from '../reporter.ts'

type Lines = Pick<Reporter, 'say'>

/** `plan`: the one in force. */
export function tellProblems(problems: readonly Problem[], plan: Plan, lines: Lines): void {
  for (const problem of problems) {
    if (problem.severity === 'info') continue
    const { error, note } = LIFE_LINES[familyOf(problem, plan)]
    lines.say(problem.severity === 'error' ? error : note, { problem: formatProblem(problem) })
  }
}

/** For each family with errors; where no text can be read, for each that is served. */
export function tellRefused(
  problems: readonly Problem[],
  plan: Plan,
  lines: Lines,
  fields: LogFields,
): void {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const families = new Set(errors.map((problem) => familyOf(problem, plan)))
  for (const family of families.size > 0 ? families : familiesOf(plan))
    lines.say(LIFE_LINES[family].refused, fields)
}

/** What is of both families is told in lines of the first that is served. */
function familyOf({ path }: Problem, plan: Plan): 4 | 6 {
  const [map] = path
  if (map === 'Dhcp4') return 4
  return map === 'Dhcp6' ? 6 : familiesOf(plan)[0]!
}

function familiesOf({ dhcp4, dhcp6 }: Plan): readonly (4 | 6)[] {
  if (dhcp4 === undefined) return [6]
  return dhcp6 === undefined ? [4] : [4, 6]
}
