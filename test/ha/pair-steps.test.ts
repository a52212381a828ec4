// The steps of a pair's record, each from every record, and what the lease table may give by it.

import t from 'tap'
import type { HaPlan } from '../../lib/config/plan/ha-plan.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { dueWord, rightsOf } from '../../lib/ha/pair-rights.ts'
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
  const heard = { ...met('one'), applied: { partner: 39, other: 7 } }
  t.same(loseDatabase(heard).applied, { highest: 39 }, 'rows that stay know of changes up to 39')
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

const { one, two, three } = PLANS
/** passive-backup: no partner. */
const PASSIVE = planOf(PRIMARY, undefined, PEERS)
const NO_UPDATES = { ...one!, sendLeaseUpdates: false }
/** Every plan that a database may find at a start. */
const PLANS_OF_A_START: Record<string, HaPlan | undefined> = {
  'no pair': undefined,
  primary: one,
  secondary: two,
  'passive-backup': PASSIVE,
  'no updates': NO_UPDATES,
  backup: three,
}

function nameOf({ rights, noneBecause }: PairRecord): string {
  return rights === 'none' ? noneBecause : rights
}

t.test(
  'a database without a record begins by the role, and one of two at most serves',
  async (t) => {
    const at = (position: number) =>
      Object.values(PLANS_OF_A_START).map((plan) => {
        const record = recordAtStart(undefined, position, plan)
        return record === undefined ? '-' : nameOf(record)
      })
    // Plans:               no pair, primary, secondary, passive, no updates, backup
    t.same(at(0), ['-', 'fresh', 'fresh', 'sole', 'fresh', 'fresh'], 'new')
    t.same(at(5), ['-', 'sole', 'fresh', 'sole', 'sole', 'lost'], 'served alone, or read in')
  },
)

t.test('what is stored stays, whatever mode and role have become', async (t) => {
  const records: PairRecord[] = [
    FRESH,
    initialRecord(true, 'secondary'),
    initialRecord(true, 'primary'),
    met('one'),
    met('two'),
    met('one', { rights: 'sole' }),
    met('one', { rights: 'none', noneBecause: 'lost' }),
    met('one', { rights: 'none', noneBecause: 'handed-over' }),
  ]
  for (const record of records)
    for (const [name, plan] of Object.entries(PLANS_OF_A_START))
      for (const position of [0, 5]) {
        const next = recordAtStart(record, position, plan)
        if (name === 'backup' && record.rights !== 'none') t.equal(nameOf(next!), 'lost')
        else t.equal(next, record, `${nameOf(record)}, ${name}`)
      }
  const copies = { ...FRESH, applied: { x: 4 } }
  for (const [name, plan] of Object.entries(PLANS_OF_A_START)) {
    const next = recordAtStart(copies, 0, plan)!
    t.equal(nameOf(next), name === 'backup' ? 'fresh' : 'lost', `a backup that becomes: ${name}`)
  }
  const meeting = { ...copies, pairId: 'pair' }
  t.equal(recordAtStart(meeting, 0, one), meeting, 'a first meeting that broke off')
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

// Rights by record and plan, then the word that is due, then what there is once it was said. Plans
// as above.
// biome-ignore format: a table
const RIGHTS: readonly [string, PairRecord, rights: string, due: string, then: string][] = [
  ['fresh',  FRESH,
    'none none none none none none', 'serve-alone serve-alone serve-alone serve-alone serve-alone -', 'all all all all all none'],
  ['rows of a secondary that has met nobody', initialRecord(true, 'secondary'),
    'none none none none none none', 'serve-alone serve-alone serve-alone serve-alone serve-alone -', 'all all all all all none'],
  ['a promoted backup', loseDatabase(FRESH),
    'none none none none none none', 'partner-off partner-off partner-off partner-off partner-off -', 'all all all all all none'],
  ['lost',   met('one', { rights: 'none', noneBecause: 'lost' }),
    'none none none none none none', 'partner-off partner-off partner-off partner-off partner-off -', 'all all all all all none'],
  ['handed', met('one', { rights: 'none', noneBecause: 'handed-over' }),
    'none none none none none none', 'partner-off partner-off partner-off partner-off partner-off -', 'all all all all all none'],
  ['shared', met('one'),
    'keys keys keys keys keys none', 'partner-off - - partner-off - -', 'all keys keys all keys none'],
  ['sole',   met('one', { rights: 'sole' }),
    'all all all all all none', '- - - - - -', 'all all all all all none'],
  ['sole that has met nobody', initialRecord(true, 'primary'),
    'all all all all all none', '- - - - - -', 'all all all all all none'],
]

t.test('rights are by the record, in every mode and without any', async (t) => {
  const WORDS = {
    'serve-alone': serveAlone,
    'partner-off': (r: PairRecord) => confirmPartnerOff(r, NOW),
  }
  for (const [name, record, rights, due, then] of RIGHTS) {
    const plans = Object.values(PLANS_OF_A_START)
    const words = plans.map((plan) => dueWord(record, plan)?.word)
    t.equal(plans.map((plan) => rightsOf(record, plan).kind).join(' '), rights, name)
    t.equal(words.map((word) => word ?? '-').join(' '), due, `${name}: due`)
    const after = plans.map((plan, at) => {
      const word = words[at]
      return rightsOf(word === undefined ? record : WORDS[word](record), plan).kind
    })
    t.equal(after.join(' '), then, `${name}: when it was said`)
  }
  t.equal(rightsOf(undefined, undefined), ALONE)
  t.equal(rightsOf(undefined, one).kind, 'none')
  t.equal(dueWord(undefined, undefined), undefined)
})

t.test('side, counters and doubt go with the record, too', async (t) => {
  for (const plan of Object.values(PLANS_OF_A_START)) {
    const doubt = { doubtUntil: 7, doubtFrom: 5 }
    t.match(rightsOf(met('two', doubt), plan), { side: 1, ...doubt, paired: true })
    t.equal(rightsOf(initialRecord(true, 'primary'), plan).paired, plan !== undefined)
  }
})
