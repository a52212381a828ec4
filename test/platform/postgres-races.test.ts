// What else a PostgreSQL may do to servers of leases: it ends a statement of theirs for another
// one, somebody reports for long beside them, and rows are written for years.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { openPostgres } from '../../lib/platform/postgres/journal.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { conflictsOf, given } from './shared-contract.ts'
import { postgresPlan, SharedServer } from './shared-world.ts'

const skip = postgresSkip()

async function sessionIn({ folder }: Postgres): Promise<pg.Client> {
  const client = new pg.Client({ host: folder, user: 'postgres', database: 'postgres' })
  await client.connect()
  return client
}

t.test('a database that is used by others, too', { skip }, async (t) => {
  const settings = { deadlock_timeout: '1s' }
  const database = await Postgres.start({ after: (end) => t.teardown(end) }, { settings })
  const plan = postgresPlan([database])
  const server = new SharedServer(await openPostgres({ plan, durability: 'full', name: 'one' }))
  await server.start()
  t.teardown(() => server.close())
  const said = (text: string) => database.log.split(text).length - 1
  const row = (address: number) =>
    database.query(`select version from whio.lease4 where address = ${address}`)

  await t.test('18 most renewals move nothing but their row', async (t) => {
    const addresses = Array.from({ length: 200 }, (_, index) => 1000 + index)
    for (let renewal = 0; renewal < 10; renewal++)
      await server.commit(addresses.map((address) => ({ lease: given(server, address, address) })))
    const counted = async () => {
      const row = await database.query(
        `select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'lease4'`,
      )
      return row.split('|').map(Number)
    }
    // A session tells what it has done when it finds the time.
    while ((await counted())[0]! < 9 * addresses.length) await delay(100)
    const [all, hot] = await counted()
    t.ok(hot! > all! / 2, `${hot} of ${all} without a word in an index`)
  })

  await t.test('19 a report that runs for long holds nobody up', async (t) => {
    await server.commit([{ lease: given(server, 80, 1) }])
    const before = await row(80)
    const report = await sessionIn(database)
    t.teardown(() => report.end())
    await report.query('begin isolation level repeatable read')
    const count = async () => (await report.query('select version from whio.lease4')).rows
    const seen = await count()
    t.same(conflictsOf(await server.commit([{ lease: given(server, 80, 1) }])), [])
    t.not(await row(80), before)
    t.same(await count(), seen, 'it sees what was there when it began')
  })

  await t.test(
    '20 a batch that is ended for another statement is stored all the same',
    async (t) => {
      const batch = () => [91, 92].map((address) => ({ lease: given(server, address, address) }))
      await server.commit(batch())
      const stranger = await sessionIn(database)
      t.teardown(() => stranger.end())
      await stranger.query(`set deadlock_timeout = '10min'`)
      const lock = (address: number) =>
        stranger.query(`select 1 from whio.lease4 where address = ${address} for update`)
      const deadlocked = async () => {
        await lock(91)
      }
      const cancelled = async () => {
        const { length } = server.course
        await database.query(`select pg_cancel_backend(pid) from pg_stat_activity
        where wait_event_type = 'Lock'`)
        while ((await waiting()) !== '1' && server.course.length === length) await delay(20)
      }
      const waiting = () =>
        database.query(`select count(*) from pg_stat_activity where wait_event_type = 'Lock'`)
      for (const [text, end] of [
        ['deadlock detected', deadlocked],
        ['canceling statement due to user request', cancelled],
      ] as const) {
        const before = said(text)
        // Of a machine that stalls the database looks for a deadlock before there is one.
        while (said(text) === before) {
          const { length } = server.course
          await stranger.query('begin')
          await lock(92)
          const stored = server.commit(batch())
          while ((await waiting()) !== '1' && server.course.length === length) await delay(20)
          await end()
          await stranger.query('commit')
          const conflicts = conflictsOf(await stored)
          if (said(text) === before) await server.until(() => server.course.at(-1) !== 'away')
          else {
            t.same(conflicts, [], text)
            t.equal(server.course.length, length, 'and the connection is as it was')
          }
        }
        for (const address of [91, 92])
          t.equal(await row(address), String(server.rows.get(address)!.change))
      }
    },
  )
})
