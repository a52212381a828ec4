// What a pair does beside its clients: which free addresses are asked for, which are handed on when asked, and
// which keys go home before their time.

import t from 'tap'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { BUFFERED_PAUSE } from '../../lib/server/outgoing.ts'
import { leaseAt, Partner, Stage, type StageSettings } from './fake-partner.ts'
import { FIRST, MINE, POOL, THEIRS } from './pair-attack.ts'

const LAST = FIRST + POOL.length - 1
const RANGE = { first: FIRST, last: LAST }
const CLIENT = { htype: 1, hwAddress: 'client', clientId: '' }

/** The lease clock when the stage begins. */
const NOW = 1_000_000

function setUp(settings: StageSettings = {}): {
  stage: Stage
  partner: Partner
  table: NonNullable<Stage['server']['server']>['table']
  now: () => number
} {
  const stage = new Stage(settings)
  const partner = stage.partner()
  const running = stage.server.server!
  return { stage, partner, table: running.table, now: () => running.now() }
}

/** Both keys are here. */
function taken(addresses: readonly number[]): Lease[] {
  return addresses.map((address, index) =>
    leaseAt(address, index, {
      ...{ gave: 1, got: homeOf(address) === 0 ? 0 : 2, start: NOW, end: NOW + 600_000 },
      change: 1 + index,
    }),
  )
}

/** A lease that ended long ago, of which both servers have a key. */
function ended(address: number): Lease {
  const keys = homeOf(address) === 0 ? { gave: 1, got: 0 } : { gave: 0, got: 1 }
  return leaseAt(address, 77, {
    ...keys,
    change: 1,
    start: 0,
    end: 100_000,
    state: LEASE_STATE.expired,
  })
}

function wants(partner: Partner): { first: number; last: number; urgent: boolean }[] {
  return partner.connection.said('want').map(({ first, last, urgent }) => ({ first, last, urgent }))
}

t.test('a range is asked for again after a while only', async (t) => {
  const { stage, partner, now } = setUp()
  const { rounds } = stage.pair
  for (let time = 0; time < 3; time++) rounds.want([RANGE], true, now())
  t.same(wants(partner), [{ ...RANGE, urgent: true }])
  for (let time = 0; time < 3; time++) rounds.want([RANGE], false, now())
  t.same(wants(partner).length, 2, 'at leisure it is another wish')
  rounds.want([{ first: FIRST, last: FIRST }], true, now())
  t.same(wants(partner).length, 3, 'and so is its first address')
  stage.lab.advance(500)
  rounds.want([RANGE], true, now())
  rounds.want([RANGE], false, now())
  t.same(wants(partner).length, 4, 'nobody waits for the one at leisure')
  stage.lab.advance(9500)
  rounds.want([RANGE], false, now())
  t.same(wants(partner).length, 5)
})

t.test('keys of ended leases go home when a client waits, here or there', async (t) => {
  const owed = THEIRS.slice(0, 3)
  const rows = [...owed.map(ended), ended(MINE[0]!)]
  const told = ({ rows }: Partner) => rows.map(({ address, gave }) => ({ address, gave }))
  const home = owed.map((address) => ({ address, gave: 1 }))
  for (const urgent of [true, false]) {
    const { stage, partner, now } = setUp({ rows })
    stage.pair.rounds.want([RANGE], urgent, now())
    stage.lab.advance(600)
    t.same(told(partner), urgent ? home : [], 'a client of this server')
  }
  for (const urgent of [true, false]) {
    const { stage, partner } = setUp({ rows })
    partner.say({ type: 'want', ...RANGE, urgent })
    stage.lab.advance(50)
    const given = told(partner).filter(({ address }) => owed.includes(address))
    t.same(given, urgent ? home : [], 'a client of the partner')
  }
  const { stage, partner, table, now } = setUp({ rows })
  table.offer(owed[1]!, CLIENT, 1, now() + 30_000)
  stage.pair.rounds.want([{ first: owed[0]!, last: owed[1]! }], true, now())
  stage.lab.advance(600)
  t.same(told(partner), home.slice(0, 1), 'not what is offered, nor what was not asked for')
})

