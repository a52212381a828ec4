// Who may give what after a meeting: the table and the steps, every two hellos against their mirror
// image, and two servers that play through crashes, cuts, hand-overs, lost disks and a human's
// words.

import fc from 'fast-check'
import t from 'tap'
import type { HaPlan, HaRole } from '../../lib/config/ha-plan.ts'
import { type Agreement, judgeHello, type Refused } from '../../lib/ha/handshake.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { KINDS, type Kind, MEETINGS, type Verdict } from '../../lib/ha/meeting-table.ts'
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
import { ADDRESSES, type Database, PairModel, peer, planOf, type Server } from './pair-model.ts'

const PRIMARY = peer('one', 'primary')
const SECONDARY = peer('two', 'secondary')
const BACKUP = peer('three', 'backup')
const PEERS = [PRIMARY, SECONDARY, BACKUP]
const PLANS: Record<string, HaPlan> = {
  one: planOf(PRIMARY, SECONDARY, PEERS),
  two: planOf(SECONDARY, PRIMARY, PEERS),
  three: planOf(BACKUP, undefined, PEERS),
}
const ROLES: Record<string, HaRole> = { one: 'primary', two: 'secondary', three: 'backup' }
const NOW = 1000

const FRESH = initialRecord(false, 'primary')
const MET: PairRecord = {
  ...FRESH,
  pairId: 'pair',
  rights: 'shared',
  handOver: 3,
  longestLifetime: 100,
}

/** A record of `one` (side 0) or `two` (side 1), which have met as databases d-one and d-two. */
function met(name: 'one' | 'two', change: Partial<PairRecord> = {}): PairRecord {
  const partner = name === 'one' ? 'd-two' : 'd-one'
  const applied = { [partner]: 50 }
  return { ...MET, side: name === 'one' ? 0 : 1, partnerDatabase: partner, applied, ...change }
}

function helloOf(name: string, record: PairRecord, change: Partial<Hello> = {}): Hello {
  return {
    type: 'hello',
    version: 1,
    software: 'test',
    name,
    role: ROLES[name]!,
    mode: 'load-balancing',
    instance: 'i',
    turn: 1,
    database: `d-${name}`,
    position: 100,
    clock: 1_000_000,
    candidateId: `candidate-${name}`,
    fingerprint: '',
    state: 'load-balancing',
    ...standingOf(record),
    ...change,
  }
}

type Outcome = Agreement | Refused

/** What both ends make of a meeting. */
function meet(
  one: PairRecord,
  two: PairRecord,
  changeOne: Partial<Hello> = {},
  changeTwo: Partial<Hello> = {},
): [Outcome, Outcome] {
  const first = helloOf('one', one, changeOne)
  const second = helloOf('two', two, changeTwo)
  return [
    judgeHello(PLANS.one!, one, first, second, NOW),
    judgeHello(PLANS.two!, two, second, first, NOW),
  ]
}

/** The verdicts of both ends. */
function verdicts(outcomes: readonly [Outcome, Outcome]): string {
  return outcomes.map((one) => (one.kind === 'agree' ? one.verdict : one.reason)).join(' / ')
}

// ---- the table

const COMPLEMENT: Record<Verdict, readonly Verdict[]> = {
  keep: ['receive'],
  take: ['receive'],
  receive: ['keep', 'take'],
  'go-on': ['go-on'],
  rest: ['hold'],
  hold: ['rest'],
}

t.test(
  'the table has a cell for every two kinds, and each end is the mirror of the other',
  async (t) => {
    const mirror: Record<string, readonly string[]> = {
      ...COMPLEMENT,
      'kin takes nothing': ['kin keeps'],
      'kin keeps': ['kin takes nothing'],
    }
    t.same(Object.keys(MEETINGS), KINDS)
    for (const mine of KINDS) {
      t.same(Object.keys(MEETINGS[mine]), KINDS)
      for (const theirs of KINDS) {
        const cell = MEETINGS[mine][theirs]
        t.ok((mirror[cell] ?? [cell]).includes(MEETINGS[theirs][mine]), `${mine} meets ${theirs}`)
      }
    }
  },
)

