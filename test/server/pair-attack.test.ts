// A server of a pair under attack through its link. Whatever comes: no exception reaches the loop, what is
// wrong costs the connection it came on and nothing else, and clients are answered afterwards.

import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { overAt } from '../../lib/leases/grace.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { LINK_MESSAGE_MAX, type LinkConnection } from '../../lib/ports/link.ts'
import { Meetings } from '../../lib/server/meetings.ts'
import { OUTSIDE_MAX } from '../../lib/server/merger.ts'
import { BUFFERED_MAX } from '../../lib/server/outgoing.ts'
import { haPlan } from '../ha/ha-plans.ts'
import {
  type Frame,
  frameOf,
  leaseAt,
  leaseOf,
  PARTNER_DATABASE,
  type Partner,
  Stage,
  type StageSettings,
} from './fake-partner.ts'

const FIRST = 0xc000020a
const POOL = Array.from({ length: 90 }, (_, index) => FIRST + index)
const MINE = POOL.filter((address) => homeOf(address) === 0)
const THEIRS = POOL.filter((address) => homeOf(address) === 1)

/** More of them, in no subnet here. */
const HOMES = Array.from({ length: 50_000 }, (_, index) => 0x0a000000 + index).filter(
  (address) => homeOf(address) === 0,
)

/** What no server of a pair says, at any time. */
const GARBAGE: readonly (string | Uint8Array)[] = [
  '',
  'null',
  '[]',
  '{',
  '{}',
  '{"type":5}',
  '{"type":"heartbeat"}',
  '{"type":"heartbeat","seen":-1,"state":"ready","scopes":[]}',
  '{"type":"ack","seen":1e300,"live":0,"backlog":0}',
  '{"type":"want","first":0,"last":4294967296,"urgent":true}',
  '{"type":"hello","version":1}',
  `{"type":"${'x'.repeat(300)}"}`,
  '['.repeat(60_000),
  `"${'x'.repeat(70_000)}"`,
  'GET / HTTP/1.1\r\n\r\n',
  new Uint8Array(0),
  new Uint8Array(24),
  new Uint8Array(LINK_MESSAGE_MAX).fill(0xff),
  Uint8Array.from({ length: 500 }, (_, index) => (index * 7919) & 255),
]

function roleOf(kind: 'text' | 'bytes', message: string | Uint8Array): string {
  return `${kind} ${typeof message === 'string' ? message.slice(0, 40) : message.length}`
}

/** A test on a stage of its own, which must be well at its end. */
function attack(name: string, play: (t: Test, stage: Stage) => void, settings?: StageSettings) {
  t.test(name, async (t) => {
    const stage = new Stage(settings)
    play(t, stage)
    t.ok(stage.isWell(), 'clients are answered, no promise is broken')
    t.same(stage.lab.invariants.violations, [])
  })
}

// ---- before the hello

attack('garbage before the hello: refused, and the connection ends', (t, stage) => {
  for (const message of GARBAGE) {
    const connection = stage.connect()
    connection.say(message)
    t.not(connection.closed, '', roleOf(typeof message === 'string' ? 'text' : 'bytes', message))
    connection.say(message)
    connection.say({ ...stage.hello() })
  }
  t.equal(stage.pair.conversations.sessions.size, 0)
})

attack('what may be said only later', (t, stage) => {
  const partner = stage.partner()
  for (const message of [
    partner.bytes([leaseOf(20, 1)]),
    { type: 'heartbeat', seen: 0, state: 'hot-standby', scopes: [] },
    { type: 'want', first: 0, last: 5, urgent: true },
    { type: 'leaving' },
    { type: 'over', number: 9, position: 1 },
    { type: 'back', number: 9, position: 1, doubt: false },
  ]) {
    const connection = stage.connect()
    connection.say(message as Uint8Array)
    t.not(connection.closed, '')
  }
  t.equal(partner.closed, '', 'the partner does not notice')
})

attack('a refusal before the hello is told, once, and not answered', (t, stage) => {
  for (let time = 0; time < 10; time++) {
    const connection = stage.connect('server2')
    connection.say({ type: 'refusal', reason: 'no' })
    t.not(connection.closed, '')
    t.same(connection.said('refusal'), [])
  }
  t.equal(stage.count('HA_PEER_REFUSED'), 1)
})

attack('a connection that says nothing is closed', (t, stage) => {
  const connections = Array.from({ length: 100 }, () => stage.connect())
  stage.lab.advance(3100)
  t.ok(connections.every(({ closed }) => closed === 'no hello'))
})

// ---- who is no partner

interface Stranger {
  readonly is: string
  readonly hello: Partial<Hello>
  readonly reason: RegExp
}

const STRANGERS: readonly Stranger[] = [
  { is: 'unknown', hello: { name: 'server9' }, reason: /no other server/ },
  { is: 'this server itself', hello: { name: 'server1' }, reason: /no other server/ },
  { is: 'of another role', hello: { role: 'primary' }, reason: /takes it for standby/ },
  { is: 'a backup by its own word', hello: { role: 'backup' }, reason: /takes it for standby/ },
  { is: 'older', hello: { version: 0 }, reason: /version 0/ },
  { is: 'newer', hello: { version: 2 }, reason: /version 2/ },
  { is: 'of another pair', hello: { pairId: 'other' }, reason: /different pairs/ },
  { is: 'of the same side', hello: { side: 0 }, reason: /same side/ },
  { is: 'a clone', hello: { database: 'own-database' }, reason: /same database/ },
]

for (const { is, hello, reason } of STRANGERS)
  attack(`a server that is ${is} is refused, and the partner stays`, (t, stage) => {
    const partner = stage.partner()
    for (let time = 0; time < 3; time++) {
      const connection = stage.greet(hello)
      t.match(connection.closed, reason)
      t.match(connection.said('refusal')[0]?.reason, reason)
    }
    t.equal(stage.count('HA_PEER_REFUSED'), 1, 'told once')
    t.equal(partner.closed, '')
  })

attack('another mode, another configuration: warned about', (t, stage) => {
  const partner = stage.partner({ mode: 'load-balancing', fingerprint: 'other' })
  t.equal(partner.closed, '')
  t.equal(stage.count('HA_MODE_DIFFERS'), 1)
  t.equal(stage.count('HA_CONFIG_DIFFERS'), 1)
})