t.test('among very many rows those are looked at a part at a time', async (t) => {
  const first = 0x0a000010
  const many = Array.from({ length: 2100 }, (_, index) => first + index)
  let last = first + 2100
  while (homeOf(last) === 0) last++
  const subnet4 = [{ id: 1, subnet: '10.0.0.0/16', pools: [{ pool: '10.0.0.16-10.0.20.0' }] }]
  const rows = [...taken(many), ended(last)]
  const { stage, partner, now } = setUp({ rows, config: { dhcp4: { subnet4 } } })
  const ask = () => {
    stage.pair.rounds.want([{ first, last: last + 9 }], true, now())
    stage.lab.advance(600)
    return partner.rows.filter(({ address }) => address === last).length
  }
  t.equal(ask(), 0)
  t.equal(ask(), 1, 'where the last look ended')
})

t.test('of a range the partner gets half, down to the reserve', async (t) => {
  const given = (free: number, urgent: boolean) => {
    const { stage, partner } = setUp({ rows: taken(MINE.slice(free)) })
    partner.say({ type: 'want', ...RANGE, urgent })
    stage.lab.advance(50)
    for (const row of partner.rows) t.match(row, { state: LEASE_STATE.free, gave: 2 })
    return partner.rows.length
  }
  const reserve = (free: number) => Math.floor((free + THEIRS.length) * 0.2)
  t.equal(given(31, true), 31 - reserve(31), 'what is beyond the reserve is less than half')
  t.equal(given(reserve(10), true), 0)
  const few = { pools: [{ pool: '192.0.2.10-192.0.2.14' }] }
  const small = (rows: Lease[], urgent: boolean) => {
    const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', ...few }]
    const { stage, partner } = setUp({ rows, config: { dhcp4: { subnet4 } } })
    partner.say({ type: 'want', ...RANGE, urgent })
    stage.lab.advance(50)
    return partner.rows.length
  }
  const mine = MINE.filter((address) => address < FIRST + 5)
  const theirs = THEIRS.filter((address) => address < FIRST + 5)
  t.equal(small(taken([...mine.slice(1), ...theirs]), true), 1, 'the last one when somebody waits')
  t.equal(small(taken([...mine.slice(1), ...theirs]), false), 0, 'else it stays where it is')
})

t.test('the last address stays where somebody waits for it', async (t) => {
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.11' }] }]
  const rows = taken([FIRST, FIRST + 1].filter((address) => address !== MINE[0]))
  const { stage, partner, now } = setUp({ rows, config: { dhcp4: { subnet4 } } })
  const range = { first: FIRST, last: FIRST + 1 }
  stage.pair.rounds.want([range], true, now())
  partner.say({ type: 'want', ...range, urgent: true })
  stage.lab.advance(1000)
  t.same(partner.rows, [])
  stage.lab.advance(70_000)
  partner.say({ type: 'want', ...range, urgent: true })
  stage.lab.advance(50)
  t.same(
    partner.rows.map(({ address }) => address),
    [MINE[0]],
    'for so long as a client asks again',
  )
})

t.test('one address', async (t) => {
  const [address] = MINE as [number]
  const asked = ({ stage, partner }: ReturnType<typeof setUp>, urgent = true, which = address) => {
    partner.rows.length = 0
    partner.say({ type: 'want', first: which, last: which, urgent })
    stage.lab.advance(50)
    return partner.rows.map(({ address, gave }) => ({ address, gave }))
  }
  const both = [{ address, gave: 2 }]

  t.test('is handed on to who needs it, not at leisure', async (t) => {
    const world = setUp()
    t.same(asked(world, false), [])
    t.same(asked(world), both)
    t.same(asked(world), [], 'once')
  })

  t.test('is not while it is offered, or a client here waits for it', async (t) => {
    const offered = setUp()
    offered.table.offer(address, CLIENT, 1, offered.now() + 1000)
    t.same(asked(offered), [])
    offered.stage.lab.advance(1000)
    t.same(asked(offered), both)
    const awaited = setUp()
    awaited.stage.pair.rounds.want([{ first: address, last: address }], true, awaited.now())
    t.same(asked(awaited), [])
    awaited.stage.lab.advance(70_000)
    t.same(asked(awaited), both)
  })

  t.test('is not of the reserve, unless it is reserved for a client', async (t) => {
    const rows = taken(MINE.slice(5))
    t.same(asked(setUp({ rows })), [])
    const reservations = [{ 'hw-address': '02:01', 'ip-address': '192.0.2.10' }]
    const pools = [{ pool: '192.0.2.10-192.0.2.99' }]
    const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools, reservations }]
    const world = setUp({
      rows: taken(MINE.filter((one) => one !== FIRST)),
      config: { dhcp4: { subnet4 } },
    })
    const first = MINE.includes(FIRST) ? [{ address: FIRST, gave: 2 }] : []
    t.same(asked(world, true, FIRST), first)
  })

  t.test('whose lease is over goes, with both keys or with the one that is here', async (t) => {
    const over = { start: 0, end: 100_000, change: 1 }
    const world = setUp({ rows: [leaseAt(address, 5, { ...over, gave: 1, got: 1 })] })
    t.same(asked(world), [{ address, gave: 3 }])
    const pools = [{ pool: '192.0.2.10-192.0.2.11' }]
    const config = { dhcp4: { subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools }] } }
    const small = [FIRST, FIRST + 1].filter((one) => one !== address)
    const soon = { start: 0, end: NOW - 12_500, change: 1 }
    const tiny = setUp({
      rows: [leaseAt(address, 5, { ...soon, gave: 1 }), ...taken(small)],
      config,
    })
    tiny.stage.lab.advance(500)
    tiny.partner.frame([
      leaseAt(address, 5, { state: LEASE_STATE.free, hwAddress: '', gave: 1, got: 1 }),
    ])
    t.same(asked(tiny), [{ address, gave: 3 }], 'the last one of a pool without a reserve, too')
    const [other] = THEIRS as [number]
    t.same(asked(setUp({ rows: [ended(other)] }), true, other), [{ address: other, gave: 1 }])
    t.same(asked(setUp({ rows: [ended(address)] })), [], 'one that is at home here does not')
    t.same(asked(setUp({ rows: taken([address]) })), [], 'nor one that is in use')
  })
})

