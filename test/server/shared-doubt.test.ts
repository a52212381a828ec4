// Until when a server on a shared database gives nothing anew: what it sees of the clock itself,
// what others tell of it, and who obeys them.

import t from 'tap'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { LeaseTables } from '../../lib/leases/table/lease-tables.ts'
import type { ToldJump, ToldJumps } from '../../lib/ports/shared-journal.ts'
import { Doubt } from '../../lib/server/shared/doubt.ts'

const HOUR = 3_600_000
/** Of a lease of an hour, with its grace. */
const LONGEST = 1.01 * HOUR

const answer = (jumps: ToldJumps) => ({
  ...{ time: 9 * HOUR, took: 1, rank: 0, members: 2, jumps },
})

/** A server that started long ago, and what it has told. */
function living() {
  let now = 1_000_000
  const told: ToldJump[] = []
  const tables = new LeaseTables(1)
  const times = { start: now, end: now + HOUR, validLifetime: 3600 }
  const lease = { ...freeRow(1), state: LEASE_STATE.assigned, hwAddress: 'a', htype: 1, ...times }
  tables.apply({ kind: 'put', lease })
  const database = { doubt: (jump: ToldJump) => told.push(jump), endDoubt: () => {} }
  const doubt = new Doubt({ database, tables, now: () => now })
  const pass = (by: number) => {
    now += by
  }
  doubt.begin({ count: 5, last: 0, doubt: 0 }, true)
  pass(60_000)
  /** An answer at the time 9 h of the database. */
  const hear = (count: number, { last = HOUR, jump = 0, isGap = false } = {}) =>
    doubt.heard(answer({ count, last, doubt: LONGEST }), jump, isGap)
  return { doubt, told, hear, pass }
}

t.test('who lives and has seen nothing does not listen: another one stood still', async (t) => {
  const { doubt, hear, told } = living()
  hear(5)
  hear(6)
  hear(8)
  t.equal(doubt.left, 0)
  t.same(told, [])
})

t.test(
  'who sees a jump ahead tells it, waits until all have told, and needs nothing else',
  async (t) => {
    const { doubt, hear, pass, told } = living()
    hear(5, { jump: HOUR })
    t.same(told, [{ by: HOUR, until: 9 * HOUR + LONGEST, wait: LONGEST, count: 5 }])
    t.equal(doubt.left, 15_000)
    pass(1000)
    hear(6, { last: HOUR + 2000 })
    t.equal(doubt.left, 14_000, 'it is told what it has seen')
    pass(1000)
    hear(7, { last: 2 * HOUR })
    t.equal(doubt.left, LONGEST, 'and another one, which it has not')
  },
)

t.test('who was not there obeys those who were', async (t) => {
  const cases: readonly (readonly [
    name: string,
    hear: Parameters<ReturnType<typeof living>['hear']>[1],
    told: Parameters<ReturnType<typeof living>['hear']>[1],
  ])[] = [
    ['it could not reach the database', { isGap: true }, {}],
    ['it saw the clock put back', { jump: -HOUR }, {}],
    ['it saw another sum of jumps', { jump: HOUR }, { last: HOUR - 60_000 }],
  ]
  for (const [name, saw, told] of cases) {
    const { doubt, hear, pass } = living()
    hear(5, saw)
    t.ok(doubt.left >= 3000, `${name}: the others may not have told yet`)
    pass(14_000)
    hear(6, told)
    t.equal(doubt.left, LONGEST, name)
    const late = living()
    late.hear(5, saw)
    late.pass(16_000)
    late.hear(6, told)
    t.equal(late.doubt.left, 0, `${name}, and was there since`)
  }
})

t.test('a jump in the same answer by which another has told it', async (t) => {
  const { doubt, hear } = living()
  hear(6, { jump: HOUR })
  t.equal(doubt.left, 15_000)
  const other = living()
  other.hear(7, { jump: HOUR })
  t.equal(other.doubt.left, LONGEST, 'two are more than it has seen')
})

t.test('who starts', async (t) => {
  const begun = (doubt: number, isKnown: boolean) => {
    const { doubt: one } = living()
    one.begin({ count: 7, last: HOUR, doubt }, isKnown)
    return one
  }
  t.equal(begun(0, true).left, 0)
  t.equal(begun(0, false).left, 15_000, 'others may tell yet what cannot be known')
  t.equal(begun(LONGEST, true).left, LONGEST, 'they have told')
  const one = begun(0, true)
  one.heard(answer({ count: 8, last: HOUR, doubt: LONGEST }), 0, false)
  t.equal(one.left, LONGEST, 'they tell now')
  const other = begun(0, true)
  other.jumped(9 * HOUR, HOUR)
  t.equal(other.left, LONGEST, 'it has found out itself')
})

t.test('what was told is told again by who comes back, until it is over', async (t) => {
  const { doubt, hear, told } = living()
  doubt.tellAgain(9 * HOUR)
  t.same(told, [], 'nothing')
  hear(5, { jump: HOUR })
  doubt.tellAgain(9 * HOUR)
  t.equal(told.length, 2)
  t.same(told[1], told[0], 'it is the same jump')
  doubt.tellAgain(9 * HOUR + LONGEST)
  t.equal(told.length, 2)
  t.ok(doubt.end(), 'an operator ends it')
  doubt.tellAgain(9 * HOUR)
  t.equal(told.length, 2)
  t.equal(doubt.left, 0)
})
