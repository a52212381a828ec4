// A PostgreSQL that kea-dhcp4 and kea-dhcp6 have filled, in another time zone than theirs, becomes
// Whio's: by itself at the first start, or from outside by whio import.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { importFrom } from '../../lib/platform/import-csv.ts'
import { importShared, sourceOf } from '../../lib/platform/import-shared.ts'
import { journalSource } from '../../lib/platform/import-source.ts'
import { type ListedLease, listLeases, listLeases6 } from '../../lib/platform/journal/list.ts'
import { openPostgres } from '../../lib/platform/postgres/journal.ts'
import { type TakenOver, takeOverKea } from '../../lib/platform/postgres/takeover.ts'
import { postgresPlan, SharedServer } from '../platform/shared-world.ts'
import { folder } from './daemon.ts'
import { MariaDb, mariaDbSkip } from './mariadb.ts'
import { type Network, network, type Running, systemSkip } from './netns.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const programs = ['kea-dhcp4', 'kea-dhcp6', 'kea-admin', 'perfdhcp']
const skip = postgresSkip() || systemSkip(...programs)

const LIFETIME = 4000

/** Both servers of Kea on the database, and clients of both. */
class KeaSite {
  readonly database: Postgres
  readonly #at: string
  readonly #server
  readonly #clients
  readonly #running: Running[] = []

