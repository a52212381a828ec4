// What a server of a pair says of itself and sends on an agreed connection: hellos of what is
// stored, deltas and refills one after the other, how far a return is, and what is still to be
// sent.

import t from 'tap'
import { COURSES, type Course } from '../../lib/server/pair/course.ts'
import { Outgoing } from '../../lib/server/pair/outgoing.ts'
import type { PeerSession } from '../../lib/server/pair/peer-session.ts'
import { frameOf, leaseAt, Partner, Stage } from './fake-partner.ts'
import { MINE, POOL, slow, THEIRS } from './pair-attack.ts'

// ---- hellos

t.test('a hello says nothing of rights that is not on the disk yet', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  slow(stage)
  partner.say({ type: 'maintenance', cancel: false })
  t.equal(stage.pair.record.rights, 'none', 'it keeps to it at once')
  t.equal(stage.server.disk.pair!.rights, 'shared', 'but it is not stored')
  partner.connection.end()
  const accepted = stage.greet()
  const dialled = stage.connect('server2')
  let said = 0
  for (const connection of [accepted, dialled])
    connection.onHeard = () => {
      said++
      const [hello] = connection.said('hello')
      const { rights, handOver } = stage.server.disk.pair!
      t.match(hello, { rights, handOver }, 'a crash would take nothing of it back')
    }
  stage.lab.advance(700)
  t.same([said, accepted.closed, dialled.closed], [0, '', ''], 'the greetings wait')
  stage.lab.advance(1000)
  t.ok(said > 0)
  t.match(stage.server.disk.pair, { rights: 'none', handOver: 5 })
})

t.test('positions in a hello are those on the disk', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  slow(stage)
  partner.frame([leaseAt(THEIRS[0]!, 1)], { position: 150 })
  t.equal(stage.pair.record.applied[partner.hello.database], 150)
  partner.connection.end()
  const { applied } = stage.greet({ position: 150 }).said('hello')[0]!
  t.equal(applied, 100)
})

t.test('a second hello while the first one waits', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  slow(stage)
  partner.say({ type: 'maintenance', cancel: false })
  partner.connection.end()
  const connection = stage.greet()
  connection.say({ ...stage.hello() })
  t.match(connection.closed, /second hello/)
})

// ---- returns

t.test('every course can be entered and left', async (t) => {
  const all = Object.keys(COURSES) as Course[]
  const reached = new Set(Object.values(COURSES).flat())
  for (const course of all) {
    t.ok(reached.has(course), course)
    t.ok(COURSES[course].length > 0, course)
  }
})

t.test('a session goes by the table', async (t) => {
  const stage = new Stage()
  stage.partner()
  const session = stage.pair.sessions.withPartner!
  t.equal(session.course, 'even')
  for (const course of ['even', 'storing', 'sending', 'taken'] as const)
    t.throws(() => session.enter(course), /cannot go from even/)
  session.enter('owing')
  t.equal(session.isVerbatim, false)
})

t.test('rows that come anew: the return counts when all of them have come again', async (t) => {
  const stage = new Stage({
    record: { rights: 'none', noneBecause: 'handed-over', handOver: 5 },
  })
  const rows = [leaseAt(MINE[0]!, 1, { gave: 0 }), leaseAt(MINE[1]!, 2, { gave: 0 })]
  const connection = stage.greet({ rights: 'sole', handOver: 5 })
  stage.lab.advance(20)
  const course = () => (stage.pair.sessions.withPartner as PeerSession).course
  t.equal(course(), 'taking')
  connection.say(frameOf(rows, { lane: 'refill', last: true, position: 3 }))
  t.equal(course(), 'taken')
  connection.say(frameOf(rows.slice(1), { lane: 'refill', position: 4 }))
  t.equal(course(), 'taking')
  stage.lab.advance(20)
  t.equal(stage.pair.record.applied[stage.hello().database], 100, 'what was reached stays')
  connection.say({ type: 'back', number: 6, position: 100, doubt: false })
  t.match(connection.closed, /without all rows/)
  t.equal(stage.pair.record.rights, 'none')
})

/** A partner in maintenance that has missed many rows, and acknowledges when the test says so. */
function atWork(stage: Stage): Partner {
  const hello = { rights: 'none', noneBecause: 'handed-over', handOver: 5 } as const
  const partner = new Partner(stage, { ...hello, state: 'in-maintenance' })
  partner.acks = false
  stage.lab.advance(20)
  partner.frame([], { lane: 'backlog', last: true, position: partner.hello.position })
  stage.lab.advance(20)
  return partner
}

