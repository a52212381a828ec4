// A server of a pair under attack through its link, by what is said on it: before the hello, as
// somebody who is no partner, and after it. Whatever comes: no exception reaches the loop, what is
// wrong costs the connection it came on and nothing else, and clients are answered afterwards.

import { CHANGES_MAX } from '../../lib/ha/limits.ts'
import type { Hello } from '../../lib/ha/link-messages.ts'
import { LINK_MESSAGE_MAX } from '../../lib/ports/link.ts'
import { leaseAt, leaseOf, PARTNER_DATABASE } from './fake-partner.ts'
import { attack, FIRST, THEIRS } from './pair-attack.ts'

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

// ---- before the hello

attack('garbage before the hello: refused, and the connection ends', (t, stage) => {
  for (const message of GARBAGE) {
    const connection = stage.connect()
    connection.say(message)
    t.not(connection.closed, '', roleOf(typeof message === 'string' ? 'text' : 'bytes', message))
    connection.say(message)
    connection.say({ ...stage.hello() })
  }
  t.equal(stage.pair.sessions.size, 0)
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
  t.equal(stage.count('HA_DIAL_FAILED'), 0)
  for (let time = 0; time < 3; time++) {
    stage.connect('server2')
    stage.lab.advance(3100)
  }
  t.equal(stage.count('HA_DIAL_FAILED'), 1, 'where this end has dialled it is told, once')
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
  { is: 'much newer', hello: { version: 3, lowest: 2 }, reason: /version 3/ },
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

attack('a partner of the next version, which speaks this one, too, is met', (t, stage) => {
  const partner = stage.partner({ version: 2, lowest: 1 })
  t.equal(partner.closed, '')
  t.ok(stage.isWell())
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
  t.equal(stage.pair.sessions.size, 1)
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
  t.equal(stage.server.server!.tables.v4.byAddress(THEIRS[0]!), undefined, 'without effect')
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
  partner.frame([leaseAt(one, 1)], { position: CHANGES_MAX })
  stage.lab.advance(100)
  t.equal(partner.closed, '')
  partner.frame([leaseAt(one, 1)], { position: Number.MAX_SAFE_INTEGER })
  t.match(partner.closed, /no change number/)
  t.equal(stage.server.server!.tables.v4.byAddress(one)!.got, 1, 'the key came once')
})

attack(
  'an acknowledgement of what was never sent: the connection ends, replies leave',
  (t, stage) => {
    const much = Number.MAX_SAFE_INTEGER
    for (const claim of [{ live: much }, { backlog: much }, { seen: 1_000_000 }]) {
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
    partner.say({ type: 'ack', seen: 1, live: 1, backlog: 1 })
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
  t.equal(stage.server.server!.tables.v4.byAddress(THEIRS[0]!), undefined)
  t.equal(stage.pair.stock.handedOn, 0)
  t.equal(stage.pair.machine.state, 'partner-down')
})
