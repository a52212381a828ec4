// Leases on their way between lease files of Kea, journals and databases: in all directions, with
// every field. And a client that is explained over what a database has; and the first start there.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { allOf, listingOf } from '../../lib/cli/listing.ts'
import type { LeaseDatabasePlan, Plan } from '../../lib/config/plan/plan.ts'
import { importFrom } from '../../lib/platform/import-csv.ts'
import { importShared, sourceOf } from '../../lib/platform/import-shared.ts'
import { openLeaseJournal } from '../../lib/platform/lease-journal.ts'
import { connectionOfUrl } from '../../lib/platform/postgres/url.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { start, whio } from './whio.ts'

const FOUR = `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
192.0.2.10,02:00:00:00:00:0a,,3600,EXPIRE,1,0,0,,0,,0
192.0.2.11,02:00:00:00:00:0b,01:02:00:00:00:00:0b,3600,EXPIRE,1,1,1,desk.example,0,{ "a": "x&#x2cy" },2
192.0.2.12,,,86400,EXPIRE,1,0,0,,1,,0
192.0.2.13,02:00:00:00:00:0d,,4294967295,FOREVER,1,0,1,for-ever,0,,0
`
const SIX = `address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id
2001:db8:8000::,00:03:00:01:02:00:00:00:00:0b,3600,EXPIRE,6,1800,2,4294967295,56,0,0,,02:00:00:00:00:0b,0,,1,0,3
2001:db8::10,00:03:00:01:02:00:00:00:00:0a,3600,EXPIRE,6,1800,0,7,128,1,0,six.example,02:00:00:00:00:0a,0,,1,0,0
`

const NOW = Math.floor(Date.now() / 1000)
/** Of leases that end, and of the one that does not. */
const EXPIRE = `${NOW + 3000}`
const FOR_EVER = `${NOW + 0xffffffff}`

t.test('every lease goes from anywhere to anywhere', { skip: postgresSkip() }, async (t) => {
  const database = await Postgres.start(t, { settings: { timezone: 'America/New_York' } })
  const at = t.testdir()
  const inFolder = (name: string) => join(at, name)
  for (const [name, text] of [
    ['first4.csv', FOUR],
    ['first6.csv', SIX],
  ] as const)
    writeFileSync(inFolder(name), text.replaceAll('EXPIRE', EXPIRE).replace('FOREVER', FOR_EVER))
  const url = (name: string) =>
    `postgresql://postgres@/${name}?host=${encodeURIComponent(database.folder)}`
  const create = (name: string) => database.query(`create database ${name}`)
  const toFile = async (from: string, name: string) =>
    importFrom(await sourceOf(from, false), inFolder(name))
  const toDatabase = async (from: string, name: string) =>
    importShared(await sourceOf(from, false), connectionOfUrl(url(name)), 'mover')

  /** Both families as Kea's files have them; times may be told a little differently. */
  const leasesIn = async (where: Pick<LeaseDatabasePlan, 'path' | 'shared'>) => {
    const listing = await listingOf(where as LeaseDatabasePlan)
    const lines = [...(await allOf(listing.csv(4))), ...(await allOf(listing.csv(6)))]
    return `${lines.join('\n')}\n`.replaceAll(/\b\d{10}\b/g, (time) => {
      if (isNear(time, EXPIRE)) return 'EXPIRE'
      return isNear(time, FOR_EVER) ? 'FOREVER' : time
    })
  }
  const inFile = (name: string) => leasesIn({ path: inFolder(name), shared: undefined })
  const inDatabase = (name: string) =>
    leasesIn({ path: '', shared: { connection: connectionOfUrl(url(name)), only: undefined } })
  const all = `${FOUR}${SIX}`

  await toFile(inFolder('first4.csv'), 'a.sqlite')
  await toFile(inFolder('first6.csv'), 'a.sqlite')
  t.equal(await inFile('a.sqlite'), all, 'lease files to a journal')
  await create('b')
  t.equal((await toDatabase(inFolder('a.sqlite'), 'b')).taken, 6)
  t.equal(await inDatabase('b'), all, 'a journal to a database')
  await create('c')
  t.equal((await toDatabase(url('b'), 'c')).taken, 6)
  t.equal(await inDatabase('c'), all, 'a database to another one')
  t.equal((await toFile(url('c'), 'd.sqlite')).taken, 6)
  t.equal(await inFile('d.sqlite'), all, 'a database to a journal')
  await create('e')
  await toDatabase(inFolder('first4.csv'), 'e')
  await toDatabase(inFolder('first6.csv'), 'e')
  t.equal(await inDatabase('e'), all, 'lease files to a database')
  await toDatabase(inFolder('d.sqlite'), 'e')
  t.equal(await inDatabase('e'), all, 'twice does no harm')

  await t.test('a client is explained over what a database has', async (t) => {
    const own = { type: 'postgresql', host: database.folder, user: 'postgres', name: 'c' }
    const lease = { 'lease-database': own, 'interfaces-config': { interfaces: ['eth0'] } }
    const four = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.20' }] }
    const prefixes = { prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 56 }
    const six = { id: 6, subnet: '2001:db8::/64', interface: 'eth0', 'pd-pools': [prefixes] }
    const file = inFolder('whio.conf')
    const document = { Dhcp4: { ...lease, subnet4: [four] }, Dhcp6: { ...lease, subnet6: [six] } }
    writeFileSync(file, JSON.stringify(document))
    const explained = (client: string) => whio('explain', file, '--leases', '--client', client)
    const [known, other, prefix] = await Promise.all([
      explained('mac=02:00:00:00:00:0a interface=eth0/192.0.2.1'),
      explained('mac=02:00:00:00:00:ee interface=eth0/192.0.2.1'),
      explained('duid=00:03:00:01:02:00:00:00:00:0b pd=1 interface=eth0'),
    ])
    t.match(known, { stdout: /^leases +4 rows of .*postgresql database c/m })
    t.match(known, { stdout: /OFFER of 192\.0\.2\.10\n/ })
    t.match(other, { stdout: /OFFER of 192\.0\.2\.14\n/ })
    t.match(prefix, { stdout: /2001:db8:8000::\/56/ })
    await database.query('drop database c')
    const gone = await explained('mac=02:00:00:00:00:0a')
    t.match(gone, { code: 1, stderr: /--leases: .* cannot be read: .*no such database/ })
  })
})

