// `whio import -c FILE LEASES.csv`: reads Kea's lease file into the journal that the configuration
// names. The server must not be running.

import { parseArgs } from 'node:util'
import { textFromIpv4 } from '../address/ipv4.ts'
import { hexFromOctets } from '../bytes/octets.ts'
import { importCsv } from '../platform/import-csv.ts'
import { loadOrTell } from './load.ts'
import { UsageError } from './usage.ts'

/** Exit code 0: all rows are in the journal; 1: some are not, or none. */
export async function importLeases(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { config: { type: 'string', short: 'c' } },
  })
  const [csv] = positionals
  if (values.config === undefined || csv === undefined || positionals.length > 1)
    throw new UsageError('name the configuration with -c, and one CSV file')
  const plan = loadOrTell(values.config)
  if (plan === undefined) return 1
  const { persist, path } = plan.leaseDatabase
  if (!persist) throw new UsageError('this configuration keeps leases in memory only')
  let result: Awaited<ReturnType<typeof importCsv>>
  try {
    result = await importCsv(csv, path)
  } catch (error) {
    process.stderr.write(`whio import: ${(error as Error).message}\n`)
    return 1
  }
  for (const { line, text } of result.problems) process.stdout.write(`${csv}:${line}: ${text}\n`)
  for (const lease of result.kept) {
    const client = hexFromOctets(lease.hwAddress, ':')
    process.stdout.write(
      `${textFromIpv4(lease.address)}: not for ${client}, the journal has it leased to another client\n`,
    )
  }
  const { taken, kept, problemCount } = result
  process.stdout.write(
    `${path}: ${taken} leases read in, ${kept.length} left out, ${problemCount} rows unusable\n`,
  )
  return kept.length + problemCount === 0 ? 0 : 1
}
