// The tables of Kea that hold reservations: what their columns are in this database. Versions
// differ in a few of them; what is read are the columns that are there.

import { type Sql, type SqlRow, textIn } from './sql.ts'

export interface HostSchema {
  /** `34.0`; '' where the table that says it cannot be read. */
  readonly version: string
  readonly options: ReadonlySet<string>
  /** Type of the column with an address of IPv6: text, or one of addresses. */
  readonly addressType: string
  readonly hasExcluded: boolean
}

export interface HostTableNames {
  readonly subnet: 'dhcp4_subnet_id' | 'dhcp6_subnet_id'
  readonly classes: 'dhcp4_client_classes' | 'dhcp6_client_classes'
  readonly options: 'dhcp4_options' | 'dhcp6_options'
}

export function namesOf(family: 4 | 6): HostTableNames {
  return family === 4
    ? { subnet: 'dhcp4_subnet_id', classes: 'dhcp4_client_classes', options: 'dhcp4_options' }
    : { subnet: 'dhcp6_subnet_id', classes: 'dhcp6_client_classes', options: 'dhcp6_options' }
}

/** Rows of the options of hosts, among others. */
export const HOST_SCOPE = 3

export class NoHostTables extends Error {}

const MISSING = 'has no tables of reservations: kea-admin db-init makes them'

export async function readSchema(sql: Sql, family: 4 | 6): Promise<HostSchema> {
  const { options } = namesOf(family)
  const columns = await sql.query(
    `select table_name as t, column_name as c, data_type as d from information_schema.columns
      where table_schema = ${sql.dialect.schemaOf('hosts')}
        and table_name in ('hosts', '${options}', 'ipv6_reservations')`,
  )
  const of = (table: string) =>
    new Map(columns.filter((one) => textIn(one.t) === table).map((one) => typeOf(one)))
  const [hosts, optionColumns, reservations] = [of('hosts'), of(options), of('ipv6_reservations')]
  if (hosts.size === 0 || optionColumns.size === 0 || reservations.size === 0)
    throw new NoHostTables(MISSING)
  return {
    version: await versionIn(sql),
    options: new Set(optionColumns.keys()),
    addressType: reservations.get('address') ?? '',
    hasExcluded: reservations.has('excluded_prefix'),
  }
}

function typeOf({ c, d }: SqlRow): [string, string] {
  return [textIn(c), textIn(d)]
}

async function versionIn(sql: Sql): Promise<string> {
  try {
    const [row] = await sql.query('select version, minor from schema_version')
    return row === undefined ? '' : `${row.version}.${row.minor}`
  } catch (error) {
    if (sql.lost !== undefined) throw error
    return ''
  }
}
