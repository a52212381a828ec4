// The history of leases in a database that several servers write: each version that was stored, in
// the order of each address, bounded, and none where nothing is said of it.

import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { HistoryPlan } from '../../lib/config/plan/plan.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { LEASE_ACTIONS, type Lease, type LeaseAction } from '../../lib/leases/lease.ts'
import { openPostgres } from '../../lib/platform/postgres/journal.ts'
import { holdingsInDatabase, SharedPast } from '../../lib/platform/postgres/past.ts'
import { BEGIN, type PastPage } from '../../lib/ports/events.ts'
import type { StoredEvents } from '../../lib/ports/journal.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { lease6At, put } from './journal-world.ts'
import { conflictsOf, given } from './shared-contract.ts'
import { postgresPlan, SharedServer } from './shared-world.ts'

const skip = postgresSkip()
const cluster = skip
  ? (undefined as never)
  : await Postgres.start({ after: (end) => t.teardown(end) })

const KEPT: HistoryPlan = { maxAge: 86_400, maxRows: 1000 }
const X = 0xc0000201

async function serverOn(database: string, name: string, kept: HistoryPlan | 'none' = KEPT) {
  const plan = postgresPlan([cluster], database)
  const history = kept === 'none' ? undefined : kept
  const server = new SharedServer(await openPostgres({ plan, durability: 'full', name, history }))
  await server.start()
  return server
}

function told(first: number, ...actions: readonly (LeaseAction | undefined)[]): StoredEvents {
  const numbers = actions.map((action) => (action ? LEASE_ACTIONS.indexOf(action) : 0))
  return { first, events: [], actions: Uint8Array.from(numbers) }
}

async function holdings(database: string, about: string): Promise<string[]> {
  const found = await holdingsInDatabase(postgresPlan([cluster], database), about)
  return found.map(({ address, hostname, until, what }) =>
    [address, hostname, what, until === undefined ? 'goes on' : 'over'].join(' '),
  )
}

const rows = (database: string) =>
  cluster.query('select server, id, action from whio.history order by server, id', database)

t.test(
  'who had an address is told over servers, and a refused row is none',
  { skip },
  async (t) => {
    await cluster.query('create database told')
    const one = await serverOn('told', 'one')
    const two = await serverOn('told', 'two')
    t.teardown(() => Promise.all([one.close(), two.close()]))
    t.equal(one.info!.history, 0)
    const first = given(one, X, 1, { hostname: 'first' })
    await one.commit([{ lease: first }], { told: told(1, 'granted') })
    const refused = given(two, X, 2, { hostname: 'refused' })
    const stored = given(two, X + 1, 2, { hostname: 'Second' })
    const both = [{ lease: refused, over: 0 }, { lease: stored }]
    t.same(conflictsOf(await two.commit(both, { told: told(1, 'granted', 'granted') })), [0])
    const over = { start: two.now(), end: two.now(), state: 3 } as const
    const released = { ...two.rows.get(X)!, ...over, change: two.version(), validLifetime: 0 }
    await two.commit([{ lease: released, isForced: true }], { told: told(3, 'released') })
    const six = { ...lease6At(1), hostname: 'six', end: one.now() + 3_600_000 }
    await one.commit([{ lease: { ...six, change: one.version() } as never }], {
      told: told(2, 'granted'),
    })

    t.same(await holdings('told', '192.0.2.1'), ['192.0.2.1 first leased over'])
    t.same(await holdings('told', 'second'), ['192.0.2.2 Second leased goes on'])
    t.same(await holdings('told', 'refused'), [])
    const id = Buffer.from('client 2').toString('hex')
    t.same(await holdings('told', id), ['192.0.2.2 Second leased goes on'])
    const [duid] = await holdingsInDatabase(postgresPlan([cluster], 'told'), 'six')
    t.same(await holdings('told', duid!.clientId), [`${duid!.address} six leased goes on`])
    t.same(await holdings('told', duid!.address), [`${duid!.address} six leased goes on`])
  },
)

