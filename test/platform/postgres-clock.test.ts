// The clock of a shared PostgreSQL, as members note it beside those of their hosts, and what it
// tells those who start.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { openPostgres } from '../../lib/platform/postgres/journal.ts'
import { touchQuestion } from '../../lib/platform/postgres/statements.ts'
import type { HostTimes } from '../../lib/time/downtime.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { postgresPlan, SharedServer } from './shared-world.ts'

const skip = postgresSkip()

const cluster = skip
  ? (undefined as never)
  : await Postgres.start({ after: (end) => t.teardown(end) })

t.test('a clock that jumps while nobody is there shows at the next start', { skip }, async (t) => {
  await cluster.query('create database clocks')
  const plan = postgresPlan([cluster], 'clocks')
  const open = async (boot: string) => {
    const times = (): HostTimes => ({
      ...{ boot, uptime: 1e9 + performance.now(), wall: 0, wallError: undefined },
    })
    const journal = await openPostgres({ plan, durability: 'full', name: 'one', times })
    const server = new SharedServer(journal)
    await server.start()
    return server
  }
  const clock = () => cluster.query('select clock from whio.member', 'clocks')
  const first = await open('one boot')
  t.match(
    first.info?.shared,
    { jumped: undefined, absent: 0 },
    'of a new database nothing is noted',
  )
  while ((await clock()) === '') await delay(500)
  await first.close()
  t.match(JSON.parse(await clock()), { boot: 'one boot', uptime: Number, stamp: Number })
  /** As if the database had gone on so much further since it was noted. */
  const rows: readonly (readonly [boot: string, by: number, least?: number, most?: number])[] = [
    ['one boot', 0, 0, 0],
    ['one boot', 3_600_000, 3_500_000, 3_700_000],
    ['another boot', 3_600_000],
    ['one boot', -3_600_000, -3_700_000, -3_500_000],
  ]
  for (const [boot, by, least, most] of rows) {
    await cluster.query(
      `update whio.member set clock = jsonb_build_object('boot', 'one boot', 'wall', 0,
        'uptime', ${1e9 + performance.now()},
        'stamp', date_part('epoch', now()) * 1000 - ${by})::text`,
      'clocks',
    )
    const server = await open(boot)
    const { jumped } = server.info!.shared!
    const isRight = jumped === undefined ? least === undefined : jumped >= least! && jumped <= most!
    t.ok(isRight, `${boot}, ${by} ms: ${jumped}`)
    await server.close()
  }
  await cluster.query(
    `alter table whio.member drop column clock;
      alter table whio.meta drop column jumps, drop column jumped, drop column doubted;
      insert into whio.member (server, name, seen) values
        (8, 'quiet', now() - interval '20 seconds'), (9, 'left', '-infinity')`,
    'clocks',
  )
  const last = await open('one boot')
  t.match(last.info?.shared, { jumped: undefined, jumps: { count: 0 } })
  t.equal(await clock(), '', 'a schema of before gets the columns')
  t.equal(last.info?.shared?.absent, 1, 'who is quiet and has not left')
  await last.close()
})

t.test('clocks are not noted beside a time that jumps meanwhile', { skip }, async (t) => {
  await cluster.query('create database noted')
  const plan = postgresPlan([cluster], 'noted')
  const server = new SharedServer(await openPostgres({ plan, durability: 'full', name: 'one' }))
  await server.start()
  await server.close()
  const client = new pg.Client({ host: cluster.folder, user: 'postgres', database: 'noted' })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query(`select instance, date_part('epoch', now()) * 1000 as now
    from whio.member where server = ${server.member}`)
  const [{ instance, now }] = rows as [{ instance: string; now: number }]
  const noted = async (uptime: number, stamp: number) => {
    const times = { boot: 'a boot', uptime, wall: 0, wallError: undefined }
    const { text, values } = touchQuestion(server.member, instance, '', { times, stamp })
    await client.query(text, values as unknown[])
    const { rows } = await client.query<{ clock: string }>('select clock from whio.member')
    return JSON.parse(rows[0]!.clock).uptime as number
  }
  t.equal(await noted(1, now), 1)
  t.equal(await noted(2, now - 3_600_000), 1, 'it has jumped ahead')
  t.equal(await noted(3, now + 3_600_000), 1, 'or was put back')
  t.equal(await noted(4, now), 4)
})
