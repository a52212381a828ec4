// Who may give what after a meeting: every cell of the table, hand-overs that were not heard of,
// databases in doubt.

import t from 'tap'
import { type Agreement, judgeHello } from '../../lib/ha/handshake.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { KINDS, type Kind, MEETINGS } from '../../lib/ha/meeting-table.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { quarantineEnd } from '../../lib/ha/pair-steps.ts'
import {
  COMPLEMENT,
  FRESH,
  helloOf,
  meet,
  met,
  NOW,
  type Outcome,
  PLANS,
  verdicts,
} from './hellos.ts'

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

t.test('what a database that was put back says of its partner is of the past', async (t) => {
  const old = { partnerDatabase: 'd-former', applied: { 'd-former': 7 }, handOver: 1 }
  t.equal(verdicts(meet(met('one', old), met('two', { handOver: 9 }))), 'receive / keep')
  t.equal(verdicts(meet(met('one', { handOver: 9 }), met('two', old))), 'keep / receive')
})

t.test('of two databases that both lost something, the later one is taken', async (t) => {
  const lost = (name: 'one' | 'two', handOver: number) =>
    met(name, { rights: 'none', noneBecause: 'lost', handOver })
  t.equal(verdicts(meet(lost('one', 1), lost('two', 8))), 'receive / take')
  t.equal(verdicts(meet(lost('one', 8), lost('two', 1))), 'take / receive')
  t.equal(verdicts(meet(lost('one', 4), lost('two', 4))), 'take / receive', 'side 0')
})

t.test(
  'who served alone, and was followed by a backup that becomes its partner, has lost nothing',
  async (t) => {
    const alone = { ...FRESH, rights: 'sole' as const, side: 0 as const }
    const followed = { rights: 'none', noneBecause: 'handed-over', handOver: 0 } as const
    const applied = { 'd-one': 5 }
    const two = met('two', { ...followed, partnerDatabase: 'd-one', applied })
    t.equal(verdicts(meet(alone, two)), 'keep / receive')
    const shared = met('two', { partnerDatabase: 'd-one', applied, handOver: 1 })
    t.equal(verdicts(meet(alone, shared)), 'receive / keep', 'but a pair that shared was forgotten')
  },
)

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
  t.match(cases[3]![1][0], { merge: 'adopt', record: { rights: 'sole' } })
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
  t.same((both({})[0] as Agreement).record.clocks, { 'd-two': 1_000_000 }, 'what its clock shows')
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
  const copyFromBefore = (theirs: Partial<Hello>) =>
    meet(FRESH, met('two', { applied: { 'd-one': 0 } }), { position: 0 }, theirs)[0]
  t.match(
    copyFromBefore({ highest: 4 }),
    { record: { noneBecause: 'lost' } },
    'the copy from before the first meeting is put back a second time',
  )
  t.match(
    copyFromBefore({ highest: 0 }),
    { record: { noneBecause: 'handed-over' } },
    'it was never heard of: its end of the first agreement was not stored',
  )
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
  t.same([behind.record.applied, behind.record.clocks], [{ highest: 50 }, {}], 'it claims nothing')
  t.match(ahead, { send: 'refill', expect: 'refill', again: 'back', doubt: true, merge: 'salvage' })
  t.match(ahead.alarms, ['partner-lost-database'])
  const evidence = ahead.record.applied['d-one']
  t.equal(evidence, 50, 'stays until the other end has stored that it is lost')
})

t.test('a restored database that has counted on is known by its history', async (t) => {
  const lives = [
    { id: 'A', from: 0 },
    { id: 'B', from: 40 },
  ]
  const both = (heard: { life: string; position: number }, more: Partial<PairRecord> = {}) =>
    meet(met('one', { lives, ...more }), met('two', { heard: { 'd-one': heard } }), {
      position: 1000,
    })
  t.equal(verdicts(both({ life: 'B', position: 50 })), 'go-on / go-on')
  t.equal(verdicts(both({ life: 'A', position: 40 })), 'go-on / go-on')
  t.equal(verdicts(both({ life: 'A', position: 50 })), 'receive / keep', 'A has ended before')
  t.equal(verdicts(both({ life: 'X', position: 1 })), 'receive / keep')
  t.equal(verdicts(both({ life: 'X', position: 1 }, { lives: [] })), 'go-on / go-on', 'as before')
  const [mine] = both({ life: 'X', position: 70 }) as [Agreement, Agreement]
  t.match(mine.record.lives, [{ id: 'A' }, { id: 'X', until: 70 }, { id: 'B' }], 'made good')
  const heard = { 'd-two': { life: 'Q', position: 7 } }
  const [old] = both({ life: 'X', position: 70 }, { heard }) as [Agreement, Agreement]
  t.same(old.record.heard, heard, 'what it has heard of others is true')
})