t.test('more is asked for before the last are gone, where the partner has some', async (t) => {
  const asks = (free: number, foreign: number): boolean => {
    const rows = taken([...MINE.slice(free), ...THEIRS.slice(foreign)])
    const { stage, partner } = setUp({ rows })
    stage.lab.advance(2000)
    return wants(partner).length > 0
  }
  const quarter = Math.ceil(THEIRS.length / 3)
  t.ok(asks(quarter - 1, THEIRS.length))
  t.notOk(asks(quarter, THEIRS.length))
  t.notOk(asks(0, 0))
})

/** Leases of this server, of which the partner has no key yet. */
function unshared(count: number, more: Partial<Lease> = {}): Lease[] {
  const rows: Lease[] = []
  for (let address = 0x0a000000; rows.length < count; address++) {
    const change = rows.length + 1
    if (homeOf(address) === 0)
      rows.push(leaseAt(address, change, { gave: 0, change, start: NOW, end: 9 * NOW, ...more }))
  }
  return rows
}

t.test('what was given while the partner was away is shared as the disk stores it', async (t) => {
  const stage = new Stage({ rows: unshared(20_000) })
  Object.assign(stage.server.disk.behaviour, { commitMin: 150, commitMax: 150 })
  const partner = stage.partner({ applied: 20_000 })
  const { delivery } = stage.pair.services
  let most = 0
  for (let time = 0; time < 3000; time++) {
    stage.lab.advance(1)
    most = Math.max(most, delivery.gathered)
  }
  t.ok(most > 1000 && most < 6000, `${most} at once`)
  t.equal(partner.rows.length, 20_000, 'all of them')
  t.equal(partner.closed, '')
})

t.test('and as the partner reads it', async (t) => {
  const rows = unshared(500, { userContext: 'x'.repeat(60_000) })
  const stage = new Stage({ rows })
  const partner = new Partner(stage, { applied: 500 })
  partner.connection.isReading = false
  stage.lab.advance(20)
  partner.frame([], { lane: 'backlog', last: true, position: 100 })
  stage.lab.advance(1000)
  t.ok(partner.connection.buffered > BUFFERED_PAUSE, `${partner.connection.buffered} bytes`)
  t.equal(partner.closed, '', 'the connection lasts')
})

t.test('what is returned while in doubt rests until nobody can have it any more', async (t) => {
  const doubtUntil = NOW + 3_600_000
  const rows = [MINE[0]!, THEIRS[0]!].map(ended)
  const { stage, partner, now } = setUp({
    rows: [...rows, ...taken([MINE[1]!])],
    record: { rights: 'sole', doubtUntil },
  })
  stage.lab.advance(1000)
  t.match(partner.connection.said('back'), [{ doubt: true }])
  t.equal(partner.rows.length, 3)
  for (const { address, end, state } of partner.rows) {
    t.equal(state, LEASE_STATE.assigned, 'somebody may have it still')
    t.ok(now() + end >= doubtUntil - 1100, `${address} ends ${end} ms from then`)
  }
})