attack('names of databases that every object has are no names', (t, stage) => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    for (const hello of [{ database: name }, { appliedDatabase: name }])
      t.match(stage.greet(hello).closed, /name of a database/)
  const known = '{"__proto__":5}'
  const text = JSON.stringify(stage.hello()).replace('{', `{"known":${known},`)
  const connection = stage.connect()
  connection.say(text)
  t.match(connection.closed, /databases/)
})

attack('a hello from before, played once more, ends where it came', (t, stage) => {
  const first = stage.greet({ instance: 'life', turn: 1 })
  const second = stage.greet({ instance: 'life', turn: 2 })
  stage.lab.advance(20)
  t.match(first.closed, /newer connection/)
  for (const turn of [1, 2, 0])
    t.match(stage.greet({ instance: 'life', turn }).closed, /later hello/)
  t.equal(second.closed, '')
  second.say({ ...stage.hello({ instance: 'life', turn: 3 }) })
  t.match(second.closed, /second hello/)
})

attack('connections of two lives at once: the later hello counts', (t, stage) => {
  const lives = ['one', 'two', 'one', 'two'].map((instance, turn) =>
    stage.greet({ instance, turn: turn + 1 }),
  )
  t.same(
    lives.map(({ closed }) => closed === ''),
    [false, false, false, true],
  )
  t.equal(stage.pair.conversations.sessions.size, 1)
})

attack(
  'who was dialled must be who answers',
  (t, stage) => {
    const connection = stage.connect('server3')
    connection.say({ ...stage.hello() })
    t.match(connection.closed, /'server3' was dialled/)
  },
  { config: { backup: true } },
)

// ---- after the hello

attack('garbage after the hello ends the connection', (t, stage) => {
  for (const message of GARBAGE) {
    const partner = stage.partner()
    partner.say(message)
    t.not(partner.closed, '', roleOf(typeof message === 'string' ? 'text' : 'bytes', message))
    partner.say(message)
  }
  stage.partner()
})

attack('what a later version says is passed over', (t, stage) => {
  const partner = stage.partner()
  partner.say({ type: 'later', and: { more: [1, 2, 3] } })
  partner.say({ type: 'toString' })
  partner.say({ type: 'heartbeat', seen: 0, state: 'hot-standby', scopes: [], more: true })
  partner.say({ type: 'maintenance-answer', allowed: true, why: 'nobody asked' })
  t.equal(partner.closed, '')
})

attack('the dialler refuses what was agreed', (t, stage) => {
  const partner = stage.partner()
  partner.say({ type: 'refusal', reason: 'another pair' })
  t.match(partner.closed, /refused there: another pair/)
})

attack('frames of lanes that were not agreed', (t, stage) => {
  for (const lane of ['refill'] as const) {
    const partner = stage.partner()
    partner.frame([leaseAt(THEIRS[0]!, 1)], { lane })
    t.match(partner.closed, /lane/)
  }
  t.equal(stage.server.server!.table.byAddress(THEIRS[0]!), undefined, 'without effect')
})

attack('frames twice, out of order, with positions that go back or far ahead', (t, stage) => {
  const partner = stage.partner()
  const [one, other] = [THEIRS[0]!, THEIRS[1]!]
  const frames = [
    partner.bytes([leaseAt(one, 1)], { position: 201 }),
    partner.bytes([leaseAt(other, 2)], { position: 202 }),
    partner.bytes([leaseAt(one, 1)], { position: 3 }),
    partner.bytes([], { lane: 'backlog', last: true, position: 100 }),
    partner.bytes([], { lane: 'backlog', last: false, position: 0 }),
  ]
  for (const index of [1, 0, 0, 2, 3, 4, 1, 3]) partner.say(frames[index]!.slice())
  stage.lab.advance(100)
  t.equal(partner.closed, '')
  t.equal(stage.server.disk.pair?.applied[PARTNER_DATABASE], 202)
  t.match(partner.connection.said('ack').at(-1), { live: 202, backlog: 100 })
  partner.frame([leaseAt(one, 1)], { position: Number.MAX_SAFE_INTEGER })
  stage.lab.advance(100)
  t.equal(partner.closed, '')
  t.equal(stage.server.server!.table.byAddress(one)!.got, 1, 'the key came once')
})

attack(
  'an acknowledgement of what was never sent: the connection ends, replies leave',
  (t, stage) => {
    for (const claim of [{ live: Number.MAX_SAFE_INTEGER }, { seen: 1_000_000 }]) {
      const partner = stage.partner()
      partner.acks = false
      const client = stage.lab.addClient()
      t.notOk(
        stage.lab.world.advanceUntil(() => client.isBound, 2000),
        'its ACK waits for the partner',
      )
      partner.say({ type: 'ack', seen: 0, live: 0, backlog: 0, ...claim })
      t.match(partner.closed, /more than was/)
      t.ok(stage.lab.world.advanceUntil(() => client.isBound, 10_000))
    }
    const partner = stage.partner()
    partner.say({ type: 'heartbeat', seen: 1_000_000, state: 'hot-standby', scopes: [] })
    t.match(partner.closed, /heard more/)
  },
)

attack('acknowledgements that go back or repeat themselves do no harm', (t, stage) => {
  const partner = stage.partner()
  for (let round = 0; round < 5; round++) {
    partner.say({ type: 'ack', seen: 0, live: 0, backlog: 0 })
    partner.say({ type: 'ack', seen: 1, live: 1, backlog: Number.MAX_SAFE_INTEGER })
    partner.ack()
    partner.ack()
    t.ok(stage.isWell())
  }
  t.equal(partner.closed, '')
})

attack('leaving, and then frames', (t, stage) => {
  const partner = stage.partner()
  partner.say({ type: 'leaving' })
  t.match(partner.closed, /good order/)
  partner.frame([leaseAt(THEIRS[0]!, 1)])
  partner.say({ type: 'want', first: FIRST, last: FIRST + 89, urgent: true })
  stage.lab.advance(50)
  t.equal(stage.server.server!.table.byAddress(THEIRS[0]!), undefined)
  t.equal(stage.pair.rounds.handedOn, 0)
  t.equal(stage.pair.machine.state, 'partner-down')
})

// ---- rights change hands by word only

attack('a return without all rows gives nothing', (t, stage) => {
  const partner = stage.partner()
  partner.say({ type: 'back', number: 5, position: 100, doubt: true })
  t.match(partner.closed, /without all rows/)
  t.equal(stage.pair.record.doubtUntil, 0)
})