/** A server of each kind, as `name`; what makes it that kind is in its own hello alone. */
function recordOf(name: 'one' | 'two', kind: Kind): PairRecord {
  const none = { rights: 'none' } as const
  if (kind === 'fresh') return { ...FRESH, side: name === 'one' ? 0 : 1 }
  if (kind === 'lost') return met(name, { ...none, noneBecause: 'lost', applied: {} })
  if (kind === 'handed') return met(name, { ...none, noneBecause: 'handed-over', applied: {} })
  return met(name, { rights: kind })
}

t.test('who keeps what, for every two kinds', async (t) => {
  // Row: one, side 0. Column: two. k keep, t take, r receive, g go on.
  // biome-ignore format: a table
  const expected: Record<Kind, string> = {
    //        fresh lost handed shared sole
    fresh:  'k     r    k      r      r',
    lost:   't     t    r      r      r',
    handed: 'r     t    k      r      r',
    shared: 'k     k    k      g      r',
    sole:   'k     k    k      k      k',
  }
  const letters: Record<string, string> = { keep: 'k', take: 't', receive: 'r', 'go-on': 'g' }
  for (const one of KINDS) {
    const row = KINDS.map((two) => {
      const [mine] = meet(recordOf('one', one), recordOf('two', two))
      return mine.kind === 'agree' ? letters[mine.verdict] : '?'
    })
    t.equal(row.join(' '), expected[one].replaceAll(/ +/g, ' '), one)
  }
})

t.test('a hand-over that nobody heard of: who was ahead', async (t) => {
  const handed = (name: 'one' | 'two', number: number) =>
    met(name, { rights: 'none', noneBecause: 'handed-over', handOver: number })
  const atWork = { state: 'in-maintenance' } as const
  const cases: [string, [Outcome, Outcome], string][] = [
    ['over lost', meet(met('one'), handed('two', 4)), 'keep / receive'],
    ['over lost, at work', meet(met('one'), handed('two', 4), {}, atWork), 'hold / rest'],
    [
      'sole, at work',
      meet(met('one', { rights: 'sole', handOver: 4 }), handed('two', 4), {}, atWork),
      'hold / rest',
    ],
    [
      'sole, work done',
      meet(met('one', { rights: 'sole', handOver: 4 }), handed('two', 4)),
      'keep / receive',
    ],
    ['back lost', meet(met('one', { handOver: 5 }), handed('two', 4)), 'keep / receive'],
    [
      'back lost, at work again',
      meet(met('one', { handOver: 5 }), handed('two', 4), {}, atWork),
      'keep / receive',
    ],
    ['both at once', meet(handed('one', 4), handed('two', 4)), 'keep / receive'],
    ['both, one missed a return', meet(handed('one', 4), handed('two', 6)), 'receive / take'],
    ['the other way', meet(handed('one', 6), handed('two', 4)), 'take / receive'],
    ['two forgot a hand-over', meet(met('one', { handOver: 5 }), met('two')), 'keep / receive'],
    ['one forgot two of them', meet(met('one'), handed('two', 5)), 'receive / take'],
    [
      'handed, but has shared since',
      meet(met('one', { handOver: 6 }), handed('two', 4)),
      'keep / receive',
    ],
    [
      'a sole one that was replaced',
      meet(met('one', { rights: 'sole' }), met('two', { rights: 'sole', handOver: 5 })),
      'receive / keep',
    ],
  ]
  for (const [what, outcomes, expected] of cases) t.equal(verdicts(outcomes), expected, what)
  const [, rest] = cases[1]![1]
  t.match(rest, { again: 'over', merge: 'verbatim', send: 'delta', record: { rights: 'none' } })
  t.match(cases[6]![1][0], {
    again: 'back',
    merge: 'keys',
    doubt: false,
    record: { rights: 'none' },
  })
  t.match(cases[11]![1], [{ doubt: true }, { record: { noneBecause: 'lost' } }])
})