t.test('what is overwritten within a batch is there, too', { skip }, async (t) => {
  await cluster.query('create database steps')
  const one = await serverOn('steps', 'one')
  t.teardown(() => one.close())
  const before = given(one, X, 1, { hostname: 'before' })
  const gone = given(one, X + 1, 3, { hostname: 'of a row that is gone' })
  const after = given(one, X, 2, { hostname: 'after' })
  const writer = new ChangeWriter()
  writer.put(put(before as never))
  const begin = { life: 'a', number: 1, name: BEGIN, text: '{}' }
  await one.commit([{ lease: after, isForced: true }], {
    told: {
      ...told(1, 'granted', 'granted', 'granted'),
      events: [JSON.stringify(begin)],
      steps: { places: Int32Array.of(0, -1, 0), between: writer.copy() },
    },
  })
  t.not(gone.change, after.change)
  const granted = LEASE_ACTIONS.indexOf('granted')
  t.equal(await rows('steps'), `0|1|\n0|2|${granted}\n0|4|${granted}`)
  t.same(await holdings('steps', '192.0.2.1'), [
    '192.0.2.1 before leased over',
    '192.0.2.1 after leased goes on',
  ])
  const place = { connection: postgresPlan([cluster], 'steps'), member: 'one' }
  const wish = { upTo: undefined, actions: ['granted'] as const }
  const page = (life: string, position: number): Promise<PastPage> => {
    return new SharedPast(place, { ...wish, behind: { life, number: 0, position } }).next()
  }
  const whole = await page('a', 0)
  t.match(whole, {
    events: [
      { position: 1, kind: 'kept', kept: begin },
      { position: 2, kind: 'lease', family: 4, lease: { hostname: 'before' } },
      { position: 4, kind: 'lease', lease: { hostname: 'after', change: after.change } },
    ],
    end: 4,
  })
  const [, event] = (whole as unknown as { events: { lease: Lease }[] }).events
  t.ok(Math.abs(event!.lease.end - before.end) < 5000, 'by the clock of the database')
  t.match(await page('a', 4), { events: [], end: 4 })
  t.same(await page('another', 4), { isLost: true }, 'who told it was another process')
  t.same(await page('a', 5), { isLost: true }, 'a copy of the database that is older')
})

t.test('the oldest go when there are too many or they are too old', { skip }, async (t) => {
  await cluster.query('create database bounds')
  const one = await serverOn('bounds', 'one', { maxAge: 3600, maxRows: 3 })
  const keep = async (from: number, count: number) => {
    for (let id = from; id < from + count; id++)
      await one.commit([{ lease: given(one, X + id, id) }], { told: told(id, 'granted') })
  }
  const ids = () =>
    cluster.query("select string_agg(id::text, ',' order by id) from whio.history", 'bounds')
  await keep(1, 8)
  while ((await ids()) !== '6,7,8') await delay(100)
  await cluster.query("update whio.history set at = now() - interval '2 h' where id < 8", 'bounds')
  while ((await ids()) !== '8') await delay(100)
  await one.close()
  const none = await serverOn('bounds', 'one', 'none')
  t.equal(none.info!.history, undefined)
  t.match(await cluster.query('select event from whio.history where id = 9', 'bounds'), /gap/)
  await none.commit([{ lease: given(none, X, 1) }])
  await none.close()
  t.equal(await ids(), '8,9', 'nothing is kept, and what was kept stays')
  const again = await serverOn('bounds', 'one')
  t.equal(again.info!.history, 9)
  await again.close()
})

t.test('a schema that was made without it gets it', { skip }, async (t) => {
  await cluster.query('create database older')
  await (await serverOn('older', 'one')).close()
  await cluster.query('drop table whio.history', 'older')
  t.same(await holdings('older', '192.0.2.1'), [])
  const one = await serverOn('older', 'one')
  await one.commit([{ lease: given(one, X, 1) }], { told: told(1, 'granted') })
  t.equal((await holdings('older', '192.0.2.1')).length, 1)
  await one.close()
})