t.test('a server without rights gets none by the word alone', async (t) => {
  const stage = new Stage({
    record: { rights: 'none', noneBecause: 'handed-over', handOver: 5 },
  })
  const rows = [leaseAt(MINE[0]!, 1, { gave: 0, got: 0 })]
  const returnedBy = (number: number, ...frames: Uint8Array[]) => {
    const connection = stage.greet({ rights: 'sole', handOver: 5 })
    stage.lab.advance(20)
    for (const frame of frames) connection.say(frame)
    connection.say({ type: 'back', number, position: 100, doubt: false })
    stage.lab.advance(20)
    return connection.closed
  }
  t.match(returnedBy(6), /without all rows/)
  t.match(returnedBy(6, frameOf(rows, { lane: 'refill' })), /without all rows/)
  const all = () => frameOf(rows, { lane: 'refill', last: true, position: 2 })
  t.match(returnedBy(900, all()), /future/)
  t.equal(stage.server.disk.pair?.rights, 'none')
  t.equal(returnedBy(6, all()), '')
  t.match(stage.server.disk.pair, { rights: 'shared', handOver: 6 })
  t.ok(stage.isWell())
})

attack('over with an old number, a future one, before its rows', (t, stage) => {
  const positions = { position: 100 }
  for (const [number, position, reason] of [
    [4, 100, /is over/],
    [0, 0, /is over/],
    [7, 100, /future/],
    [Number.MAX_SAFE_INTEGER, 100, /future/],
    [5, 101, /before its rows/],
    [5, Number.MAX_SAFE_INTEGER, /before its rows/],
  ] as const) {
    const partner = stage.partner(positions)
    partner.say({ type: 'over', number, position })
    t.match(partner.closed, reason)
    stage.lab.advance(50)
    t.match(stage.server.disk.pair, { rights: 'shared', handOver: 4 })
  }
})

attack('a partner that hands over again and again', (t, stage) => {
  const partner = stage.partner()
  partner.say({ type: 'over', number: 5, position: 100 })
  stage.lab.advance(50)
  for (let more = 0; more < 100 && partner.closed === ''; more++)
    partner.say({ type: 'over', number: 5, position: 100 })
  t.match(partner.closed, /is over/)
  t.equal(stage.server.disk.pair?.handOver, 5 + (stage.pair.record.rights === 'sole' ? 0 : 1))
})

attack('maintenance without end', (t, stage) => {
  const partner = stage.partner()
  for (let round = 0; round < 200; round++)
    partner.say({ type: 'maintenance', cancel: round % 2 === 1 })
  stage.lab.advance(100)
  t.equal(partner.closed, '')
  t.equal(partner.connection.said('maintenance-answer').length, 200)
  t.same(
    partner.connection.said('over').map(({ number }) => number),
    [5],
    'it has handed over, once',
  )
  partner.frame([], { lane: 'refill', last: true, position: 1 })
  partner.say({ type: 'back', number: 6, position: 100, doubt: false })
})

attack(
  'a backup has no say',
  (t, stage) => {
    stage.partner()
    const backup = stage.partner({
      name: 'server3',
      role: 'backup',
      state: 'backup',
      database: 'third',
      pairId: '',
      rights: 'none',
      known: {},
    })
    t.match(backup.closed, /rows are not wanted/)
    const polite = stage.greet({
      name: 'server3',
      role: 'backup',
      state: 'backup',
      database: 'third',
      pairId: '',
      rights: 'none',
      known: { 'own-database': Number.MAX_SAFE_INTEGER },
    })
    stage.lab.advance(20)
    for (const message of [
      { type: 'maintenance', cancel: false },
      { type: 'over', number: 5, position: 0 },
      { type: 'back', number: 5, position: 0, doubt: true },
      { type: 'want', first: FIRST, last: FIRST + 89, urgent: true },
    ])
      polite.say(message)
    stage.lab.advance(50)
    t.equal(polite.closed, '')
    t.equal(stage.pair.machine.state, 'hot-standby')
    t.match(stage.server.disk.pair, { rights: 'shared', handOver: 4 })
    t.equal(stage.pair.rounds.handedOn, 0)
    t.same(polite.said('maintenance-answer'), [])
  },
  { config: { backup: true } },
)

// ---- wishes

function freeHere(stage: Stage): number {
  return stage.pair.status().free[0]!.here
}

attack('100,000 wishes for everything: the reserve stays, and the work is bounded', (t, stage) => {
  const partner = stage.partner()
  const reserve = Math.floor(0.2 * POOL.length)
  let counts = 0
  const { table } = stage.server.server!
  const { freeCount } = table
  table.freeCount = (ranges, draw) => {
    counts++
    return freeCount.call(table, ranges, draw)
  }
  const wishes = [
    [0, 0xffffffff],
    [FIRST, FIRST + 89],
    [FIRST, FIRST + 1],
    [FIRST + 89, FIRST],
    [0, 0],
    [0xffffffff, 0xffffffff],
    [0x0a000000, 0x0affffff],
  ] as const
  for (let index = 0; index < 100_000; index++) {
    const [first, last] = wishes[index % wishes.length]!
    partner.say({ type: 'want', first, last, urgent: index % 2 === 0 })
    if (index % 1000 === 0) stage.lab.advance(10)
  }
  t.ok(freeHere(stage) >= reserve, `${freeHere(stage)} of ${POOL.length} are left`)
  t.ok(counts < 3000, `${counts} looks at the pool`)
  t.equal(partner.closed, '')
  table.freeCount = freeCount
})

attack('every address one by one: the reserve stays', (t, stage) => {
  const partner = stage.partner()
  for (let round = 0; round < 5; round++) {
    for (const address of POOL) {
      partner.say({ type: 'want', first: address, last: address, urgent: true })
      partner.say({ type: 'want', first: address, last: address + 1, urgent: true })
    }
    stage.lab.advance(1000)
  }
  t.ok(stage.pair.rounds.handedOn > 0)
  t.ok(freeHere(stage) >= Math.floor(0.2 * POOL.length), `${freeHere(stage)} are left`)
  t.ok(partner.rows.every(({ address }) => POOL.includes(address)))
})

