// The steps of a pair's record, each from every record, and what the lease table may give by it.

import t from 'tap'
import type { HaPlan } from '../../lib/config/ha-plan.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import {
  acceptBack,
  acceptOver,
  confirmPartnerOff,
  endDoubt,
  giveBack,
  handOver,
  initialRecord,
  loseDatabase,
  noteApplied,
  quarantineEnd,
  recordAtStart,
  rightsOf,
  serveAlone,
  standingOf,
} from '../../lib/ha/pair-steps.ts'
import { ALONE } from '../../lib/leases/rights.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'
import { FRESH, met, NOW, PEERS, PLANS, PRIMARY } from './hellos.ts'
import { planOf } from './pair-model.ts'

t.test('each step does its one thing, from every record', async (t) => {
  const records: PairRecord[] = [
    FRESH,
    initialRecord(true, 'primary'),
    met('one'),
    met('one', { rights: 'sole' }),
    met('one', { rights: 'none', noneBecause: 'lost' }),
    met('one', { rights: 'none', noneBecause: 'handed-over' }),
  ]
  const names = (step: (record: PairRecord) => PairRecord | 'ignored') =>
    records.map((record) => {
      const next = step(record)
      if (next === 'ignored') return 'ignored'
      if (next === record) return '-'
      return `${next.rights === 'none' ? next.noneBecause : next.rights} ${next.handOver} ${next.doubtUntil > 0 ? 'doubt' : ''}`.trim()
    })
  const back = (number: number, doubt: boolean) =>
    ({ type: 'back', number, position: 9, doubt }) as const
  const theirs = { database: 'd-new', handOver: 7 }
  // From:                                fresh      unmet sole  shared           sole       lost
  //                                              handed over
  t.same(
    names((r) => handOver(r, NOW)),
    ['-', '-', 'handed-over 4', '-', '-', '-'],
  )
  t.same(
    names((r) => acceptOver(r, 4)),
    ['ignored', 'sole 4', 'sole 4', 'sole 4', 'ignored', 'ignored'],
  )
  t.same(
    names((r) => acceptOver(r, 3)),
    ['ignored', 'sole 3', 'ignored', 'ignored', 'ignored', 'ignored'],
  )
  t.same(
    names((r) => giveBack(r, theirs)),
    ['shared 8', 'shared 8', 'shared 8', 'shared 8', '-', 'shared 8'],
  )
  t.same(
    names((r) => acceptBack(r, back(5, false), NOW)),
    ['shared 5', '-', '-', '-', 'shared 5 doubt', 'shared 5'],
  )
  t.same(
    names((r) => acceptBack(r, back(5, true), NOW)),
    ['shared 5 doubt', '-', '-', '-', 'shared 5 doubt', 'shared 5 doubt'],
  )
  t.same(
    names((r) => acceptBack(r, back(2, true), NOW)),
    ['shared 2 doubt', '-', '-', '-', '-', '-'],
  )
  t.same(
    names((r) => confirmPartnerOff(r, NOW)),
    ['-', 'sole 0', 'sole 3', 'sole 3', 'sole 3 doubt', 'sole 3 doubt'],
  )
  t.same(names(serveAlone), ['sole 0', '-', '-', '-', '-', '-'])
  t.same(names(loseDatabase), ['lost 0', 'lost 0', 'lost 3', 'lost 3', 'lost 3', 'lost 3'])
  for (const record of records) {
    t.same(handOver(handOver(record, NOW), NOW), handOver(record, NOW))
    t.same(confirmPartnerOff(confirmPartnerOff(record, NOW), NOW), confirmPartnerOff(record, NOW))
    t.same(serveAlone(serveAlone(record)), serveAlone(record))
    t.same(loseDatabase(loseDatabase(record)), loseDatabase(record))
    const returned = acceptBack(record, back(5, true), NOW)
    t.same(acceptBack(returned, back(5, true), NOW + 9), returned)
    const over = acceptOver(record, 4)
    if (over !== 'ignored') t.equal(acceptOver(over, 4), 'ignored')
    t.same(endDoubt(endDoubt(record)), { ...record, doubtUntil: 0 })
  }
  const doubtful = met('one', { doubtUntil: NOW + 1 })
  t.equal(handOver(doubtful, NOW), doubtful, 'in doubt, nothing is handed over')
  t.not(handOver(doubtful, NOW + 1), doubtful)
  t.equal(endDoubt(doubtful).doubtUntil, 0)
})