// ---- databases in doubt

t.test('a restored database is known by stream, clock, number or partner', async (t) => {
  const both = (
    change: Partial<PairRecord>,
    hello: Partial<Hello> = {},
    theirs: Partial<Hello> = {},
  ) => meet(met('one', change), met('two'), hello, theirs)
  t.equal(verdicts(both({})), 'go-on / go-on')
  t.match(both({})[0], { merge: 'keys', send: 'delta', from: 50, again: undefined, alarms: [] })
  t.equal(verdicts(both({}, { position: 49 })), 'receive / keep', 'less than was stored there')
  t.equal(verdicts(both({}, { position: 50 })), 'go-on / go-on')
  t.equal(
    verdicts(both({}, { clock: 1_000_000 }, { appliedClock: 1_060_000 })),
    'go-on / go-on',
    'a crash turns the clock back a little',
  )
  t.equal(verdicts(both({}, { clock: 1_000_000 }, { appliedClock: 1_060_001 })), 'receive / keep')
  t.equal(verdicts(both({ handOver: 2 })), 'receive / keep')
  t.equal(
    verdicts(both({}, {}, { appliedDatabase: 'd-spare' })),
    'receive / keep',
    'put back in place of its spare',
  )
  t.equal(verdicts(both({}, { position: 49 }, { position: 49 })), 'take / receive', 'both')
  const unmet = meet(FRESH, met('two'))
  t.match(
    unmet[1],
    { verdict: 'keep', doubt: true, alarms: ['partner-lost-database'] },
    'from before the first meeting',
  )
  const [behind, ahead] = both({}, { position: 49 }) as [Agreement, Agreement]
  t.match(behind, {
    send: 'refill',
    expect: 'refill',
    merge: 'verbatim',
    alarms: ['my-database-behind'],
  })
  t.match(behind.record, { rights: 'none', noneBecause: 'lost' })
  t.same([behind.record.applied, behind.record.clocks], [{}, {}], 'it claims nothing')
  t.match(ahead, { send: 'refill', expect: 'refill', again: 'back', doubt: true, merge: 'adopt' })
  t.match(ahead.alarms, ['partner-lost-database'])
  const evidence = ahead.record.applied['d-one']
  t.equal(evidence, 50, 'stays until the other end has stored that it is lost')
})

t.test('quarantine: only for what may have been given unseen', async (t) => {
  const fresh = { database: 'd-new', position: 0 }
  const cases: [string, PairRecord, PairRecord, Partial<Hello>, boolean][] = [
    ['a new disk of a partner', met('one'), FRESH, fresh, true],
    [
      'the partner gave everything away before',
      met('one', { rights: 'sole' }),
      FRESH,
      fresh,
      false,
    ],
    [
      'there never was a partner',
      met('one', { rights: 'sole', partnerDatabase: '', applied: {} }),
      FRESH,
      fresh,
      false,
    ],
    [
      'the first meeting, stored at one end',
      met('one', { applied: {} }),
      FRESH,
      { position: 0 },
      false,
    ],
    [
      'everything was handed over',
      met('one', { handOver: 4 }),
      met('two', { rights: 'none', noneBecause: 'handed-over', handOver: 4 }),
      {},
      false,
    ],
    [
      'all is gone there, all was handed over here',
      met('one', { rights: 'none', noneBecause: 'handed-over' }),
      FRESH,
      fresh,
      true,
    ],
    [
      'the survivor is in doubt itself',
      met('one', { rights: 'sole', doubtUntil: NOW + 1 }),
      FRESH,
      fresh,
      true,
    ],
    ['it was', met('one', { rights: 'sole', doubtUntil: NOW }), FRESH, fresh, false],
    ['a human said that it was off', met('one', { rights: 'sole' }), met('two'), {}, false],
  ]
  for (const [what, one, two, hello, doubt] of cases) {
    const [mine, theirs] = meet(one, two, {}, hello)
    t.match(mine, { again: 'back', doubt }, what)
    t.match(theirs, { verdict: 'receive', record: { rights: 'none' } }, what)
  }
  const [taker] = meet(met('one', { rights: 'none', noneBecause: 'handed-over' }), FRESH, {}, fresh)
  t.match(taker, {
    verdict: 'take',
    record: { rights: 'sole', handOver: 4, doubtUntil: quarantineEnd(100, NOW) },
  })
})

