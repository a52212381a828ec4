// From a configuration, as an object or a file, to a plan.

import type { ConfigDocument } from '../config/keys/document.ts'
import { type Loaded, loadPlanFromObject } from '../config/load.ts'
import type { ConfigDatabasePlan } from '../config/plan/config-databases-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import { formatProblem, type Problem } from '../config/text/problem.ts'
import { loadAnyConfigFiles, thisMachine } from '../platform/config-file.ts'

/**
 * A configuration that cannot be served; `problems` has everything that is wrong, with its place.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const errors = problems.filter(({ severity }) => severity === 'error')
    super(errors.map(formatProblem).join('\n'))
    this.problems = problems
  }
}

/**
 * A Kea configuration as an object, or the path of a file that holds one, or of two: one with Dhcp4
 * and one with Dhcp6. ConfigDocument knows the keys that this version serves, for completion and
 * for `satisfies ConfigDocument`; whatever else the maps hold is judged when it is read.
 */
export type Configuration =
  | ConfigDocument
  | { readonly Dhcp4: object }
  | { readonly Dhcp6: object }
  | string
  | readonly string[]

/** Compiles a configuration without serving it: the plan, and every problem with its place. */
export function loadConfig(config: Configuration, stateDirectory?: string): Loaded {
  return loadWith(config, stateDirectory === undefined ? {} : { stateDirectory })
}

export interface LoadOptions {
  /** Folder of the journal when the configuration names no place; without it, leases of such a
   * configuration are kept in memory only. */
  readonly stateDirectory?: string
  /** The peer of the `high-availability` map that this server is, where the map does not say. */
  readonly thisServer?: string
}

function loadWith(config: Configuration, { stateDirectory, thisServer }: LoadOptions): Loaded {
  const named = thisServer === undefined ? {} : { thisServer }
  const context = { stateDirectory, ...thisMachine(), ...named }
  if (typeof config === 'string') return loadAnyConfigFiles([config], context)
  if (Array.isArray(config)) return loadAnyConfigFiles(config, context)
  return loadPlanFromObject(config, context)
}

export function planOf(config: Configuration, options: LoadOptions): Plan {
  const { plan, problems: found } = loadWith(config, options)
  const problems = [...found, ...(plan?.configDatabases ?? []).map(notAsked)]
  const isBad = problems.some(({ severity }) => severity === 'error')
  if (plan === undefined || isBad) throw new ConfigError(problems)
  return plan
}

/** The rest of such a configuration is not here: nobody is to be served with a part of it. */
function notAsked({ family }: ConfigDatabasePlan): Problem {
  const message = 'a server inside a program asks no configuration database'
  const what = { code: 'config-database', message, hint: 'use whio serve' }
  return { severity: 'error', path: [`Dhcp${family}`, 'config-control'], ...what }
}
