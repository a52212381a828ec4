// The journal on a PostgreSQL that several servers write: what is stored and what is refused, what
// the others hear of it, and what becomes of a batch when the database goes away in the middle.

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { ConnectionPlan } from '../../lib/config/plan/connection-plan.ts'
import { Node } from '../../lib/lab/node.ts'
import { SharedDatabase } from '../../lib/lab/shared-database.ts'
import { DatabasePath, VirtualSharedJournal } from '../../lib/lab/shared-journal.ts'
import { World } from '../../lib/lab/world.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import type { AnyChange, Lease } from '../../lib/leases/lease.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { openPostgres } from '../../lib/platform/postgres/journal.ts'
import type { Journal } from '../../lib/ports/journal.ts'
import { MEMBERS_MAX } from '../../lib/ports/shared-journal.ts'
import { NEVER } from '../../lib/time/units.ts'
import { poolerSkip, startPooler } from '../system/pooler.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { closed, lease6At, leaseAt, PromisingSink } from './journal-world.ts'
import { conflictsOf, given, sharedContract } from './shared-contract.ts'
import { postgresPlan, SharedServer, stepped } from './shared-world.ts'

const skip = postgresSkip()
const SETTINGS = { timezone: 'America/New_York', log_connections: 'on' }

/** That a database is not found is told after so many looks. */
const TRIES = {
  reconnect: { onFail: 'stop-retry-exit', tries: 2, wait: 0, onStartup: false },
} as const

/** Of all tests but that of a failover, a database for each. Its sessions go by another zone. */
const cluster = skip
  ? (undefined as never)
  : await Postgres.start({ after: (end) => t.teardown(end) }, { settings: SETTINGS })

async function serverOn(
  databases: readonly Postgres[],
  name: string,
  database = 'postgres',
  more: Partial<ConnectionPlan> = {},
): Promise<SharedServer> {
  const plan = { ...postgresPlan(databases, database), ...more }
  const server = new SharedServer(await openPostgres({ plan, durability: 'full', name }))
  await server.start()
  return server
}

/** Opens servers on a database of this world. */
function simulated(world: World): (name: string) => Promise<SharedServer> {
  const database = new SharedDatabase(world)
  return async (name) => {
    const node = new Node(world, name)
    node.boot()
    const journal = new VirtualSharedJournal(database, new DatabasePath(), node, name)
    const server = new SharedServer(stepped(world, journal), () => world.now)
    await server.start()
    return server
  }
}

t.test('the contract of shared databases', async (t) => {
  await t.test('PostgreSQL', { skip }, async (t) => {
    await cluster.query('create database shared')
    await sharedContract(t, (name) => serverOn([cluster], name, 'shared'))
  })
  await t.test('the one of the simulated world', async (t) => {
    await sharedContract(t, simulated(new World({ seed: 1 })))
  })
})

