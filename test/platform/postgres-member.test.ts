// Members of a shared PostgreSQL that are so no longer. A process whose place another one has taken
// stores nothing, whatever it has. What a server owes to DNS that is gone is another one's.

import t from 'tap'
import { type NameEntry, namesOfText, textOfNames } from '../../lib/ddns/name-record.ts'
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

const ENTRY: NameEntry = {
  ...{ fqdn: 'pc.lan', dhcid: 'id', also: [], ttl: 600, mode: 'no-check-with-dhcid' },
  ...{ wants: 3, may: 3, sure: 0, isConflict: false, isMoved: false, by: 'us', at: 1 },
}
const [TO_ADD, TO_REMOVE, DONE] = [
  textOfNames([ENTRY]),
  textOfNames([{ ...ENTRY, wants: 0 }]),
  textOfNames([{ ...ENTRY, sure: 3 }]),
] as const

t.test('what a server owes to DNS that is gone is one other’s', { skip }, async (t) => {
  await cluster.query('create database owed')
  const open = async (name: string) => {
    const plan = postgresPlan([cluster], 'owed')
    const server = new SharedServer(await openPostgres({ plan, durability: 'full', name }))
    await server.start()
    return server
  }
  const gone = await open('gone')
  const living = [await open('one'), await open('two')]
  t.teardown(() => Promise.all(living.map((server) => server.close())))
  const addresses = Array.from({ length: 300 }, (_, at) => `192.0.2.${at}`)
  const names = addresses.map((address, at) => {
    return { address, text: [TO_ADD, TO_REMOVE, DONE][at % 3]! }
  })
  // Nobody else knows under what it stands.
  names[2] = {
    address: '192.0.2.2',
    text: textOfNames([{ ...ENTRY, sure: 3, also: [ENTRY.dhcid] }]),
  }
  await gone.commit([], { names })
  const own = { address: '192.0.2.0', text: textOfNames([{ ...ENTRY, fqdn: 'other.lan' }]) }
  for (const server of living) await server.commit([], { names: [own] })
  // As if it had been killed a while ago.
  const seen = `update whio.member set seen = now() - interval '31 s', instance = instance || 'x'
    where name = 'gone'`
  await cluster.query(seen, 'owed')
  const all = () => living.flatMap(({ left }) => left)
  const isTold = () => all().length >= 201
  await Promise.race(living.map((server) => server.until(isTold)))
  const owed = names.filter((_, at) => at % 3 < 2 || at === 2)
  t.same(
    new Map(all().map(({ address, text }) => [address, text])),
    new Map(owed.map(({ address, text }) => [address, text])),
  )
  t.equal(all().length, owed.length, 'each is told once')
  t.ok(all().every(({ member }) => member === gone.member))
  const stored = `select count(*) from whio.name n join whio.member m using (server)
    where m.name = 'gone'`
  t.equal(await cluster.query(stored, 'owed'), '99', 'what is done stays where it is')
  const taker = living.find(({ left }) => left.some(({ address }) => address === own.address))!
  // Whoever stores its own at this moment must not take the other one away.
  const texts = async () =>
    (
      await cluster.query(
        `select text from whio.name where server = ${taker.member}
          and split_part(address, '#', 1) = '${own.address}' order by address`,
        'owed',
      )
    )
      .split('\n')
      .map((text) =>
        namesOfText(text)!
          .map(({ fqdn }) => fqdn)
          .join(),
      )
  await taker.commit([], { names: [own] })
  t.same(await texts(), ['other.lan', 'pc.lan'], 'beside its own')
  await gone.close()
  const back = await open('gone')
  t.equal(back.info!.names!.length, 99, 'who comes back has what is left')
  await back.close()
})
