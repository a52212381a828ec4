// A client of one PostgreSQL server, connected as the plan wants it: who comes, in which time, and
// how private the way is. Both keepers of leases and readers of reservations come by it.

import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type { Client, ClientConfig } from 'pg'
import type { ConnectionPlan, DatabaseHost } from '../../config/plan/connection-plan.ts'
import { loadPg } from './package.ts'
import { DatabaseError, databaseError } from './trouble.ts'

/**
 * `name`: what operators of the database read in pg_stat_activity. `listen`: to what the client
 * tells, before it connects. Rejects with DatabaseError, or JournalRefused where the package is
 * missing.
 */
export async function openClient(
  plan: ConnectionPlan,
  host: DatabaseHost,
  more: Pick<ClientConfig, 'query_timeout'> & { readonly name: string },
  listen: (client: Client) => void,
): Promise<Client> {
  const ways = tlsOf(plan, host)
  for (const [index, ssl] of ways.entries()) {
    try {
      return await connected(plan, host, ssl, more, listen)
    } catch (error) {
      const isTlsMissing = /does not support SSL/.test(String((error as Error).message))
      if (index + 1 === ways.length || !isTlsMissing) throw error
    }
  }
  throw new DatabaseError('no way to the server', 'denied')
}

async function connected(
  plan: ConnectionPlan,
  { host, port }: DatabaseHost,
  ssl: ConnectionOptions | undefined,
  { name, ...more }: Parameters<typeof openClient>[2],
  listen: (client: Client) => void,
): Promise<Client> {
  const pg = await loadPg()
  const client = new pg.Client({
    ...{ host, port, ...more },
    user: plan.user ?? userInfo().username,
    password: plan.password,
    database: plan.name,
    application_name: name,
    connectionTimeoutMillis: Math.max(1, plan.connectTimeout) * 1000,
    keepAlive: true,
    ...(ssl === undefined ? {} : { ssl }),
  })
  listen(client)
  try {
    await client.connect()
    return client
  } catch (error) {
    dropClient(client)
    throw databaseError(error)
  }
}

/** Ends the connection now, whatever is under way. */
export function dropClient(client: Client): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
}

/** The ways to be tried, undefined = without TLS. There is none on a local socket, as in libpq. */
function tlsOf(
  { tls }: ConnectionPlan,
  { host }: DatabaseHost,
): readonly (ConnectionOptions | undefined)[] {
  const { mode, trustAnchor, certFile, keyFile, ciphers } = tls
  if (mode === 'disable' || host.startsWith('/')) return [undefined]
  try {
    const isJudged = mode.startsWith('verify') || trustAnchor !== undefined
    const options: ConnectionOptions = {
      rejectUnauthorized: isJudged,
      ...(trustAnchor === undefined ? {} : { ca: readFileSync(trustAnchor) }),
      ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
      ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
      ...(ciphers === undefined ? {} : { ciphers }),
      checkServerIdentity:
        mode === 'verify-full' ? (_, cert) => checkServerIdentity(host, cert) : () => undefined,
    }
    return mode === 'prefer' && !isJudged ? [options, undefined] : [options]
  } catch (error) {
    throw new DatabaseError(`a file for TLS cannot be read: ${(error as Error).message}`, 'denied')
  }
}