t.test('two servers on one database', { skip }, async (t) => {
  const database = cluster
  const one = await serverOn([database], 'one')
  const two = await serverOn([database], 'two')
  t.teardown(() => Promise.all([one.close(), two.close()]))
  t.not(one.member, two.member)
  t.equal(one.info!.database, two.info!.database)

  await t.test('views have the columns and words of Kea', async (t) => {
    const lease = given(one, 3_221_225_985, 1, { hostname: 'büro', userContext: '{"a":1}' })
    await one.commit([{ lease }])
    const row = await database.query(
      `select hostname, user_context, subnet_id, valid_lifetime, encode(client_id, 'escape'), state,
        '0.0.0.0'::inet + address from whio.kea_lease4 where address = 3221225985`,
    )
    t.equal(row, 'büro|{"a":1}|7|3600|client 1|0|192.0.2.1')
    const times = { end: one.now() + 3_600_000, change: one.version() }
    const leases = [3, 4].map((index) => ({ lease: lease6At(index, times) as Lease<Key> }))
    await one.commit(leases)
    const six = await database.query(
      'select address, lease_type, prefix_len, iaid, state from whio.kea_lease6 order by address',
    )
    t.equal(six, '2001:db8:3::|2|48|1|0\n2001:db8::1:4|0|128|1|0')
    const forEver = { end: NEVER, validLifetime: 0xffffffff }
    await one.commit([{ lease: given(one, 7, 1, forEver) }])
    const expire = 'select expire < now() from whio.kea_lease4 where address = 7'
    t.equal(await database.query(expire), 't')
    const names = (table: string) =>
      database.query(`select string_agg(column_name, ',' order by ordinal_position)
        from information_schema.columns where table_schema='whio' and table_name='${table}'`)
    t.equal(
      await names('kea_lease4'),
      'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,' +
        'pool_id,user_context,relay_id,remote_id',
    )
  })

  await t.test('11 two processes with one name: the second is refused', async (t) => {
    const plan = postgresPlan([database])
    await t.rejects(openPostgres({ plan, durability: 'full', name: 'one' }), {
      message: /another process serves as "one"/,
    })
  })

  await t.test('13 who loses its lock to a second process does not write again', async (t) => {
    await database.query('create role former superuser login')
    const former = await serverOn([database], 'three', 'postgres', { user: 'former' })
    await former.commit([{ lease: given(former, 50, 1) }])
    await database.query('alter role former nologin')
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'former'`,
    )
    await former.until(() => former.course.includes('away'))
    const next = await serverOn([database], 'three')
    t.teardown(() => Promise.all([former.close(), next.close()]))
    const looks = () => database.log.split('connection authorized: user=former').length
    const before = looks()
    await database.query('alter role former login')
    // The first of two looks has found what it needs to know.
    while (looks() < before + 2) await delay(50)
    t.same(conflictsOf(await next.commit([{ lease: given(next, 50, 1) }])), [])
    t.same(former.course, ['away'])
  })

  await t.test('16 a row that was written by hand, with a higher version, counts', async (t) => {
    await one.commit([{ lease: given(one, 60, 1) }])
    await database.query(`update whio.lease4 set version = version + ${MEMBERS_MAX},
      ends = now() + interval '5 minutes' where address = 60`)
    t.same(conflictsOf(await one.commit([{ lease: given(one, 60, 1) }])), [0])
    t.ok(one.rows.get(60)!.end < one.now() + 600_000, 'and is told')
    t.same(conflictsOf(await one.commit([{ lease: given(one, 60, 1) }])), [])
  })

  await t.test('17 who is behind batches that are gone reads everything anew', async (t) => {
    const lease = given(one, 70, 1)
    await one.commit([{ lease }])
    await two.until(() => two.rows.has(70))
    await database.query(`begin;
      update whio.lease4 set version = version + ${MEMBERS_MAX} where address = 70;
      update whio.member set trimmed = (select max(seq) + 1 from whio.batch b
        where b.server = member.server) where server = ${one.member};
      commit`)
    await two.until(() => two.rows.get(70)!.change === lease.change + MEMBERS_MAX)
    t.same(two.course, [])
  })
})

/** What every journal must do, whatever it is made of. `open` finds what was stored before. */
async function contract(t: Test, open: () => Promise<Journal>): Promise<void> {
  const first = new PromisingSink()
  const journal = await open()
  const { stamp } = await first.load(journal)
  // Numbers of the first of several members, which are as good as any on its own.
  const change = MEMBERS_MAX
  const times = { start: stamp - 1000, end: stamp + 3_600_000, change }
  const four = leaseAt(5, { ...times, clientId: 'c', hostname: 'bü', userContext: '{"a":"b"}' })
  const six = lease6At(3, { ...times, change: 2 * change })
  const puts = [four, six].map((lease) => ({ kind: 'put', lease }) as AnyChange)
  t.equal(await first.commit(journal, puts, stamp), '', 'a batch of both families')
  t.equal(await first.commit(journal, [], stamp), '', 'a batch of nothing')
  const answered = first.commit(journal, [{ kind: 'put', lease: leaseAt(6, times) }], stamp)
  await closed(journal)
  t.equal(await answered, '', 'the batch under way is waited for')
  const second = new PromisingSink()
  const again = await open()
  const info = await second.load(again)
  t.ok(info.stamp >= stamp, 'the clock goes on')
  t.ok(info.change >= 2 * change)
  const found = [...second.leases.values()].map((lease) => {
    return { ...lease, start: Math.round(lease.start), end: Math.round(lease.end) }
  })
  const kept = [four, six, leaseAt(6, times)].map((lease) => {
    return { ...lease, start: Math.round(lease.start), end: Math.round(lease.end) }
  })
  // Clocks of databases count on while a batch is on its way there.
  for (const lease of kept) {
    const row = found.find(({ address }) => address === lease.address)!
    t.ok(Math.abs(row.end - lease.end) < 10_000 && Math.abs(row.start - lease.start) < 10_000)
    t.same({ ...row, start: 0, end: 0 }, { ...lease, start: 0, end: 0 })
  }
  t.equal(found.length, 3)
  await closed(again)
}

t.test('the contract of journals', async (t) => {
  await t.test('SQLite', async (t) => {
    const path = join(t.testdir(), 'leases.sqlite')
    await contract(t, () => openJournal({ path, durability: 'full' }))
  })
  await t.test('the one of the simulated world', async (t) => {
    const world = new World({ seed: 1 })
    const database = new SharedDatabase(world)
    await contract(t, async () => {
      const node = new Node(world, 'one')
      node.boot()
      const journal = new VirtualSharedJournal(database, new DatabasePath(), node, 'one')
      return stepped(world, journal)
    })
  })
  await t.test('PostgreSQL', { skip }, async (t) => {
    await cluster.query('create database contract')
    const plan = postgresPlan([cluster], 'contract')
    await contract(t, () => openPostgres({ plan, durability: 'full', name: 'one' }))
    const server = await serverOn([cluster], 'one', 'contract')
    t.teardown(() => server.close())
    const wrong = leaseAt(9)
    const writer = new ChangeWriter()
    writer.put({ kind: 'put', lease: wrong })
    const sink = new PromisingSink()
    const other = await openPostgres({ plan, durability: 'full', name: 'two' })
    await sink.load(other)
    t.match(await sink.commitBytes(other, writer.copy(), 2, 0), /1 records where 2 were said/)
    t.equal(await sink.commit(other, [{ kind: 'put', lease: wrong }], 0), '', 'and it goes on')
    await closed(other)
  })
})

t.test('the database is killed in the middle of batches, and comes back', { skip }, async (t) => {
  const database = cluster
  await database.query('create database killed')
  const one = await serverOn([database], 'one', 'killed')
  const two = await serverOn([database], 'two', 'killed')
  t.teardown(() => Promise.all([one.close(), two.close()]))
  const stored = new Set<number>()
  let isOver = false
  let address = 1000
  const load = async (server: SharedServer) => {
    while (!isOver) {
      const mine = address++
      const result = await server.commit([{ lease: given(server, mine, mine) }])
      if (conflictsOf(result)?.length === 0) stored.add(mine)
    }
  }
  const loads = [load(one), load(two)]
  const isAt = (count: number) => one.until(() => stored.size >= count)
  for (const [round, end] of (['kill', 'stop'] as const).entries()) {
    await isAt((round + 1) * 30)
    await database[end]()
    await Promise.all(
      [one, two].map((server) => server.until(() => server.course.at(-1) === 'away')),
    )
    await database.start()
    await Promise.all(
      [one, two].map((server) => server.until(() => server.course.at(-1) === 'back')),
    )
  }
  await isAt(100)
  isOver = true
  await Promise.all(loads)
  const kept = new Set(
    (await database.query('select address from whio.lease4', 'killed')).split('\n'),
  )
  t.same(
    [...stored].filter((one) => !kept.has(`${one}`)),
    [],
    'what was stored is there',
  )
  t.same(
    [...kept].filter((one) => !stored.has(Number(one))),
    [],
    'and nothing else is',
  )
  t.notMatch(`${one.course} ${two.course}`, /lost|promoted/)
  await one.confirm({ keys: [...stored] })
  await two.confirm({ keys: [] })
  t.equal(one.rows.size, stored.size)
  await two.until(() => two.rows.size === stored.size)
})

t.test('14 a pooler is between', { skip: skip || poolerSkip() }, async (t) => {
  await cluster.query('create database pooled')
  const owner = { after: (end: () => Promise<void>) => t.teardown(end) }
  const planOf = async (mode: 'session' | 'transaction') => {
    const host = await startPooler(owner, cluster, mode)
    return { ...postgresPlan([], 'pooled'), hosts: [{ host, port: 5432 }] }
  }
  await t.rejects(
    openPostgres({ plan: await planOf('transaction'), durability: 'full', name: 'one' }),
    { message: /a pooler in transaction mode \(pgbouncer\) is between/ },
  )
  const plan = await planOf('session')
  const server = new SharedServer(await openPostgres({ plan, durability: 'full', name: 'one' }))
  await server.start()
  t.same(conflictsOf(await server.commit([{ lease: given(server, 1, 1) }])), [], 'in session mode')
  await server.close()
})

t.test('a standby takes over that has not heard the last leases', { skip }, async (t) => {
  const primary = await Postgres.start(t)
  const one = await serverOn([primary], 'one')
  const early = given(one, 1, 1)
  await one.commit([{ lease: early }])
  await one.close()
  const standby = await primary.standby(t)
  const both = [primary, standby]
  const a = await serverOn(both, 'one', 'postgres', TRIES)
  const b = await serverOn(both, 'two', 'postgres', TRIES)
  t.teardown(() => Promise.all([a.close(), b.close()]))
  t.match(a.warnings[0], /asynchronous/, 'that it can, is told at the start')
  // It hears nothing from here on.
  await standby.stop()
  t.same(conflictsOf(await a.commit([{ lease: given(a, 1, 1) }])), [], 'a renewal')
  t.same(conflictsOf(await a.commit([{ lease: given(a, 2, 2) }])), [], 'a new lease')
  t.same(conflictsOf(await a.commit([{ lease: given(a, 3, 3) }])), [], 'one more')
  await b.until(() => b.rows.has(3))
  const isAway = Promise.all([a, b].map((server) => server.until(() => server.course.length > 0)))
  await primary.kill()
  await isAway
  await standby.start()
  await standby.promote()
  await Promise.all([a, b].map((server) => server.until(() => server.course.includes('back'))))
  t.match(a.course, ['away', 'promoted', 'lost 3', 'back'])
  t.match(b.course, ['away', 'promoted', 'back'])
  t.equal(a.rows.get(1)!.change, early.change, 'what is lost is told as it is now')
  const again = [1, 2, 3].map((address) => ({ lease: given(a, address, address), over: 0 }))
  const over = [{ ...again[0]!, over: early.change }, ...again.slice(1)]
  t.same(conflictsOf(await a.commit(over)), [], 'and can be stored again')
  t.same(conflictsOf(await b.commit([{ lease: given(b, 2, 5) }])), [0], 'and nobody else gets it')

  await t.test('7 an old primary that comes back is not used', async (t) => {
    await primary.start()
    await standby.kill()
    await a.until(() => a.warnings.some((one) => /an old primary, which must not be/.test(one)))
    t.equal(a.course.at(-1), 'away')
  })
})
