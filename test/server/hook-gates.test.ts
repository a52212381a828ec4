// Hooks that are asked before an address is offered, and before a lease is given: what the client
// gets by each answer, and that nothing is stored or promised before it.

import t from 'tap'
import { ASKING } from '../../lib/dhcp/asking.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import type { HookAnswer, HookQuestion, HookSink, Hooks } from '../../lib/ports/hooks.ts'
import { WAITS_MAX } from '../../lib/server/waiting-room.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { planWith, SmallWorld } from './small-world.ts'
import { DUID, SmallWorld6 } from './small-world6.ts'

const { discover } = MESSAGE_TYPE4
const { solicit, request, renew } = MESSAGE_TYPE6

/** Answers when the test says so. */
class Asked implements Hooks {
  readonly points: number
  readonly questions: { readonly ticket: number; readonly question: HookQuestion }[] = []
  #sink: HookSink | undefined

  constructor(points: number) {
    this.points = points
  }

  open(sink: HookSink): void {
    this.#sink = sink
  }

  ask(ticket: number, question: HookQuestion): undefined {
    this.questions.push({ ticket, question })
  }

  /** What is proposed by the question that was asked last. */
  get proposed(): string {
    return this.questions.at(-1)!.question.proposal?.addresses.join(' ') ?? ''
  }

  answer(answer: HookAnswer, at = -1): void {
    this.#sink!.onAnswer(this.questions.at(at)!.ticket, answer)
  }
}

function at(points: number, subnet: object = {}) {
  const hooks = new Asked(points)
  const pools = [{ pool: '192.0.2.10 - 192.0.2.12' }]
  const plan = planWith({ id: 1, pools, ...subnet })
  return { hooks, world: SmallWorld.serving(plan, [], 0, hooks) }
}

t.test('an address that somebody is asked about is kept from others meanwhile', async (t) => {
  const { hooks, world } = at(ASKING.offer)
  world.arrive(discover, 1)
  const [asked] = hooks.questions
  t.match(asked!.question, { gate: ASKING.offer, family: 4, proposal: { subnetId: 1 } })
  const first = hooks.proposed
  world.arrive(discover, 2)
  t.not(hooks.proposed, first)
  t.notMatch(world.happenings.join(), 'send')
  hooks.answer('go-on', 0)
  t.equal(world.last, 'send OFFER 1')
  t.equal(hooks.questions.length, 2, 'what was agreed to is not asked about again')
  hooks.answer('drop')
  t.equal(world.last, 'drop refused-by-hook')
})

t.test(
  'an address that a hook knows to be used is declined, and another one offered',
  async (t) => {
    const { hooks, world } = at(ASKING.offer)
    world.arrive(discover, 1)
    const used = hooks.proposed
    hooks.answer('in-use')
    t.equal(hooks.questions.length, 2)
    t.not(hooks.proposed, used)
    hooks.answer('go-on')
    t.equal(world.last, 'send OFFER 1')
    const rows = world.server.tables.v4.walk('leases').next(9)
    t.match(rows, [{ state: LEASE_STATE.declined }])
    t.equal(world.server.status().statistics['pkt4-drop-refused-by-hook'], 0)
  },
)

t.test('a hook that finds every address used costs the client a bounded wait', async (t) => {
  const { hooks, world } = at(ASKING.offer, { pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] })
  world.arrive(discover, 1)
  for (let times = 0; times < 10 && !world.last.startsWith('drop'); times++) hooks.answer('in-use')
  t.equal(world.last, 'drop addresses-in-use')
  t.equal(world.server.tables.v4.walk('leases').next(99).length, 4)
})

t.test('a lease is neither stored nor acknowledged before the hook has agreed', async (t) => {
  const { hooks, world } = at(ASKING.grant)
  world.request(1, 10)
  world.endBatch()
  t.match(hooks.questions, [{ question: { gate: ASKING.grant } }])
  t.equal(hooks.proposed, '192.0.2.10')
  t.equal(world.server.tables.v4.size, 0)
  t.strictSame(world.commits, [])
  hooks.answer('go-on')
  world.advance(5)
  t.equal(world.last, 'commit 1')
  t.notMatch(world.happenings.join(), 'send', 'not before it is stored')
  world.committed()
  t.ok(world.happenings.includes('send ACK 1'))
})

