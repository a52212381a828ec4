// A connection to PostgreSQL for reservations.

import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type {
  ConnectionPlan,
  DatabaseHost,
  DatabaseTls,
} from '../../config/plan/connection-plan.ts'
import type { Sql, SqlDialect, SqlRow, SqlValue } from './sql.ts'

export const POSTGRES: SqlDialect = {
  type: 'postgresql',
  begin: 'begin',
  beginReading: 'begin isolation level repeatable read read only',
  schema: 'current_schema()',
  quotient: (column, by) => `div(${column}, ${by})`,
  digest: (columns) => {
    const text = columns.map((column) => `coalesce(${column}::text, '-')`).join(" || '|' || ")
    return `count(*)::text || md5(string_agg(md5(${text}), '' order by md5(${text})))`
  },
  addressText: (column, type) => (type === 'inet' ? `host(${column})` : column),
  isAddress: (column, type) => (type === 'inet' ? `${column} = ?::inet` : `lower(${column}) = ?`),
  addressValue: (type) => (type === 'inet' ? '?::inet' : '?'),
  lastId: "select currval(pg_get_serial_sequence('hosts', 'host_id')) as id",
  isDuplicate: (error) => (error as { code?: unknown }).code === '23505',
}

/** Told by a trigger, or by whoever writes rows. */
const CHANNEL = 'whio_hosts'

export async function openPostgres(
  plan: ConnectionPlan,
  { host, port }: DatabaseHost,
  statementTimeout: number,
): Promise<Sql> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    host,
    port,
    database: plan.name,
    user: plan.user ?? userInfo().username,
    password: plan.password ?? '',
    connectionTimeoutMillis: plan.connectTimeout * 1000,
    query_timeout: statementTimeout,
    application_name: 'whio',
    ssl: tlsOf(plan.tls, host),
  })
  let lost: string | undefined
  client.on('error', (error: Error) => {
    lost ??= error.message
  })
  client.on('end', () => {
    lost ??= 'the connection ended'
  })
  await client.connect()
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
        if (isFatal(error)) lost ??= (error as Error).message
        throw error
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

/** Classes of SQLSTATE after which nothing more comes; what has none is of the connection. */
const FATAL = ['08', '53', '54', '57', '58']

function isFatal(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code !== 'string' || code.length !== 5 || FATAL.includes(code.slice(0, 2))
}

function tlsOf({ mode, trustAnchor, certFile, keyFile, ciphers }: DatabaseTls, host: string) {
  if (mode === 'disable' || mode === 'prefer' || host.startsWith('/')) return false
  const verifies = mode.startsWith('verify')
  return {
    rejectUnauthorized: verifies,
    ca: trustAnchor === undefined ? undefined : readFileSync(trustAnchor),
    cert: certFile === undefined ? undefined : readFileSync(certFile),
    key: keyFile === undefined ? undefined : readFileSync(keyFile),
    ciphers,
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  }
}
