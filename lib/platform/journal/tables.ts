// The tables of leases, one for each family, and what differs between them. A page of rows is known
// by its mark, the key of the row before it, so that reading goes from one table to the next.

import type { RecordKeys } from '../../leases/keys/family.ts'
import { KEYS4 } from '../../leases/keys/family4.ts'
import type { Key } from '../../leases/keys/key.ts'
import { KEYS6 } from '../../leases/keys/keys6.ts'
import { LEASE_STATE } from '../../leases/lease.ts'
import { COLUMN, LEASE_COLUMNS, LEASE6_COLUMNS } from './schema.ts'

/**
 * Rows behind it are to be read: an address of DHCPv4, and when those are done, the key of a lease
 * of DHCPv6 in hexadecimal digits, '' at the beginning.
 */
export type PageMark = number | string

export const FIRST_PAGE: PageMark = 0

export interface JournalTable {
  readonly name: 'lease4' | 'lease6'
  readonly keys: RecordKeys<Key>
  readonly columns: readonly string[]
  /**
   * What is selected to be read: identifiers come as hexadecimal text, since a Buffer for each
   * would triple the time that a start takes. NULL means that the column holds no blob.
   */
  readonly readColumns: readonly string[]
  /** Of rows whose key is none; pages would not come across them. */
  readonly strays: string
  /** What is wrong with these. */
  readonly whyStray: string
  /** The mark of its first page, and of that of the next table. */
  readonly first: PageMark
  readonly next: PageMark | undefined
  /** Compares with the mark as a parameter. */
  readonly behindMark: string
}

const HEX_COLUMNS: readonly string[] = ['key', 'hwaddr', 'client_id']

export const TABLE4: JournalTable = {
  name: 'lease4',
  keys: KEYS4,
  columns: LEASE_COLUMNS,
  readColumns: LEASE_COLUMNS.map(readable),
  strays: 'address < 1 OR address > 4294967295',
  whyStray: 'address is not 1 to 4294967295',
  first: 0,
  next: '',
  behindMark: 'address > ? AND address <= 4294967295',
}

export const TABLE6: JournalTable = {
  name: 'lease6',
  keys: KEYS6,
  columns: LEASE6_COLUMNS,
  readColumns: LEASE6_COLUMNS.map(readable),
  strays: "typeof(key) <> 'blob' OR length(key) <> 17 OR key >= x'81'",
  whyStray: 'key is not a length up to 128 and an address',
  first: '',
  next: undefined,
  behindMark: "key > unhex(?) AND key < x'81' AND length(key) = 17",
}

export const TABLES: readonly JournalTable[] = [TABLE4, TABLE6]

export function tableOfMark(mark: PageMark): JournalTable {
  return typeof mark === 'number' ? TABLE4 : TABLE6
}

function readable(column: string): string {
  if (!HEX_COLUMNS.includes(column)) return column
  return `CASE typeof(${column}) WHEN 'blob' THEN hex(${column}) WHEN 'null' THEN '' END`
}

/** The mark by which the rows behind this one, of the columns to be read, are found. */
export function markOf(row: readonly unknown[]): PageMark {
  return row[COLUMN.address] as PageMark
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
