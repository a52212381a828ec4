// A connection to PostgreSQL for reservations.

import type { ConnectionPlan, DatabaseHost } from '../../config/plan/connection-plan.ts'
import { openClient } from '../postgres/client.ts'
import { type DatabaseError, databaseError } from '../postgres/trouble.ts'
import type { Sql, SqlDialect, SqlRow, SqlValue } from './sql.ts'

export const POSTGRES: SqlDialect = {
  type: 'postgresql',
  begin: 'begin',
  beginReading: 'begin isolation level repeatable read read only',
  // The first schema of the path may be another one: that of the user, if it is called as he is.
  schemaOf: (table) =>
    `(select nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid = to_regclass('${table}'))`,
  quoted: (column) => `"${column}"`,
  quotient: (column, by) => `div(${column}, ${by})`,
  digest: (columns) => {
    const text = columns.map((column) => `coalesce(${column}::text, '-')`).join(" || '|' || ")
    return `count(*)::text || md5(string_agg(md5(${text}), '' order by md5(${text})))`
  },
  addressText: (column, type) => (type === 'inet' ? `host(${column})` : column),
  isAddress: (column, type) => (type === 'inet' ? `${column} = ?::inet` : `lower(${column}) = ?`),
  addressValue: (type) => (type === 'inet' ? '?::inet' : '?'),
  lastId: "select currval(pg_get_serial_sequence('hosts', 'host_id')) as id",
  isDuplicate: (error) => (error as DatabaseError).sqlstate === '23505',
}

/** Told by a trigger, or by whoever writes rows. */
const CHANNEL = 'whio_hosts'

export async function openPostgres(
  plan: ConnectionPlan,
  host: DatabaseHost,
  statementTimeout: number,
): Promise<Sql> {
  let lost: string | undefined
  const wish = { name: 'whio', query_timeout: statementTimeout }
  const client = await openClient(plan, host, wish, (one) => {
    one.on('error', (error: Error) => {
      lost ??= error.message
    })
    one.on('end', () => {
      lost ??= 'the connection ended'
    })
  })
  const sql: Sql = {
    dialect: POSTGRES,
    get lost() {
      return lost
    },
    onNotice: undefined,
    async query(text, values = []): Promise<readonly SqlRow[]> {
      let at = 0
      const numbered = text.replaceAll('?', () => `$${++at}`)
      try {
        const { rows } = await client.query(numbered, values.map(sentValue))
        return rows as SqlRow[]
      } catch (error) {
        const known = databaseError(error)
        if (known.cure === 'lost') lost ??= known.message
        throw known
      }
    },
    end() {
      lost ??= 'closed'
      void client.end().catch(() => {})
    },
  }
  client.on('notification', () => sql.onNotice?.())
  try {
    await client.query(`listen ${CHANNEL}`)
  } catch (error) {
    sql.end()
    throw error
  }
  return sql
}

function sentValue(value: SqlValue): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value
}
