// A process that is no longer the member of a shared PostgreSQL that it believes to be, since
// another one has taken its place: whatever it has to store, nothing of it is.

import t from 'tap'
import { openPostgres } from '../../lib/platform/postgres/journal.ts'
import { BEGIN } from '../../lib/ports/events.ts'
import { Postgres, postgresSkip } from '../system/postgres.ts'
import { pairRecord } from './journal-world.ts'
import { given } from './shared-contract.ts'
import { postgresPlan, SharedServer } from './shared-world.ts'

const skip = postgresSkip()

const cluster = skip
  ? (undefined as never)
  : await Postgres.start({ after: (end) => t.teardown(end) })

type More = NonNullable<Parameters<SharedServer['commit']>[1]>

const BEGUN = JSON.stringify({ name: BEGIN, life: 'one' })
const told = (...actions: number[]) => ({
  ...{ first: 1, events: [BEGUN], actions: Uint8Array.from(actions) },
})

const pair = pairRecord()
const edits = [{ id: 'edit', text: 'of a command' }]
const names = [{ address: '192.0.2.1', text: 'a name' }]

/** What a batch has beside leases, or instead of them. */
const PARTS: Readonly<Record<string, More>> = {
  ...{ nothing: {}, pair: { pair }, edits: { edits }, names: { names } },
  all: { pair, edits, names },
}

/** Beside each: whether the batch has a lease, too, and whether a history is kept. */
const BATCHES: readonly (readonly [what: string, hasLease: boolean, hasHistory: boolean])[] = [
  ['nothing', true, true],
  ['pair', false, false],
  ['edits', false, false],
  ['names', false, false],
  ['all', false, false],
  ['all', true, true],
]

/** All that a member can have stored. */
const STORED = `select (select count(*) from whio.lease4), (select count(*) from whio.batch),
  (select count(*) from whio.edit), (select count(*) from whio.name),
  (select count(*) from whio.history), (select count(pair) from whio.member)`

t.test('of who has lost its place to another process nothing is stored', { skip }, async (t) => {
  for (const [what, hasLease, hasHistory] of BATCHES) {
    const name = `${what}${hasLease ? ' with a lease' : ''}${hasHistory ? ' and a history' : ''}`
    const server = new SharedServer(
      await openPostgres({
        ...{ plan: postgresPlan([cluster]), durability: 'full', name },
        history: hasHistory ? { maxAge: 3600, maxRows: 1000 } : undefined,
      }),
    )
    await server.start()
    await cluster.query(`update whio.member set instance = 'another process'`)
    const leases = hasLease ? [{ lease: given(server, 1, 1) }] : []
    const kept = hasHistory ? { told: told(...leases.map(() => 1)) } : {}
    // It is never told what became of that: it is away from then on, for good.
    server.commit(leases, { ...PARTS[what], ...kept })
    await server.until(() => server.course.includes('away'))
    t.equal(await cluster.query(STORED), '0|0|0|0|0|0', name)
    await server.close()
  }
})