attack('addresses in no pool here are not handed on', (t, stage) => {
  const partner = stage.partner()
  for (const first of [0, 1, 0x0a000000, 0xc0000200, 0xc0000264, 0xffffff00])
    for (const last of [first, first + 80, first + 255])
      partner.say({ type: 'want', first, last, urgent: true })
  stage.lab.advance(100)
  t.ok(partner.rows.every(({ address }) => address >= 0xc0000200 && address <= 0xc00002ff))
  t.equal(partner.closed, '')
})

// ---- floods, and ends that do not listen

attack('tiny messages without end: nothing grows', (t, stage) => {
  const partner = stage.partner()
  partner.beats = false
  const { connection } = partner
  let answers = 0
  connection.onHeard = () => answers++
  const texts = [
    JSON.stringify({ type: 'heartbeat', seen: 0, state: 'hot-standby', scopes: [] }),
    JSON.stringify({ type: 'later' }),
    JSON.stringify({ type: 'ack', seen: 0, live: 0, backlog: 0 }),
  ]
  for (let index = 0; index < 100_000; index++) {
    connection.say(texts[index % 3]!)
    connection.heard.length = 0
    if (index % 50_000 === 0) t.ok(stage.isWell(), 'clients are answered in between')
  }
  t.ok(answers <= 60_000, 'at most one answer to each')
})

attack(
  'a partner that hears and never stores: replies wait for max-ack-delay, no longer',
  (t, stage) => {
    const partner = stage.partner()
    partner.acks = false
    const client = stage.lab.addClient()
    t.ok(stage.lab.world.advanceUntil(() => partner.rows.length > 0, 10_000))
    const began = stage.lab.now
    t.ok(stage.lab.world.advanceUntil(() => client.isBound, 10_000))
    t.match(partner.closed, /acknowledge in time/)
    const waited = stage.lab.now - began
    t.ok(waited > 2900 && waited < 3100, `${waited} ms`)
    t.ok(stage.server.server!.status().parked === 0)
  },
)

attack('a partner that stores slowly is waited for', (t, stage) => {
  const partner = stage.partner()
  partner.acks = false
  for (let round = 0; round < 20; round++) {
    stage.lab.addClient()
    stage.lab.advance(1000)
    partner.ack()
  }
  t.equal(partner.closed, '')
  partner.acks = true
})

attack(
  'a backup that does not read: the connection ends before the memory does',
  (t, stage) => {
    stage.partner()
    const backup = stage.greet({
      name: 'server3',
      role: 'backup',
      state: 'backup',
      database: 'third',
      pairId: '',
      rights: 'none',
      known: {},
    })
    stage.lab.advance(20)
    backup.isReading = false
    backup.buffered = BUFFERED_MAX - 2 ** 18
    let most = 0
    for (let index = 0; index < 40_000 && backup.closed === ''; index++) {
      backup.say({ type: 'heartbeat', seen: 0, state: 'backup', scopes: [] })
      most = Math.max(most, backup.buffered)
    }
    t.match(backup.closed, /does not read/)
    t.ok(most < BUFFERED_MAX + 2 ** 20, `${most} bytes at most`)
  },
  { config: { backup: true } },
)

attack('a partner that does not read is not waited for', (t, stage) => {
  const partner = stage.partner()
  partner.connection.isReading = false
  stage.lab.advance(4000)
  t.match(partner.closed, /heard there/)
})

attack('a connection that comes and goes a thousand times', (t, stage) => {
  for (let time = 0; time < 1000; time++) {
    const connection = stage.greet({ database: `database${time}`, pairId: '', rights: 'none' })
    if (time % 3 === 0) stage.lab.advance(2)
    connection.end()
  }
  stage.lab.advance(100)
  const { applied, clocks } = stage.server.disk.pair!
  t.ok(Object.keys(applied).length <= 32 && Object.keys(clocks).length <= 32, 'few are remembered')
  t.equal(stage.pair.conversations.sessions.size, 0)
})

t.test('of many databases a backup remembers the last ones', async (t) => {
  const stage = new Stage({
    config: { mode: 'passive-backup' },
    index: 1,
    record: { rights: 'none', partnerDatabase: '', applied: {} },
  })
  for (let time = 0; time < 100; time++) {
    const connection = stage.greet({
      name: 'server1',
      role: 'primary',
      mode: 'passive-backup',
      database: `database${time}`,
    })
    stage.lab.advance(10)
    connection.say(frameOf([], { lane: 'refill', last: true, position: 1 }))
    stage.lab.advance(10)
    connection.end()
  }
  const { applied } = stage.server.disk.pair!
  t.equal(Object.keys(applied).length, 32)
  t.equal(applied.database99, 100)
  const [hello] = stage.greet({ name: 'server1', role: 'primary' }).said('hello')
  t.equal(Object.keys(hello!.known!).length, 32, 'and its hello is understood')
})

// ---- while the agreement is being stored

/** The record of a meeting changes where the clock of the other end is noted, so that it must be stored. */
function slow(stage: Stage, on = true): void {
  Object.assign(stage.server.disk.behaviour, on ? { commitMin: 800, commitMax: 800 } : FAST)
}

const FAST = { commitMin: 0.2, commitMax: 1 }

attack('early messages wait for the agreement, and count then', (t, stage) => {
  slow(stage)
  const connection = stage.greet()
  connection.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
  connection.say(frameOf([], { lane: 'backlog', last: true, position: 100 }))
  stage.lab.advance(100)
  t.equal(stage.server.server!.table.byAddress(THEIRS[0]!), undefined)
  slow(stage, false)
  stage.lab.advance(1000)
  t.match(stage.server.server!.table.byAddress(THEIRS[0]!), { got: 1 })
  t.match(connection.said('ack').at(-1), { live: 101, backlog: 100 })
  connection.end()
})

attack('early messages are few and short', (t, stage) => {
  slow(stage)
  const many = stage.greet()
  for (let count = 0; count < 10_000; count++) many.say('{"type":"later"}')
  t.match(many.closed, /too much before/)
  const long = stage.greet()
  for (let count = 0; count < 40; count++) long.say(new Uint8Array(LINK_MESSAGE_MAX))
  t.match(long.closed, /too much before/)
  slow(stage, false)
  stage.lab.advance(2000)
})

