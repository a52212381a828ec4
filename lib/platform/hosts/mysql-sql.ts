// A connection to MySQL or MariaDB for reservations.

import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type {
  ConnectionPlan,
  DatabaseHost,
  DatabaseTls,
} from '../../config/plan/connection-plan.ts'
import type { Sql, SqlDialect, SqlRow, SqlValue } from './sql.ts'

export const MYSQL: SqlDialect = {
  type: 'mysql',
  begin: 'start transaction',
  beginReading: 'start transaction with consistent snapshot, read only',
  schema: 'database()',
  quotient: (column, by) => `${column} div ${by}`,
  digest: (columns) => {
    const text = columns.map((column) => `coalesce(hex(${column}), '-')`).join(', ')
    const half = (start: number) =>
      `bit_xor(cast(conv(substr(md5(concat_ws('|', ${text})), ${start}, 16), 16, 10) as unsigned))`
    return `concat_ws('|', count(*), ${half(1)}, ${half(17)})`
  },
  addressText: (column, type) => (type === 'binary' ? `inet6_ntoa(${column})` : column),
  isAddress: (column, type) =>
    type === 'binary' ? `${column} = inet6_aton(?)` : `lower(${column}) = ?`,
  addressValue: (type) => (type === 'binary' ? 'inet6_aton(?)' : '?'),
  lastId: 'select last_insert_id() as id',
  isDuplicate: (error) => (error as { errno?: unknown }).errno === 1062,
}

export async function openMysql(
  plan: ConnectionPlan,
  { host, port }: DatabaseHost,
  statementTimeout: number,
): Promise<Sql> {
  const { default: mysql } = await import('mysql2/promise')
  const place = host.startsWith('/') ? { socketPath: host } : { host, port }
  const client = await mysql.createConnection({
    ...place,
    user: plan.user ?? userInfo().username,
    password: plan.password ?? '',
    database: plan.name,
    connectTimeout: plan.connectTimeout * 1000,
    supportBigNumbers: true,
    dateStrings: true,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    ...tlsOf(plan.tls),
  })
  let lost: string | undefined
  client.on('error', (error: Error) => {
    lost ??= error.message
  })
  client.on('end', () => {
    lost ??= 'the connection ended'
  })
  return {
    dialect: MYSQL,
    get lost() {
      return lost
    },
    onNotice: undefined,
    async query(text, values = []): Promise<readonly SqlRow[]> {
      try {
        const sql = { sql: text, values: values.map(sentValue), timeout: statementTimeout }
        const [rows] = await client.query(sql)
        return Array.isArray(rows) ? (rows as SqlRow[]) : []
      } catch (error) {
        if (isFatal(error)) lost ??= (error as Error).message
        throw error
      }
    },
    end() {
      lost ??= 'closed'
      client.destroy()
    },
  }
}

function sentValue(value: SqlValue): SqlValue | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

/** Errors of statements have a state of SQL; a timeout leaves an answer under way. */
function isFatal(error: unknown): boolean {
  const { fatal, sqlState, code } = error as { fatal?: unknown; sqlState?: unknown; code?: unknown }
  if (fatal === true || typeof sqlState !== 'string') return true
  return code === 'PROTOCOL_SEQUENCE_TIMEOUT' || sqlState.startsWith('08')
}

function tlsOf({ mode, trustAnchor, certFile, keyFile, ciphers }: DatabaseTls) {
  if (mode === 'disable' || mode === 'prefer') return {}
  const read = (file: string | undefined) => (file === undefined ? {} : readFileSync(file))
  const files = {
    ...(trustAnchor === undefined ? {} : { ca: read(trustAnchor) as Buffer }),
    ...(certFile === undefined ? {} : { cert: read(certFile) as Buffer }),
    ...(keyFile === undefined ? {} : { key: read(keyFile) as Buffer }),
  }
  const verifies = mode.startsWith('verify')
  const how = { rejectUnauthorized: verifies, verifyIdentity: mode === 'verify-full' }
  return { ssl: { ...files, ...how, ...(ciphers === undefined ? {} : { ciphers }) } }
}