t.test('quarantine lasts as long as any lease, and its grace', async (t) => {
  t.equal(quarantineEnd(3600, 500), 500 + 3_600_000 + 10_000 + 18_000)
  t.equal(quarantineEnd(INFINITE_LIFETIME, 500), NEVER)
  const handed = met('one', { rights: 'none', noneBecause: 'handed-over', doubtUntil: NOW + 5 })
  const back = { type: 'back', number: 3, position: 0, doubt: false } as const
  t.equal(acceptBack(handed, back, NOW).doubtUntil, NOW + 5, 'what was in doubt still is')
  t.match(
    acceptBack(
      met('one', { rights: 'none', longestLifetime: INFINITE_LIFETIME, noneBecause: 'lost' }),
      { type: 'back', number: 3, position: 0, doubt: true },
      NOW,
    ),
    { doubtUntil: NEVER },
  )
})

t.test('what a database is at its start', async (t) => {
  t.match(recordAtStart(undefined, 0, 'primary'), { rights: 'none', noneBecause: 'fresh' })
  t.match(recordAtStart(undefined, 5, 'secondary'), { rights: 'sole', pairId: '' })
  t.match(recordAtStart(undefined, 5, 'backup'), { rights: 'none', noneBecause: 'lost' })
  t.match(
    recordAtStart(FRESH, 5, 'primary'),
    { rights: 'sole' },
    'it has served without a pair meanwhile',
  )
  t.equal(recordAtStart(FRESH, 0, 'primary'), FRESH)
  t.match(
    recordAtStart({ ...FRESH, applied: { x: 4 } }, 0, 'primary'),
    { rights: 'none', noneBecause: 'lost' },
    'a backup that was promoted',
  )
  t.match(recordAtStart(met('one'), 5, 'backup'), { rights: 'none', noneBecause: 'lost' })
  t.same(recordAtStart(met('one'), 5, 'primary'), met('one'))
})

t.test('positions may go back, clocks travel with them', async (t) => {
  const record = noteApplied(met('one'), 'd-two', 20, 900.7)
  t.match(record, { applied: { 'd-two': 20 }, clocks: { 'd-two': 900 } })
  t.match(noteApplied(record, 'd-x', 5, 0).applied, { 'd-two': 20, 'd-x': 5 })
  t.same(noteApplied(record, 'd-x', 5, 0).clocks, { 'd-two': 900 }, '0 is no time')
  t.same(noteApplied(record, 'd-x', 5, 0).applied, { 'd-two': 20, 'd-x': 5, highest: 50 })
  t.equal(noteApplied(record, 'd-two', 19, 0).applied.highest, 50, 'it never goes back itself')
  t.match(standingOf(record), { applied: 20, appliedDatabase: 'd-two', appliedClock: 900 })
})

t.test('of many databases the first is forgotten, never the partner', async (t) => {
  let record = met('one')
  for (let number = 0; number < 40; number++) record = noteApplied(record, `d-${number}`, 7, 7000)
  const last = Array.from({ length: 31 }, (_, index) => `d-${index + 9}`)
  t.same(Object.keys(record.applied), ['d-two', ...last])
  t.equal(record.applied['d-two'], 50)
  t.same(Object.keys(record.clocks).length, 32)
})

t.test('what the lease table may give', async (t) => {
  const kind = (record: PairRecord | undefined, plan: HaPlan | undefined) =>
    rightsOf(record, plan).kind
  const { one, three } = PLANS
  t.equal(rightsOf(undefined, undefined), ALONE)
  t.equal(rightsOf(FRESH, undefined), ALONE)
  t.equal(kind(undefined, one), 'none')
  t.equal(kind(FRESH, one), 'none')
  t.equal(kind(serveAlone(FRESH), one), 'all')
  t.equal(kind(met('one'), one), 'keys')
  t.equal(kind(met('one'), undefined), 'keys', 'a pair that the configuration has forgotten')
  t.equal(kind(loseDatabase(FRESH), undefined), 'none')
  t.equal(kind(met('one', { rights: 'sole' }), one), 'all')
  t.equal(kind(met('one', { rights: 'sole' }), three), 'none')
  t.equal(kind(FRESH, planOf(PRIMARY, undefined, PEERS)), 'all', 'passive-backup: no partner')
  t.same(
    rightsOf(met('two', { rights: 'sole' }), { ...one!, sendLeaseUpdates: false }),
    { kind: 'keys', side: 1, paired: true, doubtUntil: 0 },
    'nothing is replicated: each gives what is at home with it',
  )
  const [first, second] = [PLANS.one!, PLANS.two!].map((plan) => ({
    ...plan,
    sendLeaseUpdates: false,
  }))
  for (const record of [undefined, FRESH]) {
    t.equal(rightsOf(record, first).side, 0)
    t.equal(rightsOf(record, second).side, 1, 'who never met its partner goes by its role')
  }
  t.match(rightsOf(met('two', { doubtUntil: 7 }), one), {
    kind: 'keys',
    side: 1,
    paired: true,
    doubtUntil: 7,
  })
})
