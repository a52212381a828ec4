// `whio reservations`: what the running server reserves, for whom, and whether the client has it.

import { parseArgs } from 'node:util'
import { wordsOf } from '../platform/system-error.ts'
import { counted } from './load.ts'
import { printable } from './printable.ts'
import { addressFrom } from './reserve-wish.ts'
import { addressesOf, identityOf, type Members } from './reserved-host.ts'
import { type Family, ServerCommands } from './server-commands.ts'
import { CONFIG_OPTIONS, UsageError } from './usage.ts'

/** waiting: somebody else has it. leased: it cannot be told whether by the client. */
type Use = 'active' | 'waiting' | 'leased' | 'unused' | ''

interface Row {
  readonly address: string
  readonly use: Use
  readonly subnet: number
  readonly identity: string
  readonly id: string
  readonly hostname: string
  /** Who has it, where that is somebody else. */
  readonly holder: string
  /** `file`, or which of the databases. */
  readonly source: string
}

/** Exit code 1: no server answers. */
export async function reservations(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...CONFIG_OPTIONS,
      subnet: { type: 'string' },
      json: { type: 'boolean', default: false },
      csv: { type: 'boolean', default: false },
    },
  })
  const [wanted = '', ...more] = positionals
  if (more.length > 0) throw new UsageError('name one text to look for')
  if (values.csv && values.json) throw new UsageError('--csv or --json')
  const server = new ServerCommands(values)
  try {
    const all: Row[] = []
    for (const family of [4, 6] as const) all.push(...(await rowsOf(family, values.subnet, server)))
    const found = all.filter((row) => isWanted(row, wanted))
    const lines = values.json ? found.map((row) => JSON.stringify(row)) : tableOf(found, values.csv)
    if (!values.json && !values.csv) lines.push(counted(found.length, 'reservation'))
    for (const line of lines) process.stdout.write(`${line}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`whio reservations: ${wordsOf(error)}\n`)
    return 1
  }
}

function isWanted(row: Row, text: string): boolean {
  return Object.values(row).some((value) =>
    String(value).toLowerCase().includes(text.toLowerCase()),
  )
}

async function rowsOf(
  family: Family,
  subnet: string | undefined,
  server: ServerCommands,
): Promise<Row[]> {
  const id = subnet === undefined ? undefined : await subnetIdOf(family, subnet, server)
  if (subnet !== undefined && id === undefined) return []
  const hosts = await hostsOf(family, server)
  const here = hosts.filter(({ host }) => id === undefined || host['subnet-id'] === id)
  const all = here.map(({ host }) => host)
  const leases = here.length === 0 ? new Map() : await leasesOf(family, all, server)
  return here.flatMap(({ host, source }) => rowsOfHost(host, leases, source))
}

/** Undefined: this family has no such subnet. */
async function subnetIdOf(
  family: Family,
  wanted: string,
  server: ServerCommands,
): Promise<number | undefined> {
  const { arguments: told } = await server.ask(family, `subnet${family}-list`)
  const subnets = (told.subnets ?? []) as readonly { id: number; subnet: string }[]
  return subnets.find(({ id, subnet }) => `${id}` === wanted || subnet === wanted)?.id
}

const PAGE = 1000

interface HostFrom {
  readonly host: Members
  readonly source: string
}

/** The file is source 0; each database behind it has the next number. */
async function hostsOf(family: Family, server: ServerCommands): Promise<HostFrom[]> {
  const all: HostFrom[] = []
  for (let next: Members | undefined = { from: 0, 'source-index': 0 }; next !== undefined; ) {
    const given: Members = { limit: PAGE, ...next }
    const { arguments: told } = await server.ask(family, 'reservation-get-page', given)
    next = told.next as Members | undefined
    const index = Number(next?.['source-index'] ?? 0)
    const source = index === 0 ? 'file' : `database ${index}`
    for (const host of (told.hosts ?? []) as readonly Members[]) all.push({ host, source })
  }
  return all
}

type Leases = ReadonlyMap<string, Members>

const ASSIGNED = 0

/** By address, those of reserved addresses that somebody has. */
async function leasesOf(
  family: Family,
  hosts: readonly Members[],
  server: ServerCommands,
): Promise<Leases> {
  const reserved = new Set(hosts.flatMap(addressesOf).map(keyOf))
  const found = new Map<string, Members>()
  for (let from = 'start'; ; ) {
    const command = `lease${family}-get-page`
    const { arguments: told } = await server.ask(family, command, { from, limit: PAGE })
    const leases = (told.leases ?? []) as readonly Members[]
    for (const lease of leases) {
      const length = lease.type === 'IA_PD' ? `/${lease['prefix-len']}` : ''
      const key = keyOf(`${lease['ip-address']}${length}`)
      if (lease.state === ASSIGNED && reserved.has(key)) found.set(key, lease)
    }
    if (leases.length < PAGE) return found
    from = String(leases.at(-1)!['ip-address'])
  }
}

function keyOf(address: string): string {
  return addressFrom(address)?.text ?? address
}

function rowsOfHost(host: Members, leases: Leases, source: string): Row[] {
  const kind = identityOf(host)
  const common = {
    subnet: Number(host['subnet-id']),
    identity: kind ?? '',
    id: kind === undefined ? '' : String(host[kind]),
    hostname: String(host.hostname ?? ''),
    source,
  }
  const addresses = addressesOf(host)
  if (addresses.length === 0) return [{ address: '', use: '', ...common, holder: '' }]
  return addresses.map((address) => {
    const lease = leases.get(keyOf(address))
    const use = useOf(common, lease)
    const holder = use === 'waiting' || use === 'leased' ? holderOf(lease!) : ''
    return { address, use, ...common, holder }
  })
}

function useOf({ identity, id }: Pick<Row, 'identity' | 'id'>, lease: Members | undefined): Use {
  if (lease === undefined) return 'unused'
  const had = lease[identity]
  if (typeof had !== 'string') return identity === 'client-id' ? 'waiting' : 'leased'
  return digitsOf(had) === digitsOf(id) ? 'active' : 'waiting'
}

function holderOf(lease: Members): string {
  return String(lease['hw-address'] || lease.duid || lease['client-id'] || '')
}

function digitsOf(text: string): string {
  return text.toLowerCase().replace(/[^0-9a-f]/g, '')
}

const COLUMNS = ['ADDRESS', 'USE', 'SUBNET', 'BY', 'CLIENT', 'NAME', 'HAS IT']

function tableOf(rows: readonly Row[], asCsv: boolean): string[] {
  // Who has no databases needs no word of it.
  const isPlain = !asCsv && rows.every(({ source }) => source === 'file')
  const cells = rows.map(({ address, use, subnet, identity, id, hostname, holder, source }) => [
    ...[address, use, `${subnet}`, identity, id, hostname, holder, ...(isPlain ? [] : [source])],
  ])
  if (asCsv) {
    const header = ['address', 'use', 'subnet_id', 'identifier_type', 'identifier', 'hostname']
    return [[...header, 'holder', 'source'], ...cells].map((row) => row.map(quoted).join(','))
  }
  if (rows.length === 0) return []
  const header = isPlain ? COLUMNS : [...COLUMNS, 'FROM']
  const all = [header, ...cells.map((row) => row.map((text) => printable(text) || '-'))]
  const widths = header.map((_, at) => Math.max(...all.map((row) => row[at]!.length)))
  return all.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
