// hosts-databases on Kea's tables in PostgreSQL and MariaDB, in the schema of Kea 2.2 and in that
// of today: what is written is read, and found by what commands name; what others write is seen.

import t, { type Test } from 'tap'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import type { ConnectionPlan } from '../../lib/config/plan/connection-plan.ts'
import type { HostRow, ReservedKey } from '../../lib/config/plan/host-rows.ts'
import type { HostDatabasePlan } from '../../lib/config/plan/hosts-plan.ts'
import { openHosts } from '../../lib/platform/hosts/hosts.ts'
import type {
  HostChange,
  HostChanged,
  HostDatabase,
  HostSelector,
  HostSink,
  HostsFound,
  StoredHost,
} from '../../lib/ports/hosts.ts'
import { mysqlHosts, postgresHosts } from './kea-hosts-schema.ts'
import { MariaDb, mariaDbSkip } from './mariadb.ts'
import { Postgres, postgresSkip } from './postgres.ts'

const CONNECTION: ConnectionPlan = {
  type: 'postgresql',
  hosts: [],
  name: 'kea',
  user: 'postgres',
  password: undefined,
  connectTimeout: 10,
  readTimeout: undefined,
  writeTimeout: undefined,
  tcpUserTimeout: undefined,
  tls: {
    ...{ mode: 'disable', trustAnchor: undefined, certFile: undefined, keyFile: undefined },
    ciphers: undefined,
  },
  reconnect: { onFail: 'stop-retry-exit', tries: 0, wait: 0, onStartup: false },
  isReadOnly: false,
}

/** What a database has told, with somebody who waits for it. */
class Told implements HostSink {
  readonly rows = new Map<number, HostRow>()
  readonly keys: ReservedKey[] = []
  readonly answers = new Map<number, readonly HostRow[] | undefined>()
  trouble = ''
  #count = 0
  #waiting: (() => void)[] = []

  onRows(buckets: ReadonlyMap<number, readonly HostRow[]>, isWhole: boolean): void {
    if (isWhole) this.rows.clear()
    for (const [number, rows] of buckets) {
      for (const id of [...this.rows.keys()])
        if (Math.floor(id / 1000) === number) this.rows.delete(id)
      for (const row of rows) this.rows.set(row.id, row)
    }
    this.#noted()
  }

  onReserved(buckets: ReadonlyMap<number, readonly ReservedKey[]>): void {
    for (const keys of buckets.values()) this.keys.push(...keys)
    this.#noted()
  }

  onAnswer(ticket: number, rows: readonly HostRow[] | undefined): void {
    this.answers.set(ticket, rows)
    this.#noted()
  }

  onTrouble(trouble: string): void {
    this.trouble = trouble
    this.#noted()
  }

