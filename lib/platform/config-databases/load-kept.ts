// A configuration whose databases are not asked: its files, with what the databases said when their
// server last had it in force. For who looks at files beside the server.

import type { Before } from '../../config/load.ts'
import type { CompileContext } from '../../config/plan/compile-context.ts'
import type { ConfigDatabasePlan } from '../../config/plan/config-databases-plan.ts'
import { type LoadedFiles, leaseDatabaseOfFiles, loadConfigFiles } from '../config-file.ts'
import { type Kept, keptFile, keptOf } from './kept.ts'

export interface KeptNote {
  readonly plan: ConfigDatabasePlan
  /** Undefined: nothing is known of it. */
  readonly kept: Kept | undefined
}

export interface LoadedKept extends LoadedFiles {
  readonly notes: readonly KeptNote[]
}

/** Throws where a file cannot be read. */
export function loadWithKept(
  files: readonly string[],
  context: CompileContext,
  before?: Before,
): LoadedKept {
  const loaded = loadConfigFiles(files, context, before)
  const { configDatabases, texts } = loaded
  if (configDatabases.length === 0) return { ...loaded, notes: [] }
  const place = loaded.plan?.database ?? leaseDatabaseOfFiles(files)
  const file = place && keptFile(place.path, place.persist)
  const notes = configDatabases.map((plan) => ({ plan, kept: keptOf(file, plan) }))
  const parts = notes.flatMap(({ kept }) => kept?.part ?? [])
  if (parts.length === 0) return { ...loaded, notes }
  return { ...loadConfigFiles(files, context, before, { kept: texts, parts }), notes }
}
