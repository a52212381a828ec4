// `whio leases FILE`: what stands in the journal that a configuration names, also while a server
// uses it.

import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import { leaseDatabaseOfFiles } from '../platform/config-file.ts'
import { type ListedLease, listLeases } from '../platform/journal/list.ts'
import { openTrouble } from '../platform/journal/trouble.ts'
import { durationWords } from './forecast.ts'
import { counted, unreadable } from './load.ts'
import { printable } from './printable.ts'
import { relayWords } from './relay-words.ts'
import { CONFIG_OPTIONS, nameOf, oneConfigFile, UsageError } from './usage.ts'

const STATES = ['assigned', 'declined', 'expired', 'released'] as const

/** Exit code 1: there is no journal, or it cannot be read. */
export function leases(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      json: { type: 'boolean', default: false },
      address: { type: 'string' },
      client: { type: 'string' },
      name: { type: 'string' },
      subnet: { type: 'string' },
      state: { type: 'string' },
    },
  })
  const config = oneConfigFile(values, positionals)
  const file = nameOf(config)
  const isWanted = filterOf(values)
  const database = leaseDatabaseOfFiles(config.files)
  if (database === undefined)
    return fail(unreadable(config) || `${file} does not tell where the leases are (\`whio check\`)`)
  if (!database.persist) return fail(`${file} keeps leases in memory only`)
  return list(database, isWanted, values.json)
}

type Filter = (lease: ListedLease) => boolean

interface Wishes {
  readonly address?: string | undefined
  readonly client?: string | undefined
  readonly name?: string | undefined
  readonly subnet?: string | undefined
  readonly state?: string | undefined
}

/** All that are named must fit; of the identifiers of a client any part is enough. */
function filterOf({ address, client, name, subnet, state }: Wishes): Filter {
  if (state !== undefined && !STATES.some((known) => known === state))
    throw new UsageError(`--state: one of ${STATES.join(', ')}`)
  if (subnet !== undefined && !/^\d+$/.test(subnet))
    throw new UsageError(`--subnet: '${subnet}' is no id of a subnet`)
  if (client !== undefined && !/^[0-9a-f:.-]*[0-9a-f][0-9a-f:.-]*$/i.test(client))
    throw new UsageError(`--client: '${client}' is no hardware address, nor a part of one`)
  const digits = client === undefined ? '' : digitsOf(client)
  return (lease) =>
    (address === undefined || isLike(lease.address, address)) &&
    (digits === '' ||
      [lease.hwAddress, lease.clientId].some((id) => digitsOf(id).includes(digits))) &&
    (name === undefined || isLike(lease.hostname.toLowerCase(), name.toLowerCase())) &&
    (subnet === undefined || lease.subnet === Number(subnet)) &&
    (state === undefined || lease.state === state)
}

/** `192.0.2.1` is that address and no other; `192.0.2.*` is where many begin. */
function isLike(text: string, wish: string): boolean {
  return wish.endsWith('*') ? text.startsWith(wish.slice(0, -1)) : text === wish
}

/** Hexadecimal digits alone, however they are separated. */
function digitsOf(text: string): string {
  return text.toLowerCase().replace(/[^0-9a-f]/g, '')
}

function list({ path }: LeaseDatabasePlan, isWanted: Filter, asJson: boolean): number {
  try {
    let count = 0
    let all = 0
    for (const lease of listLeases(path)) {
      if (all === 0 && !asJson) line(HEADER)
      all++
      if (!isWanted(lease)) continue
      count++
      if (asJson) process.stdout.write(`${JSON.stringify({ ...lease, ends: isoOf(lease) })}\n`)
      else line(columnsOf(lease))
    }
    const found = count === all ? counted(all, 'lease') : `${count} of ${counted(all, 'lease')}`
    if (!asJson) process.stdout.write(`${path}: ${found}\n`)
    return 0
  } catch (error) {
    if (isMissing(path)) return fail(`there is no journal at ${path} (yet)`)
    return fail(`${path} cannot be read: ${openTrouble(path, error)}`)
  }
}

const HEADER = [
  'ADDRESS',
  'STATE',
  'SUBNET',
  'HARDWARE ADDRESS',
  'ENDS (UTC)',
  'LEFT',
  'NAME',
  'CLIENT ID',
  'RELAY',
]
const WIDTHS = [15, 8, 6, 17, 19, 13, 15, 20, 0]

function columnsOf({
  address,
  state,
  subnet,
  hwAddress,
  ends,
  left,
  hostname,
  clientId,
  userContext,
}: ListedLease) {
  const rest = left === null ? '-' : left > 0 ? durationWords(left * 1000) : 'over'
  const ids = [hwAddress || '-', ends, rest, printable(hostname) || '-', clientId || '-']
  return [address, state, `${subnet}`, ...ids, relayWords(userContext)]
}

/** For programs: a time that they do not take for local time. */
function isoOf({ ends }: ListedLease): string {
  return ends === 'never' ? ends : `${ends.replace(' ', 'T')}Z`
}

function line(columns: readonly string[]): void {
  const padded = columns.map((text, at) => text.padEnd(WIDTHS[at]!))
  process.stdout.write(`${padded.join('  ').trimEnd()}\n`)
}

/** A file that may not be looked at is there all the same. */
function isMissing(path: string): boolean {
  try {
    statSync(path)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function fail(text: string): number {
  process.stderr.write(`whio leases: ${text}\n`)
  return 1
}