t.test('who missed a return or a new hand-over has lost nothing', async (t) => {
  const handed = met('two', { rights: 'none', noneBecause: 'handed-over', handOver: 4 })
  const intact = { send: 'delta', from: 50, alarms: [], record: { noneBecause: 'handed-over' } }
  t.match(meet(met('one', { handOver: 5 }), handed)[1], intact)
  t.match(meet(met('one', { rights: 'sole', handOver: 6 }), handed)[1], intact)
})

t.test('a server that never had a partner is not taken for one that was replaced', async (t) => {
  const alone = met('one', { rights: 'sole', partnerDatabase: '', applied: {} })
  const bereft = met('two', { partnerDatabase: 'd-old' })
  const [mine, theirs] = meet(alone, bereft)
  t.match(mine, { verdict: 'keep', doubt: false, merge: 'adopt', record: { rights: 'sole' } })
  t.match(theirs, { verdict: 'receive', send: 'refill', record: { partnerDatabase: 'd-one' } })
  t.match(meet({ ...alone, partnerDatabase: 'd-two' }, bereft), [
    { verdict: 'receive' },
    { verdict: 'keep' },
  ])
})

// ---- two hellos, any

const database = fc.constantFrom('d-one', 'd-two', 'd-old')
const anyRecord = (name: 'one' | 'two'): fc.Arbitrary<PairRecord> =>
  fc.record(
    {
      pairId: fc.constantFrom('pair', 'pair', 'pair', ''),
      side: fc.constantFrom(name === 'one' ? 0 : 1, name === 'one' ? 0 : 1, 0, 1),
      partnerDatabase: fc.constantFrom(
        name === 'one' ? 'd-two' : 'd-one',
        name === 'one' ? 'd-two' : 'd-one',
        '',
        'd-old',
      ),
      rights: fc.constantFrom('shared', 'sole', 'none'),
      noneBecause: fc.constantFrom('fresh', 'lost', 'handed-over'),
      handOver: fc.nat({ max: 3 }),
      longestLifetime: fc.constantFrom(0, 100, INFINITE_LIFETIME),
      doubtUntil: fc.constantFrom(0, NOW + 5, NEVER),
      applied: fc.dictionary(database, fc.nat({ max: 120 }), { noNullPrototype: true }),
      clocks: fc.dictionary(database, fc.nat({ max: 2_000_000 }), { noNullPrototype: true }),
    },
    { noNullPrototype: true },
  )
const anyChange: fc.Arbitrary<Partial<Hello>> = fc.record(
  {
    position: fc.nat({ max: 120 }),
    clock: fc.nat({ max: 2_000_000 }),
    state: fc.constantFrom('load-balancing', 'in-maintenance'),
  },
  { noNullPrototype: true },
)

t.test('both ends come to answers that fit, whatever they were', async (t) => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(anyRecord('one'), anyRecord('two'), anyChange, anyChange, (a, b, x, y) => {
      const [one, two] = meet(a, b, x, y)
      t.equal(one.kind, two.kind)
      if (one.kind === 'refuse' || two.kind === 'refuse') return
      seen.add(`${one.verdict} ${two.verdict}`)
      fits(t as unknown as Tap, one, two)
      fits(t as unknown as Tap, two, one)
      t.equal(one.record.pairId, two.record.pairId)
      t.not(one.record.side, two.record.side)
    }),
    { numRuns: 3000 },
  )
  t.equal(seen.size, 7, [...seen].join(', '))
})