attack('a connection that is lost while its agreement is stored', (t, stage) => {
  slow(stage)
  for (let time = 0; time < 5; time++) {
    const connection = stage.greet()
    connection.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
    connection.end()
    stage.lab.advance(100)
  }
  slow(stage, false)
  stage.lab.advance(2000)
  t.equal(stage.server.server!.table.byAddress(THEIRS[0]!), undefined, 'nothing of it was taken')
  t.equal(stage.pair.conversations.sessions.size, 0)
})

attack('the journal fails while the two agree', (t, stage) => {
  const { behaviour } = stage.server.disk
  behaviour.trouble = 'the disk is full'
  const connection = stage.greet()
  connection.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
  stage.lab.advance(3000)
  t.not(connection.closed, '', 'the partner is to take over')
  t.not(stage.greet().closed, '', 'and nobody is met meanwhile')
  behaviour.trouble = ''
  stage.lab.advance(3000)
  const partner = stage.partner()
  t.equal(partner.closed, '')
})

attack('the journal fails while rows come: neither acknowledged nor lost', (t, stage) => {
  const partner = stage.partner()
  const { behaviour } = stage.server.disk
  behaviour.trouble = 'the disk is full'
  partner.frame([leaseAt(THEIRS[0]!, 1)], { position: 101 })
  stage.lab.advance(3000)
  t.not(partner.closed, '')
  t.ok(partner.connection.said('ack').every(({ live }) => live <= 100))
  t.equal(stage.server.disk.durableRow(THEIRS[0]!), undefined)
  behaviour.trouble = ''
  stage.lab.advance(3000)
  t.match(stage.server.disk.durableRow(THEIRS[0]!), { got: 1 })
  t.equal(stage.server.disk.pair?.applied[PARTNER_DATABASE], 101)
})

attack('rows come faster than the disk takes them', (t, stage) => {
  const partner = stage.partner()
  Object.assign(stage.server.disk.behaviour, { commitMin: 60_000, commitMax: 60_000 })
  const rows = Array.from({ length: 3000 }, (_, index) => leaseAt(0x0a000000 + index, index))
  for (let frame = 0; frame < 100 && partner.closed === ''; frame++) {
    partner.frame(rows)
    if (frame === 0) stage.lab.advance(50)
  }
  t.match(partner.closed, /faster than/)
  Object.assign(stage.server.disk.behaviour, FAST)
  stage.lab.advance(70_000)
})

t.test('a stop while the two agree, while rows come, while a return is under way', async (t) => {
  for (const wait of [0, 1, 5, 400, 2000]) {
    const stage = new Stage()
    slow(stage)
    const connection = stage.greet(wait > 1000 ? { rights: 'none', noneBecause: 'lost' } : {})
    connection.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
    stage.lab.advance(wait)
    let isStopped = false
    stage.server.stop(() => (isStopped = true))
    connection.say(frameOf([leaseAt(THEIRS[1]!, 2)], { position: 102 }))
    stage.lab.advance(10_000)
    t.ok(isStopped, `after ${wait} ms`)
    connection.say({ type: 'want', first: FIRST, last: FIRST + 9, urgent: true })
    t.equal(stage.count('INTERNAL_ERROR'), 0)
    t.same(stage.lab.invariants.violations, [])
  }
})

attack('another configuration in the middle of a backlog: the two meet anew', (t, stage) => {
  const partner = stage.partner({ applied: 0 })
  const other = pairPlans(
    pairConfig({
      mode: 'hot-standby',
      dhcp4: {
        subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.50' }] }],
      },
    }),
  )[0]!
  partner.frame([leaseAt(THEIRS[0]!, 1)], { lane: 'backlog', position: 60 })
  stage.lab.reload(other)
  t.match(partner.closed, /new configuration/)
  partner.frame([leaseAt(THEIRS[1]!, 2)], { lane: 'backlog', last: true, position: 100 })
  stage.lab.advance(20)
  const again = stage.partner()
  t.equal(again.connection.said('hello')[0]!.fingerprint, other.fingerprint)
  t.equal(stage.server.server!.table.byAddress(THEIRS[1]!), undefined, 'of the former one nothing')
})

// ---- rows

const LONG = 'x'.repeat(65_535)

attack('rows at the limits of everything', (t, stage) => {
  // Rows of nobody are in conflict with each other.
  stage.lab.invariants.pair.checksKeys = false
  const rows: Lease[] = [
    leaseAt(THEIRS[0]!, 1, { start: -(2 ** 52), end: 2 ** 52 }),
    leaseAt(THEIRS[1]!, 2, { end: Number.POSITIVE_INFINITY, validLifetime: 0xffffffff }),
    leaseAt(THEIRS[2]!, 3, { end: Number.POSITIVE_INFINITY, validLifetime: 0 }),
    leaseAt(THEIRS[3]!, 4, { start: 2 ** 52, end: -(2 ** 52) }),
    leaseAt(THEIRS[4]!, 5, { gave: 0xffffffff, got: 0xffffffff }),
    leaseAt(THEIRS[5]!, 6, { gave: 0, got: 0xffffffff, change: 2 ** 53 - 1, knew: 2 ** 53 - 1 }),
    leaseAt(THEIRS[6]!, 7, { hostname: LONG, userContext: LONG, clientId: LONG }),
    leaseAt(THEIRS[7]!, 8, { hwAddress: '', clientId: '' }),
    leaseAt(THEIRS[8]!, 9, { subnetId: 0xffffffff, poolId: 0xffffffff, htype: 255 }),
    leaseAt(MINE[0]!, 10, { gave: 0xffffffff, got: 0 }),
    leaseAt(0xffffffff, 11),
    leaseAt(1, 12),
    leaseAt(0x7fffffff, 13),
    leaseAt(0x80000000, 14),
  ]
  const states = Object.values(LEASE_STATE)
  for (const state of states) {
    const partner = stage.partner()
    const odd = rows.map((row) => ({ ...row, state, change: Math.max(1, row.change - 1) }))
    for (const row of odd) partner.frame([row])
    partner.frame(odd)
    stage.lab.advance(1000)
    t.equal(partner.closed, '', `state ${state}: ${partner.closed}`)
    partner.connection.end()
  }
  // Everything goes back and is reclaimed.
  const again = stage.partner({ applied: 0, appliedDatabase: '' })
  stage.lab.advance(30 * 60_000)
  t.equal(again.closed, '')
  stage.lab.restart()
  stage.lab.advance(1000)
})