  #noted(): void {
    this.#count++
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** A look that began after now. */
  async refreshed(database: HostDatabase): Promise<void> {
    database.refresh()
    const before = this.#count
    await this.until(() => this.#count > before)
    database.refresh()
    const between = this.#count
    await this.until(() => this.#count > between)
  }
}

function opened(t: Test, family: 4 | 6, connection: ConnectionPlan, loadMax = 1000) {
  const read = { refresh: 60_000, loadMax, cacheSize: 1000 }
  const plan: HostDatabasePlan = { family, index: 0, connection, ...read }
  const hosts = openHosts()
  t.teardown(() => hosts.close())
  const [database] = hosts.use([plan])
  const told = new Told()
  database!.open(told)
  return { database: database!, told }
}

const change = (database: HostDatabase, change: HostChange) =>
  new Promise<HostChanged>((resolve) => database.change(change, resolve))
const find = (database: HostDatabase, selector: HostSelector) =>
  new Promise<HostsFound>((resolve) => database.find(selector, resolve))

const MAC = { type: 'hw-address', value: octetsFromHex('02005e100001')! }
const CIRCUIT = { type: 'circuit-id', value: octetsFromHex('706f727437')! }
const DUID = { type: 'duid', value: octetsFromHex('00030001')! }

const FULL4: StoredHost = {
  identifier: MAC,
  members: {
    'ip-address': '192.0.2.200',
    hostname: 'Printer.Example.org',
    'client-classes': ['floor2', 'voip'],
    'next-server': '192.0.2.1',
    'server-hostname': 'boot',
    'boot-file-name': 'x.bin',
    'user-context': { floor: 2, name: 'é' },
  },
  options: [
    {
      ...{ code: 6, space: 'dhcp4', value: undefined, text: '192.0.2.5, 192.0.2.6' },
      ...{ isPersistent: true, isCancelled: false, classes: [], userContext: undefined },
    },
    {
      ...{ code: 42, space: 'dhcp4', value: octetsFromHex('c0000207')!, text: undefined },
      ...{ isPersistent: false, isCancelled: false, classes: [], userContext: { a: 1 } },
    },
  ],
}

const SHOWN4 = {
  'hw-address': '02005e100001',
  ...FULL4.members,
  'option-data': [
    { code: 6, data: '192.0.2.5, 192.0.2.6', 'csv-format': true, 'always-send': true },
    { code: 42, data: 'c0000207', 'csv-format': false, 'user-context': { a: 1 } },
  ],
}

const FULL6: StoredHost = {
  identifier: DUID,
  members: {
    'ip-addresses': ['2001:db8::5', '2001:db8::6'],
    prefixes: ['2001:db8:8000::/56'],
    hostname: 'host',
  },
  options: [
    {
      ...{ code: 17, space: 'dhcp6', value: octetsFromHex('0000118b')!, text: undefined },
      ...{ isPersistent: false, isCancelled: false, classes: [], userContext: undefined },
    },
    {
      ...{ code: 32, space: 'vendor-4491', value: undefined, text: '2001:db8::1' },
      ...{ isPersistent: false, isCancelled: false, classes: [], userContext: undefined },
    },
  ],
}

const SHOWN6 = {
  duid: '00030001',
  ...FULL6.members,
  'option-data': [
    { code: 17, data: '0000118b', 'csv-format': false },
    { code: 32, space: 'vendor-4491', data: '2001:db8::1', 'csv-format': true },
  ],
}

const HOST5 = `insert into hosts (host_id, dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id)
  values (5, 'abcdef', 0, 1)`

async function behaves(
  t: Test,
  connection: ConnectionPlan,
  sql: (text: string) => Promise<string>,
) {
  await t.test('DHCPv4: what is written is read, and found', async (t) => {
    const { database, told } = opened(t, 4, connection)
    await told.until(() => told.rows.size === 0)
    const add = { kind: 'add', subnetId: 1, host: FULL4, isUnique: true } as const
    t.equal(await change(database, add), 'done')
    t.equal(await change(database, add), 'duplicate')
    const other = { ...FULL4, identifier: CIRCUIT, options: [] }
    t.equal(await change(database, { ...add, host: other }), 'duplicate', 'its address is taken')
    t.equal(await change(database, { ...add, host: other, isUnique: false }), 'done')
    await told.until(() => told.rows.size === 2)
    const [first, second] = [...told.rows.values()]
    t.same(first!.host, SHOWN4)
    t.equal(first!.subnetId, 1)
    t.equal(second!.host['circuit-id'], '706f727437')

    const ids = async (selector: HostSelector) => {
      const rows = await find(database, selector)
      return typeof rows === 'string' ? rows : rows.map(({ id }) => id)
    }
    const [one, two] = [first!.id, second!.id]
    t.same(await ids({}), [one, two])
    t.same(await ids({ subnetId: 1, limit: 1 }), [one])
    t.same(await ids({ after: one }), [two])
    t.same(await ids({ subnetId: 2 }), [])
    t.same(await ids({ identifier: MAC }), [one])
    t.same(await ids({ identifier: { ...MAC, type: 'client-id' } }), [])
    t.same(await ids({ address: '192.0.2.200', subnetId: 1 }), [one, two])
    t.same(await ids({ hostname: 'PRINTER.example.org' }), [one, two])

    const members = { hostname: 'other' }
    const update = { kind: 'update', subnetId: 1, host: { ...other, members } } as const
    t.equal(await change(database, update), 'done')
    t.equal(await change(database, { ...update, subnetId: 2 }), 'not-found')
    t.same(await ids({ hostname: 'other' }), [two + 1])

    database.ask(7, [MAC, CIRCUIT])
    database.ask(8, [DUID])
    await told.until(() => told.answers.has(8))
    t.same(
      told.answers.get(7)!.map(({ id }) => id),
      [one, two + 1],
    )
    t.same(told.answers.get(8), [])

    const selector = { subnetId: 1, identifier: MAC }
    t.equal(await change(database, { kind: 'delete', selector }), 'done')
    t.equal(await change(database, { kind: 'delete', selector }), 'not-found')
    await told.until(() => told.rows.size === 1)
    t.equal(await sql(`select count(*) from dhcp4_options`), '0')
  })

  await t.test('DHCPv6: addresses and prefixes, several of one host', async (t) => {
    const { database, told } = opened(t, 6, connection)
    const add = { kind: 'add', subnetId: 0, host: FULL6, isUnique: true } as const
    t.equal(await change(database, add), 'done')
    await told.until(() => told.rows.size === 1)
    const [row] = [...told.rows.values()]
    t.same(row!.host, SHOWN6)
    t.equal(row!.subnetId, 0)
    for (const address of ['2001:db8::5', '2001:db8::6', '2001:db8:8000::/56'])
      t.same(
        ((await find(database, { address })) as HostRow[]).map(({ id }) => id),
        [row!.id],
      )
    for (const address of ['2001:db8::7', '2001:db8:8000::/48', '2001:db8:8000::'])
      t.same(await find(database, { address }), [])
    const taken = { ...FULL6, identifier: MAC }
    t.equal(await change(database, { ...add, host: taken }), 'duplicate')
  })

  await t.test('a host of both families is deleted of one', async (t) => {
    const { database, told } = opened(t, 6, connection)
    await told.until(() => told.rows.size === 1)
    await sql('update hosts set dhcp4_subnet_id = 9 where dhcp6_subnet_id is not null')
    const selector = { subnetId: 0, identifier: DUID }
    t.equal(await change(database, { kind: 'delete', selector }), 'done')
    await told.until(() => told.rows.size === 0)
    t.equal(await sql('select count(*) from hosts where dhcp4_subnet_id = 9'), '1')
    t.equal(await sql('select count(*) from ipv6_reservations'), '0')
    await sql('delete from dhcp6_options')
    await sql('delete from hosts')
  })

  await t.test(
    'what others write is seen at the next look, and what is wrong is read',
    async (t) => {
      const { database, told } = opened(t, 4, connection)
      await told.until(() => told.rows.size === 0)
      await sql(`insert into hosts (host_id, dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id,
      hostname) values (5, 'abcdef', 0, 1, 'by-hand'), (2500, '', 9 - 9, 1, null),
      (2501, 'x', 4, 1, null)`)
      await told.refreshed(database)
      t.same(told.rows.get(5)!.host, { 'hw-address': '616263646566', hostname: 'by-hand' })
      t.same(told.rows.get(2500)!.host, { 'hw-address': '' })
      const untouched = told.rows.get(5)
      const scope = 'code, formatted_value, host_id, scope_id'
      await sql(`insert into dhcp4_options (${scope}) values (6, '192.0.2.1', 2501, 3)`)
      await told.refreshed(database)
      t.same(told.rows.get(2501)!.host['option-data'], [
        { code: 6, data: '192.0.2.1', 'csv-format': true },
      ])
      t.equal(told.rows.get(5), untouched, 'what has not changed is the same object')
      await sql('delete from dhcp4_options where host_id = 2501')
      await sql('delete from hosts where host_id >= 2500')
      await told.refreshed(database)
      t.same([...told.rows.keys()], [5])
    },
  )

  await t.test('too many rows: what they reserve is known, the rest is asked for', async (t) => {
    await sql('update hosts set ipv4_address = 3221226184 where host_id = 5')
    const { database, told } = opened(t, 4, connection, 0)
    await told.until(() => told.keys.length > 0)
    t.same(told.keys, [{ subnetId: 1, key: '192.0.2.200' }])
    database.ask(1, [{ type: 'hw-address', value: octetsFromHex('616263646566')! }])
    await told.until(() => told.answers.has(1))
    t.equal(told.answers.get(1)!.length, 1)
    await sql('delete from hosts')
  })
}

t.test('PostgreSQL', { skip: postgresSkip() }, async (t) => {
  const server = await Postgres.start({ after: (end) => t.teardown(end) })
  const connection = { ...CONNECTION, hosts: [{ host: server.folder, port: 5432 }] }
  for (const version of ['13.0', '34.0'] as const)
    await t.test(`schema ${version}`, async (t) => {
      const name = `kea${version.replace('.', '_')}`
      await server.query(`create database ${name}`)
      await server.query(postgresHosts(version), name)
      await behaves(t, { ...connection, name }, (sql) => server.query(sql, name))
    })

  await t.test('a database that goes away is told, and read again when it is back', async (t) => {
    const { database, told } = opened(t, 4, { ...connection, name: 'kea13_0' })
    await told.until(() => told.rows.size === 0)
    await server.kill()
    database.refresh()
    await told.until(() => told.trouble !== '')
    t.type(await find(database, {}), 'string')
    database.ask(1, [MAC])
    await told.until(() => told.answers.has(1))
    t.equal(told.answers.get(1), undefined)
    await server.start()
    await told.until(() => told.trouble === '')
    t.same(await find(database, {}), [])
  })

  await t.test('a user called as a schema that holds other tables', async (t) => {
    const database = 'kea13_0'
    await server.query('create role whio login; create schema whio authorization whio', database)
    await server.query('grant select on all tables in schema public to whio', database)
    await server.query(HOST5, database)
    const { told } = opened(t, 4, { ...connection, name: database, user: 'whio' })
    await told.until(() => told.rows.has(5) || told.trouble !== '')
    t.equal(told.trouble, '')
    await server.query('delete from hosts', database)
  })

  await t.test('a database without the tables says how they are made', async (t) => {
    const { told } = opened(t, 4, { ...connection, name: 'postgres' })
    await told.until(() => told.trouble !== '')
    t.match(told.trouble, /kea-admin db-init/)
  })
})

t.test('MariaDB', { skip: mariaDbSkip() }, async (t) => {
  const server = await MariaDb.start({ after: (end) => t.teardown(end) })
  const place = { hosts: [{ host: server.socket, port: 3306 }], user: 'root' }
  for (const version of ['13.0', '34.0'] as const)
    await t.test(`schema ${version === '13.0' ? '14.0' : '35.0'}`, async (t) => {
      const name = `kea${version.replace('.', '_')}`
      await server.query(`create database ${name}`)
      await server.query(mysqlHosts(version), name)
      const connection: ConnectionPlan = { ...CONNECTION, ...place, type: 'mysql', name }
      await behaves(t, connection, (sql) => server.query(sql, name))
    })
})