t.test('neither knows what happened last: rows are of the past', async (t) => {
  const old = { position: 49 }
  const [taker] = meet(met('one'), met('two'), old, old) as [Agreement, Agreement]
  t.match(taker, { verdict: 'take', doubt: true, past: true, record: { doubtFrom: NOW } })
  const none = { rights: 'none', noneBecause: 'handed-over' } as const
  const [handed] = meet(met('one', none), met('two'), {}, old) as [Agreement, Agreement]
  t.match(handed, { verdict: 'take', past: true, record: { doubtFrom: NOW } })
  const numbers = meet(met('one', { ...none, handOver: 5 }), met('two', none)) as Agreement[]
  t.match(numbers[0], { verdict: 'take', doubt: true, past: false, record: { doubtFrom: 0 } })
  const [keeper] = meet(met('one'), met('two'), {}, old) as [Agreement, Agreement]
  t.match(keeper, { verdict: 'keep', past: false })
})

t.test('a backup knows an old copy of an active server, too', async (t) => {
  const lives = [
    { id: 'A', from: 0 },
    { id: 'B', from: 40 },
  ]
  const follow = (position: number) => {
    const heard = { 'd-one': { life: 'A', position } }
    const backup = { ...FRESH, applied: { 'd-one': 40 }, heard }
    const active = met('one', { lives })
    const mine = helloOf('one', active, { position: 1000 })
    const theirs = helloOf('three', backup, { known: { 'd-one': 40 }, state: 'backup' })
    return judgeHello(PLANS.one!, active, mine, theirs, NOW)
  }
  t.match(follow(40), { send: 'delta', from: 40, alarms: [] })
  t.match(follow(41), { send: 'refill', alarms: ['my-database-behind'] })
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

t.test('the longest lifetime is that of both records and both configurations', async (t) => {
  const longest = (changeOne: Partial<Hello>, changeTwo: Partial<Hello>) =>
    meet(met('one'), met('two'), changeOne, changeTwo).map((outcome) =>
      outcome.kind === 'agree' ? outcome.record.longestLifetime : undefined,
    )
  t.same(longest({}, {}), [100, 100])
  t.same(longest({ longestLifetime: 500 }, {}), [500, 500])
  t.same(longest({}, { longestLifetime: 500 }), [500, 500])
  const record = met('one', { longestLifetime: 700 })
  t.match(meet(record, met('two'), { longestLifetime: 10 })[0], {
    record: { longestLifetime: 700 },
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
  t.match(mine, { verdict: 'keep', doubt: false, merge: 'unite', record: { rights: 'sole' } })
  t.match(theirs, { verdict: 'receive', send: 'refill', record: { partnerDatabase: 'd-one' } })
  t.match(meet({ ...alone, partnerDatabase: 'd-two' }, bereft), [
    { verdict: 'receive' },
    { verdict: 'keep' },
  ])
})

t.test(
  'rows of an old database count less where the server that takes them has a quarantine',
  async (t) => {
    const later = NOW + 10_000
    const lost = met('two', { rights: 'none', noneBecause: 'lost', applied: {} })
    const afterMeeting = (change: Partial<PairRecord>, other = lost) => {
      const [mine] = meet(met('one', change), other)
      return mine.kind === 'agree' ? mine.record.doubtFrom : undefined
    }
    t.ok(afterMeeting({ doubtUntil: later })! > 0, 'only a client that renews has them')
    t.equal(afterMeeting({ doubtUntil: 0 }), 0, 'without a quarantine they are as good as new')
    t.equal(afterMeeting({ doubtUntil: later, doubtFrom: 77 }), 77, 'what counts less, stays so')
    t.equal(afterMeeting({ doubtUntil: later }, met('two')), 0, 'a partner that lost nothing')
  },
)
