// Kea's connection keys of databases -> how a database server is reached.

import t from 'tap'
import { compileConnection } from '../../lib/config/compile/connection.ts'
import type { DatabaseDocument } from '../../lib/config/keys/common-document.ts'
import type { FileLook } from '../../lib/config/plan/compile-context.ts'
import { type ConnectionPlan, describeDatabase } from '../../lib/config/plan/connection-plan.ts'
import { newReport, Site } from '../../lib/config/text/site.ts'
import { connectionOfUrl } from '../../lib/platform/postgres/url.ts'

const FILES: Readonly<Record<string, FileLook>> = {
  '/s/ca': { kind: 'file', text: '-----BEGIN CERTIFICATE-----' },
  '/s/cert': { kind: 'file', text: '-----BEGIN CERTIFICATE-----' },
  '/s/key': { kind: 'file', text: '-----BEGIN PRIVATE KEY-----' },
  '/s/password': { kind: 'file', text: 's:cr=t\nmore' },
  '/s/open': { kind: 'file', text: 'secret', isOpen: true },
  '/s': { kind: 'folder' },
}

function compiled(document: Omit<DatabaseDocument, 'type'>, type: ConnectionPlan['type']) {
  const report = newReport()
  const site = Site.of(report, ['db'])
  const look = (path: string): FileLook => FILES[path] ?? { kind: 'trouble', trouble: 'not there' }
  const plan = compileConnection({ ...document, type }, site, { stateDirectory: undefined, look })
  const said = report.structure.list.map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  )
  return { plan, said }
}

const SILENT: ConnectionPlan = {
  type: 'postgresql',
  hosts: [{ host: 'localhost', port: 5432 }],
  name: 'kea',
  user: undefined,
  password: undefined,
  connectTimeout: 5,
  readTimeout: undefined,
  writeTimeout: undefined,
  tcpUserTimeout: undefined,
  tls: {
    mode: 'prefer',
    trustAnchor: undefined,
    certFile: undefined,
    keyFile: undefined,
    ciphers: undefined,
  },
  reconnect: { onFail: 'stop-retry-exit', tries: 0, wait: 0, onStartup: false },
  isReadOnly: false,
}

t.test('what is not said is as in Kea', async (t) => {
  t.same(compiled({}, 'postgresql'), { plan: SILENT, said: [] })
  const { plan } = compiled({}, 'mysql')
  t.same(plan.hosts, [{ host: 'localhost', port: 3306 }])
  t.equal(plan.tls.mode, 'disable')
})

t.test('every key is said', async (t) => {
  const { plan, said } = compiled(
    {
      host: 'db1, db2',
      port: 6432,
      name: 'leases',
      user: 'dhcp',
      password: 'x y',
      'connect-timeout': 2,
      'tcp-user-timeout': 9,
      'max-reconnect-tries': 3,
      'reconnect-wait-time': 1500,
      'on-fail': 'serve-retry-exit',
      'retry-on-startup': true,
      readonly: true,
      'trust-anchor': '/s/ca',
      'cert-file': '/s/cert',
      'key-file': '/s/key',
      'ssl-mode': 'verify-full',
    },
    'postgresql',
  )
  t.same(said, [])
  t.same(plan, {
    ...SILENT,
    hosts: [
      { host: 'db1', port: 6432 },
      { host: 'db2', port: 6432 },
    ],
    name: 'leases',
    user: 'dhcp',
    password: 'x y',
    connectTimeout: 2,
    tcpUserTimeout: 9,
    tls: {
      mode: 'verify-full',
      trustAnchor: '/s/ca',
      certFile: '/s/cert',
      keyFile: '/s/key',
      ciphers: undefined,
    },
    reconnect: { onFail: 'serve-retry-exit', tries: 3, wait: 1500, onStartup: true },
    isReadOnly: true,
  })
  t.equal(describeDatabase(plan), 'postgresql database leases at db1:6432, db2:6432')
})

