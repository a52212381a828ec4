// `whio export -c FILE --to TARGET`: the leases of the journal that the configuration names, also
// beside its server, into a lease file of Kea (TARGET ends in .csv; in 4.csv or 6.csv where the
// configuration serves both families), another journal (.sqlite), or a database.

import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeDatabase } from '../config/plan/connection-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import { type ImportResult, importFrom } from '../platform/import-csv.ts'
import { databaseSource, importShared } from '../platform/import-shared.ts'
import { type ImportSource, journalSource } from '../platform/import-source.ts'
import { memberName } from '../platform/lease-journal.ts'
import { connectionOfUrl, isDatabaseUrl } from '../platform/postgres/url.ts'
import { wordsOf } from '../platform/system-error.ts'
import { tellImport } from './import.ts'
import { allOf, listingOf, whyUnread } from './listing.ts'
import { counted, loadOrTell } from './load.ts'
import { CONFIG_OPTIONS, nameOf, oneConfigFile, UsageError } from './usage.ts'

const TARGETS =
  '--to: the name of a file ends in .csv (a lease file of Kea) or in .sqlite (a journal of Whio); a database is postgresql://user@host/name'

/** Exit code 0: all leases are there; 1: some are not, or none. */
export async function exportLeases(args: string[]): Promise<number> {
  const options = { ...CONFIG_OPTIONS, to: { type: 'string' } } as const
  const { values } = parseArgs({ args, options })
  const { to } = values
  if (values.config === undefined || to === undefined)
    throw new UsageError('name the configuration with -c, and the target with --to')
  const config = oneConfigFile(values)
  const served = loadOrTell(config)
  if (served === undefined) return 1
  const { plan } = served
  if (!plan.database.persist) return fail(`${nameOf(config)} keeps leases in memory only`)
  try {
    if (/\.csv$/i.test(to)) return await writeCsv(plan, to)
    if (!isDatabaseUrl(to) && !/\.sqlite$/i.test(to)) throw new UsageError(TARGETS)
    const { result, place } = await moved(plan, to)
    tellImport(result, place, isDatabaseUrl(to) ? 'written' : 'written, as a journal of Whio')
    return result.kept.length + result.problemCount === 0 ? 0 : 1
  } catch (error) {
    if (error instanceof UsageError) throw error
    return fail((error as Error).message)
  }
}

async function moved(
  plan: Plan,
  to: string,
): Promise<{ readonly result: ImportResult; readonly place: string }> {
  const source = await ownSource(plan)
  if (!isDatabaseUrl(to)) return { result: await importFrom(source, to), place: to }
  const target = connectionOfUrl(to)
  if (target.type === 'mysql')
    throw new UsageError('--to: MySQL takes no leases; a .csv file goes into it by kea-admin')
  const result = await importShared(source, target, `${memberName(plan)} (export)`)
  return { result, place: describeDatabase(target) }
}

async function ownSource({ database: { path, shared } }: Plan): Promise<ImportSource> {
  return shared === undefined ? journalSource(path) : databaseSource(shared.connection, true)
}

async function writeCsv(plan: Plan, to: string): Promise<number> {
  const version = familyOf(plan, to)
  const { path, shared } = plan.database
  const listing = await listingOf(plan.database)
  if (existsSync(to)) return fail(`${to} is there already`)
  let lines: string[]
  try {
    lines = await allOf(listing.csv(version))
  } catch (error) {
    if (shared !== undefined) throw error
    return fail(whyUnread(path, error))
  }
  try {
    writeFileSync(to, lines.map((line) => `${line}\n`).join(''), { mode: 0o640, flag: 'wx' })
  } catch (error) {
    return fail(`${to} cannot be written: ${wordsOf(error)}`)
  }
  process.stdout.write(`${to}: ${counted(lines.length - 1, 'lease')} of ${listing.name}\n`)
  return 0
}

function familyOf({ dhcp4, dhcp6 }: Plan, to: string): 4 | 6 {
  if (dhcp6 === undefined) return 4
  if (dhcp4 === undefined) return 6
  const digit = /([46])\.csv$/i.exec(to)?.[1]
  if (digit === undefined)
    throw new UsageError('--to: both families are served; a name ends in 4.csv or 6.csv')
  return digit === '4' ? 4 : 6
}

function fail(text: string): number {
  process.stderr.write(`whio export: ${text}\n`)
  return 1
}