attack('rows that no server would write', (t, stage) => {
  const good = () => frameOf([leaseAt(THEIRS[0]!, 1, { hostname: 'host', userContext: '{}' })])
  const spoil = (at: number, ...bytes: number[]) => {
    const frame = good()
    frame.set(bytes, at)
    return frame
  }
  const HEADER = 24
  const double = (value: number) => new Uint8Array(new Float64Array([value]).buffer)
  const bad: [string, Uint8Array, RegExp][] = [
    ['format', spoil(0, 2), /format/],
    ['lane', spoil(1, 9), /lane/],
    ['flags', spoil(2, 3), /flags/],
    ['count', spoil(4, 2), /announced/],
    ['position', spoil(8, ...double(Number.NaN)), /position/],
    ['negative position', spoil(8, ...double(-1)), /position/],
    ['clock', spoil(16, ...double(0.5)), /clock/],
    ['kind', spoil(HEADER, 3), /kind/],
    ['state', spoil(HEADER + 1, 5), /state/],
    ['hardware address', spoil(HEADER + 3, 17), /hardware address/],
    ['0.0.0.0', spoil(HEADER + 4, 0, 0, 0, 0), /0\.0\.0\.0/],
    ['start', spoil(HEADER + 16, ...double(2 ** 60)), /time/],
    ['end', spoil(HEADER + 24, ...double(Number.NaN)), /time/],
    ['end before everything', spoil(HEADER + 24, ...double(Number.NEGATIVE_INFINITY)), /time/],
    ['lengths', spoil(HEADER + 44, 255, 255), /truncated/],
    ['hostname', spoil(HEADER + 68 + 6, 0xff), /UTF-8/],
    ['context', spoil(HEADER + 68 + 10, 0xc0), /UTF-8/],
    ['cut off', good().subarray(0, 80), /truncated/],
  ]
  for (const [what, frame, reason] of bad) {
    const partner = stage.partner()
    partner.say(frame)
    t.match(partner.closed, reason, what)
  }
  t.equal(stage.server.server!.table.byAddress(THEIRS[0]!), undefined)
})

attack('texts that grow when they are read: refused before they are', (t, stage) => {
  const partner = stage.partner()
  const frame = frameOf([leaseAt(THEIRS[0]!, 1, { hostname: LONG })])
  frame.fill(0xff, frame.length - LONG.length)
  partner.say(frame)
  t.match(partner.closed, /UTF-8/)
})

attack('rows of networks that are unknown here are kept, up to a number', (t, stage) => {
  const partner = stage.partner()
  const size = 5000
  for (let start = 0; start < 20_000; start += size)
    partner.frame(Array.from({ length: size }, (_, at) => leaseAt(0x0a000000 + start + at, at)))
  stage.lab.advance(100)
  t.equal(partner.closed, '')
  t.match(stage.server.disk.durableRow(0x0a000000 + 19_999), { state: LEASE_STATE.assigned })
  stage.pair.merger.outside = OUTSIDE_MAX + 1
  partner.frame([leaseAt(0x0b000000, 1)])
  t.match(partner.closed, /in no subnet/)
  t.equal(stage.server.server!.table.byAddress(0x0b000000), undefined)
  stage.lab.reload(stage.server.plan)
  stage.pair.planChanged()
  t.equal(stage.partner().closed, '', 'a new plan is a new beginning')
})

attack(
  'a disk of the partner that is slow, and many leases to share',
  (t, stage) => {
    const partner = stage.partner({ applied: 20_000 })
    partner.acks = false
    stage.lab.advance(2000)
    t.ok(partner.rows.length <= 15_000, `${partner.rows.length} rows under way`)
    partner.acks = true
  },
  {
    rows: Array.from({ length: 20_000 }, (_, index) =>
      leaseAt(HOMES[index]!, index, {
        gave: 0,
        change: 1 + index,
        start: 1_000_000,
        end: 9_000_000,
      }),
    ),
  },
)

// ---- errors of ours

attack('an error in the server costs the connection', (t, stage) => {
  const { pair } = stage
  const spoiled = (spoil: () => () => void, what: string) => {
    const partner = stage.partner()
    const mend = spoil()
    partner.frame([leaseAt(THEIRS[0]!, 1)])
    partner.say({ type: 'want', first: FIRST, last: FIRST + 9, urgent: true })
    mend()
    t.equal(partner.closed, 'an error in the server', what)
  }
  const fail = () => {
    throw new Error('a fault')
  }
  spoiled(() => {
    pair.merger.take = fail
    return () => Reflect.deleteProperty(pair.merger, 'take')
  }, 'while rows are merged')
  spoiled(() => {
    pair.rounds.handOn = fail
    return () => Reflect.deleteProperty(pair.rounds, 'handOn')
  }, 'while a wish is heard')
  const greeting = stage.connect()
  greeting.send = fail
  greeting.say('{')
  t.equal(greeting.closed, 'an error in the server')
  const early = stage.greet()
  pair.merger.take = fail
  early.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
  stage.lab.advance(100)
  t.equal(early.closed, 'an error in the server', 'of what came early')
  Reflect.deleteProperty(pair.merger, 'take')
  t.equal(stage.count('INTERNAL_ERROR'), 4)
  t.match(stage.server.log.lines.find(({ id }) => id === 'INTERNAL_ERROR')?.fields, {
    remote: /192/,
  })
  stage.server.log.lines.length = 0
})

// ---- dials that cross, in every order of events

/** One server as far as meetings go. */
class Greeter {
  readonly meetings: Meetings
  readonly name: string
  /** Everything that it was told, in order: two of one history are alike. */
  readonly history: string[] = []
  #turn = 0

