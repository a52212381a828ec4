// How a database server is reached: what Kea's keys of lease-database and hosts-databases say of
// it, with all that they leave unsaid.

import type { Millis, Seconds } from '../../time/units.ts'

export interface ConnectionPlan {
  readonly type: 'postgresql' | 'mysql'
  /** In the order in which they are tried; at least one. */
  readonly hosts: readonly DatabaseHost[]
  /** Name of the database. */
  readonly name: string
  /** Undefined: the name of the user that the process runs as. */
  readonly user: string | undefined
  /** It comes into no log and no answer. */
  readonly password: string | undefined
  readonly connectTimeout: Seconds
  /** Undefined: no limit is said (MySQL only). */
  readonly readTimeout: Seconds | undefined
  readonly writeTimeout: Seconds | undefined
  /** Undefined: the kernel's own (PostgreSQL only). */
  readonly tcpUserTimeout: Seconds | undefined
  readonly tls: DatabaseTls
  readonly reconnect: ReconnectPlan
  /** Nothing is written; reservations only. */
  readonly isReadOnly: boolean
}

export interface DatabaseHost {
  /** Name or address; an absolute path is that of a local socket or of its folder. */
  readonly host: string
  readonly port: number
}

export interface DatabaseTls {
  /** As libpq understands the words. prefer: with TLS where the server has it. */
  readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'
  /** Paths of PEM files, which are read at each connection, so that they may be renewed. */
  readonly trustAnchor: string | undefined
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  /** OpenSSL's words; undefined: the usual ones. */
  readonly ciphers: string | undefined
}

export interface ReconnectPlan {
  readonly onFail: OnFail
  /** After so many tries in vain Kea gives up; 0 = it never tries. */
  readonly tries: number
  readonly wait: Millis
  /** The first connection is tried again, too. */
  readonly onStartup: boolean
}

export type OnFail = 'stop-retry-exit' | 'serve-retry-exit' | 'serve-retry-continue'

/** Host, port and name, for people: never the password. */
export function describeDatabase({ type, hosts, name }: ConnectionPlan): string {
  const list = hosts.map(({ host, port }) => (host.startsWith('/') ? host : `${host}:${port}`))
  return `${type} database ${name} at ${list.join(', ')}`
}
