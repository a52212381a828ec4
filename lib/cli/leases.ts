// `whio leases FILE`: the leases of the server that runs with a configuration; where none does,
// what stands in the journal that it names.

import { parseArgs } from 'node:util'
import { describeDatabase } from '../config/plan/connection-plan.ts'
import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import { leaseDatabaseOfFiles } from '../platform/config-file.ts'
import type { ListedLease, ListedLease6 } from '../platform/journal/list.ts'
import { wordsOf } from '../platform/system-error.ts'
import { type Device, devicesOf } from './devices.ts'
import { durationWords } from './forecast.ts'
import { type AnyListed, type Filter, filterOf, type Wishes } from './lease-filter.ts'
import { type Order, orderOf } from './lease-sort.ts'
import { allOf, type Listed, type Listing, listingOf, whyUnread } from './listing.ts'
import { counted, unreadable } from './load.ts'
import { printable } from './printable.ts'
import { relayWords, relayWords6 } from './relay-words.ts'
import { serverListing } from './server-leases.ts'
import { CONFIG_OPTIONS, nameOf, oneConfigFile, UsageError } from './usage.ts'

/** Exit code 1: there is no journal, or it cannot be read. */
export async function leases(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      json: { type: 'boolean', default: false },
      csv: { type: 'string' },
      devices: { type: 'boolean', default: false },
      address: { type: 'string' },
      client: { type: 'string' },
      name: { type: 'string' },
      subnet: { type: 'string' },
      state: { type: 'string' },
      sort: { type: 'string' },
    },
  })
  const config = oneConfigFile(values, positionals)
  const file = nameOf(config)
  const isWanted = filterOf(values)
  const order = orderOf(values.sort)
  const csv = versionOf(values)
  const database = leaseDatabaseOfFiles(config.files)
  const show = async (listing: Listing): Promise<void> => {
    if (csv !== undefined) await write(listing, csv)
    else if (values.devices) await listDevices(listing, isWanted, values.json)
    else await list(listing, isWanted, order, values.json)
  }
  const running = await serverListing(config, nameOfDatabase(database, file))
  if (running !== undefined) {
    return await trying(
      () => show(running),
      (error) => `the server: ${wordsOf(error)}`,
    )
  }
  if (database === undefined)
    return fail(unreadable(config) || `${file} does not tell where the leases are (\`whio check\`)`)
  if (!database.persist) return fail(`${file} keeps leases in memory only`)
  let listing: Listing
  try {
    listing = await listingOf(database)
  } catch (error) {
    return fail(`the database cannot be read: ${(error as Error).message}`)
  }
  return await trying(
    () => show(listing),
    (error) => whyUnread(database.path, error),
  )
}

function nameOfDatabase(database: LeaseDatabasePlan | undefined, file: string): string {
  if (database === undefined) return file
  return database.shared === undefined
    ? database.path
    : describeDatabase(database.shared.connection)
}

interface Form extends Wishes {
  readonly csv?: string | undefined
  readonly json: boolean
  readonly devices: boolean
  readonly sort?: string | undefined
}

/** The family whose lease file is wanted. */
function versionOf({ csv, json, devices, sort, ...wishes }: Form) {
  if (devices && sort !== undefined) throw new UsageError('--devices are in order of address')
  if (csv === undefined) return undefined
  if (csv !== '4' && csv !== '6') throw new UsageError('--csv: 4 or 6')
  const { address, client, name, subnet, state } = wishes
  if (
    json ||
    devices ||
    [address, client, name, subnet, state, sort].some((wish) => wish !== undefined)
  )
    throw new UsageError('--csv writes all leases of a family, and nothing beside it')
  return csv === '4' ? 4 : 6
}

async function write(listing: Listing, version: 4 | 6): Promise<void> {
  for await (const text of listing.csv(version)) process.stdout.write(`${text}\n`)
}

async function list(
  listing: Listing,
  isWanted: Filter,
  order: Order,
  asJson: boolean,
): Promise<void> {
  const four = await listEach(order(listing.four()), isWanted, asJson, HEADER, columnsOf)
  const six = await listEach(order(listing.six()), isWanted, asJson, HEADER6, columnsOf6)
  const [count, all] = [four.count + six.count, four.all + six.all]
  const found = count === all ? counted(all, 'lease') : `${count} of ${counted(all, 'lease')}`
  if (!asJson) process.stdout.write(`${listing.name}: ${found}\n`)
}