  constructor(crossing: Crossing, role: 'primary' | 'secondary') {
    const plan = haPlan('load-balancing', role)
    this.name = plan.thisServer.name
    // The backup of the plan is switched off.
    const dial = (peer: string) => peer === plan.partner!.name && crossing.dial(this)
    const link = { open() {}, dial, close() {} }
    this.meetings = new Meetings(plan, link, {
      hello: () => ({ ...HELLO, name: this.name, role, instance: role, turn: ++this.#turn }),
      isCurrent: () => true,
      judge: () => '',
      met: (met) => this.meetings.listen(met),
      message: () => {},
      lost: () => {},
      dialFailed: () => {},
      refused: () => {},
    })
  }
}

const HELLO: Omit<Hello, 'name' | 'role' | 'instance' | 'turn'> = {
  type: 'hello',
  version: 1,
  software: '',
  mode: 'load-balancing',
  database: 'd',
  position: 0,
  applied: 0,
  appliedDatabase: '',
  clock: 0,
  appliedClock: 0,
  pairId: '',
  candidateId: 'c',
  side: 0,
  rights: 'none',
  noneBecause: 'fresh',
  handOver: 0,
  longestLifetime: 0,
  fingerprint: '',
  state: 'waiting',
}

/** What is on its way to one end of a wire: what is told there, and what that is called. */
type Lane = { readonly to: Greeter; readonly what: string; readonly tell: () => void }[]

interface WireEnd extends LinkConnection {
  isOpen: boolean
  readonly wire: number
}

/** Two greeters and the wires between them; what happens next is chosen by number. */
class Crossing {
  readonly greeters = [new Greeter(this, 'primary'), new Greeter(this, 'secondary')] as const
  /** What is on its way, in order, for each end of each wire. */
  readonly #lanes: Lane[] = []
  /** Told when the call under way is over. */
  readonly #soon: (() => void)[] = []
  readonly ends: WireEnd[] = []
  #wires = 0

  /** Each of the two will look around twice, whenever that is. */
  constructor() {
    for (const to of this.greeters)
      this.#lanes.push(
        [0, 1000].map((now) => ({ to, what: `turn ${now}`, tell: () => to.meetings.turn(now) })),
      )
  }

  get pending(): Lane[] {
    return this.#lanes.filter((lane) => lane.length > 0)
  }

  dial(from: Greeter): void {
    const to = this.#other(from)
    const wire = this.#wires++
    const lanes = [[], []] as Lane[]
    this.#lanes.push(...lanes)
    const near = this.#end(from, to, lanes[0]!, lanes[1]!, wire, to.name)
    const far = this.#end(to, from, lanes[1]!, lanes[0]!, wire, '')
    near.peer = far
    far.peer = near
    const what = `open ${wire}`
    lanes[0]!.push({ to: from, what, tell: () => from.meetings.opened(near.end, 0) })
    lanes[1]!.push({ to, what, tell: () => to.meetings.opened(far.end, 0) })
  }

  step(choice: number): void {
    const { to, what, tell } = this.pending[choice]!.shift()!
    to.history.push(what)
    tell()
    for (const action of this.#soon.splice(0)) action()
  }

  /** Both let time pass: who is missed is dialled. */
  turn(now: number): void {
    for (const { meetings } of this.greeters) meetings.turn(now)
    while (this.pending.length > 0) this.step(0)
  }

  /** What is wrong, '' when both have one and the same connection, or both have none. */
  trouble(): string {
    const [one, other] = this.greeters.map(({ meetings, name }) =>
      meetings.with(name === 'server1' ? 'server2' : 'server1'),
    ) as [{ connection: WireEnd } | undefined, { connection: WireEnd } | undefined]
    if (one?.connection.wire !== other?.connection.wire)
      return `server1 has ${one?.connection.wire}, server2 ${other?.connection.wire}`
    const open = this.ends.filter(({ isOpen }) => isOpen).length
    return open === (one === undefined ? 0 : 2) ? '' : `${open} ends are open`
  }

  get isMet(): boolean {
    return this.greeters[0].meetings.with('server2') !== undefined
  }

  #other(one: Greeter): Greeter {
    return one === this.greeters[0] ? this.greeters[1] : this.greeters[0]
  }

  #end(own: Greeter, other: Greeter, arriving: Lane, out: Lane, wire: number, dialled: string) {
    const half: { peer?: { end: WireEnd }; end: WireEnd } = {
      end: {
        wire,
        dialled,
        remote: '192.0.2.1:1',
        certificateNames: [],
        buffered: 0,
        isOpen: true,
        confirm: () => {},
        send: (message) => {
          if (!half.end.isOpen) return
          const { end } = half.peer!
          const tell = () => void (end.isOpen && other.meetings.message(end, message))
          out.push({ to: other, what: `hello ${wire}`, tell })
        },
        close: (reason) => {
          if (!half.end.isOpen) return
          half.end.isOpen = false
          // Whatever is still on its way here changes nothing any more.
          arriving.length = 0
          const { end } = half.peer!
          this.#soon.push(() => own.meetings.closed(half.end, reason))
          const tell = () => {
            if (!end.isOpen) return
            end.isOpen = false
            other.meetings.closed(end, 'closed there')
          }
          out.push({ to: other, what: `close ${wire}`, tell })
        },
      },
    }
    this.ends.push(half.end)
    return half
  }
}

t.test('dials that cross: one connection remains, whatever the order', async (t) => {
  let met = 0
  const troubles = new Set<string>()
  const seen = new Set<string>()
  const ends = new Set<string>()
  const paths: number[][] = [[]]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const crossing = new Crossing()
    for (const choice of path) crossing.step(choice)
    const state = crossing.greeters.map(({ history }) => history.join()).join(' | ')
    if (seen.has(state)) continue
    seen.add(state)
    for (const choice of crossing.pending.keys()) paths.push([...path, choice])
    if (crossing.pending.length > 0) continue
    ends.add(state)
    if (crossing.trouble() !== '') troubles.add(crossing.trouble())
    if (crossing.isMet) met++
    for (let round = 1; round < 4 && !crossing.isMet; round++) crossing.turn(round * 1000)
    if (!crossing.isMet) troubles.add('they never meet')
    if (crossing.trouble() !== '') troubles.add(`later: ${crossing.trouble()}`)
  }
  t.same([...troubles], [])
  t.ok(ends.size > 100, `${ends.size} ends, ${seen.size} states`)
  t.equal(met, ends.size, 'they have met without another dial')
})

// ---- whatever may come

type Deed = (stage: Stage, partner: Partner) => void

