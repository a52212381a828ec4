// The way to a database is as private as ssl-mode says, against a real server.

import { join } from 'node:path'
import t from 'tap'
import { makeCertificates, tlsOf } from '../platform/link-world.ts'
import { folder } from './daemon.ts'
import { network, systemSkip } from './netns.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const skip = postgresSkip() || systemSkip('openssl')

const ADDRESS = '192.0.2.1'

t.test('ssl-mode and its files', { skip }, async (t) => {
  const at = folder(t)
  makeCertificates(join(at, 'own'), `db1=${ADDRESS}`, 'db9=192.0.2.9')
  makeCertificates(join(at, 'other'), `db1=${ADDRESS}`)
  const own = tlsOf(join(at, 'own'), 'db1')
  const misnamed = tlsOf(join(at, 'own'), 'db9')
  const where = network(t).namespace('database')
  where.run('ip', 'address', 'add', `${ADDRESS}/32`, 'dev', 'lo')
  await Postgres.start(t, { within: where, address: ADDRESS, tls: own })
  const asker = where.node('test/system/ask-database.ts')
  const ask = async (name: string, tls: object, host = ADDRESS): Promise<string> => {
    asker.tell(JSON.stringify({ name, address: host, tls }))
    const [, answer] = await asker.until(new RegExp(`^${name} (.*)$`, 'm'))
    return answer!
  }
  const { trustAnchor } = own
  const stranger = join(at, 'other', 'ca.crt')
  t.match(await ask('disable', { mode: 'disable' }), /no pg_hba.conf entry/, 'it wants TLS')
  t.equal(await ask('prefer', { mode: 'prefer' }), 'ok true')
  t.equal(await ask('require', { mode: 'require' }), 'ok true')
  t.equal(await ask('ca', { mode: 'verify-ca', trustAnchor }), 'ok true')
  t.equal(await ask('full', { mode: 'verify-full', ...own }), 'ok true')
  t.match(await ask('stranger', { mode: 'verify-ca', trustAnchor: stranger }), /certificate/)
  t.match(await ask('anchored', { mode: 'require', trustAnchor: stranger }), /certificate/)
  t.match(await ask('gone', { mode: 'verify-ca', trustAnchor: '/nowhere' }), /cannot be read/)
  where.run('ip', 'address', 'add', '192.0.2.2/32', 'dev', 'lo')
  await Postgres.start(t, { within: where, address: '192.0.2.2', tls: misnamed })
  t.equal(await ask('name', { mode: 'verify-ca', trustAnchor }, '192.0.2.2'), 'ok true')
  const wrong = await ask('wrong', { mode: 'verify-full', trustAnchor }, '192.0.2.2')
  t.match(wrong, /192\.0\.2\.2/, 'the certificate is of another')
})
