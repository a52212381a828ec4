// `whio history CLIENT | ADDRESS | NAME`: who had what, and when, as far as the history of leases
// goes back (Whio.lease-history). It is read beside a server that writes to it.

import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { prefix6FromText, textFromPrefix6 } from '../address/prefix6.ts'
import { LEASE_STATE } from '../leases/lease.ts'
import { leaseDatabaseOfFiles } from '../platform/config-file.ts'
import { type HistoryEntry, historyOf } from '../platform/journal/history.ts'
import { openTrouble } from '../platform/journal/trouble.ts'
import { INFINITE_LIFETIME } from '../time/units.ts'
import { printable } from './printable.ts'
import { CONFIG_OPTIONS, nameOf, oneConfigFile, UsageError } from './usage.ts'

/** What somebody had, from one time to another. */
export interface Holding extends Omit<HistoryEntry, 'at' | 'start' | 'state'> {
  readonly from: number
  /** When it was told last, and when it ended: undefined = it has not, as far as is known. */
  readonly told: number
  readonly until: number | undefined
  readonly what: 'leased' | 'declined' | 'registered'
}

/** Exit code 0: something is known; 1: nothing, or there is no journal. */
export function history(args: string[]): number {
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
  const { path } = database
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true })
    try {
      const found = holdingsOf(historyOf(db), about)
      for (const line of values.json ? found.map((one) => JSON.stringify(one)) : linesOf(found))
        process.stdout.write(`${line}\n`)
      return found.length > 0 ? 0 : fail(`nothing is known of ${printable(about)} in ${path}`)
    } finally {
      db.close()
    }
  } catch (error) {
    return fail(`${path} cannot be read: ${openTrouble(path, error)}`)
  }
}

/** Of an address whoever had it, of a client whatever it had; the oldest first. */
export function holdingsOf(entries: Iterable<HistoryEntry>, about: string): Holding[] {
  const isMeant = meantBy(about)
  const found: { holding: Holding; isMeant: boolean }[] = []
  /** By address, the last one. */
  const open = new Map<string, number>()
  for (const entry of entries) {
    const at = open.get(entry.address)
    const last = at === undefined ? undefined : found[at]!
    if (last !== undefined && isSame(last.holding, entry)) {
      last.holding = { ...last.holding, told: entry.at, validLifetime: entry.validLifetime }
      continue
    }
    if (last !== undefined && last.holding.until === undefined)
      last.holding = { ...last.holding, until: endOf(last.holding, entry.at) }
    const what = WHAT.get(entry.state)
    open.delete(entry.address)
    if (what === undefined || entry.validLifetime === 0) continue
    open.set(entry.address, found.length)
    const { at: from, start: _start, state: _state, ...rest } = entry
    found.push({
      holding: { ...rest, what, from, told: from, until: undefined },
      isMeant: isMeant(entry),
    })
  }
  return found.filter((one) => one.isMeant).map(({ holding }) => holding)
}

const WHAT = new Map<number, Holding['what']>([
  [LEASE_STATE.assigned, 'leased'],
  [LEASE_STATE.declined, 'declined'],
  [LEASE_STATE.registered, 'registered'],
])

function isSame(holding: Holding, { clientId, hwAddress, state, validLifetime }: HistoryEntry) {
  if (WHAT.get(state) !== holding.what || validLifetime === 0) return false
  return holding.clientId === clientId && holding.hwAddress === hwAddress
}

/** What was told of later had ended by itself before. */
function endOf({ told, validLifetime }: Holding, at: number): number {
  if (validLifetime === INFINITE_LIFETIME) return at
  return Math.min(at, told + validLifetime * 1000)
}

function meantBy(about: string): (entry: HistoryEntry) => boolean {
  const key = about.includes(':') ? prefix6FromText(about) : undefined
  const address = key === undefined ? about : textFromPrefix6(key)
  const digits = about.toLowerCase().replace(/[^0-9a-f]/g, '')
  const isId = /^[0-9a-f]{1,2}([:-][0-9a-f]{1,2})+$/i.test(about) || /^[0-9a-f]{6,}$/i.test(about)
  const name = about.toLowerCase()
  return (entry) =>
    entry.address === address ||
    entry.hostname.toLowerCase() === name ||
    (isId && [entry.hwAddress, entry.clientId].some((one) => one.replaceAll(':', '') === digits))
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
