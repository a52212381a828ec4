// Reservations as rows, for lists and for CSV: what a row says is what a batch takes, so that a
// list can be kept, changed, and given back.

import { isMap, type Members } from '../../config/text/map.ts'
import { IDENTIFIERS, type IdentifierType } from '../commands/edit/host-find.ts'
import { parsed } from '../parse.ts'
import { printed } from '../print.ts'
import { csvLine, csvRows } from './csv.ts'
import { ApiRefused } from './route.ts'

export interface ReservationRow {
  readonly family: 4 | 6
  /** 0: the global list. */
  readonly subnet: number
  readonly type: IdentifierType
  readonly id: string
  /** Where there are databases: `file`, or which of them. */
  readonly source?: string
  /** As in the configuration, without whose it is. */
  readonly reservation: Members
}

/** Undefined: it says nothing of whose it is. */
export function rowOf(family: 4 | 6, subnet: number, host: Members): ReservationRow | undefined {
  const [first] = Array.isArray(host.identifiers) ? (host.identifiers as Members[]) : []
  for (const type of IDENTIFIERS) {
    const id = host[type] ?? first?.[type]
    if (typeof id !== 'string') continue
    const { [type]: _, ...reservation } = host
    return { family, subnet, type, id, reservation }
  }
  return undefined
}

const CSV_HEADER = 'family,subnet,type,id,addresses,hostname,rest'

/** Where there are databases, a last column says where a row is from. */
export function csvHeader(hasSources: boolean): string {
  return hasSources ? `${CSV_HEADER},source` : CSV_HEADER
}

/** `addresses` with blanks between; `rest` is JSON, or empty. */
export function csvOf(row: ReservationRow, hasSources: boolean): string {
  const { family, subnet, type, id, reservation, source = '' } = row
  const {
    'ip-address': address,
    'ip-addresses': addresses = [],
    prefixes = [],
    hostname = '',
    ...rest
  } = reservation
  const all = [address, addresses, prefixes].flat().filter((one) => one !== undefined)
  const more = Object.keys(rest).length === 0 ? '' : printed(rest)
  const cells = [String(family), String(subnet), type, id, all.join(' '), String(hostname), more]
  return csvLine(hasSources ? [...cells, source] : cells)
}

const COLUMNS: Readonly<Record<number, string>> = { 7: 'seven', 8: 'eight' }

/** Items of a batch; throws ApiRefused, with the line. */
export function itemsFromCsv(text: string): Members[] {
  const [header, ...rows] = csvRows(text)
  const [line1, columns] = [header?.cells.join(','), header?.cells.length]
  if (line1 !== CSV_HEADER && line1 !== csvHeader(true))
    throw new ApiRefused(400, `the first line is ${CSV_HEADER}`)
  return rows.map(({ cells, line }) => {
    const [family, subnet, type, id, addresses = '', hostname = '', rest = '', source = ''] = cells
    const { value, trouble } = rest === '' ? { value: {}, trouble: undefined } : parsed(rest)
    if (cells.length !== columns || trouble !== undefined || !isMap(value))
      throw new ApiRefused(
        400,
        `line ${line}: ${trouble ?? `${COLUMNS[columns!]} columns are expected`}`,
      )
    const all = addresses.split(/ +/).filter((one) => one !== '')
    const named = hostname === '' ? {} : { hostname }
    const reservation = { ...value, ...addressesOf(family === '6', all), ...named }
    const from = source === '' ? {} : { source }
    return { family: Number(family), subnet, type, id, reservation, ...from }
  })
}

function addressesOf(isOf6: boolean, all: readonly string[]): Members {
  if (all.length === 0) return {}
  if (!isOf6) return { 'ip-address': all.join(' ') }
  const prefixes = all.filter((one) => one.includes('/'))
  const addresses = all.filter((one) => !one.includes('/'))
  return {
    ...(addresses.length > 0 && { 'ip-addresses': addresses }),
    ...(prefixes.length > 0 && { prefixes }),
  }
}