t.test('the first start of a user who is called whio', { skip: postgresSkip() }, async (t) => {
  const server = await Postgres.start(t)
  const log = { enabled: () => false, write: () => {} }
  await server.query('create role whio login')
  const firstStart = async (name: string): Promise<string> => {
    await server.query(`grant create on database ${name} to whio`)
    const connection = connectionOfUrl(
      `postgresql://whio@/${name}?host=${encodeURIComponent(server.folder)}`,
    )
    const database = {
      ...{ persist: true, path: join(t.testdirName, 'x'), serverTag: 'one', durability: 'full' },
      shared: { connection, only: undefined },
    } as unknown as LeaseDatabasePlan
    const journal = await openLeaseJournal({ database } as Plan, { log })
    await new Promise<void>((resolve) => journal!.close(resolve))
    return await server.query('select address, hostname from whio.kea_lease4', name)
  }

  await t.test('on an empty database', async (t) => {
    await server.query('create database alone')
    t.equal(await firstStart('alone'), '')
  })

  await t.test('beside the tables of Kea', async (t) => {
    await server.query('create database kea')
    await server.query(
      `create table lease4 (address bigint primary key, hwaddr bytea, client_id bytea,
        valid_lifetime bigint, expire timestamptz, subnet_id bigint, fqdn_fwd boolean,
        fqdn_rev boolean, hostname varchar(255), state bigint default 0, user_context text);
      insert into lease4 values (3221225994, '\\x02000000000a', '', 3600, now() + interval '1 h', 1,
        false, false, 'desk', 0, null);
      grant select on lease4 to whio`,
      'kea',
    )
    t.equal(await firstStart('kea'), '3221225994|desk')
  })
})

t.test('a database that lets nobody in, in plain words', { skip: postgresSkip() }, async (t) => {
  const server = await Postgres.start(t)
  await server.query("create role guarded login password 'word'")
  await server.query('create database guarded owner guarded')
  await server.kill()
  const rules = join(server.folder, 'data/pg_hba.conf')
  const local = 'local all guarded scram-sha-256\n'
  writeFileSync(rules, `${local}${readFileSync(rules, 'utf8')}`)
  await server.start()

  const file = join(t.testdir(), 'whio.conf')
  const name = join(t.testdirName, 'a.sqlite')
  writeFileSync(file, JSON.stringify({ Dhcp4: { 'lease-database': { type: 'memfile', name } } }))
  const host = encodeURIComponent(server.folder)
  const importFromUrl = (url: string, env = {}) =>
    start(t, ['import', '-c', file, '--from', url], { PGPASSWORD: '', ...env }).ended
  const silent = await importFromUrl(`postgresql://guarded@/guarded?host=${host}`)
  t.match(silent, { code: 1, stderr: /the database wants a password, and none is given: .*PGPASS/ })
  t.notMatch(silent.stderr, /SASL/)
  const NOTHING = /no leases of Whio and no tables of Kea/
  const inUrl = await importFromUrl(`postgresql://guarded:word@/guarded?host=${host}`)
  t.match(inUrl, { code: 1, stderr: NOTHING })
  const PGPASSWORD = 'word'
  const apart = await importFromUrl(`postgresql://guarded@/guarded?host=${host}`, { PGPASSWORD })
  t.match(apart, { code: 1, stderr: NOTHING })

  const away = await importFromUrl('postgresql://guarded@127.0.0.1:1/guarded')
  t.match(away, { code: 1, stderr: /127\.0\.0\.1:1: connection refused\n/ })
})

/** Clocks of databases count on while leases are on their way. */
function isNear(time: string, other: string): boolean {
  return Math.abs(Number(time) - Number(other)) < 600
}
