// Free addresses between two servers: which are asked for, which are handed on when asked, and
// which keys go home before their time.

import t from 'tap'
import type { Want } from '../../lib/ha/link-messages.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { homeOf } from '../../lib/leases/rights.ts'
import { leaseAt, type Partner } from './fake-partner.ts'
import { FIRST, MINE, POOL, THEIRS } from './pair-attack.ts'
import { ended, NOW, setUp, taken } from './stock-stage.ts'

const LAST = FIRST + POOL.length - 1
const RANGE = { first: FIRST, last: LAST }
const CLIENT = { htype: 1, hwAddress: 'client', clientId: '' }

function wants({ connection }: Partner): Omit<Want, 'type'>[] {
  return connection.said('want').map(({ type: _, ...wish }) => wish)
}

t.test(
  'a range is asked for by the number of clients that wait, and again after a while',
  async (t) => {
    const { stage, partner, table, now } = setUp({ rows: taken(MINE) })
    const wishes = () => wants(partner).filter(({ urgent }) => urgent)
    const { stock } = stage.pair
    for (const client of ['a', 'b', 'a']) stock.lacks(client, [RANGE], now())
    t.same(wishes(), [{ ...RANGE, urgent: true, count: 1 }])
    stock.lacks('a', [{ first: FIRST, last: FIRST }], now())
    t.same(wishes().length, 2, 'its first address is another wish')
    stock.lacks('a', [RANGE], now())
    stage.lab.advance(600)
    t.same(wishes().slice(2), [{ ...RANGE, urgent: true, count: 2 }], 'all of them')
    stock.served('b')
    stage.lab.advance(500)
    t.same(wishes().slice(3), [{ ...RANGE, urgent: true, count: 1 }], 'who still waits')
    const [theirs] = THEIRS as [number]
    partner.frame([leaseAt(theirs, 0, { state: LEASE_STATE.free, hwAddress: '', gave: 2, end: 0 })])
    t.equal(table.mayGive(theirs, table.byAddress(theirs), now()), true, 'at once')
    stage.lab.advance(2000)
    t.same(wishes().slice(4), [], 'not for whom there is an address')
  },
)

t.test('who does not ask again within twice its last wait has gone', async (t) => {
  const { stage, partner, now } = setUp({ rows: taken(MINE) })
  const asked = (wait: number) => {
    stage.lab.advance(wait)
    return partner.connection.said('want').filter(({ urgent }) => urgent).length
  }
  stage.pair.stock.lacks('a', [RANGE], now())
  const first = asked(20_000)
  t.ok(first > 10 && first <= 25, `${first} in 12 s`)
  t.equal(asked(60_000), first)
  stage.pair.stock.lacks('b', [RANGE], now())
  asked(8000)
  stage.pair.stock.lacks('b', [RANGE], now())
  const before = asked(0)
  t.ok(asked(21_000) > before + 30)
  const last = asked(2000)
  t.equal(asked(60_000), last)
})

t.test('keys of ended leases go home when a client waits, here or there', async (t) => {
  const owed = THEIRS.slice(0, 3)
  const rows = [...owed.map(ended), ended(MINE[0]!)]
  const told = ({ rows }: Partner) => rows.map(({ address, gave }) => ({ address, gave }))
  const home = owed.map((address) => ({ address, gave: 1 }))
  const here = setUp({ rows })
  here.stage.lab.advance(600)
  t.same(told(here.partner), [], 'nobody waits')
  here.stage.pair.stock.lacks('a', [RANGE], here.now())
  here.stage.lab.advance(600)
  t.same(told(here.partner), home, 'a client of this server')
  for (const urgent of [true, false]) {
    const { stage, partner } = setUp({ rows })
    partner.say({ type: 'want', ...RANGE, urgent })
    stage.lab.advance(50)
    const given = told(partner).filter(({ address }) => owed.includes(address))
    t.same(given, home, urgent ? 'a client of the partner' : 'or the partner runs short')
  }
  const { stage, partner, table, now } = setUp({ rows })
  table.offer(owed[1]!, CLIENT, 1, now() + 30_000)
  stage.pair.stock.lacks('a', [{ first: owed[0]!, last: owed[1]! }], now())
  stage.lab.advance(600)
  t.same(told(partner), home.slice(0, 1), 'not what is offered, nor what was not asked for')
})

