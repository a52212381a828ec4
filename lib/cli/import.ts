// `whio import -c FILE LEASES.csv`: reads Kea's lease file, with what Kea keeps beside it, into the
// journal that the configuration names. The server must not be running.

import { parseArgs } from 'node:util'
import { textFromIpv4 } from '../address/ipv4.ts'
import { textFromPrefix6 } from '../address/prefix6.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { duidOf } from '../leases/binding.ts'
import { type ImportResult, importCsv } from '../platform/import-csv.ts'
import { counted, loadOrTell } from './load.ts'
import { CONFIG_OPTIONS, nameOf, oneConfigFile, UsageError } from './usage.ts'

/** Exit code 0: all rows are in the journal; 1: some are not, or none. */
export async function importLeases(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: CONFIG_OPTIONS,
  })
  const [csv] = positionals
  if (values.config === undefined || csv === undefined || positionals.length > 1)
    throw new UsageError('name the configuration with -c, and one CSV file')
  const config = oneConfigFile(values)
  const served = loadOrTell(config)
  if (served === undefined) return 1
  const { persist, path } = served.plan.database
  if (!persist) {
    process.stderr.write(`whio import: ${nameOf(config)} keeps leases in memory only\n`)
    return 1
  }
  let result: ImportResult
  try {
    result = await importCsv(csv, path)
  } catch (error) {
    process.stderr.write(`whio import: ${(error as Error).message}\n`)
    return 1
  }
  tell(result, path)
  return result.kept.length + result.problemCount === 0 ? 0 : 1
}

function tell({ files, taken, kept, problems, problemCount }: ImportResult, path: string): void {
  for (const { file, line, text } of problems) process.stdout.write(`${file}:${line}: ${text}\n`)
  const more = problemCount - problems.length
  if (more > 0) process.stdout.write(`and ${counted(more, 'more row')}\n`)
  for (const lease of kept) {
    const [key, client] = namesOf(lease)
    const who = client === '' ? 'declined in the file' : `not for ${client}`
    process.stdout.write(`${key}: ${who}, the journal has it leased to another client\n`)
  }
  const left = kept.length === 0 ? '' : `, ${kept.length} left out`
  const unusable = problemCount === 0 ? '' : `, ${counted(problemCount, 'row')} unusable`
  const source = files.join(', ')
  process.stdout.write(
    `${path}: ${counted(taken, 'lease')} read in${left}${unusable} (${source})\n`,
  )
}

function namesOf(lease: ImportResult['kept'][number]): [key: string, client: string] {
  const { address, hwAddress, clientId } = lease
  if (typeof address === 'string')
    return [textFromPrefix6(address), hexFromOctets(duidOf(lease), ':')]
  return [textFromIpv4(address), hexFromOctets(hwAddress === '' ? clientId : hwAddress, ':')]
}