/** Those with a lease that lasts, and that has one that is wanted. */
async function listDevices(listing: Listing, isWanted: Filter, asJson: boolean): Promise<void> {
  const [four, six] = [await allOf(listing.four()), await allOf(listing.six())]
  const live = [...four, ...six].filter(isLive)
  const all = devicesOf(live)
  const found = all.filter(({ leases }) => leases.some(isWanted))
  if (asJson) {
    for (const device of found) {
      const leases = device.leases.map((lease) => ({ ...lease, ends: isoOf(lease) }))
      process.stdout.write(`${JSON.stringify({ ...device, leases })}\n`)
    }
    return
  }
  const rows = found.map(columnsOfDevice)
  const header = DEVICE_HEADER.map((name, at) => {
    const width = Math.max(name.length, ...rows.map((row) => row[at]!.length))
    return { name, width }
  })
  if (rows.length > 0) line(header, DEVICE_HEADER)
  for (const row of rows) line(header, row)
  const count =
    found.length === all.length
      ? counted(all.length, 'device')
      : `${found.length} of ${counted(all.length, 'device')}`
  process.stdout.write(`${listing.name}: ${count}\n`)
}

function isLive({ state, left }: AnyListed): boolean {
  return (state === 'assigned' || state === 'registered') && (left === null || left > 0)
}

const DEVICE_HEADER = ['HARDWARE ADDRESS', 'NAME', 'IPV4', 'IPV6', 'PREFIXES', 'DUID']

function columnsOfDevice({ hwAddresses, names, leases, duids }: Device): string[] {
  const of = (isOfKind: (lease: AnyListed) => boolean) =>
    leases.filter(isOfKind).map(({ address }) => address)
  const isPrefix = ({ address }: AnyListed) => address.includes('/')
  const lists = [
    hwAddresses,
    names.map(printable),
    of((lease) => !('duid' in lease)),
    of((lease) => 'duid' in lease && !isPrefix(lease)),
    of(isPrefix),
    duids,
  ]
  return lists.map((list) => list.join(', ') || '-')
}

/** Exit code of what lists leases. */
async function trying(list: () => Promise<void>, why: (error: unknown) => string): Promise<number> {
  try {
    await list()
    return 0
  } catch (error) {
    return fail(why(error))
  }
}

interface Column {
  readonly name: string
  readonly width: number
}

async function listEach<T extends AnyListed>(
  leases: Listed<T>,
  isWanted: Filter,
  asJson: boolean,
  header: readonly Column[],
  columns: (lease: T) => string[],
): Promise<{ count: number; all: number }> {
  let count = 0
  let all = 0
  for await (const lease of leases) {
    all++
    if (!isWanted(lease)) continue
    if (count === 0 && !asJson)
      line(
        header,
        header.map(({ name }) => name),
      )
    count++
    if (asJson) process.stdout.write(`${JSON.stringify({ ...lease, ends: isoOf(lease) })}\n`)
    else line(header, columns(lease))
  }
  return { count, all }
}

const HEADER: readonly Column[] = [
  { name: 'ADDRESS', width: 15 },
  { name: 'STATE', width: 8 },
  { name: 'SUBNET', width: 6 },
  { name: 'HARDWARE ADDRESS', width: 17 },
  { name: 'ENDS (UTC)', width: 19 },
  { name: 'LEFT', width: 13 },
  { name: 'NAME', width: 15 },
  { name: 'CLIENT ID', width: 20 },
  { name: 'RELAY', width: 0 },
]

const HEADER6: readonly Column[] = [
  { name: 'ADDRESS OR PREFIX', width: 28 },
  { name: 'STATE', width: 10 },
  { name: 'SUBNET', width: 6 },
  { name: 'TYPE', width: 5 },
  { name: 'HARDWARE ADDRESS', width: 17 },
  { name: 'ENDS (UTC)', width: 19 },
  { name: 'LEFT', width: 13 },
  { name: 'NAME', width: 15 },
  { name: 'DUID', width: 41 },
  { name: 'IAID', width: 10 },
  { name: 'RELAY', width: 0 },
]

function columnsOf(lease: ListedLease): string[] {
  const { address, state, subnet, hwAddress, ends, hostname, clientId, userContext } = lease
  const ids = [hwAddress || '-', ends, restOf(lease), printable(hostname) || '-', clientId || '-']
  return [address, state, `${subnet}`, ...ids, relayWords(userContext)]
}

function columnsOf6(lease: ListedLease6): string[] {
  const { address, state, subnet, type, hwAddress, ends, hostname, userContext } = lease
  const ids = [hwAddress || '-', ends, restOf(lease), printable(hostname) || '-', lease.duid || '-']
  const iaid = type === '' ? '-' : `${lease.iaid}`
  return [address, state, `${subnet}`, type || '-', ...ids, iaid, relayWords6(userContext)]
}

function restOf({ left }: AnyListed): string {
  if (left === null) return '-'
  return left > 0 ? durationWords(left * 1000) : 'over'
}

/** For programs: a time that they do not take for local time. */
function isoOf({ ends }: AnyListed): string {
  return ends === 'never' ? ends : `${ends.replace(' ', 'T')}Z`
}

function line(header: readonly Column[], texts: readonly string[]): void {
  const padded = texts.map((text, at) => text.padEnd(header[at]!.width))
  process.stdout.write(`${padded.join('  ').trimEnd()}\n`)
}

function fail(text: string): number {
  process.stderr.write(`whio leases: ${text}\n`)
  return 1
}
