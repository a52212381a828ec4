// The tables of leases, one for each family, and what differs between them. Rows have numbers, by
// which they are stored: addresses of DHCPv4, in DHCPv6 the order in which keys came
// (key-numbers.ts). A page of rows is known by its mark, the number of the row before it.

import type { RecordKeys } from '../../leases/keys/family.ts'
import { KEYS4 } from '../../leases/keys/family4.ts'
import type { Key } from '../../leases/keys/key.ts'
import { KEYS6 } from '../../leases/keys/keys6.ts'
import { LEASE_STATE } from '../../leases/lease.ts'
import { COLUMN, LEASE_COLUMNS, LEASE6_COLUMNS } from './schema.ts'

/** Rows of the table behind this number are to be read. */
export interface PageMark {
  readonly table: JournalTable
  readonly behind: number
}

export interface JournalTable {
  readonly name: 'lease4' | 'lease6'
  readonly keys: RecordKeys<Key>
  readonly columns: readonly string[]
  /**
   * What is selected to be read: identifiers come as hexadecimal text, since a Buffer for each
   * would triple the time that a start takes. NULL means that the column holds no blob.
   */
  readonly readColumns: readonly string[]
  /** The column of the number, INTEGER PRIMARY KEY, and its place among COLUMN. */
  readonly number: 'address' | 'number'
  readonly numberAt: number
  readonly numberMax: number
  /** Neighbours by number that share a page of the database, about. */
  readonly pageRows: number
  /** Of rows whose number or key is none. */
  readonly strays: string
  /** What is wrong with these. */
  readonly whyStray: string
}

const HEX_COLUMNS: readonly string[] = ['key', 'hwaddr', 'client_id']

export const TABLE4: JournalTable = {
  name: 'lease4',
  keys: KEYS4,
  columns: LEASE_COLUMNS,
  readColumns: LEASE_COLUMNS.map(readable),
  number: 'address',
  numberAt: COLUMN.address,
  numberMax: 0xffffffff,
  pageRows: 12,
  strays: 'address < 1 OR address > 4294967295',
  whyStray: 'address is not 1 to 4294967295',
}

/** Rows of DHCPv6 are numbered as high; more do not fit into memory anyway. */
const NUMBER6_MAX = 0x7fffffff

export const TABLE6: JournalTable = {
  name: 'lease6',
  keys: KEYS6,
  columns: LEASE6_COLUMNS,
  readColumns: LEASE6_COLUMNS.map(readable),
  number: 'number',
  numberAt: COLUMN.number,
  numberMax: NUMBER6_MAX,
  pageRows: 6,
  strays: `typeof(key) <> 'blob' OR length(key) <> 17 OR key >= x'81'
    OR number NOT BETWEEN 1 AND ${NUMBER6_MAX}`,
  whyStray: `key is not a length up to 128 and an address, or number not 1 to ${NUMBER6_MAX}`,
}

export const TABLES: readonly JournalTable[] = [TABLE4, TABLE6]

export const FIRST_PAGE: PageMark = { table: TABLE4, behind: 0 }

function readable(column: string): string {
  if (!HEX_COLUMNS.includes(column)) return column
  return `CASE typeof(${column}) WHEN 'blob' THEN hex(${column}) WHEN 'null' THEN '' END`
}

/**
 * `UPDATE` that takes a key of a pair out of use where its row cannot be used: nobody's, in
 * quarantine for ever, with counters that no keys follow from here and that tell the partner
 * nothing.
 */
export function blockRow({ name }: JournalTable): string {
  const preferred = name === 'lease6' ? ', preferred_lifetime = 0' : ''
  return `UPDATE ${name} SET
    state = ${LEASE_STATE.declined}, subnet_id = 0, pool_id = 0, htype = 0, hwaddr = NULL,
    client_id = NULL, hostname = NULL, fqdn_fwd = 0, fqdn_rev = 0, valid_lifetime = 4294967295,
    start_ms = 0, end_ms = NULL, user_context = '{"whio-set-aside":true}', change = 0,
    gave = 0, got = 1000000000, given_by = 0, knew = 0${preferred}`
}
