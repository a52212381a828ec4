// `whio import -c FILE LEASES.csv`: reads Kea's lease file, with what Kea keeps beside it, into the
// journal that the configuration names; with --from also Kea's tables in a database, or another
// journal of Whio. A server must not be running, unless its leases are in a database.

import { parseArgs } from 'node:util'
import { textFromIpv4 } from '../address/ipv4.ts'
import { textFromPrefix6 } from '../address/prefix6.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { describeDatabase } from '../config/plan/connection-plan.ts'
import type { Plan } from '../config/plan/plan.ts'
import { duidOf } from '../leases/binding.ts'
import { type ImportResult, importFrom } from '../platform/import-csv.ts'
import { importShared, sourceOf } from '../platform/import-shared.ts'
import { csvSource, type ImportSource } from '../platform/import-source.ts'
import { memberName } from '../platform/lease-journal.ts'
import { counted, loadOrTell } from './load.ts'
import { CONFIG_OPTIONS, nameOf, oneConfigFile, UsageError } from './usage.ts'

/** Exit code 0: all rows are in the journal; 1: some are not, or none. */
export async function importLeases(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      from: { type: 'string' },
      force: { type: 'boolean', default: false },
    },
  })
  const [csv, ...more] = positionals
  const isOne = (csv === undefined) !== (values.from === undefined) && more.length === 0
  if (values.config === undefined || !isOne)
    throw new UsageError('name the configuration with -c, and one CSV file or --from SOURCE')
  const config = oneConfigFile(values)
  const served = loadOrTell(config)
  if (served === undefined) return 1
  const { plan } = served
  if (!plan.database.persist) {
    process.stderr.write(`whio import: ${nameOf(config)} keeps leases in memory only\n`)
    return 1
  }
  let result: ImportResult
  try {
    const source = csv === undefined ? await sourceOf(values.from!, values.force) : csvSource(csv)
    result = await importInto(plan, source)
  } catch (error) {
    process.stderr.write(`whio import: ${(error as Error).message}\n`)
    return 1
  }
  tellImport(result, placeOf(plan))
  return result.kept.length + result.problemCount === 0 ? 0 : 1
}

function importInto(plan: Plan, source: ImportSource): Promise<ImportResult> {
  const { path, shared } = plan.database
  if (shared === undefined) return importFrom(source, path)
  return importShared(source, shared.connection, `${memberName(plan)} (import)`)
}

function placeOf({ database: { path, shared } }: Plan): string {
  return shared === undefined ? path : describeDatabase(shared.connection)
}

/** `done`: what was done with the leases. */
export function tellImport(result: ImportResult, place: string, done = 'read in'): void {
  const { files, taken, kept, problems, problemCount } = result
  for (const { file, line, text } of problems) process.stdout.write(`${file}:${line}: ${text}\n`)
  const more = problemCount - problems.length
  if (more > 0) process.stdout.write(`and ${counted(more, 'more row')}\n`)
  for (const lease of kept) {
    const [key, client] = namesOf(lease)
    const who = client === '' ? 'declined in the file' : `not for ${client}`
    process.stdout.write(
      `${key}: ${who}, the journal has it leased to another client, or declined\n`,
    )
  }
  const left = kept.length === 0 ? '' : `, ${kept.length} left out`
  const unusable = problemCount === 0 ? '' : `, ${counted(problemCount, 'row')} unusable`
  const source = files.join(', ')
  process.stdout.write(
    `${place}: ${counted(taken, 'lease')} ${done}${left}${unusable} (${source})\n`,
  )
}

function namesOf(lease: ImportResult['kept'][number]): [key: string, client: string] {
  const { address, hwAddress, clientId } = lease
  if (typeof address === 'string')
    return [textFromPrefix6(address), hexFromOctets(duidOf(lease), ':')]
  return [textFromIpv4(address), hexFromOctets(hwAddress === '' ? clientId : hwAddress, ':')]
}
