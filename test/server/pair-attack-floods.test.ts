// A server of a pair under attack through its link, by how much comes and when: floods, ends that
// do not listen, and whatever may happen while an agreement is being stored. Nothing grows, nobody
// waits for ever.

import t from 'tap'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { LINK_MESSAGE_MAX } from '../../lib/ports/link.ts'
import { BUFFERED_MAX } from '../../lib/server/pair/outgoing.ts'
import { BACKUP, frameOf, leaseAt, PARTNER_DATABASE, Stage } from './fake-partner.ts'
import { attack, FIRST, slow, THEIRS } from './pair-attack.ts'

// ---- floods, and ends that do not listen

attack(
  'tiny messages without end: clients are answered, and each message once at most',
  (t, stage) => {
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
  },
)

attack('frames without rows, by the hundred thousand', (t, stage) => {
  const partner = stage.partner()
  slow(stage)
  const frame = partner.bytes([])
  for (let index = 0; index < 200_000 && partner.closed === ''; index++) partner.say(frame)
  t.match(partner.closed, /faster than they can be stored/)
  stage.storesIn()
  stage.lab.advance(2000)
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
    t.equal(stage.pair.machine.state, 'partner-down', 'who cannot store serves nobody')
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
    const backup = stage.greet(BACKUP)
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
  t.equal(stage.pair.sessions.size, 0)
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

attack('early messages wait for the agreement, and count then', (t, stage) => {
  slow(stage)
  const connection = stage.greet()
  connection.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
  connection.say(frameOf([], { lane: 'backlog', last: true, position: 100 }))
  stage.lab.advance(100)
  t.equal(stage.server.server!.tables.v4.byAddress(THEIRS[0]!), undefined)
  slow(stage, false)
  stage.lab.advance(1000)
  t.match(stage.server.server!.tables.v4.byAddress(THEIRS[0]!), { got: 1 })
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
  t.equal(
    stage.server.server!.tables.v4.byAddress(THEIRS[0]!),
    undefined,
    'nothing of it was taken',
  )
  t.equal(stage.pair.sessions.size, 0)
})

attack('the journal fails while the two agree', (t, stage) => {
  const { behaviour } = stage.server.disk
  behaviour.trouble = 'the disk is full'
  const connection = stage.greet()
  connection.say(frameOf([leaseAt(THEIRS[0]!, 1)], { position: 101 }))
  stage.lab.advance(3000)
  t.not(connection.closed, '', 'the partner is to take over')
  const later = stage.greet()
  t.same(later.said('hello'), [], 'and nobody is met meanwhile')
  t.equal(later.said('leaving').length, 1)
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
  const acked = partner.connection.said('ack').map(({ live }) => live)
  t.same(
    acked.filter((live) => live > 100),
    [],
    'not acknowledged',
  )
  t.equal(stage.server.disk.durableRow(THEIRS[0]!), undefined)
  behaviour.trouble = ''
  stage.lab.advance(3000)
  t.match(stage.server.disk.durableRow(THEIRS[0]!), { got: 1 })
  t.equal(stage.server.disk.pair?.applied[PARTNER_DATABASE], 101)
})

attack('rows come faster than the disk takes them', (t, stage) => {
  const partner = stage.partner()
  stage.storesIn(60_000)
  const rows = Array.from({ length: 3000 }, (_, index) => leaseAt(0x0a000000 + index, index))
  for (let frame = 0; frame < 100 && partner.closed === ''; frame++) {
    partner.frame(rows)
    if (frame === 0) stage.lab.advance(50)
  }
  t.match(partner.closed, /faster than/)
  stage.storesIn()
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
  t.equal(
    stage.server.server!.tables.v4.byAddress(THEIRS[1]!),
    undefined,
    'of the former one nothing',
  )
})

t.test('an error of ours while an agreement takes effect costs the connection', async (t) => {
  const stage = new Stage()
  const { streams } = stage.pair
  const { open } = streams
  streams.open = () => {
    streams.open = open
    throw new Error('as the test wants')
  }
  const connection = stage.greet()
  stage.lab.advance(50)
  t.match(connection.closed, /error/)
  t.equal(stage.count('INTERNAL_ERROR'), 1)
  t.equal(stage.partner().closed, '')
  const client = stage.lab.addClient()
  t.ok(stage.lab.world.advanceUntil(() => client.isBound, 10_000))
})
