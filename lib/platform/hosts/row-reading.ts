// Rows of the tables -> reservations as a document would say them. Whether they make sense is
// judged where those of documents are; here is only left out what cannot be said.

import { textFromIpv4 } from '../../address/ipv4.ts'
import { optionOf } from '../../config/backend/option-rows.ts'
import { hexIn, mapIn } from '../../config/backend/values.ts'
import type { HostRow } from '../../config/plan/host-rows.ts'
import { RESERVATION_IDENTIFIERS } from '../../config/plan/known4.ts'
import type { Members } from '../../config/text/map.ts'
import { numberIn, type SqlRow, textIn } from './sql.ts'

/** By the number of their host. */
export type RowsOfHosts = ReadonlyMap<number, readonly SqlRow[]>

export function hostRowOf(
  row: SqlRow,
  family: 4 | 6,
  options: RowsOfHosts,
  reservations: RowsOfHosts,
): HostRow | undefined {
  const id = numberIn(row.host_id)
  const subnetId = numberIn(row.subnet_id)
  if (id === undefined || subnetId === undefined) return undefined
  const of4 = family === 4 ? only4(row) : only6(reservations.get(id) ?? NONE)
  const host: Record<string, unknown> = { ...identityOf(row), ...of4 }
  const hostname = textIn(row.hostname)
  if (hostname !== '') host.hostname = hostname
  const classes = listIn(textIn(row.classes))
  if (classes.length > 0) host['client-classes'] = classes
  const entries = (options.get(id) ?? NONE).map((one) => optionOf(one, family))
  if (entries.length > 0) host['option-data'] = entries
  const context = mapIn(row.user_context)
  if (context !== undefined) host['user-context'] = context
  return { id, subnetId, host }
}

const NONE: readonly SqlRow[] = []

/** A type that nobody knows names nobody: the row says so when it is judged. */
function identityOf(row: SqlRow): Members {
  const kind = RESERVATION_IDENTIFIERS[numberIn(row.dhcp_identifier_type) ?? -1]
  return kind === undefined ? {} : { [kind]: hexIn(row.dhcp_identifier) }
}

function only4(row: SqlRow): Members {
  const host: Record<string, unknown> = {}
  const address = numberIn(row.ipv4_address) ?? 0
  if (address !== 0) host['ip-address'] = textFromIpv4(address)
  const nextServer = numberIn(row.dhcp4_next_server) ?? 0
  if (nextServer !== 0) host['next-server'] = textFromIpv4(nextServer)
  const serverHostname = textIn(row.dhcp4_server_hostname)
  if (serverHostname !== '') host['server-hostname'] = serverHostname
  const bootFileName = textIn(row.dhcp4_boot_file_name)
  if (bootFileName !== '') host['boot-file-name'] = bootFileName
  return host
}

/** Of ipv6_reservations: an address, a delegated prefix. */
const TYPE_ADDRESS = 0
const TYPE_PREFIX = 2

function only6(reservations: readonly SqlRow[]): Members {
  const addresses: string[] = []
  const prefixes: string[] = []
  const excluded: string[] = []
  for (const one of reservations) {
    const address = textIn(one.address).trim()
    const type = numberIn(one.type)
    if (type === TYPE_ADDRESS) addresses.push(address)
    if (type !== TYPE_PREFIX) continue
    prefixes.push(`${address}/${numberIn(one.prefix_len) ?? 128}`)
    const left = textIn(one.excluded)
    const length = numberIn(one.excluded_len) ?? 0
    excluded.push(left === '' || length === 0 ? '' : `${left}/${length}`)
  }
  return {
    ...(addresses.length > 0 ? { 'ip-addresses': addresses } : {}),
    ...(prefixes.length > 0 ? { prefixes } : {}),
    ...(excluded.some((one) => one !== '') ? { 'excluded-prefixes': excluded } : {}),
  }
}

function listIn(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