const MISSED = POOL.slice(0, 80).map((address, index) =>
  leaseAt(address, index, { change: 1051 + index, gave: 0 }),
)

t.test('what acknowledges a delta says nothing of the refill that follows', async (t) => {
  const stage = new Stage({ rows: MISSED, config: { ha: { 'sync-page-limit': 10 } } })
  const partner = atWork(stage)
  t.equal(partner.rows.length, 40, 'four pages are under way')
  const ofDelta = partner.backlog
  partner.say({ type: 'over', number: 5, position: 100 })
  stage.lab.advance(100)
  t.equal(partner.rows.length, 80, 'four pages of the refill')
  t.ok(partner.backlog > ofDelta, 'marks rise')
  partner.say({ type: 'ack', seen: partner.seen, live: 0, backlog: ofDelta })
  stage.lab.advance(10)
  t.equal(partner.rows.length, 80, 'it waits for its own pages')
  t.same(partner.connection.said('back'), [])
  for (let round = 0; round < 20; round++) {
    partner.ack()
    stage.lab.advance(10)
  }
  t.equal(partner.rows.length, 120, 'all rows, behind half a delta')
  t.match(partner.connection.said('back'), [{ number: 6 }])
  t.match(stage.server.disk.pair, { rights: 'shared', handOver: 6 })
})

t.test('both have handed over: they meet anew', async (t) => {
  const stage = new Stage()
  const partner = atWork(stage)
  partner.ack()
  partner.say({ type: 'maintenance', cancel: false })
  stage.lab.advance(50)
  t.equal(stage.pair.record.rights, 'none')
  partner.say({ type: 'over', number: 5, position: 100 })
  t.match(partner.closed, /both have handed over/)
  t.equal(stage.pair.record.rights, 'none', 'and nobody is told to have rights')
})

t.test('an over while everything is on its way to the one that says it', async (t) => {
  const stage = new Stage({ rows: MISSED, config: { ha: { 'sync-page-limit': 10 } } })
  const partner = atWork(stage)
  partner.say({ type: 'over', number: 5, position: 100 })
  stage.lab.advance(100)
  t.equal(stage.pair.sessions.withPartner!.course, 'sending')
  partner.say({ type: 'over', number: 7, position: 100 })
  t.match(partner.closed, /during a return/)
  stage.lab.advance(50)
  t.match(stage.server.disk.pair, { rights: 'shared', handOver: 6 })
})

// ---- what is still to be sent

const lagOf = (stage: Stage) =>
  stage.pair.status().peers.find(({ name }) => name === 'server2')!.lag

t.test(
  'the lag counts the backlog, also when the connection ends in the middle of it',
  async (t) => {
    const stage = new Stage({ rows: MISSED, config: { ha: { 'sync-page-limit': 10 } } })
    const partner = atWork(stage)
    const top = stage.pair.database.position
    t.equal(top, 1130)
    t.equal(lagOf(stage), top - 50, 'nothing of the delta is acknowledged')
    partner.say({ type: 'ack', seen: partner.seen, live: 0, backlog: 1070 })
    t.equal(lagOf(stage), 60)
    partner.connection.end()
    t.equal(lagOf(stage), 60, 'it still lacks them')
    const again = atWork(stage)
    for (let round = 0; round < 20; round++) {
      again.ack()
      stage.lab.advance(5)
    }
    t.equal(lagOf(stage), 0)
    again.connection.end()
    t.equal(lagOf(stage), stage.pair.database.position - top)
  },
)

t.test('of a refill nothing counts before it is complete', async (t) => {
  const sent: Uint8Array[] = []
  let completed = 0
  const stage = new Stage({ rows: MISSED })
  const connection = {
    buffered: 0,
    send: (frame: string | Uint8Array) => sent.push(frame as never),
  }
  const outgoing = new Outgoing(
    connection,
    () => stage.server.server!.tables.all,
    () => 0,
    () => 0,
    1130,
    30,
    () => completed++,
  )
  outgoing.startRefill()
  t.equal(sent.length, 4)
  t.same([outgoing.storedUpTo, outgoing.sentMark], [0, 81])
  outgoing.acknowledged(0, 60)
  t.same([outgoing.storedUpTo, completed], [0, 0])
  outgoing.acknowledged(0, 81)
  t.same([outgoing.storedUpTo, completed], [1130, 1])
})