const COUNT = fc.oneof(fc.nat(300), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1))
const ADDRESS = fc.oneof(
  fc.constantFrom(...MINE.slice(0, 4), ...THEIRS.slice(0, 4)),
  fc.nat(0xffffffff),
)
const KEYS = fc.oneof(fc.nat(3), fc.constantFrom(0xffffffff))
const TIME = fc.oneof(
  fc.integer({ min: -700_000, max: 700_000 }),
  fc.constantFrom(2 ** 52, -(2 ** 52)),
)
const ROW: fc.Arbitrary<Lease> = fc
  .record({
    address: ADDRESS.filter((address) => address > 0),
    state: fc.constantFrom(...Object.values(LEASE_STATE)),
    client: fc.nat(3),
    gave: KEYS,
    got: KEYS,
    start: TIME,
    end: fc.oneof(TIME, fc.constant(Number.POSITIVE_INFINITY)),
    validLifetime: fc.oneof(fc.nat(1000), fc.constant(0xffffffff)),
    change: COUNT,
    knew: COUNT,
    givenBy: fc.constantFrom('us' as const, 'partner' as const),
  })
  .map(({ address, client, ...more }) => leaseAt(address, client, more))

const LANE = fc.constantFrom(
  'live' as const,
  'live' as const,
  'backlog' as const,
  'refill' as const,
)

/** The same message, spoiled somewhere. */
function spoiled(message: Uint8Array | string, at: number, byte: number): Uint8Array | string {
  const place = at % Math.max(1, message.length)
  if (typeof message === 'string')
    return `${message.slice(0, place)}${String.fromCharCode(byte)}${message.slice(place + 1)}`
  const bytes = message.slice()
  bytes[place] = byte
  return bytes
}

const WORD: fc.Arbitrary<object> = fc.oneof(
  fc.record({ type: fc.constant('ack'), seen: COUNT, live: COUNT, backlog: COUNT }),
  fc.record({
    type: fc.constant('heartbeat'),
    seen: fc.nat(3),
    state: fc.constantFrom(
      'hot-standby',
      'waiting',
      'partner-down',
      'in-maintenance',
      'terminated',
    ),
    scopes: fc.array(fc.constantFrom('server1', 'server2', 'x'), { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('want'), first: ADDRESS, last: ADDRESS, urgent: fc.boolean() }),
  fc.record({ type: fc.constant('over'), number: COUNT, position: COUNT }),
  fc.record({ type: fc.constant('over'), number: fc.nat(9), position: fc.nat(100) }),
  fc.record({ type: fc.constant('back'), number: fc.nat(9), position: COUNT, doubt: fc.boolean() }),
  fc.record({ type: fc.constant('maintenance'), cancel: fc.boolean() }),
  fc.constant({ type: 'leaving' }),
)

/** Both keys, or neither, as before: an end moves earlier only by a release or decline that counts. */
function sendRow(stage: Stage, partner: Partner, row: Lease, frame: Frame): void {
  const { table } = stage.server.server!
  const before = table.byAddress(row.address)
  const keys = table.keysOf(row.address, before)
  const session = stage.pair.conversations.withPartner
  const isPlain = session !== undefined && !session.isVerbatim && session.agreement.merge === 'keys'
  partner.frame([row], frame)
  const after = table.byAddress(row.address)
  const now = stage.pair.services.now()
  if (before === undefined || !isPlain || keys === 0) return
  if (before.state !== LEASE_STATE.assigned) return
  const was = overAt(before.end, before.validLifetime)
  if (was <= now || after === undefined || overAt(after.end, after.validLifetime) >= was - 1) return
  const ends = after.state === LEASE_STATE.released || after.state === LEASE_STATE.declined
  if (!ends || before.change > row.knew || !isSameClient(before, row))
    throw new Error(`${JSON.stringify(before)} became ${JSON.stringify(after)}`)
}

const DEED: fc.Arbitrary<Deed> = fc.oneof(
  fc
    .record({
      row: ROW,
      lane: LANE,
      last: fc.boolean(),
      position: fc.option(COUNT, { nil: undefined }),
    })
    .map(
      ({ row, position, ...frame }): Deed =>
        (stage, partner) =>
          sendRow(stage, partner, row, position === undefined ? frame : { ...frame, position }),
    ),
  WORD.map(
    (word): Deed =>
      (_, partner) =>
        partner.say(JSON.stringify(word)),
  ),
  fc.record({ row: ROW, at: fc.nat(200), byte: fc.nat(255) }).map(
    ({ row, at, byte }): Deed =>
      (_, partner) =>
        partner.say(spoiled(partner.bytes([row]), at, byte)),
  ),
  fc.record({ word: WORD, at: fc.nat(200), byte: fc.nat(127) }).map(
    ({ word, at, byte }): Deed =>
      (_, partner) =>
        partner.say(spoiled(JSON.stringify(word), at, byte)),
  ),
  fc.nat(3000).map(
    (time): Deed =>
      (stage) =>
        stage.lab.advance(time),
  ),
  fc.constant<Deed>((stage) => void stage.lab.addClient()),
)

/** How the partner comes back when it has been sent away. */
const RETURN: fc.Arbitrary<Partial<Hello>> = fc.record(
  {
    position: COUNT,
    applied: COUNT,
    clock: COUNT,
    handOver: fc.nat(9),
    rights: fc.constantFrom('shared' as const, 'sole' as const, 'none' as const),
    noneBecause: fc.constantFrom('fresh' as const, 'lost' as const, 'handed-over' as const),
    database: fc.constantFrom(PARTNER_DATABASE, 'another'),
    appliedDatabase: fc.constantFrom('own-database', '', 'another'),
    pairId: fc.constantFrom('pair', ''),
    state: fc.constantFrom('hot-standby' as const, 'in-maintenance' as const),
  },
  { requiredKeys: [] },
)

t.test('whatever a partner says: nothing is thrown, no lease ends before its time', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(DEED, RETURN), { minLength: 10, maxLength: 60 }), (deeds) => {
      const stage = new Stage({
        rows: [leaseAt(MINE[0]!, 1, { end: 1_600_000, start: 1_000_000 })],
      })
      let partner = stage.partner()
      for (const [deed, back] of deeds) {
        if (partner.closed !== '') partner = stage.partner(back)
        deed(stage, partner)
      }
      stage.lab.advance(60_000)
      const faults = stage.server.log.lines.filter(({ id }) => id === 'INTERNAL_ERROR')
      if (faults.length > 0) throw new Error(JSON.stringify(faults[0]))
      const { table } = stage.server.server!
      for (const row of table.rowsFrom(0, 1000))
        if (![0, 1, 2].includes(table.keysOf(row.address, row))) throw new Error('keys')
    }),
    { numRuns: 40, seed: 1, endOnFailure: true },
  )
})