function fits(t: Tap, mine: Agreement, theirs: Agreement): void {
  const verdict = mine.verdict as Verdict
  t.ok(COMPLEMENT[verdict].includes(theirs.verdict as Verdict), `${verdict} / ${theirs.verdict}`)
  t.equal(mine.send, theirs.expect)
  const { rights, noneBecause, handOver: number, longestLifetime } = mine.record
  t.ok(longestLifetime >= theirs.record.longestLifetime)
  if (verdict === 'receive') {
    t.same([rights, mine.merge, mine.again, mine.doubt], ['none', 'verbatim', undefined, false])
    t.not(noneBecause, 'fresh')
    t.ok(number <= theirs.record.handOver || theirs.verdict === 'keep')
    if (noneBecause === 'lost') t.ok(theirs.doubt)
  }
  if (verdict === 'keep' || verdict === 'take') t.same([mine.send, mine.again], ['refill', 'back'])
  if (verdict === 'take') t.match(mine.record, { rights: 'sole' })
  if (verdict === 'take') t.ok(mine.doubt && mine.record.doubtUntil > NOW)
  if (verdict === 'go-on') t.same([rights, theirs.record.rights], ['shared', 'shared'])
  t.ok(rights !== 'sole' || theirs.record.rights === 'none', 'sole and something')
}

t.test('at the first meeting both store the same pair, and the primary keeps', async (t) => {
  const [one, two] = meet(FRESH, FRESH, { position: 0 }, { position: 0 })
  t.match(one, {
    verdict: 'keep',
    record: { pairId: 'candidate-one', side: 0, rights: 'none', noneBecause: 'fresh' },
  })
  t.match(two, {
    verdict: 'receive',
    record: {
      pairId: 'candidate-one',
      side: 1,
      rights: 'none',
      noneBecause: 'handed-over',
      partnerDatabase: 'd-one',
    },
  })
  const first = giveBack((one as Agreement).record, helloOf('two', FRESH))
  t.match(first, { rights: 'shared', partnerDatabase: 'd-two', handOver: 1, doubtUntil: 0 })
  const back = { type: 'back', number: 1, position: 0, doubt: false } as const
  t.match(acceptBack((two as Agreement).record, back, NOW), {
    rights: 'shared',
    side: 1,
    handOver: 1,
    doubtUntil: 0,
  })
  const [again, other] = meet(
    FRESH,
    (two as Agreement).record,
    { position: 0, candidateId: 'later' },
    { position: 0 },
  )
  t.match(
    [again, other],
    [{ verdict: 'keep', record: { pairId: 'candidate-one', side: 0 } }, { verdict: 'receive' }],
  )
})

// ---- who is refused