  constructor(net: Network, database: Postgres, at: string) {
    this.database = database
    this.#at = at
    this.#server = net.namespace('kea')
    this.#clients = net.namespace('clients')
    net.veth(this.#server, 'eth0', this.#clients, 'eth0')
    this.#server.addAddress('eth0', '10.54.0.1/16')
    this.#server.addAddress6('eth0', '2001:db8::1/64')
    this.#clients.addAddress('eth0', '10.54.0.2/16')
  }

  /** As an operator makes it. */
  async init(): Promise<void> {
    await this.database.query('create database kea')
    const how = ['-u', 'postgres', '-p', 'none', '-n', 'kea', '-h', this.database.folder]
    execFileSync('kea-admin', ['db-init', 'pgsql', ...how], { stdio: 'pipe' })
  }

  async start(): Promise<void> {
    await this.#server.linkLocal('eth0')
    await this.#clients.linkLocal('eth0')
    const { folder: host } = this.database
    const shared = {
      'interfaces-config': { interfaces: ['eth0'] },
      'lease-database': { type: 'postgresql', host, name: 'kea', user: 'postgres' },
      'valid-lifetime': LIFETIME,
    }
    const pools = [{ pool: '10.54.1.0 - 10.54.3.255' }]
    await this.#serve(4, { ...shared, subnet4: [{ id: 4, subnet: '10.54.0.0/16', pools }] })
    const six = {
      id: 6,
      subnet: '2001:db8::/64',
      interface: 'eth0',
      pools: [{ pool: '2001:db8::1:0/112' }],
      'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }],
    }
    await this.#serve(6, { ...shared, 'data-directory': this.#at, subnet6: [six] })
  }

  async #serve(version: 4 | 6, map: object): Promise<void> {
    const file = join(this.#at, `kea${version}.json`)
    writeFileSync(file, JSON.stringify({ [`Dhcp${version}`]: map }))
    const log = ['KEA_LOCKFILE_DIR=none', 'KEA_LOGGER_DESTINATION=stdout', 'TZ=UTC']
    const own = [`KEA_PIDFILE_DIR=${this.#at}`]
    const words = ['env', ...log, ...own, `kea-dhcp${version}`, '-c', file] as const
    const running = this.#server.start(...words)
    this.#running.push(running)
    await running.until(new RegExp(`DHCP${version}_STARTED`))
  }

  /** Each gets a lease; what is lost on a busy machine is asked for again. */
  async load(): Promise<void> {
    const how = ['-r', '20', '-R', '30', '-n', '40', '-W', '2000000', '-l', 'eth0', '-g', 'single']
    await this.#clients.start('perfdhcp', '-4', ...how, '10.54.0.1').ended
    await this.#clients.start('perfdhcp', '-6', '-e', 'address-and-prefix', ...how).ended
  }

  async stop(): Promise<void> {
    for (const one of this.#running) one.kill('SIGTERM')
    await Promise.all(this.#running.map(({ ended }) => ended))
  }
}

t.test('a database of Kea 2.2, made and filled by it, is taken over', { skip }, async (t) => {
  // Kea's processes go by UTC, the sessions of the database do not.
  const database = await Postgres.start(t, { settings: { timezone: 'America/New_York' } })
  const site = new KeaSite(network(t), database, folder(t))
  await site.init()
  await site.start()
  await site.load()
  const count = async (table: string, where = 'true') =>
    Number(await database.query(`select count(*) from ${table} where ${where}`, 'kea'))
  t.ok((await count('lease4')) > 5)
  t.ok((await count('lease6', 'lease_type = 2')) > 5)

  const plan = postgresPlan([database], 'kea')
  let taken: TakenOver | undefined
  const open = () =>
    openPostgres({
      ...{ plan, durability: 'full', name: 'whio' },
      fill: async (session, member) => {
        taken = await takeOverKea(session, member)
      },
    })
  await t.rejects(open(), { code: 'import-failed', message: /Kea still uses this database/ })
  t.equal(await database.query("select to_regclass('whio.meta') is null", 'kea'), 't')
  await site.stop()
  await database.query('create database newer template kea')

  const server = new SharedServer(await open())
  await server.start()
  t.same(taken!.problems, [])
  t.equal(taken!.shift, -5 * 3600, 'what was written in UTC was read as of New York')
  const all = (await count('lease4')) + (await count('lease6'))
  t.equal(taken!.leases, all)
  const keys = [...server.rows.keys()]
  const texts = keys.map((key) =>
    typeof key === 'number' ? textFromIpv4(key) : textFromPrefix6(key as never),
  )
  const kea = await database.query(
    `select host('0.0.0.0'::inet + address) from lease4 union all
     select address || case when prefix_len < 128 then '/' || prefix_len else '' end from lease6`,
    'kea',
  )
  t.same(texts.sort(), kea.split('\n').sort(), 'every address and prefix is there')
  for (const { end, validLifetime, state } of server.rows.values()) {
    t.same([state, validLifetime], [0, LIFETIME])
    const left = (end - server.now()) / 1000
    t.ok(left > LIFETIME - 600 && left <= LIFETIME + 1, 'with the time that its client counts on')
  }
  const views = `(select hwaddr, client_id, address from whio.kea_lease4
    except select hwaddr, client_id, address from lease4)`
  t.equal(await count(`${views} as odd`), 0, 'third parties see the same clients')
  const views6 = `(select host(address::inet), duid, iaid, lease_type, prefix_len from whio.kea_lease6
    except select host(address::inet), duid, iaid, lease_type, prefix_len from lease6)`
  t.equal(await count(`${views6} as odd`), 0)
  await server.close()

  const { folder: host } = database
  const at = folder(t)
  const url = (name: string) => `postgresql://postgres@/${name}?host=${encodeURIComponent(host)}`

  await t.test('tables of a newer Kea are read in by hand, into a file', async (t) => {
    const newer = [
      'alter table lease6 alter column address type inet using address::inet',
      'alter table lease6 add column pool_id bigint not null default 3',
      'alter table lease4 add column relay_id bytea, add column pool_id bigint not null default 5',
      "update lease4 set expire = expire - interval '1 s' * valid_lifetime, valid_lifetime = 4294967295",
      'update lease6 set iaid = -1 where address = (select min(address) from lease6)',
    ]
    await database.query(newer.join('; '), 'newer')
    const journal = join(at, 'leases.sqlite')
    const result = await importFrom(await sourceOf(url('newer'), false), journal)
    t.same([result.taken, result.problemCount, result.kept.length], [all, 0, 0])
    const four = [...listLeases(journal)]
    t.ok(four.every(({ ends, state }) => ends === 'never' && state === 'assigned'))
    t.equal([...listLeases6(journal)].filter(({ iaid }) => iaid === 0xffffffff).length, 1)

    await t.test('and from there into a database', async (t) => {
      await database.query('create database fresh')
      const fresh = postgresPlan([database], 'fresh')
      const moved = await importShared(journalSource(journal), fresh, 'mover')
      t.equal(moved.taken, all)
      const back = join(at, 'back.sqlite')
      t.equal((await importFrom(await sourceOf(url('fresh'), false), back)).taken, all)
      const shown = ({ address, hwAddress, hostname, ends }: ListedLease) => {
        return `${address} ${hwAddress} ${hostname} ${ends}`
      }
      t.same([...listLeases(back)].map(shown), four.map(shown))
      const again = await importShared(journalSource(journal), fresh, 'mover')
      t.same([again.taken, again.kept.length], [all, 0], 'twice does no harm')
    })
  })

  await t.test('tables of Kea in MariaDB', { skip: mariaDbSkip() }, async (t) => {
    const maria = await MariaDb.start(t)
    await maria.query('create database kea')
    await maria.query(
      `create table lease4 (address int unsigned primary key, hwaddr varbinary(20),
         client_id varbinary(128), valid_lifetime int unsigned, expire timestamp null,
         subnet_id int unsigned, fqdn_fwd tinyint(1), fqdn_rev tinyint(1), hostname varchar(255),
         state int unsigned default 0, user_context text);
       create table lease6 (address varchar(39) primary key, duid varbinary(128),
         valid_lifetime int unsigned, expire timestamp null, subnet_id int unsigned,
         pref_lifetime int unsigned, lease_type tinyint, iaid int unsigned, prefix_len tinyint
         unsigned, fqdn_fwd tinyint(1), fqdn_rev tinyint(1), hostname varchar(255),
         hwaddr varbinary(20), hwtype smallint unsigned, hwaddr_source int unsigned,
         state int unsigned default 0, user_context text)`,
      'kea',
    )
    await maria.query(
      `insert into lease4 (address, hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd,
         fqdn_rev, hostname, state, user_context)
       values (171315201, unhex('020000000001'), null, 4000, now() + interval 1000 second, 4, 1, 0,
         'one.example.org', 0, '{"a":1,"b":2}');
       insert into lease6 (address, duid, valid_lifetime, expire, subnet_id, pref_lifetime,
         lease_type, iaid, prefix_len, fqdn_fwd, fqdn_rev, hostname, state)
       values ('2001:db8:8000::', unhex('00030001020000000001'), 4000,
         now() + interval 1000 second, 6, 2000, 2, 4294967295, 56, 0, 0, '', 0)`,
      'kea',
    )
    const journal = join(at, 'maria.sqlite')
    const socket = encodeURIComponent(maria.socket)
    const source = await sourceOf(`mysql://root@/kea?host=${socket}`, false)
    const result = await importFrom(source, journal)
    t.same([result.taken, result.problems], [2, []])
    const [four] = [...listLeases(journal)]
    t.match(four, { address: '10.54.16.1', hostname: 'one.example.org', hwAddress: /^02:0/ })
    t.match(four, { userContext: '{"a":1,"b":2}', subnet: 4 })
    t.ok(four!.left! > 500 && four!.left! <= 1001)
    const [six] = [...listLeases6(journal)]
    t.match(six, { address: '2001:db8:8000::/56', iaid: 0xffffffff, type: 'IA_PD' })
  })

  taken = undefined
  const again = await open()
  t.equal(taken, undefined, 'once')
  await new Promise<void>((done) => again.close(done))
})
