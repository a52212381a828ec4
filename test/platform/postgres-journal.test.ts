// The journal on a PostgreSQL that several servers write: what is stored and what is refused, what
// the others hear of it, and what becomes of a batch when the database goes away in the middle.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { type AnyChange, LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { openPostgres } from '../../lib/platform/postgres/journal.ts'
import type { Journal } from '../../lib/ports/journal.ts'
import { MEMBERS_MAX } from '../../lib/ports/shared-journal.ts'
import { NEVER } from '../../lib/time/units.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { closed, lease6At, leaseAt, PromisingSink } from './journal-world.ts'
import { postgresPlan, SharedServer } from './shared-world.ts'

const skip = postgresSkip()
const ZONE = { timezone: 'America/New_York' }

/** Of all tests but that of a failover, a database for each. Its sessions go by another zone. */
const cluster = skip
  ? (undefined as never)
  : await Postgres.start({ after: (end) => t.teardown(end) }, { settings: ZONE })

async function serverOn(
  databases: readonly Postgres[],
  name: string,
  database = 'postgres',
): Promise<SharedServer> {
  const plan = postgresPlan(databases, database)
  const server = new SharedServer(await openPostgres({ plan, durability: 'full', name }))
  await server.start()
  return server
}

/** A lease that a server gives to client number `client` for an hour. */
function given(
  server: SharedServer,
  address: number,
  client: number,
  more: Partial<Lease> = {},
): Lease<Key> {
  const now = server.now()
  const times = { start: now, end: now + 3_600_000 }
  const clientId = `client ${client}`
  return leaseAt(address, { ...times, clientId, change: server.version(), ...more }) as Lease<Key>
}

const conflictsOf = (result: object) => (result as { conflicts?: readonly number[] }).conflicts

