// The history of leases in the journal: who had what, and when; bounded, and off where nothing is
// said of it.

import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import { linesOf } from '../../lib/cli/history.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { HistoryPlan, LeaseDatabasePlan } from '../../lib/config/plan/plan.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { erase, freeRow } from '../../lib/leases/lifecycle.ts'
import { JournalDatabase } from '../../lib/platform/journal/database.ts'
import { historyOf } from '../../lib/platform/journal/history.ts'
import { historyLook } from '../../lib/platform/journal/history-look.ts'
import { holdingsOf } from '../../lib/platform/journal/holdings.ts'
import { lease6At } from './journal-world.ts'

const KEPT: HistoryPlan = { maxAge: 86_400, maxRows: 1000 }
const X = ipv4FromText('192.0.2.10')!

function lease(number: number, more: Partial<Lease> = {}): Lease {
  return {
    ...freeRow(X),
    ...{ htype: 1, hwAddress: `\x02\0\0\0\0${String.fromCharCode(number)}`, subnetId: 1 },
    ...{ state: LEASE_STATE.assigned, validLifetime: 3600, start: 5, end: 3_600_005 },
    hostname: `host${number}`,
    ...more,
  }
}

function opened(t: Test, history: HistoryPlan | undefined = KEPT) {
  const path = join(t.testdirName, 'leases.sqlite')
  const journal = new JournalDatabase({ path, durability: 'off', history }, '')
  t.teardown(() => journal.close())
  let stamp = 0
  const commit = (...leases: Lease<Key>[]) => {
    const writer = new ChangeWriter()
    for (const one of leases) writer.put({ kind: 'put', lease: one })
    journal.commit(writer.copy(), leases.length, ++stamp)
  }
  const db = new Database(path, { readonly: true })
  t.teardown(() => db.close())
  return { path, commit, db, entries: () => [...historyOf(db)] }
}

t.test('who had an address, and what a client had, are told from one to the next', async (t) => {
  t.testdir()
  const { commit, entries } = opened(t)
  commit(lease(1))
  commit(lease(1, { start: 100 }))
  commit(lease(1, { state: LEASE_STATE.released, start: 100 }))
  commit(lease(2, { start: 200 }), lease6At(1))
  commit(erase(lease(2, { start: 200 }), 300, 9))
  commit(lease(1, { start: 400 }), freeRow(X + 1))
  t.equal(entries().length, 7, 'a row for its counters is none of a client')
  const of = (about: string) =>
    holdingsOf(entries(), about).map(({ address, hostname, until, what }) => [
      ...[address, hostname, what, until === undefined ? 'goes on' : 'ended'],
    ])
  const first = ['192.0.2.10', 'host1', 'leased', 'ended']
  const second = ['192.0.2.10', 'host2', 'leased', 'ended']
  const third = ['192.0.2.10', 'host1', 'leased', 'goes on']
  t.strictSame(of('192.0.2.10'), [first, second, third])
  t.strictSame(of('02:00:00:00:00:01'), [first, third])
  t.strictSame(of('02-00-00-00-00-02'), [second])
  t.strictSame(of('HOST2'), [second])
  t.strictSame(of('192.0.2.1'), [], 'a part of an address is another one')
  const [six] = entries().filter(({ address }) => address.includes('::'))
  t.equal(of(six!.address).length, 1)
  t.equal(of(six!.clientId).length, 1)
  const lines = linesOf(holdingsOf(entries(), 'host2'))
  t.match(lines[0], /^FROM \(UTC\) +UNTIL \(UTC\) +ADDRESS/)
  t.match(lines[1], /^\d{4}-.*192\.0\.2\.10 +leased +02:00:00:00:00:02 +host2/)
})

t.test('a lease that nobody ended has ended by itself before somebody else has it', async (t) => {
  const entry = (at: number, hwAddress: string) => ({
    ...{ at, address: '192.0.2.10', state: LEASE_STATE.assigned, subnet: 1, hwAddress },
    ...{ clientId: '', hostname: '', validLifetime: 60, start: at },
  })
  const [first] = holdingsOf([entry(0, 'a'), entry(30_000, 'a'), entry(900_000, 'b')], '192.0.2.10')
  t.match(first, { from: 0, told: 30_000, until: 90_000 })
})

t.test('the oldest go: when there are too many, and when they are too old', async (t) => {
  t.testdir()
  const { commit, entries } = opened(t, { maxAge: 86_400, maxRows: 10 })
  for (let number = 1; number <= 30; number++) commit(lease(number))
  t.strictSame(
    entries().map(({ hostname }) => hostname),
    Array.from({ length: 10 }, (_, index) => `host${21 + index}`),
  )
  const { now } = Date
  t.teardown(() => (Date.now = now))
  Date.now = () => now() + 90_000_000
  commit(lease(31))
  t.strictSame(
    entries().map(({ hostname }) => hostname),
    ['host31'],
  )
})

t.test('none is kept where nothing is said of it, and what was kept stays', async (t) => {
  t.testdir()
  const path = join(t.testdirName, 'leases.sqlite')
  for (const [history, count] of [
    [undefined, 0],
    [KEPT, 1],
    [undefined, 1],
  ] as const) {
    const journal = new JournalDatabase({ path, durability: 'off', history }, '')
    const writer = new ChangeWriter()
    writer.put({ kind: 'put', lease: lease(1) })
    journal.commit(writer.copy(), 1, 1)
    journal.close()
    const db = new Database(path, { readonly: true })
    t.equal([...historyOf(db)].length, count)
    db.close()
  }
})

t.test('what was taken away is not among the leases that people are shown', async (t) => {
  t.testdir()
  const { commit, db } = opened(t, undefined)
  commit(lease(1), lease6At(1))
  const counts = () =>
    ['leases4', 'leases6'].map((view) => db.prepare(`SELECT count(*) FROM ${view}`).pluck().get())
  t.strictSame(counts(), [1, 1])
  commit(erase(lease(1), 9, 9), erase(lease6At(1), 9, 9))
  t.strictSame(counts(), [0, 0])
})

t.test('the file says how much is kept', async (t) => {
  const planOf = (history?: object) =>
    loadPlanFromObject(
      {
        Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] } },
        Whio: history === undefined ? {} : { 'lease-history': history },
      },
      { stateDirectory: undefined },
    ).plan!.database.history
  t.equal(planOf(), undefined)
  t.strictSame(planOf({}), { maxAge: 7_776_000, maxRows: 1_000_000 })
  t.strictSame(planOf({ 'max-age': 60, 'max-rows': 5 }), { maxAge: 60, maxRows: 5 })
})

t.test('it is looked through beside the loop, for the last ones', async (t) => {
  t.testdir()
  const { path, commit } = opened(t)
  for (const number of [1, 2, 1]) commit(lease(number, { start: number * 100 }))
  const look = historyLook()
  const of = (file: string, max: number) =>
    new Promise((resolve) =>
      look.of({ path: file } as LeaseDatabasePlan, '192.0.2.10', max, resolve),
    )
  t.match(await of(path, 9), { holdings: { length: 3 }, isCut: false })
  t.match(await of(path, 2), {
    holdings: [{ hostname: 'host2' }, { hostname: 'host1' }],
    isCut: true,
  })
  t.match(await of(join(path, 'no'), 9), { trouble: /cannot be read/ })
})
