// What the log says of changes of the configuration, and what is answered to a reload of a file
// that cannot be served.

import type { Plan } from '../../config/plan/plan.ts'
import type { Reading } from '../../ports/config-source.ts'
import type { Reporter } from '../reporter.ts'
import { tellProblems, tellRefused } from './config-lines.ts'
import type { EditRecord } from './edit-record.ts'
import { DONE } from './results.ts'
import type { ConfigResult } from './running-configuration.ts'

type Log = Pick<Reporter, 'say'>
/** Why each record is not in force. */
type Unusable = ReadonlyMap<string, string>

/** Returns why nothing can be served with the files as they are. */
export function tellNotReloaded(
  reporter: Log,
  reading: Reading,
  files: readonly string[],
  plan: Plan,
): string {
  tellProblems(reading.problems, plan, reporter)
  const file = files.join(' and ')
  const trouble = troubleOf(reading, file)
  tellRefused(reading.problems, plan, reporter, { file, trouble })
  return trouble
}

function troubleOf({ problems, trouble }: Reading, file: string): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  return trouble || `${file} has ${errors} error${errors === 1 ? '' : 's'}`
}

export function refusedReload({ problems }: Reading, why: string): ConfigResult {
  const told = problems.filter(({ severity }) => severity !== 'info')
  const said = `${why}: what was in force stays in force`
  return { ...DONE, allowed: false, why: said, problems: told }
}

/** Those that were in force before, or are new. */
export function tellUnusable(log: Log, before: Unusable, after: Unusable): void {
  for (const [id, why] of after) if (!before.has(id)) log.say('CONFIG_EDIT_UNUSABLE', { why })
}

interface Inserted {
  readonly dropped: number
  /** That stand over the file by now. */
  readonly edits: number
  readonly before: Unusable
  readonly after: Unusable
}

/** A record of the partner has come. */
export function tellInserted(log: Log, record: EditRecord, inserted: Inserted): void {
  const { dropped, edits, before, after } = inserted
  if (dropped > 0) log.say('CONFIG_EDITS_DROPPED', { edits: dropped })
  tellUnusable(log, before, after)
  if (record.state !== 'stands' || after.has(record.id)) return
  log.say('CONFIG_EDITED', { command: `${record.author.command} at the partner`, edits })
}