t.test('who is no partner is told why, and nothing changes', async (t) => {
  const record = met('one')
  const mine = helloOf('one', record)
  const theirs = helloOf('two', met('two'))
  const refused: [string, Partial<Hello>, Partial<Hello>, RegExp, boolean][] = [
    ['version', {}, { version: 2 }, /version/, false],
    ['my own name', {}, { name: 'one' }, /both servers are called 'one'/, true],
    ['a stranger', {}, { name: 'four' }, /'four' is no peer of 'one'/, true],
    ['another role', {}, { role: 'standby' }, /takes it for secondary/, true],
    ['one database', {}, { database: 'd-one' }, /same database/, true],
    ['another pair', {}, { pairId: 'other' }, /different pairs/, true],
    ['my side', {}, { side: 0 }, /same side/, true],
    ['changed meanwhile', { handOver: 2 }, {}, /has changed/, false],
    ['changed meanwhile', { rights: 'sole' }, {}, /has changed/, false],
  ]
  for (const [what, ours, change, reason, alarm] of refused) {
    const outcome = judgeHello(
      PLANS.one!,
      record,
      { ...mine, ...ours },
      { ...theirs, ...change },
      NOW,
    )
    t.match(outcome, { kind: 'refuse', reason, alarm }, what)
  }
  t.equal(judgeHello(PLANS.one!, record, mine, theirs, NOW).kind, 'agree')
  t.equal(
    judgeHello(PLANS.one!, record, mine, { ...theirs, mode: 'hot-standby' }, NOW).kind,
    'agree',
    'a mode is warned about',
  )
  const backup = helloOf('three', FRESH)
  const second = { ...backup, name: 'four', database: 'd-four' }
  const four = peer('four', 'backup')
  const plan = planOf(BACKUP, undefined, [...PEERS, four])
  t.match(judgeHello(plan, FRESH, backup, second, NOW), { kind: 'refuse' }, 'two backups')
  const apart = planOf(PRIMARY, undefined, PEERS)
  t.match(
    judgeHello(apart, record, mine, theirs, NOW),
    { kind: 'refuse' },
    'an active server that is not the partner',
  )
})

t.test('backups are sent what they miss, and no right moves', async (t) => {
  const record = met('one')
  const active = helloOf('one', record)
  const known = (position: number) =>
    helloOf('three', FRESH, { known: { 'd-one': position, 'd-two': 3 } })
  const both = (backup: Hello) => [
    judgeHello(PLANS.one!, record, active, backup, NOW),
    judgeHello(PLANS.three!, FRESH, backup, active, NOW),
  ]
  const nothing = { again: undefined, doubt: false, verdict: 'follow' }
  t.match(both(known(70)), [
    { ...nothing, send: 'delta', from: 70, expect: 'nothing', record },
    { ...nothing, send: 'nothing', expect: 'delta', record: FRESH },
  ])
  t.match(both(helloOf('three', FRESH)), [{ send: 'refill', from: 0 }, { expect: 'refill' }])
  t.match(both(known(101)), [
    { send: 'refill', alarms: ['my-database-behind'], record },
    { expect: 'refill' },
  ])
})

// ---- the steps of a record

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
  t.match(noteApplied(record, 'd-x', 5, 0), {
    applied: { 'd-two': 20, 'd-x': 5 },
    clocks: { 'd-two': 900 },
  })
  t.match(standingOf(record), { applied: 20, appliedDatabase: 'd-two', appliedClock: 900 })
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
  t.same(rightsOf(met('two', { doubtUntil: 7 }), one), {
    kind: 'keys',
    side: 1,
    paired: true,
    doubtUntil: 7,
  })
})

// ---- two servers through everything

interface Rules {
  /**
   * Databases may be replaced by copies of themselves that are older. harmless: when the partner
   * has stored all that is forgotten, and the restored one does not serve before they meet.
   */
  readonly restores: 'never' | 'harmless' | 'any'
  /** A human may say that the partner is off: when that is true, or whenever he likes. */
  readonly word: 'never' | 'true' | 'any'
}

/** A generator with a seed: the same steps each time. */
function drawFrom(seed: number): (count: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  return (count) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count
  }
}

type Step = (model: PairModel, server: Server, draw: (count: number) => number) => boolean

const address = (draw: (count: number) => number) => ADDRESSES[draw(ADDRESSES.length)]!

const ORDINARY: Record<string, Step> = {
  give: (model, server, draw) => model.give(server, address(draw)),
  renew: (model, server, draw) => model.renew(server, address(draw)),
  handOn: (model, server, draw) => model.handOn(server, address(draw)),
  deliver: (model, server) => model.deliver(server),
  deliver2: (model, server) => model.deliver(server) || model.deliver(model.other(server)),
  refill: (model, server) => model.refill(server),
  giveBack: (model, server) => model.giveBack(server),
  dial: (model, server) => model.dial(server),
}

