// A configuration for a command that goes on only with a good one.

import { readFileSync } from 'node:fs'
import { Compiler } from '../config/compile/compile.ts'
import type { ConfigDocument } from '../config/keys/document.ts'
import type { Loaded } from '../config/load.ts'
import type { Plan } from '../config/plan/plan.ts'
import { formatProblem } from '../config/text/problem.ts'
import { type LoadedKept, loadWithKept } from '../platform/config-databases/load-kept.ts'
import { daemonContext, type FileTexts, type LoadedFiles } from '../platform/config-file.ts'
import { wordsOf } from '../platform/system-error.ts'
import { type ConfigFile, nameOf } from './usage.ts'

/** What can be served. */
export interface Served extends Loaded {
  readonly plan: Plan
  readonly document: ConfigDocument
  readonly digest: string
  readonly included: readonly string[]
  readonly texts: FileTexts | undefined
  /** What edits of the document are compiled by: it knows all that stays the same. */
  readonly compiler: Compiler
}

/**
 * What is in a file that can be served; errors and warnings go to stderr, and so does why it cannot
 * be. Who serves it is told `everything`: also what Whio does in another way than the file says.
 */
export function loadOrTell(config: ConfigFile, everything = false): Served | undefined {
  const compiler = new Compiler()
  const loaded = readOrTell(config, compiler)
  return loaded && servedOrTell(config, loaded, compiler, everything)
}

/** The same of what was read already. */
export function servedOrTell(
  config: ConfigFile,
  loaded: LoadedFiles,
  compiler: Compiler,
  everything: boolean,
): Served | undefined {
  for (const problem of loaded.problems)
    if (everything || problem.severity !== 'info')
      process.stderr.write(`${problem.severity}: ${formatProblem(problem)}\n`)
  const { plan, document } = loaded
  if (plan !== undefined && document !== undefined) return { ...loaded, plan, document, compiler }
  process.stderr.write(`whio: ${nameOf(config)} cannot be served as it is: ${errorsIn(loaded)}\n`)
  return undefined
}

/** Why nothing could be served with a file as it is now, '' where it could. */
export function troubleOfFile(config: ConfigFile): string {
  try {
    const loaded = loadWithKept(config.files, daemonContext(config))
    return loaded.plan === undefined
      ? `${nameOf(config)} has ${errorsIn(loaded)} (\`whio check\`)`
      : ''
  } catch (error) {
    return unreadableWords(config, error)
  }
}

/**
 * What is in a file, with what its databases said when that was kept; where it cannot be read,
 * undefined, and stderr says why.
 */
export function readOrTell(config: ConfigFile, compiler = new Compiler()): LoadedKept | undefined {
  try {
    return loadWithKept(config.files, daemonContext(config), { compiler })
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
