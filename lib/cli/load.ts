// A configuration for a command that goes on only with a good one.

import type { Plan4 } from '../config/plan4.ts'
import { formatProblem } from '../config/problem.ts'
import { loadConfigFile } from '../platform/config-file.ts'

/** The plan of a file; errors and warnings go to stderr, and so does why there is no plan. */
export function loadOrTell(file: string): Plan4 | undefined {
  try {
    const { plan, problems } = loadConfigFile(file)
    for (const problem of problems)
      if (problem.severity !== 'info')
        process.stderr.write(`${problem.severity}: ${formatProblem(problem)}\n`)
    if (plan === undefined) process.stderr.write(`whio: ${file} is not to be served as it is\n`)
    return plan
  } catch (error) {
    process.stderr.write(`whio: ${file}: ${(error as Error).message}\n`)
    return undefined
  }
}
