// What an operator orders a server of a pair, in the lab: what is carried out, what is refused and
// why.

import t, { type Test } from 'tap'
import type { OrderResult } from '../../lib/catalogue/order-result.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import type { Orders } from '../../lib/server/pair/orders.ts'
import { Stage } from './fake-partner.ts'

type Order = 'confirmPartnerOff' | 'serveAlone' | 'endDoubt' | Maintenance | 'continue' | 'reset'
type Maintenance = 'startMaintenance' | 'cancelMaintenance'

const DONE: OrderResult = { allowed: true, why: '' }

/** A pair whose clients are bound. */
function normal(t: Test, settings: PairSettings = {}): PairLab {
  const pair = createPair({ clients: 4, ...settings })
  if (!pair.reachNormal() || !pair.settle()) t.fail('the pair does not begin')
  return pair
}

function ordersOf(pair: PairLab, index: number): Orders {
  return pair.server(index).server!.pair!.orders
}

/** The answer, which must come within a second unless `limit` says otherwise. */
function order(pair: PairLab, index: number, name: Order, limit = 1000): OrderResult | undefined {
  let result: OrderResult | undefined
  ordersOf(pair, index)[name]((answer) => {
    result = answer
  })
  pair.world.advanceUntil(() => result !== undefined, limit)
  return result
}

function statusOf(pair: PairLab, index: number) {
  return pair.status(index)!.ha!
}

t.test('the partner is off: everything is here, until it comes back', async (t) => {
  const pair = normal(t)
  t.match(order(pair, 0, 'confirmPartnerOff'), { allowed: false, why: 'the partner is connected' })
  pair.crash(1)
  pair.advance(10_000)
  const [before] = statusOf(pair, 0).free
  t.ok(before!.partner > 0, 'some addresses are the partner’s')
  t.same(order(pair, 0, 'confirmPartnerOff'), DONE)
  const [after] = statusOf(pair, 0).free
  t.same([after!.here, after!.partner], [before!.here + before!.partner, 0])
  t.match(statusOf(pair, 0), { rights: 'sole', state: 'partner-down' })
  t.match(pair.server(0).disk.load().pair, { rights: 'sole' }, 'it is stored')
  t.match(order(pair, 0, 'confirmPartnerOff'), {
    allowed: false,
    why: 'this server has every right already',
  })
  for (let more = 0; more < 60; more++) pair.addClient()
  t.ok(pair.settle(), 'more clients than this server alone had addresses for')
  pair.start(1)
  t.ok(pair.reachNormal())
  t.match([statusOf(pair, 0), statusOf(pair, 1)], [{ rights: 'shared' }, { rights: 'shared' }])
  t.equal(statusOf(pair, 0).conflicts, 0)
  // The word of an operator stands above what the other database says until the two meet.
  const broken = pair.invariants.violations.filter((line) => !/ keys at /.test(line))
  t.same(broken, [])
})

t.test('a pair that has never met serves nobody, until one of them is told to', async (t) => {
  const pair = createPair({ clients: 4 })
  pair.cutLink()
  pair.advance(30_000)
  t.same(pair.states(), ['waiting', 'waiting'])
  t.match(order(pair, 0, 'confirmPartnerOff'), { allowed: false, why: /serve-alone$/ })
  t.same(order(pair, 0, 'serveAlone'), DONE)
  t.ok(pair.settle())
  t.same(pair.states(), ['partner-down', 'waiting'])
  t.match(order(pair, 0, 'serveAlone'), { allowed: false, why: /every right already$/ })
  pair.healLink()
  t.ok(pair.reachNormal())
  pair.crash(1)
  pair.advance(5000)
  t.match(order(pair, 0, 'serveAlone'), { allowed: false, why: /partner-off$/ })
  t.same(pair.invariants.violations, [])
})

t.test('maintenance: the partner hands over, and comes back when it is wanted', async (t) => {
  const pair = normal(t)
  t.match(order(pair, 0, 'cancelMaintenance'), { allowed: false, why: /not in maintenance$/ })
  t.same(order(pair, 0, 'startMaintenance'), DONE)
  t.ok(pair.world.advanceUntil(() => statusOf(pair, 0).rights === 'sole', 5000))
  t.same(pair.states(), ['partner-in-maintenance', 'in-maintenance'])
  t.equal(statusOf(pair, 1).noneBecause, 'handed-over')
  t.match(order(pair, 0, 'startMaintenance'), { allowed: false, why: /already$/ })
  t.same(order(pair, 0, 'cancelMaintenance'), DONE)
  t.ok(pair.reachNormal())
  t.equal(statusOf(pair, 1).rights, 'shared')
  t.same(pair.invariants.violations, [])
})

