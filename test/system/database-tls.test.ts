// The way to a database is as private as ssl-mode says, against real servers: leases in PostgreSQL,
// reservations in PostgreSQL and MariaDB.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { DatabaseTls } from '../../lib/config/plan/connection-plan.ts'
import { openssl } from '../platform/link-world.ts'
import type { AskedKind } from './ask-database.ts'
import { folder } from './daemon.ts'
import { mysqlHosts, postgresHosts } from './kea-hosts-schema.ts'
import { MariaDb, mariaDbSkip } from './mariadb.ts'
import { network, systemSkip } from './netns.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const skip = postgresSkip() || mariaDbSkip() || systemSkip('openssl')

/** The certificate names it, and the name that all know it by. */
const NAMED = '192.0.2.1'
const NAME = 'localhost'
/** The same server, of which the certificate says nothing. */
const UNNAMED = '192.0.2.2'
const OWN = [NAMED, UNNAMED, '127.0.0.1']
/** A server without TLS. */
const PLAIN = '192.0.2.3'

type Files = Readonly<Record<'own' | 'other', ReturnType<typeof makeCa>>>

const CERT = /certificate/

function anchor({ trustAnchor }: Files['own']) {
  return { trustAnchor }
}

/** A CA, and what it has signed for a server and for a client. */
function makeCa(at: string, name: string) {
  const file = (what: string) => join(at, `${name}-${what}`)
  const made = (key: string, cert: string, ...more: string[]) =>
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-keyout', key, '-out', cert, '-days', '2', ...more],
    )
  const [trustAnchor, keyOfCa] = [file('ca.crt'), file('ca.key')]
  made(keyOfCa, trustAnchor, '-subj', `/CN=CA ${name}`)
  const [certFile, keyFile] = [file('own.crt'), file('own.key')]
  const san = `subjectAltName=DNS:${NAME},IP:${NAMED}`
  const signed = ['-CA', trustAnchor, '-CAkey', keyOfCa]
  made(keyFile, certFile, ...signed, '-subj', '/CN=database', '-addext', san)
  return { trustAnchor, certFile, keyFile }
}

type Asked = Partial<DatabaseTls> & Pick<DatabaseTls, 'mode'>

const CASES: readonly (readonly [
  what: string,
  tls: (files: Files) => Asked,
  host: string,
  answer: RegExp,
])[] = [
  ['disable: the server wants TLS', () => ({ mode: 'disable' }), NAMED, /no pg_hba|denied/],
  ['disable', () => ({ mode: 'disable' }), PLAIN, /^ok/],
  ['prefer: TLS where there is one', () => ({ mode: 'prefer' }), NAMED, /^ok/],
  ['prefer: none where there is none', () => ({ mode: 'prefer' }), PLAIN, /^ok/],
  ['require, whoever it is', () => ({ mode: 'require' }), NAMED, /^ok/],
  ['require: there is none', () => ({ mode: 'require' }), PLAIN, /does not support/],
  ['require with an anchor', ({ other }) => ({ mode: 'require', ...anchor(other) }), NAMED, CERT],
  ['verify-ca', ({ own }) => ({ mode: 'verify-ca', ...anchor(own) }), NAMED, /^ok/],
  ['verify-ca: any name', ({ own }) => ({ mode: 'verify-ca', ...anchor(own) }), UNNAMED, /^ok/],
  ['verify-ca: not this CA', ({ other }) => ({ mode: 'verify-ca', ...anchor(other) }), NAMED, CERT],
  ['verify-ca without an anchor', () => ({ mode: 'verify-ca' }), NAMED, CERT],
  ['verify-full by its address', ({ own }) => ({ mode: 'verify-full', ...own }), NAMED, /^ok/],
  ['verify-full by its name', ({ own }) => ({ mode: 'verify-full', ...own }), NAME, /^ok/],
  [
    'verify-full: the certificate is of another',
    ({ own }) => ({ mode: 'verify-full', ...own }),
    UNNAMED,
    /192\.0\.2\.2/,
  ],
  [
    'a file that is not there',
    () => ({ mode: 'verify-ca', trustAnchor: '/nowhere' }),
    NAMED,
    /cannot be read: .*nowhere/,
  ],
]

t.test('ssl-mode and its files', { skip }, async (t) => {
  const at = folder(t)
  const files = { own: makeCa(at, 'own'), other: makeCa(at, 'other') }
  const within = network(t).namespace('database')
  for (const address of [NAMED, UNNAMED, PLAIN])
    within.run('ip', 'address', 'add', `${address}/32`, 'dev', 'lo')
  const asker = within.node('test/system/ask-database.ts')
  let asked = 0
  const ask = async (kind: AskedKind, tls: Asked, address = NAMED, user = 'whio') => {
    const name = `q${++asked}`
    asker.tell(JSON.stringify({ name, kind, address, tls, user }))
    const [, answer] = await asker.until(new RegExp(`^${name} (.*)$`, 'm'))
    return answer!
  }
  const judge = async (t: Test, kind: AskedKind) => {
    for (const [what, tls, host, answer] of CASES)
      t.match(await ask(kind, tls(files), host), answer, what)
  }

  await t.test('PostgreSQL', async (t) => {
    const tls = await Postgres.start(t, { within, address: OWN.join(), tls: files.own })
    const plain = await Postgres.start(t, { within, address: PLAIN })
    for (const one of [tls, plain]) {
      await one.query('create user whio superuser')
      await one.query('create database dhcp owner whio')
      await one.query(postgresHosts('34.0'), 'dhcp')
    }
    for (const kind of ['leases', 'postgresql'] as const) await t.test(kind, (t) => judge(t, kind))
    t.equal(await ask('leases', { mode: 'prefer' }), 'ok true', 'prefer is TLS')
  })

  await t.test('MariaDB', async (t) => {
    const tls = await MariaDb.start(t, { within, addresses: OWN, tls: files.own })
    const plain = await MariaDb.start(t, { within, addresses: [PLAIN] })
    for (const [one, how] of [
      [tls, 'require ssl'],
      [plain, ''],
    ] as const) {
      await one.query('create database dhcp')
      await one.query(mysqlHosts('34.0'), 'dhcp')
      for (const [user, wants] of [
        ['whio', how],
        ['card', 'require x509'],
      ])
        await one.query(`create user ${user}@'%' ${wants}; grant all on dhcp.* to ${user}@'%'`)
    }
    await judge(t, 'mysql')
    const { own } = files
    const full = { mode: 'verify-full' } as const
    t.match(await ask('mysql', { ...full, ...anchor(own) }, NAMED, 'card'), /denied/)
    t.match(await ask('mysql', { ...full, ...own }, NAMED, 'card'), /^ok/, 'with its certificate')
  })
})
