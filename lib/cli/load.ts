// A configuration for a command that goes on only with a good one.

import { readFileSync } from 'node:fs'
import type { Loaded } from '../config/load.ts'
import type { Plan } from '../config/plan/plan.ts'
import { formatProblem } from '../config/text/problem.ts'
import { daemonContext, loadConfigFiles } from '../platform/config-file.ts'
import { wordsOf } from '../platform/system-error.ts'
import { type ConfigFile, nameOf } from './usage.ts'

/** What can be served. */
export interface Served {
  readonly plan: Plan
  /** Undefined where it is for good: a document may be many times as large as its plan. */
  readonly moving: Loaded | undefined
}

export function servedOf(loaded: Loaded, plan: Plan): Served {
  const isMoving = plan.dhcp6 !== undefined && plan.dhcp6.prefixSources.length > 0
  return { plan, moving: isMoving ? loaded : undefined }
}

/**
 * What is in a file that can be served; errors and warnings go to stderr, and so does why it cannot
 * be. Who serves it is told `everything`: also what Whio does in another way than the file says.
 */
export function loadOrTell(config: ConfigFile, everything = false): Served | undefined {
  const loaded = readOrTell(config)
  if (loaded === undefined) return undefined
  for (const problem of loaded.problems)
    if (everything || problem.severity !== 'info')
      process.stderr.write(`${problem.severity}: ${formatProblem(problem)}\n`)
  const { plan } = loaded
  if (plan !== undefined) return servedOf(loaded, plan)
  process.stderr.write(`whio: ${nameOf(config)} cannot be served as it is: ${errorsIn(loaded)}\n`)
  return undefined
}

/** Why nothing could be served with a file as it is now, '' where it could. */
export function troubleOfFile(config: ConfigFile): string {
  try {
    const loaded = loadConfigFiles(config.files, daemonContext(config))
    return loaded.plan === undefined
      ? `${nameOf(config)} has ${errorsIn(loaded)} (\`whio check\`)`
      : ''
  } catch (error) {
    return unreadableWords(config, error)
  }
}

/** What is in a file; where it cannot be read, undefined, and stderr says why. */
export function readOrTell(config: ConfigFile): Loaded | undefined {
  try {
    return loadConfigFiles(config.files, daemonContext(config))
  } catch (error) {
    process.stderr.write(`whio: ${unreadableWords(config, error)}\n`)
    return undefined
  }
}

/** Why its files cannot even be read, '' where they can. */
export function unreadable(config: ConfigFile): string {
  try {
    for (const file of config.files) readFileSync(file)
    return ''
  } catch (error) {
    return unreadableWords(config, error)
  }
}

/** The error names the file that it is about, where it is about one. */
export function unreadableWords(config: ConfigFile, error: unknown): string {
  const { path } = error as NodeJS.ErrnoException
  return `${path ?? nameOf(config)} cannot be read: ${wordsOf(error)}`
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
