// The leases in Kea's tables in MySQL and MariaDB, as rows of its lease files: the way from there
// to a journal of Whio.

import { userInfo } from 'node:os'
import type { ConnectionPlan } from '../config/plan/connection-plan.ts'
import { CSV4_HEADER } from '../leases/csv4.ts'
import { CSV6_HEADER } from '../leases/csv6.ts'
import { openMysql } from './hosts/mysql-sql.ts'
import type { Sql } from './hosts/sql.ts'
import { JournalRefused } from './journal/trouble.ts'
import { lineOf } from './postgres/kea-tables.ts'
import { wordsOf } from './system-error.ts'

const PAGE = 5000
const STATEMENT_TIMEOUT = 600_000

/** Columns of the file that the table has under another form. */
const COLUMNS: Readonly<Record<string, string>> = {
  hwaddr: "coalesce(hex(hwaddr), '')",
  client_id: "coalesce(hex(client_id), '')",
  duid: "coalesce(hex(duid), '')",
  expire: 'unix_timestamp(expire)',
}

export async function readKeaMysql(plan: ConnectionPlan): Promise<readonly (readonly string[])[]> {
  const sql = await opened(plan)
  try {
    const four = await linesOf(sql, 'lease4', CSV4_HEADER, { address: 'inet_ntoa(address)' })
    const six = await linesOf(sql, 'lease6', CSV6_HEADER, {})
    return [four, six]
  } finally {
    sql.end()
  }
}

async function opened(plan: ConnectionPlan): Promise<Sql> {
  let trouble: unknown
  for (const host of plan.hosts) {
    try {
      const user = plan.user ?? userInfo().username
      return await openMysql({ ...plan, user }, host, STATEMENT_TIMEOUT)
    } catch (error) {
      trouble = error
    }
  }
  throw new JournalRefused('cannot-open', `MySQL: ${wordsOf(trouble)}`)
}

async function linesOf(
  sql: Sql,
  table: string,
  header: string,
  own: Readonly<Record<string, string>>,
): Promise<string[]> {
  const types = await typesOf(sql, table)
  if (types.size === 0) return []
  const wanted = header.split(',')
  const isBinary = types.get('address') === 'binary'
  const address = own.address ?? (isBinary ? 'inet6_ntoa(address)' : 'address')
  const all: Readonly<Record<string, string>> = { ...COLUMNS, address }
  const shown = wanted.map((column) =>
    types.has(column) ? `${all[column] ?? column} as ${column}` : `null as ${column}`,
  )
  const lines = [header]
  for (let from = 0; ; from += PAGE) {
    const page = `order by ${table}.address limit ${PAGE} offset ${from}`
    const rows = await sql.query(`select ${shown.join(', ')} from ${table} ${page}`)
    for (const row of rows) lines.push(lineOf(row as never, wanted))
    if (rows.length < PAGE) return lines
  }
}

async function typesOf(sql: Sql, table: string): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.query(
    `select lower(column_name) as name, lower(data_type) as type from information_schema.columns
     where table_schema = database() and table_name = ?`,
    [table],
  )
  return new Map(rows.map(({ name, type }) => [String(name), String(type)]))
}
