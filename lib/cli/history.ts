// `whio history CLIENT | ADDRESS | NAME`: who had what, and when, as far as the history of leases
// goes back (Whio.lease-history): in the journal, or in the database that servers share. It is read
// beside them.

import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { describeDatabase } from '../config/plan/connection-plan.ts'
import { leaseDatabaseOfFiles } from '../platform/config-file.ts'
import { historyOf } from '../platform/journal/history.ts'
import { holdingsOf } from '../platform/journal/holdings.ts'
import { holdingsInDatabase } from '../platform/postgres/past.ts'
import type { Holding } from '../ports/lease-history.ts'
import { whyUnread } from './listing.ts'
import { printable } from './printable.ts'
import { CONFIG_OPTIONS, nameOf, oneConfigFile, UsageError } from './usage.ts'

/** Exit code 0: something is known; 1: nothing, or there is no journal. */
export async function history(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...CONFIG_OPTIONS, json: { type: 'boolean', default: false } },
  })
  const [about] = positionals
  if (about === undefined || positionals.length > 1)
    throw new UsageError('name one address, hardware address, client identifier, DUID or name')
  const config = oneConfigFile(values)
  const database = leaseDatabaseOfFiles(config.files)
  if (database === undefined) return fail(`${nameOf(config)} does not tell where the leases are`)
  const { path, shared } = database
  const place = shared === undefined ? path : describeDatabase(shared.connection)
  try {
    const found =
      shared === undefined
        ? inFile(path, about)
        : await holdingsInDatabase(shared.connection, about)
    for (const line of values.json ? found.map((one) => JSON.stringify(one)) : linesOf(found))
      process.stdout.write(`${line}\n`)
    if (!values.json && found.some(({ until }) => until === undefined))
      process.stdout.write(`\n${TOLD}\n`)
    return found.length > 0 ? 0 : fail(`nothing is known of ${printable(about)} in ${place}`)
  } catch (error) {
    const trouble = `${place} cannot be read: ${(error as Error).message}`
    return fail(shared === undefined ? whyUnread(path, error) : trouble)
  }
}

function inFile(path: string, about: string): Holding[] {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return holdingsOf(historyOf(db), about)
  } finally {
    db.close()
  }
}

export function linesOf(holdings: readonly Holding[]): string[] {
  const rows = holdings.map((one) => [
    timeOf(one.from),
    one.until === undefined ? `(told ${timeOf(one.told)})` : timeOf(one.until),
    one.address,
    one.what,
    one.hwAddress || '-',
    printable(one.hostname) || '-',
    one.clientId || '-',
  ])
  if (rows.length === 0) return []
  const all = [HEADER, ...rows]
  const widths = HEADER.map((_, at) => Math.max(...all.map((row) => row[at]!.length)))
  return all.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}

/** Below the table. */
const TOLD =
  'told: the lease goes on, as far as is known; its client was told of it last at that time'

const HEADER = [
  'FROM (UTC)',
  'UNTIL (UTC)',
  'ADDRESS',
  'WHAT',
  'HARDWARE ADDRESS',
  'NAME',
  'CLIENT ID OR DUID',
]

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

function fail(text: string): number {
  process.stderr.write(`whio history: ${text}\n`)
  return 1
}