t.test('two servers on one database', { skip }, async (t) => {
  const database = cluster
  const one = await serverOn([database], 'one')
  const two = await serverOn([database], 'two')
  t.teardown(() => Promise.all([one.close(), two.close()]))
  t.not(one.member, two.member)
  t.equal(one.info!.database, two.info!.database)

  await t.test('what one stores the other hears, with its times', async (t) => {
    const lease = given(one, 1, 1)
    t.same(conflictsOf(await one.commit([{ lease }])), [])
    await two.until(() => two.rows.has(1))
    const heard = two.rows.get(1)!
    t.equal(heard.change, lease.change)
    t.equal(heard.givenBy, 'partner')
    t.ok(Math.abs(heard.end - lease.end) < 5_000)
    t.equal(heard.hwAddress, lease.hwAddress)
  })

  await t.test('one address for two clients: the second is refused, and told why', async (t) => {
    const [a, b] = await Promise.all([
      one.commit([{ lease: given(one, 2, 1) }]),
      two.commit([{ lease: given(two, 2, 2) }]),
    ])
    const refused = [conflictsOf(a)!, conflictsOf(b)!].filter(({ length }) => length > 0)
    t.same(refused, [[0]])
    t.equal(one.rows.get(2)!.change, two.rows.get(2)!.change)
  })

  await t.test('a running lease is not given away, whatever memory believed', async (t) => {
    await one.commit([{ lease: given(one, 3, 1) }])
    await two.until(() => two.rows.has(3))
    // The version is right, the client another: memory believed that the lease was over.
    t.same(conflictsOf(await two.commit([{ lease: given(two, 3, 2) }])), [0])
    const declined = given(two, 3, 2, { state: LEASE_STATE.declined, clientId: '', hwAddress: '' })
    t.same(conflictsOf(await two.commit([{ lease: declined }])), [], 'but a DECLINE is stored')
    t.same(conflictsOf(await two.commit([{ lease: given(two, 3, 2) }])), [0], 'and kept')
    const word = { lease: given(two, 3, 2), isForced: true }
    t.same(conflictsOf(await two.commit([word])), [], 'an operator may')
  })

  await t.test('an address that was released or is over is given to the next', async (t) => {
    await one.commit([{ lease: given(one, 4, 1) }])
    await one.commit([{ lease: given(one, 4, 1, { state: LEASE_STATE.released }) }])
    t.same(conflictsOf(await one.commit([{ lease: given(one, 4, 2) }])), [])
    const past = one.now() - 60_000
    await one.commit([{ lease: given(one, 5, 1, { end: past, validLifetime: 60 }) }])
    t.same(conflictsOf(await one.commit([{ lease: given(one, 5, 2) }])), [])
    const grace = one.now() - 1000
    await one.commit([{ lease: given(one, 6, 1, { end: grace, validLifetime: 60 }) }])
    t.same(conflictsOf(await one.commit([{ lease: given(one, 6, 2) }])), [0], 'in its grace')
  })

  await t.test('a shorter renewal keeps the later end; a lease may have none', async (t) => {
    const first = given(one, 7, 1)
    await one.commit([{ lease: first }])
    await one.commit([{ lease: given(one, 7, 1, { end: one.now() + 60_000, validLifetime: 60 }) }])
    await two.confirm({ keys: [7] })
    t.ok(two.rows.get(7)!.end >= first.end - 1000)
    await one.commit([{ lease: given(one, 7, 1, { end: NEVER, validLifetime: 0xffffffff }) }])
    await two.confirm({ keys: [7] })
    t.equal(two.rows.get(7)!.end, NEVER)
    t.equal(
      await database.query('select expire < now() from whio.kea_lease4 where address = 7'),
      't',
    )
  })

  await t.test('a renewal over an old version is refused; one without a row, too', async (t) => {
    const first = given(one, 8, 1)
    await one.commit([{ lease: first }])
    await one.commit([{ lease: given(one, 8, 1) }])
    t.same(conflictsOf(await two.commit([{ lease: given(two, 8, 1), over: first.change }])), [0])
    t.same(conflictsOf(await two.commit([{ lease: given(two, 80, 1), over: 1024 }])), [0])
    t.notOk(two.rows.has(80), 'there is none, it is told')
  })

  await t.test('DHCPv6 and DHCPv4 in one batch, each judged by itself', async (t) => {
    const now = one.now()
    const times = { start: now, end: now + 3_600_000 }
    const prefix = lease6At(3, { ...times, change: one.version() }) as Lease<Key>
    const address = lease6At(4, { ...times, change: one.version() }) as Lease<Key>
    await one.commit([{ lease: prefix }])
    const mixed = [{ lease: given(one, 9, 1) }, { lease: prefix, over: 0 }, { lease: address }]
    t.same(conflictsOf(await one.commit(mixed)), [1])
    await two.confirm({ keys: [], duid: address.clientId.slice(5) })
    t.ok(two.rows.has(address.address), 'found by its DUID')
    await two.confirm({ keys: [], clientId: 'client 1' })
    t.ok(two.rows.has(9), 'found by its client')
  })

  await t.test('views have the columns and words of Kea', async (t) => {
    const lease = given(one, 3_221_225_985, 1, { hostname: 'büro', userContext: '{"a":1}' })
    await one.commit([{ lease }])
    const row = await database.query(
      `select hostname, user_context, subnet_id, valid_lifetime, encode(client_id, 'escape'), state,
        '0.0.0.0'::inet + address from whio.kea_lease4 where address = 3221225985`,
    )
    t.equal(row, 'büro|{"a":1}|7|3600|client 1|0|192.0.2.1')
    const six = await database.query(
      'select address, lease_type, prefix_len, iaid, state from whio.kea_lease6 order by address',
    )
    t.equal(six, '2001:db8:3::|2|48|1|0\n2001:db8::1:4|0|128|1|0')
    const names = (table: string) =>
      database.query(`select string_agg(column_name, ',' order by ordinal_position)
        from information_schema.columns where table_schema='whio' and table_name='${table}'`)
    t.equal(
      await names('kea_lease4'),
      'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,' +
        'pool_id,user_context,relay_id,remote_id',
    )
  })

  await t.test('a third server reads what is there', async (t) => {
    const three = await serverOn([database], 'three')
    t.same([...three.rows.keys()].sort(), [...one.rows.keys(), 3].sort().filter(unique))
    t.ok(three.info!.change >= one.rows.get(9)!.change)
    await three.close()
  })

  await t.test('edits and the record of a pair are the own of each', async (t) => {
    const edits = [
      { id: 'a', text: '{"x":1}' },
      { id: 'b', text: 'y' },
    ]
    await two.commit([], { edits })
    await two.commit([], { edits: [{ id: 'b', text: '' }] })
    await two.close()
    const again = await serverOn([database], 'two')
    t.same(again.info!.edits, [{ id: 'a', text: '{"x":1}' }])
    t.same(one.info!.edits, [])
    await again.close()
  })

  await t.test('two processes with one name', async (t) => {
    const plan = postgresPlan([database])
    await t.rejects(openPostgres({ plan, durability: 'full', name: 'one' }), {
      message: /another process serves as "one"/,
    })
  })
})

const unique = (key: Key, index: number, all: readonly Key[]) => all.indexOf(key) === index

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

t.test('a standby takes over that has not heard the last leases', { skip }, async (t) => {
  const primary = await Postgres.start(t)
  const one = await serverOn([primary], 'one')
  const early = given(one, 1, 1)
  await one.commit([{ lease: early }])
  await one.close()
  const standby = await primary.standby(t)
  const both = [primary, standby]
  const [a, b] = [await serverOn(both, 'one'), await serverOn(both, 'two')]
  t.teardown(() => Promise.all([a.close(), b.close()]))
  t.match(a.warnings, [/asynchronous/], 'that it can, is told at the start')
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
})
