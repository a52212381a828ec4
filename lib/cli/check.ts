// `whio check FILE`: everything that is wrong with a configuration, and what is merely worth
// knowing.

import { describeHa } from '../config/ha/describe.ts'
import { describeDatabase } from '../config/plan/connection-plan.ts'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import { socketPathTrouble } from '../config/plan/socket-path.ts'
import { formatProblem } from '../config/text/problem.ts'
import type { KeptNote } from '../platform/config-databases/load-kept.ts'
import { controlPathOf } from '../platform/control-socket.ts'
import { certificateProblems } from '../platform/link/check.ts'
import { hookFindings } from './hook-check.ts'
import { interfaceFindings, interfaceFindings6 } from './interface-check.ts'
import { counted, errorsIn, readOrTell } from './load.ts'
import { rightsFinding } from './rights-check.ts'
import { configFileFrom, nameOf } from './usage.ts'

/** Exit code 0: good (perhaps with warnings); 1: errors, or not to be read. */
export function check(args: string[]): number {
  const config = configFileFrom(args)
  const loaded = readOrTell(config)
  if (loaded === undefined) return 1
  const { plan } = loaded
  const certificates = plan?.ha === undefined ? [] : certificateProblems(plan.ha, Date.now())
  const rights = plan && rightsFinding(plan.database, plan.ha)
  const interfaces = plan?.dhcp4 === undefined ? [] : interfaceFindings(plan.dhcp4)
  const interfaces6 = plan?.dhcp6 === undefined ? [] : interfaceFindings6(plan.dhcp6)
  const door = plan === undefined ? [] : doorFindings(plan.database)
  const hooks = plan === undefined ? [] : hookFindings(plan.hooks, config.files)
  const host = [...interfaces, ...interfaces6, ...door, ...hooks, ...certificates]
  const problems = [...loaded.problems, ...host, ...(rights === undefined ? [] : [rights])]
  for (const problem of loaded.problems)
    process.stdout.write(`${problem.severity}: ${formatProblem(problem)}\n`)
  for (const line of databaseLines(loaded.notes)) process.stdout.write(`info: ${line}\n`)
  for (const { severity, text } of host) process.stdout.write(`${severity}: ${text}\n`)
  if (plan?.ha !== undefined) process.stdout.write(`pair: ${describeHa(plan.ha)}\n`)
  if (rights !== undefined) process.stdout.write(`${rights.severity}: ${rights.text}\n`)
  const isGood = problems.every(({ severity }) => severity !== 'error')
  const warnings = problems.filter(({ severity }) => severity === 'warning').length
  const verdict = [
    isGood ? 'good' : `not good, ${errorsIn({ problems })}`,
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
  ]
  process.stdout.write(`${nameOf(config)}: ${verdict.join(', ')}\n`)
  return isGood ? 0 : 1
}

/** The socket for orders stands beside the journal, whose name may be too long for that. */
function doorFindings({ path, persist }: LeaseDatabasePlan) {
  const door = controlPathOf(path)
  const trouble = persist ? socketPathTrouble(door) : undefined
  if (trouble === undefined) return []
  const text = `${door}: ${trouble}: \`whio status\` and other orders will not reach the server; give lease-database a shorter name`
  return [{ severity: 'warning' as const, text }]
}

/** A check asks no database: somebody else may have no right to, or none is there. */
function databaseLines(notes: readonly KeptNote[]): string[] {
  return notes.map(({ plan, kept }) => {
    const { family, connection } = plan
    const how =
      kept === undefined ? 'not asked: the file is checked alone' : `as it was read ${kept.read}`
    return `configuration of DHCPv${family}: ${describeDatabase(connection)}, ${how}`
  })
}
