// config-control: a configuration database that kea-admin made, read by Kea of the system and by
// Whio at once. Both make the same configuration of it, in both families and of both kinds.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { asked } from './both-servers.ts'
import { audited, type Engine, inserts, ROWS4, ROWS6 } from './config-rows.ts'
import { folder } from './daemon.ts'
import { DIFFERENCES, differences } from './kea-differences.ts'
import type { Members } from './kea-witness.ts'
import { MariaDb, mariaDbSkip } from './mariadb.ts'
import { type Namespace, network, type Running, systemSkip } from './netns.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const HOOKS = '/usr/lib/x86_64-linux-gnu/kea/hooks'

/** A database of either kind with Kea's tables. */
interface Tables {
  readonly engine: Engine
  /** Those of Kea 2.2 that can read it: one prepares a statement that PostgreSQL 15 refuses. */
  readonly witnesses: readonly (4 | 6)[]
  /** Keys of config-databases. */
  readonly keys: Members
  /** What Kea needs instead. */
  readonly keysOfKea?: Members
  readonly environment?: readonly string[]
  sql(text: string): Promise<string>
}

/** What both servers' files say, under what the database says. */
const FILE = {
  4: {
    'valid-lifetime': 7200,
    'rebind-timer': 1600,
    'option-data': [
      { name: 'domain-name-servers', data: '10.0.0.53' },
      { name: 'domain-name', data: 'file.example' },
    ],
    'option-def': [{ name: 'shelf', code: 225, type: 'string' }],
    'client-classes': [{ name: 'of-the-file' }],
    subnet4: [
      {
        id: 10,
        subnet: '198.51.100.0/25',
        reservations: [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': '198.51.100.30' }],
      },
      { id: 20, subnet: '10.20.0.0/16', pools: [{ pool: '10.20.0.1 - 10.20.0.9' }] },
      { id: 21, subnet: '10.13.0.0/16' },
    ],
    'shared-networks': [
      { name: 'yard', subnet4: [{ id: 22, subnet: '10.22.0.0/16' }] },
      { name: 'cellar', subnet4: [{ id: 23, subnet: '10.23.0.0/16' }] },
    ],
  },
  6: {
    'valid-lifetime': 7200,
    subnet6: [{ id: 20, subnet: '2001:db8:20::/48' }],
  },
} as const

/** It has no interface to make one of. */
const SERVER_ID = { type: 'EN', 'enterprise-id': 2495, identifier: '00', persist: false }

function mapFor(version: 4 | 6, tables: Tables, isKea: boolean, at: string): Members {
  const { keys, keysOfKea = keys, engine } = tables
  const socket = { 'socket-type': 'unix', 'socket-name': socketOf(at, version, isKea) }
  const library = `${HOOKS}/libdhcp_${engine === 'mysql' ? 'mysql' : 'pgsql'}_cb.so`
  return {
    ...FILE[version],
    'server-tag': 'north',
    'interfaces-config': { interfaces: [] },
    'lease-database': isKea
      ? { type: 'memfile', persist: false }
      : { type: 'memfile', name: join(at, 'leases.sqlite') },
    ...(version === 6 && isKea && { 'data-directory': at, 'server-id': SERVER_ID }),
    'hooks-libraries': [{ library }],
    'control-socket': socket,
    'config-control': {
      'config-databases': [{ ...(isKea ? keysOfKea : keys), type: engine }],
      'config-fetch-wait-time': 1,
    },
  }
}

function socketOf(at: string, version: 4 | 6, isKea: boolean): string {
  return join(at, `${isKea ? 'kea' : 'whio'}${version}.sock`)
}

async function startKea(t: Test, at: string, tables: Tables): Promise<Namespace> {
  const host = network(t).namespace('kea')
  const env = [
    'KEA_LOCKFILE_DIR=none',
    `KEA_PIDFILE_DIR=${at}`,
    'KEA_LOGGER_DESTINATION=stdout',
    ...(tables.environment ?? []),
  ]
  const started: Running[] = []
  for (const version of tables.witnesses) {
    const file = join(at, `kea${version}.json`)
    writeFileSync(file, JSON.stringify({ [`Dhcp${version}`]: mapFor(version, tables, true, at) }))
    started.push(host.start('env', ...env, `kea-dhcp${version}`, '-c', file))
  }
  for (const one of started) await one.until(/DHCP[46]_STARTED/)
  return host
}

async function get(at: string, version: 4 | 6, isKea: boolean): Promise<Members> {
  const command = JSON.stringify({ command: 'config-get' })
  const { arguments: given } = JSON.parse(await asked(socketOf(at, version, isKea), command))
  return given[`Dhcp${version}`]
}

/** What the file says to the one server and not to the other. */
const OWN =
  /^\.(lease-database|control-sockets?|hooks-libraries|config-control|data-directory|server-id)\b/

/** Beside those of a file. */
const OF_DATABASES: readonly RegExp[] = [
  // Kea does not look for the name of a definition that comes from the database, too.
  /\.option-data\[\]\.name$/,
]

/** What a level above says where a subnet or a shared network does not. */
const INHERITED: readonly string[] = [
  ...['valid-lifetime', 'min-valid-lifetime', 'max-valid-lifetime', 'calculate-tee-times'],
  ...['preferred-lifetime', 'min-preferred-lifetime', 'max-preferred-lifetime'],
  ...['renew-timer', 'rebind-timer', 't1-percent', 't2-percent', 'store-extended-info'],
]

/** Shared networks and subnets of the file. */
const OF_FILES: readonly unknown[] = ['cellar', 20, 22, 23]

/**
 * Kea copies what is above into subnets of the file while it reads the file alone, and shows none
 * of it in those of the database. Here what is in force above counts for all of them, and is shown.
 */
function settle(kea: Members, own: Members, version: 4 | 6): void {
  const key = `subnet${version}`
  for (const scope of scopesIn(kea, key)) {
    const other = scopesIn(own, key).find((one) => nameOf(one) === nameOf(scope)) ?? {}
    const isOfFile = OF_FILES.includes(nameOf(scope))
    for (const name of INHERITED) {
      if (!isOfFile && scope[name] !== undefined) continue
      delete scope[name]
      delete other[name]
    }
    const { 'ip-addresses': relays = [] } = (scope.relay ?? {}) as { 'ip-addresses'?: string[] }
    if (relays.length === 0) for (const one of [scope, other]) delete one.relay
  }
}

function nameOf(scope: Members): unknown {
  return scope.id ?? scope.name
}

function scopesIn(map: Members, key: string): Members[] {
  const networks = map['shared-networks'] as Members[]
  const subnets = [map, ...networks].flatMap((one) => one[key] as Members[])
  return [...networks, ...subnets]
}

/** A Whio that has read it. */
interface Reading {
  readonly at: string
  readonly host: Namespace
  readonly file: string
  readonly whio: Running
}

/** What Whio made of the same rows of DHCPv6 in either kind of database. */
const sixes = new Map<Engine, Members>()

async function behaves(t: Test, tables: Tables): Promise<Reading> {
  const at = folder(t)
  await tables.sql(inserts(tables.engine, 4, ROWS4))
  await tables.sql(inserts(tables.engine, 6, ROWS6))
  const host = await startKea(t, at, tables)
  const file = join(at, 'whio.json')
  const maps = { Dhcp4: mapFor(4, tables, false, at), Dhcp6: mapFor(6, tables, false, at) }
  writeFileSync(file, JSON.stringify(maps))
  const whio = host.node('bin/whio.ts', 'serve', '-c', file)
  await whio.until(/CONFIG_DATABASE_IN_FORCE[\s\S]*CONFIG_DATABASE_IN_FORCE/)

  sixes.set(tables.engine, await get(at, 6, false))
  for (const version of tables.witnesses)
    await t.test(`kea-dhcp${version} has the same configuration`, async (t) => {
      const [kea, own] = [await get(at, version, true), await get(at, version, false)]
      t.equal(scopesIn(own, `subnet${version}`).length, version === 4 ? 9 : 4)
      settle(kea, own, version)
      const known = [OWN, ...OF_DATABASES, ...DIFFERENCES.map(([pattern]) => pattern)]
      const paths = differences(kea, own)
      t.strictSame(
        paths.filter((path) => !known.some((pattern) => pattern.test(path))),
        [],
      )
    })
  return { at, host, file, whio }
}

async function ask(at: string, command: string, given?: object): Promise<Members> {
  const asked4 = JSON.stringify({ command, ...(given && { arguments: given }) })
  return JSON.parse(await asked(socketOf(at, 4, false), asked4))
}

const PULLED = { result: 0, text: 'On demand configuration update successful.' }

/** The valid lifetime of subnet 11, which only the database has. */
async function lifetime(at: string, isKea: boolean): Promise<unknown> {
  const { subnet4 } = await get(at, 4, isKea)
  return (subnet4 as Members[]).find(({ id }) => id === 11)?.['valid-lifetime']
}

/** The whole configuration, which stays as it is when nothing has changed it. */
async function hash(at: string): Promise<unknown> {
  return ((await ask(at, 'config-hash-get')).arguments as Members).hash
}

async function lives(
  t: Test,
  tables: Tables,
  { at, host, file, whio }: Reading,
  database: Postgres,
) {
  const change = (...statements: string[]) => tables.sql(audited('postgresql', 4, statements))
  const setLifetime = (value: number) =>
    // Kea looks at rows by their time.
    change(`update dhcp4_subnet set valid_lifetime = ${value}, modification_ts = now()
      where subnet_id = 11`)

  await t.test('what changes in the database comes into force, here as in Kea', async (t) => {
    await setLifetime(1234)
    for (const isKea of [false, true])
      while ((await lifetime(at, isKea)) !== 1234)
        await new Promise((resolve) => setTimeout(resolve, 50))
    t.match(whio.stdout, /CONFIG_DATABASE_IN_FORCE/)
  })

  await t.test('commands change nothing of it, and write nothing into the file', async (t) => {
    const before = readFileSync(file, 'utf8')
    const text = /the configuration comes from a file and from postgresql database kea at /
    const subnet4 = [{ id: 99, subnet: '10.99.0.0/16' }]
    t.match(await ask(at, 'subnet4-add', { subnet4 }), { result: 1, text })
    t.match(await ask(at, 'config-set', { Dhcp4: { subnet4 } }), { result: 1, text })
    const write = /a part of the configuration comes from postgresql database kea at /
    t.match(await ask(at, 'config-write'), { result: 1, text: write })
    t.equal(readFileSync(file, 'utf8'), before)
    t.match(await ask(at, 'server-tag-get'), { result: 0, arguments: { 'server-tag': 'north' } })
    t.match(await ask(at, 'config-backend-pull'), PULLED)
  })

  await t.test('rows that cannot be served change nothing, and are named', async (t) => {
    const before = await hash(at)
    const values = "(99, '10.0.0.1', '10.0.0.9', 11)"
    await change(
      `insert into dhcp4_pool (id, start_address, end_address, subnet_id) values ${values}`,
    )
    const why = /^On demand configuration update failed: configuration database, subnet4 id 11 /
    t.match(await ask(at, 'config-backend-pull'), { result: 1, text: why })
    await whio.until(/CONFIG_DATABASE_REFUSED/)
    t.equal(await hash(at), before)
    t.match(host.run(process.execPath, ...WHIO, 'status', '-c', file), /subnet4 id 11 /)
    await change('delete from dhcp4_pool where id = 99')
    t.match(await ask(at, 'config-backend-pull'), PULLED)
    t.equal(await hash(at), before)
  })

  await t.test('a file is read again with what the database says', async (t) => {
    const maps = JSON.parse(readFileSync(file, 'utf8'))
    maps.Dhcp4.subnet4.push({ id: 30, subnet: '10.30.0.0/16' })
    writeFileSync(file, JSON.stringify(maps))
    t.match(await ask(at, 'config-reload'), { result: 0 })
    const { subnet4 } = await get(at, 4, false)
    t.strictSame((subnet4 as Members[]).map(({ id }) => id).sort(), [11, 13, 20, 30])
  })

  await t.test('hundreds of subnets are read in parts', async (t) => {
    await change(
      `insert into dhcp4_subnet (subnet_id, subnet_prefix)
        select 1000 + i, format('172.%s.%s.0/24', 16 + i / 256, i % 256)
        from generate_series(1, 1200) i;`,
      'insert into dhcp4_subnet_server select 1000 + i, 1 from generate_series(1, 1200) i',
    )
    t.match(await ask(at, 'config-backend-pull'), PULLED)
    const { subnet4 } = await get(at, 4, false)
    t.equal((subnet4 as Members[]).length, 4 + 1200)
    t.equal(new Set((subnet4 as Members[]).map(({ id }) => id)).size, 4 + 1200)
  })

  const away = await hash(at)

  await t.test('while it is away, what it said stays in force', async (t) => {
    await database.kill()
    const why = /^On demand configuration update failed: the configuration database cannot be read/
    t.match(await ask(at, 'config-backend-pull'), { result: 1, text: why })
    await whio.until(/CONFIG_DATABASE_LOST/)
    t.match(await ask(at, 'config-reload'), { result: 0 })
    t.equal(await hash(at), away)
  })

  let again = whio
  await t.test('a start without it serves what was kept', async (t) => {
    whio.kill()
    t.equal(await whio.ended, 0)
    again = host.node('bin/whio.ts', 'serve', '-c', file)
    await again.until(/CONFIG_DATABASE_KEPT[\s\S]*DHCP4_STARTED/)
    t.equal(await hash(at), away)
    const checked = host.run(process.execPath, ...WHIO, 'check', file)
    t.match(checked, /configuration of DHCPv4: postgresql database kea at .*, as it was read /)
  })

  await t.test('it is there again: what has changed meanwhile comes into force', async (t) => {
    await database.start()
    await setLifetime(1300)
    while ((await lifetime(at, false)) !== 1300)
      await new Promise((resolve) => setTimeout(resolve, 50))
    t.match(again.stdout, /CONFIG_DATABASE_RECOVERED/)
  })

  await t.test('a start with rows that cannot be served serves what was kept', async (t) => {
    again.kill()
    t.equal(await again.ended, 0)
    const values = "(99, '10.0.0.1', '10.0.0.9', 11)"
    await change(
      `insert into dhcp4_pool (id, start_address, end_address, subnet_id) values ${values}`,
    )
    const third = host.node('bin/whio.ts', 'serve', '-c', file)
    await third.until(/CONFIG_DATABASE_REFUSED[\s\S]*DHCP4_STARTED/)
    t.match(third.stderr, /^error: configuration database, subnet4 id 11 /m)
    t.equal(await lifetime(at, false), 1300)
    const why = /^On demand configuration update failed: configuration database, subnet4 id 11 /
    t.match(await ask(at, 'config-backend-pull'), { result: 1, text: why })
    await change('delete from dhcp4_pool where id = 99')
    t.match(await ask(at, 'config-backend-pull'), PULLED)
    third.kill()
    t.equal(await third.ended, 0)
  })

  await database.kill()
  const other = folder(t)
  const otherFile = join(other, 'whio.json')
  const startOther = (keys: Members) => {
    const retried = { ...tables, keys: { ...tables.keys, 'retry-on-startup': true, ...keys } }
    writeFileSync(otherFile, JSON.stringify({ Dhcp4: mapFor(4, retried, false, other) }))
    return host.node('bin/whio.ts', 'serve', '-c', otherFile)
  }

  await t.test('where nothing was kept of it, nothing is served without it', async (t) => {
    const alone = startOther({ 'max-reconnect-tries': 1, 'reconnect-wait-time': 10 })
    t.equal(await alone.ended, 1)
    t.match(alone.stdout, /CONFIG_DATABASE_AWAITED/)
    t.match(alone.stderr, /postgresql database kea at .* cannot be read: .*; nothing is kept of it/)
  })

  await t.test('unless on-fail says so: then the file is, until it is there', async (t) => {
    const alone = startOther({ 'on-fail': 'serve-retry-continue', 'reconnect-wait-time': 10 })
    await alone.until(/CONFIG_DATABASE_FILE_ONLY[\s\S]*DHCP4_STARTED/)
    const { subnet4 } = await get(other, 4, false)
    t.strictSame((subnet4 as Members[]).map(({ id }) => id).sort(), [10, 20, 21])
    await database.start()
    await alone.until(/CONFIG_DATABASE_IN_FORCE/)
    t.equal(await lifetime(other, false), 1300)
  })
}

/** As whoever is at the shell starts it. */
const WHIO = ['bin/whio.ts']

const skip = postgresSkip() || mariaDbSkip() || systemSkip('kea-dhcp4', 'kea-dhcp6', 'kea-admin')

t.test('PostgreSQL', { skip }, async (t) => {
  const database = await Postgres.start(t)
  await database.query('create database kea')
  const how = ['-u', 'postgres', '-p', 'none', '-n', 'kea', '-h', database.folder]
  execFileSync('kea-admin', ['db-init', 'pgsql', ...how], { stdio: 'pipe' })
  const tables: Tables = {
    ...{ engine: 'postgresql', witnesses: [4] },
    keys: { host: database.folder, name: 'kea', user: 'postgres' },
    sql: (text) => database.query(text, 'kea'),
  }
  await lives(t, tables, await behaves(t, tables), database)
})

t.test('MariaDB', { skip }, async (t) => {
  const database = await MariaDb.start(t)
  await database.query('create database kea')
  await database.query("create user kea@localhost identified by ''")
  await database.query('grant all on kea.* to kea@localhost')
  await database.load('/usr/share/kea/scripts/mysql/dhcpdb_create.mysql', 'kea')
  await behaves(t, {
    ...{ engine: 'mysql', witnesses: [4, 6] },
    keys: { host: database.socket, name: 'kea', user: 'root' },
    // Its library finds a local socket by the environment alone.
    keysOfKea: { host: 'localhost', name: 'kea', user: 'root' },
    environment: [`MYSQL_UNIX_PORT=${database.socket}`],
    sql: (text) => database.query(text, 'kea'),
  })
})

t.test(
  'DHCPv6: PostgreSQL says what MariaDB says, which Kea has confirmed',
  { skip },
  async (t) => {
    const [one, other] = [sixes.get('postgresql')!, sixes.get('mysql')!]
    t.equal(scopesIn(one, 'subnet6').length, 4)
    t.strictSame(
      differences(other, one).filter((path) => !OWN.test(path)),
      [],
    )
  },
)