t.test('a partner in maintenance that cannot be reached is to be called back later', async (t) => {
  const pair = normal(t)
  t.same(order(pair, 0, 'startMaintenance'), DONE)
  t.ok(pair.world.advanceUntil(() => statusOf(pair, 0).rights === 'sole', 5000))
  pair.cutLink()
  pair.advance(10_000)
  t.match(order(pair, 0, 'cancelMaintenance'), {
    allowed: false,
    why: /repeat this when they are$/,
  })
  pair.healLink()
  t.ok(pair.world.advanceUntil(() => pair.states()[0] === 'partner-in-maintenance', 10_000))
  t.same(order(pair, 0, 'cancelMaintenance'), DONE)
  t.ok(pair.reachNormal())
  t.same(pair.invariants.violations, [])
})

t.test(
  'one question at a time, and a partner that does not answer is taken for down',
  async (t) => {
    const pair = normal(t)
    pair.pause(1)
    const answers: OrderResult[] = []
    ordersOf(pair, 0).startMaintenance((answer) => answers.push(answer))
    t.match(order(pair, 0, 'startMaintenance'), { allowed: false, why: /has not answered yet$/ })
    pair.advance(10_000)
    t.match(answers, [{ allowed: true, why: 'the partner does not answer' }])
    t.equal(pair.states()[0], 'partner-down')
    t.same(pair.invariants.violations, [])
  },
)

t.test('a partner that hears the question and never answers is asked no longer', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  const answers: OrderResult[] = []
  stage.pair.orders.startMaintenance((answer) => answers.push(answer))
  stage.lab.advance(5000)
  t.match(answers, [{ allowed: true, why: 'the partner does not answer' }])
  t.match(partner.closed, /maintenance/)
  t.equal(stage.partner().closed, '')
  t.ok(stage.isWell())
})

t.test('a lost database: its addresses rest until somebody says that it is over', async (t) => {
  const pair = normal(t)
  t.match(order(pair, 1, 'endDoubt'), { allowed: false, why: 'no address is kept out of use' })
  pair.crash(1)
  pair.replaceDisk(1)
  pair.start(1)
  t.ok(pair.reachNormal())
  t.ok(statusOf(pair, 1).doubtLeft > 0)
  t.same(order(pair, 1, 'endDoubt'), DONE)
  t.equal(statusOf(pair, 1).doubtLeft, 0)
  t.same(pair.invariants.violations, [])
})

t.test('a paused state machine goes on, a reset one begins anew', async (t) => {
  const ha = {
    'state-machine': { states: [{ state: 'load-balancing' as const, pause: 'once' as const }] },
  }
  const pair = normal(t, { ha })
  t.same(order(pair, 0, 'continue'), DONE)
  t.match(order(pair, 0, 'continue'), { allowed: false, why: /not paused$/ })
  t.same(order(pair, 0, 'reset'), DONE)
  t.ok(pair.reachNormal())
  t.equal(statusOf(pair, 0).rights, 'shared')
  t.same(pair.invariants.violations, [])
})

t.test('roles that have nothing to be told', async (t) => {
  const pair = createPair({ mode: 'passive-backup', clients: 4 })
  pair.settle()
  t.match(order(pair, 0, 'confirmPartnerOff'), {
    allowed: false,
    why: 'this server has every right already',
  })
  t.match(order(pair, 1, 'confirmPartnerOff'), { allowed: false, why: /backup server/ })
})

t.test(
  'the second of a pair that never met is told what serve-alone asks of the primary',
  async (t) => {
    const pair = createPair({ clients: 1 })
    pair.cutLink()
    pair.advance(1000)
    t.match(order(pair, 1, 'serveAlone'), { allowed: true, why: /^server1 must not serve before/ })
  },
)

t.test('a server that stops answers whoever waits', async (t) => {
  const pair = normal(t)
  pair.crash(1)
  pair.advance(5000)
  const orders = ordersOf(pair, 0)
  const answers: OrderResult[] = []
  pair.server(0).disk.behaviour.trouble = 'the disk is full'
  orders.confirmPartnerOff((answer) => answers.push(answer))
  pair.advance(3000)
  t.same(answers, [], 'it is not stored yet')
  pair.stop(0)
  pair.advance(10_000)
  t.match(answers, [{ allowed: false, why: /stopped/ }])
  orders.reset((answer) => answers.push(answer))
  t.match(answers[1], { allowed: false, why: /starting or stopping/ })
  t.same(pair.invariants.violations, [])
})
