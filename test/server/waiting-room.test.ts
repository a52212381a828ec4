// Messages that somebody outside is asked about: what a client gets when the answer is there, late,
// or no.

import t from 'tap'
import { ASKING } from '../../lib/dhcp/asking.ts'
import type { HookAnswer, HookQuestion, HookSink, Hooks } from '../../lib/ports/hooks.ts'
import { ANSWER_WAIT, WAITING_MAX } from '../../lib/server/waiting-room.ts'
import { MESSAGE_TYPE4 } from '../../lib/wire/v4/message.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { planWith, SmallWorld } from './small-world.ts'
import { DUID, SmallWorld6 } from './small-world6.ts'

const { discover, release, decline } = MESSAGE_TYPE4

/** Answers when the test says so. */
class Slow implements Hooks {
  points: number = ASKING.query
  readonly asked: HookQuestion[] = []
  sink: HookSink | undefined
  atOnce: 'go-on' | 'drop' | undefined

  open(sink: HookSink): void {
    this.sink = sink
  }

  ask(ticket: number, question: HookQuestion): 'go-on' | 'drop' | undefined {
    if (ticket !== this.asked.push(question)) throw new Error(`ticket ${ticket}`)
    return this.atOnce
  }

  /** The `nth` question, from 1 on, is answered. */
  answer(nth: number, answer: HookAnswer = 'go-on'): void {
    this.sink!.onAnswer(nth, answer)
  }
}

function asking(): { hooks: Slow; world: SmallWorld } {
  const hooks = new Slow()
  return { hooks, world: SmallWorld.serving(planWith(), [], 0, hooks) }
}

function dropped(world: SmallWorld, reason: string): number {
  return world.server.status().statistics[`pkt4-drop-${reason}`]!
}

t.test('a DISCOVER is answered when its answer is there, and by a copy of itself', async (t) => {
  const { hooks, world } = asking()
  world.arrive(discover, 1)
  world.arrive(discover, 2)
  world.endBatch()
  t.match(hooks.asked, [
    { type: discover, hwAddress: '\x02\0\0\0\0\x01', interface: 'eth0', clientId: undefined },
    { type: discover, hwAddress: '\x02\0\0\0\0\x02' },
  ])
  t.notMatch(world.happenings.join(), 'send')
  hooks.answer(2)
  t.equal(world.last, 'send OFFER 2', 'whoever is answered first')
  world.advance(100)
  hooks.answer(1)
  t.equal(world.last, 'send OFFER 1')
  t.equal(hooks.asked.length, 2, 'nobody is asked twice')
  t.equal(world.server.status().statistics['pkt4-received'], 2)
})

t.test('the lease of a REQUEST that waited is stored before it is acknowledged', async (t) => {
  const { hooks, world } = asking()
  world.request(1, 20)
  world.endBatch()
  t.equal(world.server.tables.v4.size, 0, 'nothing is noted while it waits')
  world.advance(1000)
  hooks.answer(1)
  world.advance(5)
  t.equal(world.last, 'commit 1')
  world.committed()
  t.ok(world.happenings.includes('send ACK 1'))
  t.equal(world.commits.at(-1)!.changes.length, 1)
})

t.test('an answer at once makes nobody wait; a refusal is a reason', async (t) => {
  const { hooks, world } = asking()
  hooks.atOnce = 'go-on'
  world.arrive(discover, 1)
  world.endBatch()
  t.equal(world.last, 'send OFFER 1')
  hooks.atOnce = 'drop'
  world.arrive(discover, 2)
  t.equal(world.last, 'drop refused-by-hook')
  hooks.atOnce = undefined
  world.arrive(discover, 3)
  hooks.answer(3, 'drop')
  t.equal(world.last, 'drop refused-by-hook')
  t.equal(dropped(world, 'refused-by-hook'), 2)
})

t.test('who gets no answer in time is dropped, and what comes later has no effect', async (t) => {
  const { hooks, world } = asking()
  world.arrive(discover, 1)
  world.endBatch()
  world.advance(500)
  world.arrive(discover, 2)
  world.endBatch()
  world.advance(ANSWER_WAIT - 506 - 5)
  t.equal(dropped(world, 'answer-too-late'), 0)
  world.advance(10)
  t.equal(dropped(world, 'answer-too-late'), 1)
  hooks.answer(1)
  t.notMatch(world.happenings.join(), 'send')
  hooks.answer(2)
  t.equal(world.last, 'send OFFER 2')
  hooks.answer(2)
  hooks.answer(77)
  t.equal(world.happenings.filter((one) => one.startsWith('send')).length, 1)
  const [drop] = world.events.filter((event) => event.kind === 'drop')
  t.match(drop, { reason: 'answer-too-late', hwAddress: '\x02\0\0\0\0\x01', type: discover })
})

