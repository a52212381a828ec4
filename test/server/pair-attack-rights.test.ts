// A server of a pair under attack through its link, by what moves rights and free addresses:
// returns, hand-overs, maintenance, wishes. Rights change hands by the right words only.

import t from 'tap'
import { CHANGES_MAX } from '../../lib/ha/limits.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { BACKUP, frameOf, leaseAt, Stage } from './fake-partner.ts'
import { attack, FIRST, MINE, POOL, slow, THEIRS } from './pair-attack.ts'

// ---- rights change hands by word only

/** Given with no key by the counters: everything was here. */
const GIVEN_ALONE = { gave: 0, got: 0, change: 1, start: 1_000_000, end: 1_600_000 }

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

const HANDED = { rights: 'none', noneBecause: 'handed-over', handOver: 5 } as const

/**
 * A partner that has handed over, and that an operator works on; it says its state when the test
 * does.
 */
function workedOn(stage: Stage) {
  const partner = stage.partner({ ...HANDED, state: 'in-maintenance' })
  partner.beats = false
  const beat = (state: 'in-maintenance' | 'waiting') =>
    partner.say({ type: 'heartbeat', seen: partner.seen, state, scopes: [] })
  beat('in-maintenance')
  stage.lab.advance(500)
  return { partner, beat }
}

attack(
  'an over that is repeated behind a cut: the return comes when the work is done',
  (t, stage) => {
    const { partner, beat } = workedOn(stage)
    partner.say({ type: 'over', number: 5, position: 100 })
    beat('in-maintenance')
    stage.lab.advance(500)
    t.same(partner.connection.said('back'), [], 'it is worked on')
    t.match(stage.server.disk.pair, { rights: 'sole', handOver: 5 })
    beat('waiting')
    stage.lab.advance(500)
    t.match(partner.connection.said('back'), [{ number: 6 }])
    t.match(stage.server.disk.pair, { rights: 'shared', handOver: 6 })
    t.equal(partner.closed, '')
  },
  { record: { rights: 'sole', handOver: 5 } },
)

attack(
  'a return whose connection is lost while it is stored goes to the next one',
  (t, stage) => {
    const { partner, beat } = workedOn(stage)
    partner.say({ type: 'over', number: 5, position: 100 })
    slow(stage)
    beat('waiting')
    stage.lab.advance(100)
    t.equal(stage.pair.record.rights, 'shared', 'but it is not stored')
    partner.connection.end()
    const rows = partner.rows.length
    stage.lab.advance(2000)
    slow(stage, false)
    t.same([partner.rows.length, partner.connection.said('back')], [rows, []])
    t.equal(stage.pair.sessions.size, 0)
    const next = stage.partner(HANDED)
    stage.lab.advance(500)
    t.match(next.connection.said('back'), [{ number: 7 }])
    t.equal(stage.server.disk.pair?.rights, 'shared')
  },
  { record: { rights: 'sole', handOver: 5 } },
)

attack(
  'what was given by somebody with every right keeps the key that its client needs',
  (t, stage) => {
    const partner = stage.partner({ rights: 'none', noneBecause: 'handed-over', handOver: 5 })
    stage.lab.advance(500)
    t.match(partner.connection.said('back'), [{ number: 6 }])
    const table = stage.server.server!.tables.v4
    const [address] = THEIRS as [number]
    t.equal(table.keysOf(address, table.byAddress(address)), 1, 'it may renew')
    t.match(partner.rows, [{ address, gave: 0, got: 1 }], 'and the partner knows')
  },
  { record: { rights: 'sole', handOver: 5 }, rows: [leaseAt(THEIRS[0]!, 1, GIVEN_ALONE)] },
)

attack('who is not in maintenance is not called back', (t, stage) => {
  const partner = stage.partner()
  let result: unknown
  stage.pair.orders.cancelMaintenance((answer) => {
    result = answer
  })
  stage.lab.advance(100)
  t.match(result, { allowed: false, why: /not in maintenance$/ })
  t.same(partner.connection.said('maintenance'), [], 'nor asked')
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
    const backup = stage.partner(BACKUP)
    t.match(backup.closed, /rows are not wanted/)
    const polite = stage.greet({ ...BACKUP, known: { 'own-database': CHANGES_MAX } })
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
    t.equal(stage.pair.stock.handedOn, 0)
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
  const table = stage.server.server!.tables.v4
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
  t.ok(stage.pair.stock.handedOn > 0)
  t.ok(freeHere(stage) >= Math.floor(0.2 * POOL.length), `${freeHere(stage)} are left`)
  t.same(
    partner.rows.filter(({ address }) => !POOL.includes(address)),
    [],
  )
})

attack(
  'of a range only what is in a pool is handed on, of single ones what is in a subnet',
  (t, stage) => {
    const partner = stage.partner()
    const asked = [0, 1, 0x0a000000, 0xc0000200, 0xc0000264, 0xffffff00]
    for (const first of asked)
      for (const last of [first + 80, first + 255])
        partner.say({ type: 'want', first, last, urgent: true })
    stage.lab.advance(100)
    t.ok(partner.rows.length > 0)
    t.same(
      partner.rows.filter(({ address }) => !POOL.includes(address)),
      [],
    )
    partner.rows.length = 0
    for (const first of asked) partner.say({ type: 'want', first, last: first, urgent: true })
    stage.lab.advance(100)
    const single = partner.rows.map(({ address }) => address)
    t.same(
      single,
      asked.filter((address) => address >>> 8 === 0xc00002 && homeOf(address) === 0),
      'which may be reserved',
    )
    t.equal(partner.closed, '')
  },
)