t.test('a lease that the hook refuses is not stored, and its client hears a NAK', async (t) => {
  const { hooks, world } = at(ASKING.grant)
  world.request(1, 10)
  hooks.answer('refuse')
  t.equal(world.last, 'send NAK 1')
  world.advance(100)
  t.strictSame(world.commits, [])
  world.request(2, 11)
  hooks.answer('failed')
  t.equal(world.last, 'drop hook-failed')
  world.request(3, 12)
  hooks.answer('too-slow')
  t.equal(world.last, 'drop answer-too-late')
  t.equal(world.server.tables.v4.size, 0)
})

t.test('an agreement counts for what it was asked about, not for another address', async (t) => {
  const { hooks, world } = at(ASKING.grant)
  // A REQUEST that names no address gets any.
  world.arrive(3, 1)
  const first = hooks.proposed
  world.request(2, Number(first.split('.').at(-1)))
  world.endBatch()
  t.equal(world.last, 'send NAK 2', 'it is kept meanwhile')
  for (let times = 1; times < WAITS_MAX; times++) {
    const address = `192.0.2.${20 + times}`
    world.server.reload(planWith({ id: 1, pools: [{ pool: `${address} - ${address}` }] }))
    hooks.answer('go-on')
    t.equal(hooks.proposed, address)
  }
  world.server.reload(planWith({ id: 1, pools: [{ pool: '192.0.2.99 - 192.0.2.99' }] }))
  hooks.answer('go-on')
  t.equal(world.last, 'drop refused-by-hook', 'it has waited often enough')
  t.equal(world.server.tables.v4.size, 0)
})

t.test('rate limits count a message once, however often it waits', async (t) => {
  const limits = { 'user-context': { limits: { 'rate-limit': '2 packets per minute' } } }
  const hooks = new Asked(ASKING.query | ASKING.offer)
  const libraries = { 'hooks-libraries': [{ library: 'libdhcp_limits.so' }] }
  const world = SmallWorld.serving(planWith(limits, libraries), [], 0, hooks)
  for (const client of [1, 2, 3]) {
    world.arrive(discover, client)
    hooks.answer('go-on')
    if (world.last !== 'drop rate-limit') hooks.answer('go-on')
  }
  const answered = world.happenings.filter((one) => /^(send|drop)/.test(one))
  t.strictSame(answered, ['send OFFER 1', 'send OFFER 2', 'drop rate-limit'])
})

t.test('DHCPv6: what is about to be offered or given is asked about as a whole', async (t) => {
  const hooks = new Asked(ASKING.offer | ASKING.grant)
  const world = new SmallWorld6(undefined, hooks)
  world.ask(solicit, 1)
  t.equal(hooks.proposed, '2001:db8:1::10 2001:db8:8000::/56')
  world.ask(solicit, 2)
  t.equal(hooks.proposed, '2001:db8:1::11 2001:db8:8000:100::/56', 'kept for the first one')
  hooks.answer('go-on', 0)
  t.match(world.happenings, [/^send ADVERTISE 2001:db8:1::10 /])
  world.ask(request, 1, DUID)
  world.endBatch()
  t.match(hooks.questions.at(-1), { question: { gate: ASKING.grant } })
  t.equal(world.server.tables.v6.size, 0)
  hooks.answer('go-on')
  world.advance(5)
  t.equal(world.happenings.at(-1), 'commit 2')
  world.committed()
  t.match(world.happenings.at(-1), /^send REPLY 2001:db8:1::10 /)
})

t.test('DHCPv6: who is refused is told so, but a client that renews is not', async (t) => {
  const hooks = new Asked(ASKING.grant)
  const world = new SmallWorld6(undefined, hooks)
  world.ask(request, 1, DUID)
  hooks.answer('refuse')
  t.strictSame(world.happenings, ['send REPLY'])
  world.ask(renew, 1, DUID)
  hooks.answer('refuse')
  t.equal(world.statistic('pkt6-drop-refused-by-hook'), 1)
  t.equal(world.server.tables.v6.size, 0)
})
