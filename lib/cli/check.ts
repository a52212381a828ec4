// `whio check FILE`: everything that is wrong with a configuration, and what is merely worth knowing.

import { parseArgs } from 'node:util'
import { formatProblem, type Problem } from '../config/problem.ts'
import { loadConfigFile } from '../platform/config-file.ts'
import { UsageError } from './usage.ts'

/** Exit code 0: good (perhaps with warnings); 1: errors, or not to be read. */
export function check(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string', short: 'c' } },
  })
  const files = [...(values.config === undefined ? [] : [values.config]), ...positionals]
  if (files.length !== 1) throw new UsageError('name one configuration file')
  const [file] = files as [string]
  let problems: readonly Problem[]
  try {
    problems = loadConfigFile(file).problems
  } catch (error) {
    process.stderr.write(`${file}: ${(error as Error).message}\n`)
    return 1
  }
  for (const problem of problems)
    process.stdout.write(`${problem.severity}: ${formatProblem(problem)}\n`)
  const count = (severity: string) => problems.filter((one) => one.severity === severity).length
  const errors = count('error')
  const verdict = errors === 0 ? 'good' : 'not good'
  process.stdout.write(`${file}: ${verdict}, ${errors} errors, ${count('warning')} warnings\n`)
  return errors === 0 ? 0 : 1
}
