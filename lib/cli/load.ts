// A configuration for a command that goes on only with a good one.

import { readFileSync } from 'node:fs'
import type { Loaded4 } from '../config/load4.ts'
import type { Plan } from '../config/plan/plan.ts'
import { formatProblem } from '../config/text/problem.ts'
import { daemonContext, loadConfigFile } from '../platform/config-file.ts'
import { wordsOf } from '../platform/system-error.ts'
import type { ConfigFile } from './usage.ts'

/**
 * The plan of a file; errors and warnings go to stderr, and so does why there is no plan. Who
 * serves it is told `everything`: also what Whio does in another way than the file says.
 */
export function loadOrTell(config: ConfigFile, everything = false): Plan | undefined {
  const loaded = readOrTell(config)
  if (loaded === undefined) return undefined
  for (const problem of loaded.problems)
    if (everything || problem.severity !== 'info')
      process.stderr.write(`${problem.severity}: ${formatProblem(problem)}\n`)
  if (loaded.plan === undefined)
    process.stderr.write(`whio: ${config.file} cannot be served as it is: ${errorsIn(loaded)}\n`)
  return loaded.plan
}

/** Why nothing could be served with a file as it is now, '' where it could. */
export function troubleOfFile({ file, thisServer }: ConfigFile): string {
  try {
    const loaded = loadConfigFile(file, daemonContext(thisServer))
    return loaded.plan === undefined ? `${file} has ${errorsIn(loaded)} (\`whio check\`)` : ''
  } catch (error) {
    return unreadableWords(file, error)
  }
}

/** What is in a file; where it cannot be read, undefined, and stderr says why. */
export function readOrTell({ file, thisServer }: ConfigFile): Loaded4 | undefined {
  try {
    return loadConfigFile(file, daemonContext(thisServer))
  } catch (error) {
    process.stderr.write(`whio: ${unreadableWords(file, error)}\n`)
    return undefined
  }
}

/** Why a file cannot even be read, '' where it can. */
export function unreadable(file: string): string {
  try {
    readFileSync(file)
    return ''
  } catch (error) {
    return unreadableWords(file, error)
  }
}

export function unreadableWords(file: string, error: unknown): string {
  return `${file} cannot be read: ${wordsOf(error)}`
}

/** `3 errors`. */
export function errorsIn({
  problems,
}: {
  readonly problems: readonly { readonly severity: string }[]
}): string {
  return counted(problems.filter(({ severity }) => severity === 'error').length, 'error')
}

/** `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
