// The keys of a database server, the same for leases and reservations -> how it is reached.

import { checkTlsFile, TLS_KEYS } from '../ha/tls-file.ts'
import type { DatabaseDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { ConnectionPlan, DatabaseHost, DatabaseTls } from '../plan/connection-plan.ts'
import type { Site } from '../text/site.ts'

const DEFAULTS = defaultsOf(
  'database',
  'host',
  'connect-timeout',
  'max-reconnect-tries',
  'reconnect-wait-time',
  'on-fail',
  'retry-on-startup',
  'readonly',
)

const DATABASE_NAME = 'kea'
const PORTS = { postgresql: 5432, mysql: 3306 } as const
/** Where the packages of distributions have the local socket. */
const SOCKETS = { postgresql: '/var/run/postgresql', mysql: '/var/run/mysqld/mysqld.sock' } as const

type SqlType = ConnectionPlan['type']

/** `document` is of a type that is reached by a connection. */
export function compileConnection(
  document: DatabaseDocument & { readonly type: SqlType },
  site: Site,
  context: CompileContext,
): ConnectionPlan {
  const { type } = document
  reportOfOthers(document, site)
  return {
    type,
    hosts: hostsOf(document, site),
    name: document.name === undefined || document.name === '' ? DATABASE_NAME : document.name,
    user: document.user === '' ? undefined : document.user,
    password: passwordOf(document, site, context),
    connectTimeout: document['connect-timeout'] ?? DEFAULTS['connect-timeout'],
    readTimeout: document['read-timeout'] || undefined,
    writeTimeout: document['write-timeout'] || undefined,
    tcpUserTimeout: document['tcp-user-timeout'] || undefined,
    tls: tlsOf(document, site, context),
    reconnect: {
      onFail: document['on-fail'] ?? DEFAULTS['on-fail'],
      tries: document['max-reconnect-tries'] ?? DEFAULTS['max-reconnect-tries'],
      wait: document['reconnect-wait-time'] ?? DEFAULTS['reconnect-wait-time'],
      onStartup: document['retry-on-startup'] ?? DEFAULTS['retry-on-startup'],
    },
    isReadOnly: document.readonly ?? DEFAULTS.readonly,
  }
}

/** Several hosts are separated by commas, as in a connection string of libpq. */
function hostsOf(
  document: DatabaseDocument & { readonly type: SqlType },
  site: Site,
): readonly DatabaseHost[] {
  const { type, host = DEFAULTS.host } = document
  const port = document.port || PORTS[type]
  const names = host.split(',').map((name) => name.trim())
  const isList = names.length > 1
  if (isList && names.includes('')) {
    const message = `a host of '${host}' has no name`
    site.at('host').error('database-host', message, 'names or addresses, separated by commas')
  }
  return names.map((name) => ({ host: name === '' ? SOCKETS[type] : name, port }))
}

function passwordOf(
  document: DatabaseDocument,
  site: Site,
  { look }: CompileContext,
): string | undefined {
  const { password, 'password-file': file } = document
  if (file === undefined || file === '') return password === '' ? undefined : password
  const at = site.at('password-file')
  if (password !== undefined) {
    const message = 'password and password-file say the same thing'
    at.error('database-password', message, 'leave one out')
    return password
  }
  const found = look?.(file)
  if (found?.kind === 'file') {
    if (found.isOpen === true) {
      const hint = 'chmod o= on it; the user that the server runs as must be able to read it'
      at.warning('file-open', `every user of this machine may read '${file}'`, hint)
    }
    return found.text.split(/\r?\n/, 1)[0]!
  }
  const trouble = found === undefined ? 'files are not looked at here' : troubleOf(found)
  at.error('database-file', `'${file}' cannot be read`, trouble)
  return undefined
}

function troubleOf(found: { readonly kind: string; readonly trouble?: string }): string {
  return found.trouble ?? `it is a ${found.kind}`
}

/** Where ssl-mode is not said, files ask for TLS, else libpq would prefer it: as in Kea. */
function tlsOf(document: DatabaseDocument, site: Site, { look }: CompileContext): DatabaseTls {
  const files = TLS_KEYS.map((key) => document[key] || undefined)
  const [trustAnchor, certFile, keyFile] = files
  for (const [index, key] of TLS_KEYS.entries()) {
    const file = files[index]
    if (file !== undefined && look !== undefined)
      checkTlsFile(key, file, look(file), 'database-file', site.at(key))
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const missing = certFile === undefined ? 'cert-file' : 'key-file'
    site.error('database-tls', `${missing} is missing`, 'cert-file and key-file: both, or none')
  }
  const ciphers = document['cipher-list'] || undefined
  const usual = document.type === 'postgresql' ? 'prefer' : 'disable'
  const asksFor = trustAnchor ? 'verify-ca' : certFile || ciphers ? 'require' : usual
  const mode = document['ssl-mode'] ?? asksFor
  if (mode.startsWith('verify') && trustAnchor === undefined) {
    const message = `${mode} without a trust-anchor`
    const hint = 'the certificates that this machine trusts are asked; name one for your own'
    site.at('ssl-mode').info('database-tls', message, hint)
  }
  return { mode, trustAnchor, certFile, keyFile, ciphers }
}

/** Keys that only the other kind of database has. */
const ONLY_OF = {
  postgresql: ['tcp-user-timeout', 'ssl-mode'],
  mysql: ['read-timeout', 'write-timeout', 'cipher-list'],
} as const

function reportOfOthers(document: DatabaseDocument & { readonly type: SqlType }, site: Site): void {
  const other = document.type === 'mysql' ? 'postgresql' : 'mysql'
  for (const key of ONLY_OF[other]) {
    if (document[key] === undefined) continue
    const message = `only ${other} has this key`
    site.at(key).warning('database-key', message, 'leave it out')
  }
}