t.test('who waits for one address keeps no other from clients of the partner', async (t) => {
  const [first, second] = MINE as [number, number]
  const only = (address: number) => ({ first: address, last: address })
  const given = (free: readonly number[], waitsFor: number, count: number) => {
    const { stage, partner, now } = setUp({
      rows: taken(MINE.filter((one) => !free.includes(one))),
    })
    stage.pair.stock.lacks('card', [only(waitsFor)], now())
    partner.say({ type: 'want', ...RANGE, urgent: true, count })
    stage.lab.advance(50)
    return partner.rows.map(({ address }) => address)
  }
  t.same(given([first], THEIRS[0]!, 1), [first], 'the last one, which it has no use for')
  t.same(given([first, second], first, 2), [second], 'but the one itself stays')
})

t.test('of those that may come back, no more are forgotten than must be', async (t) => {
  const { stage, partner } = setUp({ rows: THEIRS.map(ended) })
  const home = () => partner.rows.filter(({ address }) => THEIRS.includes(address)).length
  partner.say({ type: 'want', ...RANGE, urgent: false })
  stage.lab.advance(50)
  t.equal(home(), 16)
  partner.say({ type: 'want', ...RANGE, urgent: true, count: 1 })
  stage.lab.advance(50)
  t.equal(home(), THEIRS.length)
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
    stage.pair.stock.lacks('a', [{ first, last: last + 9 }], now())
    stage.lab.advance(600)
    return partner.rows.filter(({ address }) => address === last).length
  }
  t.equal(ask(), 0)
  t.equal(ask(), 1, 'where the last look ended')
})

t.test('a range is handed on where the prefix of another subnet covers it', async (t) => {
  const pools = (pool: string) => [{ pool }]
  const subnet4 = [
    { id: 1, subnet: '192.0.2.0/24', pools: pools('192.0.2.250/32') },
    { id: 2, subnet: '192.0.2.0/25', pools: pools('192.0.2.10-192.0.2.100') },
  ]
  for (const last of [LAST, MINE[0]!]) {
    const { stage, partner } = setUp({ config: { dhcp4: { subnet4 } } })
    partner.say({ type: 'want', first: MINE[0]!, last, urgent: true })
    stage.lab.advance(50)
    t.ok(partner.rows.length > 0, `up to ${last}`)
  }
})

t.test('of a range the partner gets half, down to the reserve', async (t) => {
  const given = (
    free: number,
    urgent: boolean,
    more: { count?: number; waiting?: number } = {},
  ) => {
    const { count, waiting = 0 } = more
    const { stage, partner, now } = setUp({ rows: taken(MINE.slice(free)) })
    for (let client = 0; client < waiting; client++)
      stage.pair.stock.lacks(`${client}`, [RANGE], now())
    partner.say({ type: 'want', ...RANGE, urgent, ...(count === undefined ? {} : { count }) })
    stage.lab.advance(50)
    for (const row of partner.rows) t.match(row, { state: LEASE_STATE.free, gave: 2 })
    return partner.rows.length
  }
  const reserve = (free: number) => Math.floor((free + THEIRS.length) * 0.2)
  t.equal(given(31, true), 31 - reserve(31), 'what is beyond the reserve is less than half')
  t.equal(given(reserve(10), true), 0)
  t.equal(given(reserve(10), true, { count: 3 }), 3, 'of the reserve one for each that waits')
  t.equal(given(4, true, { count: 9 }), 4, 'the last ones, too')
  t.equal(given(4, true, { count: 9, waiting: 3 }), 1, 'but what clients here wait for')
  t.equal(given(31, false, { waiting: 30 }), 1)
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
  stage.pair.stock.lacks('a', [range], now())
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
    awaited.stage.pair.stock.lacks('a', [{ first: address, last: address }], awaited.now())
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

t.test('and before the pace at which clients come has used them up', async (t) => {
  const asked = (taken: number) => {
    const { stage, partner } = setUp()
    for (let lease = 0; lease < taken; lease++) stage.pair.stock.took(0xc000020a, 1)
    stage.lab.advance(600)
    return wants(partner)
  }
  t.same(asked(MINE.length / 4 - 1), [])
  t.same(asked(MINE.length / 4 + 1), [{ ...RANGE, urgent: false }], 'in two seconds they are gone')
})