t.test('an empty host is the local socket, a path another one', async (t) => {
  t.same(compiled({ host: '' }, 'postgresql').plan.hosts, [
    { host: '/var/run/postgresql', port: 5432 },
  ])
  t.same(compiled({ host: '' }, 'mysql').plan.hosts, [
    { host: '/var/run/mysqld/mysqld.sock', port: 3306 },
  ])
  const { plan } = compiled({ host: '/tmp/a,/tmp/b' }, 'postgresql')
  t.equal(describeDatabase(plan), 'postgresql database kea at /tmp/a, /tmp/b')
})

t.test('files ask for TLS where ssl-mode is not said', async (t) => {
  const pair = { 'cert-file': '/s/cert', 'key-file': '/s/key' }
  const modeOf = (document: object) => compiled(document, 'postgresql').plan.tls.mode
  t.equal(modeOf({ 'trust-anchor': '/s/ca' }), 'verify-ca')
  t.equal(modeOf(pair), 'require')
  t.equal(modeOf({ 'trust-anchor': '/s/ca', 'ssl-mode': 'disable' }), 'disable')
  t.equal(compiled({ 'cipher-list': 'AES128-SHA' }, 'mysql').plan.tls.mode, 'require')
})

t.test('a password of a file is its first line', async (t) => {
  const { plan, said } = compiled({ 'password-file': '/s/password' }, 'postgresql')
  t.equal(plan.password, 's:cr=t')
  t.same(said, [])
  t.match(JSON.stringify(describeDatabase(plan)), /^(?!.*s:cr)/, 'and is never printed')
})

t.test('what is said of keys that are wrong', async (t) => {
  const cases: readonly (readonly [ConnectionPlan['type'], object, readonly string[]])[] = [
    ['postgresql', { host: 'a,,b' }, ["error db.host: a host of 'a,,b' has no name"]],
    [
      'postgresql',
      { password: 'x', 'password-file': '/s/password' },
      ['error db.password-file: password and password-file say the same thing'],
    ],
    [
      'postgresql',
      { 'password-file': '/s/none' },
      ["error db.password-file: '/s/none' cannot be read"],
    ],
    ['mysql', { 'password-file': '/s' }, ["error db.password-file: '/s' cannot be read"]],
    [
      'mysql',
      { 'password-file': '/s/open' },
      ["warning db.password-file: every user of this machine may read '/s/open'"],
    ],
    ['postgresql', { 'cert-file': '/s/cert' }, ['error db: key-file is missing']],
    [
      'postgresql',
      { 'trust-anchor': '/s/none' },
      ["error db.trust-anchor: '/s/none' cannot be read"],
    ],
    [
      'postgresql',
      { 'ssl-mode': 'verify-ca' },
      ['info db.ssl-mode: verify-ca without a trust-anchor'],
    ],
    [
      'postgresql',
      { 'read-timeout': 3, 'cipher-list': 'x' },
      [
        'warning db.read-timeout: only mysql has this key',
        'warning db.cipher-list: only mysql has this key',
      ],
    ],
    ['mysql', { 'ssl-mode': 'require' }, ['warning db.ssl-mode: only postgresql has this key']],
  ]
  for (const [type, document, said] of cases)
    t.same(compiled(document, type).said, said, JSON.stringify(document))
})

t.test('a database on a command line is named as libpq names it', async (t) => {
  const named = (text: string) => describeDatabase(connectionOfUrl(text))
  t.equal(named('postgresql://db1:6432/leases'), 'postgresql database leases at db1:6432')
  t.equal(named('postgres://u:p%40@db1,db2/kea'), 'postgresql database kea at db1:5432, db2:5432')
  t.equal(named('postgresql://u@/kea?host=%2Frun%2Fpg'), 'postgresql database kea at /run/pg')
  t.equal(named('postgresql://[2001:db8::1]/kea'), 'postgresql database kea at 2001:db8::1:5432')
  t.equal(named('mysql://localhost/kea'), 'mysql database kea at localhost:3306')
  const { user, password } = connectionOfUrl('postgres://u:p%40@db1/kea')
  t.same([user, password], ['u', 'p@'])
  t.throws(() => connectionOfUrl('postgresql:kea'), /not understood/)
})