t.test('so many may wait, and nobody is asked about more', async (t) => {
  const { hooks, world } = asking()
  for (let client = 1; client <= WAITING_MAX; client++) world.arrive(discover, client)
  t.equal(hooks.asked.length, WAITING_MAX)
  world.arrive(discover, 5000)
  t.equal(world.last, 'drop waiting-room-full')
  t.equal(hooks.asked.length, WAITING_MAX)
  hooks.answer(7)
  world.arrive(discover, 5000)
  t.equal(hooks.asked.length, WAITING_MAX + 1)
})

t.test('what ends a lease does not wait, and whoever listens nowhere is not asked', async (t) => {
  const { hooks, world } = asking()
  world.arrive(release, 1, {}, 0xc0000214)
  world.arrive(decline, 1, { 50: '\xc0\0\x02\x14' })
  t.same(hooks.asked, [])
  t.equal(dropped(world, 'not-owner'), 2)
  const deaf = new Slow()
  deaf.points = 0
  const other = SmallWorld.serving(planWith(), [], 0, deaf)
  other.arrive(discover, 1)
  other.endBatch()
  t.same(deaf.asked, [])
  t.equal(other.last, 'send OFFER 1')
})

t.test('meanwhile the server may stop, fail, or get another plan', async (t) => {
  const { hooks, world } = asking()
  for (const client of [1, 2, 3]) world.arrive(discover, client)
  world.server.reload(planWith({ id: 1, pools: [{ pool: '192.0.2.77 - 192.0.2.77' }] }))
  hooks.answer(1)
  t.equal(world.given.at(-1), 0xc000024d, 'by the plan in force')
  world.request(9, 20)
  hooks.atOnce = 'go-on'
  world.request(1, 77)
  world.endBatch()
  world.journalSink!.onFailed('disk full')
  hooks.answer(2)
  t.equal(world.last, 'drop journal-failed')
  world.server.stop(() => {})
  t.equal(dropped(world, 'stopping'), 2, 'the third DISCOVER and the REQUEST')
})

// ---- DHCPv6

function asking6(): { hooks: Slow; world: SmallWorld6 } {
  const hooks = new Slow()
  return { hooks, world: new SmallWorld6(undefined, hooks) }
}

const { solicit, request, renew, release: release6, decline: decline6 } = MESSAGE_TYPE6

t.test('DHCPv6: a message is answered when its answer is there, stored before', async (t) => {
  const { hooks, world } = asking6()
  world.ask(solicit, 1)
  world.ask(solicit, 2)
  world.endBatch()
  t.match(hooks.asked, [
    { family: 6, type: solicit, duid: '\0\x03\0\x01\x02\0\0\0\x01\x01', interface: 'eth0' },
    { family: 6, type: solicit, duid: '\0\x03\0\x01\x02\0\0\0\x01\x02' },
  ])
  t.strictSame(world.happenings, [])
  hooks.answer(2)
  t.strictSame(world.happenings, ['send ADVERTISE 2001:db8:1::10 2001:db8:8000::/56'])
  world.ask(request, 2, DUID)
  world.endBatch()
  t.equal(world.server.tables.v6.size, 0, 'nothing is noted while it waits')
  world.advance(1000)
  hooks.answer(3)
  world.advance(5)
  t.equal(world.happenings.at(-1), 'commit 2')
  world.committed()
  t.equal(world.happenings.at(-1), 'send REPLY 2001:db8:1::10 2001:db8:8000::/56')
  t.equal(world.statistic('pkt6-received'), 3, 'each is counted once')
})

t.test('DHCPv6: who is refused, late or too many is dropped, and by a reason', async (t) => {
  const { hooks, world } = asking6()
  hooks.atOnce = 'drop'
  world.ask(solicit, 1)
  t.equal(world.statistic('pkt6-drop-refused-by-hook'), 1)
  hooks.atOnce = 'go-on'
  world.ask(solicit, 2)
  world.endBatch()
  t.match(world.happenings, [/^send ADVERTISE/], 'an answer at once makes nobody wait')
  hooks.atOnce = undefined
  world.ask(renew, 3, DUID)
  world.advance(ANSWER_WAIT - 10)
  t.equal(world.statistic('pkt6-drop-answer-too-late'), 0)
  world.advance(20)
  t.equal(world.statistic('pkt6-drop-answer-too-late'), 1)
  hooks.answer(3)
  t.equal(world.happenings.length, 1, 'what comes later has no effect')
  t.match(world.events.at(-1), { kind: 'drop', family: 6, reason: 'answer-too-late', type: renew })
  for (let client = 0; client <= WAITING_MAX; client++) world.ask(solicit, client % 256)
  t.equal(world.statistic('pkt6-drop-waiting-room-full'), 1)
  world.server.stop(() => {})
  t.equal(world.statistic('pkt6-drop-stopping'), WAITING_MAX)
})

t.test('DHCPv6: what ends a lease does not wait', async (t) => {
  const { hooks, world } = asking6()
  world.ask(release6, 1, DUID)
  world.ask(decline6, 1, DUID)
  world.endBatch()
  t.same(hooks.asked, [])
  t.match(world.happenings, [/^send REPLY/, /^send REPLY/])
})
