// Maintenance, hand-over and return with a partner that is in the hands of the test: what must have
// happened before the next step is taken, and what becomes of it when the link goes in between.

import t from 'tap'
import { leaseAt, Partner, Stage, type StageSettings } from './fake-partner.ts'
import { MINE, THEIRS } from './pair-attack.ts'

const GIVEN = { gave: 1, got: 0, change: 1, start: 1_000_000, end: 1_600_000 }
const ROW = leaseAt(MINE[0]!, 1, GIVEN)

const HANDED = { rights: 'none', noneBecause: 'handed-over', handOver: 5 } as const
const SOLE: StageSettings = { record: { rights: 'sole', handOver: 5 } }

function maintenance(partner: Partner, cancel = false): void {
  partner.say({ type: 'maintenance', cancel })
}

function rights(stage: Stage): string {
  return stage.pair.record.rights
}

/** What an operator is answered; undefined: nothing yet. */
function order(stage: Stage, name: 'startMaintenance' | 'cancelMaintenance') {
  const result: { allowed?: boolean; why?: string } = {}
  stage.pair.orders[name]((answer) => Object.assign(result, answer))
  return result
}

t.test('nothing is handed over before the partner has everything of before', async (t) => {
  const stage = new Stage({ rows: [ROW] })
  const partner = new Partner(stage, { applied: 0 })
  partner.acks = false
  stage.lab.advance(20)
  partner.frame([], { lane: 'backlog', last: true, position: 100 })
  maintenance(partner)
  stage.lab.advance(500)
  t.match(partner.connection.said('maintenance-answer'), [{ allowed: true }])
  t.equal(stage.pair.machine.state, 'in-maintenance')
  t.equal(rights(stage), 'shared', 'a row of the backlog is not acknowledged')
  partner.ack()
  stage.lab.advance(100)
  t.equal(rights(stage), 'none')
  t.match(partner.connection.said('over'), [{ number: 5 }])
})

t.test('nor before the last reply has left', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  partner.acks = false
  const client = stage.lab.addClient()
  t.ok(stage.lab.world.advanceUntil(() => partner.rows.length > 0, 10_000))
  maintenance(partner)
  stage.lab.advance(500)
  t.notOk(client.isBound)
  t.equal(rights(stage), 'shared')
  partner.ack()
  stage.lab.advance(100)
  t.ok(client.isBound)
  t.equal(rights(stage), 'none')
})

t.test('who was asked to leave and is left alone stays', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  partner.acks = false
  stage.lab.addClient()
  t.ok(stage.lab.world.advanceUntil(() => partner.rows.length > 0, 10_000))
  maintenance(partner)
  partner.connection.end()
  stage.lab.advance(10_000)
  t.equal(stage.pair.machine.state, 'partner-down', 'who serves in its place is gone')
  const again = stage.partner()
  stage.lab.advance(1000)
  t.same(again.connection.said('over'), [])
  t.equal(rights(stage), 'shared')
})

t.test('a partner without rights is heard out before everything goes to it', async (t) => {
  const stage = new Stage(SOLE)
  const partner = new Partner(stage, HANDED)
  stage.lab.advance(1000)
  t.same(partner.connection.said('back'), [], 'it has more to say')
  const own = leaseAt(THEIRS[0]!, 7, { gave: 1, got: 0 })
  partner.frame([own], { lane: 'backlog', last: true, position: 100 })
  stage.lab.advance(500)
  t.match(partner.connection.said('back'), [{ number: 6 }])
  t.match(partner.rows, [{ address: THEIRS[0], hwAddress: own.hwAddress }], 'and it is known')
  t.equal(rights(stage), 'shared')
})

t.test('an operator is answered, and the answer is acted on at once', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  const begun = order(stage, 'startMaintenance')
  t.match(partner.connection.said('maintenance'), [{ cancel: false }])
  t.same(begun, {}, 'the partner decides')
  partner.say({ type: 'maintenance-answer', allowed: false, why: 'no' })
  t.same(begun, { allowed: false, why: 'no' })
  t.equal(stage.pair.machine.state, 'hot-standby')
  const again = order(stage, 'startMaintenance')
  partner.say({ type: 'maintenance-answer', allowed: true, why: '' })
  t.same(again, { allowed: true, why: '' })
  t.equal(stage.pair.machine.state, 'partner-in-maintenance')
  const ended = order(stage, 'cancelMaintenance')
  partner.say({ type: 'maintenance-answer', allowed: true, why: '' })
  t.same(ended, { allowed: true, why: '' })
  t.equal(stage.pair.machine.state, 'partner-down')
})

t.test('work on a partner that is not there', async (t) => {
  const stage = new Stage()
  stage.partner().connection.end()
  stage.lab.advance(100)
  const result = order(stage, 'startMaintenance')
  stage.lab.advance(100)
  t.same(result, { allowed: true, why: 'the partner does not answer' })
  t.equal(stage.pair.machine.state, 'partner-down', 'before any silence says so')
})