const FAULTS: Record<string, Step> = {
  cut: (model) => model.cut(),
  crash: (model, server) => model.crash(server),
  start: (model, server) => model.start(server),
  start2: (model, server) => model.start(server),
  maintain: (model, server) => model.maintain(server),
  endWork: (model, server) => model.endWork(server),
}

/** A run of one seed; returns what was done, and fails on the first broken promise. */
class Run {
  readonly model = new PairModel()
  readonly trace: string[] = []
  readonly #draw: (count: number) => number
  readonly #rules: Rules
  #copies: [Database, Server][] = []
  broken = ''
  /** A disk was lost or a backup restored, and the pair has not been whole since. */
  #isWounded = false
  #hasRestored = false

  constructor(seed: number, rules: Rules) {
    this.#draw = drawFrom(seed)
    this.#rules = rules
  }

  play(steps: number): void {
    for (let step = 0; step < steps && this.broken === ''; step++) this.#step()
  }

  #step(): void {
    const draw = this.#draw
    const { model } = this
    const server = model.servers[draw(2) as 0 | 1]
    model.tick()
    const kind = draw(40)
    if (kind === 0) for (let round = 0; round < 12; round++) this.#settleOnce(round)
    const name = kind === 0 ? 'quiet' : kind < 8 ? this.#fault(server) : this.#ordinary(server)
    if (name === '') return
    this.trace.push(`${server.plan.thisServer.name} ${name}`)
    model.log.push(`${server.plan.thisServer.name} ${name}`)
    this.#check()
  }

  #ordinary(server: Server): string {
    const names = Object.keys(ORDINARY)
    const name = names[this.#draw(names.length)]!
    return ORDINARY[name]!(this.model, server, this.#draw) ? name : ''
  }

  #fault(server: Server): string {
    const names = [...Object.keys(FAULTS), 'word', 'newDisk', 'copy', 'restore']
    const name = names[this.#draw(names.length)]!
    const step = FAULTS[name] ?? this.#rare(name)
    return step(this.model, server, this.#draw) ? name : ''
  }

  #rare(name: string): Step {
    if (name === 'word') return (model, server) => this.#word(model, server)
    if (name === 'newDisk') return (model, server) => this.#newDisk(model, server)
    if (this.#rules.restores === 'never') return () => false
    if (name === 'copy') return (model, server) => this.#copy(model, server)
    return (model, server, draw) => this.#restore(model, server, draw)
  }

  #word(model: PairModel, server: Server): boolean {
    const { word } = this.#rules
    return word !== 'never' && server.isUp && model.partnerOff(server, word === 'true')
  }

  /**
   * Only one disk at a time, and not the one that a human made the only one: what no disk holds
   * nobody can know.
   */
  #newDisk(model: PairModel, server: Server): boolean {
    if (server.isUp || this.#isWounded || model.wordGiven) return false
    const knows = model.other(server).db.record
    if (knows.partnerDatabase !== server.db.id) return false
    server.db = model.newDatabase(server.plan)
    this.#isWounded = true
    return true
  }

  /**
   * Not before they have met: then they would start as different pairs, which a human must sort
   * out.
   */
  #copy(model: PairModel, server: Server): boolean {
    if (server.db.record.pairId === '') return false
    return this.#copies.push([model.copyOf(server), server]) > 0
  }

  #restore(model: PairModel, server: Server, draw: (count: number) => number): boolean {
    const copies = this.#copies.filter(([, of]) => of === server)
    if (server.isUp || copies.length === 0) return false
    const isHarmless = this.#rules.restores === 'harmless'
    if (this.#isWounded || (isHarmless && !model.isKnownElsewhere(server))) return false
    const chosen = copies[draw(copies.length)]!
    const [copy] = chosen
    // Younger backups tell of a past that has not been: nobody could know them for what they are.
    this.#copies = this.#copies.slice(0, this.#copies.indexOf(chosen) + 1)
    const rows = new Map([...copy.rows].map(([at, row]) => [at, { ...row }]))
    server.db = { ...copy, rows }
    server.isRestored = true
    this.#isWounded = true
    if (isHarmless) {
      server.isBarred = true
      model.wordGiven = true
    } else this.#hasRestored = true
    return true
  }

  #check(): void {
    const { model } = this
    const rights = model.servers.map(({ db }) => db.record.rights)
    const isTrusted = !this.#hasRestored && this.#rules.word !== 'any'
    if (model.isNormal()) {
      this.#isWounded = false
      model.wordGiven = false
    }
    if (isTrusted && model.violations.length > 0) this.broken = model.violations[0]!
    if (this.#hasRestored || model.wordGiven) return
    if (rights[0] === 'sole' && rights[1] === 'sole') this.broken = 'both sole'
    if (rights.includes('sole') && rights.includes('shared')) this.broken = 'sole and shared'
    for (const at of ADDRESSES) if (model.keySum(at) > 2) this.broken = `three keys of ${at}`
  }

  /** No more faults: they must be normal soon. */
  settle(): void {
    if (this.broken !== '') return
    const { model } = this
    for (const server of model.servers) {
      model.start(server)
      server.isAtWork = false
    }
    model.cut()
    model.refusals = 0
    for (let round = 0; round < 40 && !this.#isDone(); round++) this.#settleOnce(round)
    // Databases of different pairs, brought together by restored backups, are for a human to sort
    // out.
    if (this.#hasRestored && model.refusals > 1) return
    if (!this.#isDone()) this.broken = 'never normal again'
    // What a restored backup forgot may be a key, but none comes to be.
    for (const at of ADDRESSES)
      if (model.keySum(at) > 2 || (model.keySum(at) < 2 && !this.#hasRestored))
        this.broken ||= `${model.keySum(at)} keys of ${at} in the end`
    if (model.refusals > 1) this.broken ||= `${model.refusals} refusals`
  }

  #isDone(): boolean {
    return this.model.isNormal()
  }

  #settleOnce(round: number): void {
    const { model } = this
    const [one, two] = model.servers
    model.tick()
    model.dial(round % 2 === 0 ? one : two)
    for (const server of model.servers) {
      model.deliver(server)
      model.refill(server)
      model.giveBack(server)
    }
  }
}

function campaign(t: Tap, rules: Rules, seeds: number): void {
  let normal = 0
  for (let seed = 0; seed < seeds; seed++) {
    const run = new Run(seed, rules)
    run.play(100 + (seed % 5) * 200)
    run.settle()
    if (run.broken === '') {
      normal++
      continue
    }
    t.fail(`seed ${seed}: ${run.broken}`, { log: run.model.log.slice(-120) })
    return
  }
  t.equal(normal, seeds)
}

type Tap = typeof t

const SEEDS = Number(process.env.SEEDS ?? 1500)

t.test('crashes, cuts, hand-overs and new disks: no address for two clients', async (t) => {
  campaign(t as unknown as Tap, { restores: 'never', word: 'never' }, SEEDS)
})
t.test('a true word of a human does not change that', async (t) => {
  campaign(t as unknown as Tap, { restores: 'never', word: 'true' }, SEEDS)
})
t.test('false words and restored backups heal when the two meet', async (t) => {
  campaign(t as unknown as Tap, { restores: 'any', word: 'any' }, SEEDS)
})
t.test('restored backups heal when the two meet', async (t) => {
  campaign(t as unknown as Tap, { restores: 'any', word: 'never' }, SEEDS)
})
t.test('a backup that forgets what the partner knows gives nothing away', async (t) => {
  campaign(t as unknown as Tap, { restores: 'harmless', word: 'never' }, SEEDS)
})
