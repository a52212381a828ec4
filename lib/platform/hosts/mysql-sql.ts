// A connection to MySQL or MariaDB for reservations.

import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import type { Connection, SslOptions } from 'mysql2/promise'
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
  schemaOf: () => 'database()',
  quoted: (column) => `\`${column}\``,
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
  host: DatabaseHost,
  statementTimeout: number,
): Promise<Sql> {
  const client = await openClient(plan, host)
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

// ---- the way there

async function openClient(plan: ConnectionPlan, host: DatabaseHost): Promise<Connection> {
  const ways = tlsOf(plan.tls, host)
  for (const [index, tls] of ways.entries()) {
    try {
      return await connected(plan, host, tls)
    } catch (error) {
      const isTlsMissing = (error as { code?: unknown }).code === 'HANDSHAKE_NO_SSL_SUPPORT'
      if (index + 1 === ways.length || !isTlsMissing) throw error
    }
  }
  throw new Error('no way to the server')
}

async function connected(
  plan: ConnectionPlan,
  { host, port }: DatabaseHost,
  ssl: SslOptions | undefined,
): Promise<Connection> {
  const { default: mysql } = await import('mysql2/promise')
  const place = host.startsWith('/') ? { socketPath: host } : { host, port }
  return await mysql.createConnection({
    ...place,
    user: plan.user ?? userInfo().username,
    password: plan.password ?? '',
    database: plan.name,
    connectTimeout: plan.connectTimeout * 1000,
    supportBigNumbers: true,
    dateStrings: true,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    ...(ssl === undefined ? {} : { ssl, ...(isIP(host) === 0 ? {} : { stream: namedSocket }) }),
  })
}

/**
 * The package names no address to TLS, which would look for `localhost` in the certificate: the
 * socket says what it was to reach.
 */
function namedSocket({ config }: { config: { host: string; port: number } }): Socket {
  const { host, port } = config
  return Object.assign(connect({ host, port, noDelay: true }), { _host: host })
}

/** The ways to be tried, undefined = without TLS. There is none on a local socket. */
function tlsOf(
  { mode, trustAnchor, certFile, keyFile, ciphers }: DatabaseTls,
  { host }: DatabaseHost,
): readonly (SslOptions | undefined)[] {
  if (mode === 'disable' || host.startsWith('/')) return [undefined]
  const read = (name: string, file: string | undefined) => {
    if (file === undefined) return {}
    try {
      return { [name]: readFileSync(file) }
    } catch (error) {
      throw new Error(`a file for TLS cannot be read: ${(error as Error).message}`)
    }
  }
  const isJudged = mode.startsWith('verify') || trustAnchor !== undefined
  const options: SslOptions = {
    ...{ ...read('ca', trustAnchor), ...read('cert', certFile), ...read('key', keyFile) },
    ...(ciphers === undefined ? {} : { ciphers }),
    rejectUnauthorized: isJudged,
    verifyIdentity: mode === 'verify-full',
  }
  return mode === 'prefer' && !isJudged ? [options, undefined] : [options]
}
