// What configuration databases say comes into force as a reload of the files does: judged as a
// whole, between two batches, and where it is wrong nothing changes.

import type { Edit } from '../../config/edits.ts'
import { describeDatabase } from '../../config/plan/connection-plan.ts'
import type { Plan } from '../../config/plan/plan.ts'
import { formatProblem } from '../../config/text/problem.ts'
import type { ConfigSource, Reading } from '../../ports/config-source.ts'
import type { Reporter } from '../reporter.ts'
import { tellProblems } from './config-lines.ts'
import type { InForce } from './in-force.ts'
import { DONE, refusedBy, WHY_NOT } from './results.ts'
import type { ConfigResult } from './running-configuration.ts'
import type { Turn } from './turns.ts'

export interface PullDuties {
  readonly source: ConfigSource
  readonly inForce: InForce
  readonly reporter: Pick<Reporter, 'say'>
  isEnding(): boolean
  /** What files and databases say is another. */
  accept(done: () => void, lost: Turn['lost']): void
}

export function pullDatabases(duties: PullDuties, { over, answer, lost }: Turn): void {
  const { source, inForce, reporter } = duties
  inForce.pull((reading, built) => {
    if (duties.isEnding()) return over(answer, refusedBy(WHY_NOT.stopping))
    if (built === undefined) return over(answer, notPulled(reading, inForce.built.plan, reporter))
    source.using(built.plan)
    const told = (): void => over(answer, { ...DONE, problems: reading.problems })
    if (built.document === inForce.base.document) return told()
    tellProblems(reading.problems, built.plan, reporter)
    inForce.base = built
    duties.accept(told, lost)
  }, lost)
}

/** That a database is away was told when it was seen. */
function notPulled(reading: Reading, plan: Plan, reporter: PullDuties['reporter']): ConfigResult {
  const { problems, trouble } = reading
  if (trouble !== '') return refusedBy(trouble)
  tellProblems(problems, plan, reporter)
  const error = problems.find(({ severity }) => severity === 'error')
  const why = error === undefined ? 'it could not be served' : formatProblem(error)
  reporter.say('CONFIG_DATABASE_REFUSED', { problem: why })
  return { ...refusedBy(why), problems }
}

const IN_THE_FILE = 'config-control'

/**
 * What is answered to who would change the configuration by a command, '' where it may be: edits
 * would stand over what others write into the database, and could not be written into the file.
 */
export function whyNoEdits(edits: readonly Edit[], { configDatabases }: Plan): string {
  const [database] = configDatabases
  if (database !== undefined) {
    const name = describeDatabase(database.connection)
    return `the configuration comes from a file and from ${name}: change it there`
  }
  return edits.some(({ path, value }) => path[1] === IN_THE_FILE || isNaming(path, value))
    ? `${IN_THE_FILE} comes into force by the file: write it there and reload`
    : ''
}

/** A whole map of a server that names databases. */
function isNaming(path: Edit['path'], value: unknown): boolean {
  return path.length === 1 && Object.hasOwn(Object(value), IN_THE_FILE)
}
