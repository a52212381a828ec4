// Two hellos, any, against their mirror image; the first meeting; who is refused; backups.

import fc from 'fast-check'
import t from 'tap'
import { type Agreement, judgeHello } from '../../lib/ha/handshake.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import type { Verdict } from '../../lib/ha/meeting-table.ts'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { acceptBack, giveBack } from '../../lib/ha/pair-steps.ts'
import { INFINITE_LIFETIME, NEVER } from '../../lib/time/units.ts'
import {
  BACKUP,
  COMPLEMENT,
  FRESH,
  helloOf,
  meet,
  met,
  NOW,
  PEERS,
  PLANS,
  PRIMARY,
} from './hellos.ts'
import { peer, planOf } from './pair-model.ts'

type Tap = typeof t

const database = fc.constantFrom('d-one', 'd-two', 'd-old')
const life = fc.constantFrom('life one', 'life two', 'life three')
const position = fc.nat({ max: 120 })
const anyLives = fc.array(fc.record({ id: life, from: position }), { maxLength: 3 })
const anyPoint = fc.record({ life, position })
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
      doubtFrom: fc.constantFrom(0, NOW),
      lives: anyLives,
      toldLifetime: fc.constantFrom(0, 60, 3600),
      whole: fc.constant([]),
      partnerDuids: fc.constant([]),
      heard: fc.dictionary(database, anyPoint, { noNullPrototype: true }),
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
    { numRuns: 3000, seed: 1 },
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
    ['changed meanwhile', { side: 1 }, {}, /has changed/, false],
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

t.test('two on one database agree on nothing but that it is one', async (t) => {
  const record = { ...FRESH, rights: 'sole' } as const
  const plan = { ...PLANS.one!, sharesDatabase: true }
  const shared = { sharesDatabase: true, database: 'd' }
  const mine = helloOf('one', record, shared)
  const judged = (change: Partial<Hello>, own: Partial<Hello> = {}) =>
    judgeHello(plan, record, { ...mine, ...own }, helloOf('two', record, change), NOW)
  const serverDuid = '000300010200000000aa'
  const agreement = judged({ ...shared, serverDuid })
  t.match(agreement, { kind: 'agree', verdict: 'go-on', send: 'nothing', expect: 'nothing' })
  t.match(agreement, { record: { ...record, partnerDuids: [serverDuid] } }, 'but for who it is')
  const another = { ...shared, database: 'e' }
  t.match(judged(another), { kind: 'refuse', reason: /different lease/, isApart: true })
  t.match(judged({}), { kind: 'refuse', reason: /'two' has them to itself/, isApart: true })
  const toItself = judgeHello(
    PLANS.one!,
    record,
    helloOf('one', record),
    helloOf('two', record, shared),
    NOW,
  )
  t.match(toItself, { kind: 'refuse', reason: /'one' has them to itself/ })
  t.equal('isApart' in toItself, false, 'keys say what it may do')
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
