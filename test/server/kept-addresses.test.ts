// Addresses of servers, and of hosts that the configuration names, are given to no client.

import t from 'tap'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { KeptAddresses, keeping4 } from '../../lib/server/kept-addresses.ts'
import { Stage } from './fake-partner.ts'
import { planWith, SmallWorld } from './small-world.ts'

const at = (last: number) => 0xc0000200 + last
const named = (last: number) => ({
  'option-data': [{ name: 'routers', data: `192.0.2.${last}` }],
})
const DISCOVER = 1
const octets = (last: number) => `\xc0\x00\x02${String.fromCharCode(last)}`

/** Addresses of OFFERs to new clients, the last octets. */
function offered(world: SmallWorld, numbers: number[], options = {}): number[] {
  return numbers.map((number) => {
    world.arrive(DISCOVER, number, options)
    world.endBatch()
    return world.given.at(-1)! & 255
  })
}

t.test('a pool over the own address: the first client gets the next one', async (t) => {
  const world = SmallWorld.serving(planWith({ pools: [{ pool: '192.0.2.1 - 192.0.2.9' }] }))
  t.same(offered(world, [1, 2]), [2, 3], 'the interface that a message came by')
  world.sink!.onAddresses([at(1), at(4), 0x7f000001])
  t.same(offered(world, [3]), [5], 'any other, as soon as it is known')
  world.sink!.onAddresses([at(1)])
  t.same(offered(world, [4], { 50: octets(4) }), [6], 'nor when it has left')
})

t.test('a router in the pool is given to nobody, asked for or not, across reloads', async (t) => {
  const world = SmallWorld.serving(planWith(named(10)))
  t.same(offered(world, [1], { 50: octets(10) }), [11])
  world.request(2, 10)
  world.endBatch()
  t.match(world.last, /^send NAK/)
  world.server.reload(planWith(named(12)))
  t.same(offered(world, [3, 4]), [10, 13])
})

t.test(
  'a lease of an address that became a server’s own is alarmed of and not renewed',
  async (t) => {
    const before = SmallWorld.serving()
    for (const last of [20, 21]) before.request(last, last)
    before.endBatch()
    const rows = new ChangeWriter()
    for (const change of before.commits[0]!.changes) rows.put(change)
    const world = SmallWorld.serving(planWith(named(21)), [rows.copy()], 1000)
    world.sink!.onAddresses([at(20)])
    const line = world.log.find(({ id }) => id === 'DHCP4_OWN_ADDRESS_LEASED')
    t.match(line, { level: 'error', fields: { address: '192.0.2.20' } })
    world.arrive(3, 20, {}, at(20))
    world.endBatch()
    t.match(world.last, /^send NAK/)
    world.arrive(3, 21, {}, at(21))
    world.endBatch()
    world.committed()
    t.ok(world.happenings.includes('send ACK 21'), 'who holds a named address keeps it')
  },
)

t.test('a reservation gives a named host its address, and not one of a server', async (t) => {
  const reservations = [30, 31].map((last) => ({
    'hw-address': `02:00:00:00:00:${last.toString(16).padStart(2, '0')}`,
    'ip-address': `192.0.2.${last}`,
  }))
  const world = SmallWorld.serving(planWith({ ...named(30), reservations }))
  world.sink!.onAddresses([at(31)])
  t.same(offered(world, [30, 31]), [30, 10])
  world.request(31, 31)
  world.endBatch()
  t.match(world.last, /^send NAK/)
})

t.test('what one server of a pair keeps, the other keeps, too', async (t) => {
  const { dhcp4 } = planWith(named(40))
  const tables = [leaseTable4(), leaseTable4()] as const
  const one = new KeptAddresses(keeping4(dhcp4!), tables[0], () => {})
  const other = new KeptAddresses(keeping4(planWith().dhcp4!), tables[1], () => {})
  let news = 0
  one.onChange = () => news++
  one.see([at(41), 0x0a000001])
  one.see([at(41)])
  t.equal(news, 1)
  t.same(one.toTell, { own: [at(41), 0x0a000001], named: [at(40)] }, 'what clients could get first')
  other.told('server1', one.toTell)
  t.same(
    [at(40), at(41), at(42)].map((address) => other.of(address)),
    ['named', 'own', undefined],
  )
  t.same(
    [at(40), at(41)].map((address) => other.isOwn(address)),
    [false, false],
  )
  const ranges = [{ first: at(40), last: at(42) }]
  const search = { order: 'iterative', draw: () => 0 } as const
  for (const table of tables) t.equal(table.findFree(ranges, search, 0), at(42))
  other.told('server1', { own: [], named: [] })
  t.equal(tables[1].findFree(ranges, search, 0), at(40))
})

t.test('the servers of a pair tell each other, at the meeting and when it changes', async (t) => {
  const stage = new Stage()
  const partner = stage.partner()
  const last = () => partner.connection.said('hosts').at(-1)
  t.ok(last()?.own.includes(at(1)), 'its own address')
  const routers = { 'option-data': [{ name: 'routers', data: '192.0.2.50' }] }
  stage.lab.reload(pairPlans(pairConfig({ mode: 'hot-standby', dhcp4: routers }))[0]!)
  t.same(last()?.named, [at(50)])
  partner.say({ type: 'hosts', own: [at(51)], named: [at(52)] })
  stage.lab.advance(50)
  const ranges = [{ first: at(50), last: at(52) }]
  const table = stage.server.server!.tables.v4
  t.equal(table.findFree(ranges, { order: 'iterative', draw: () => 0 }, 0), undefined)
  t.same(
    table.freeCount(ranges, () => 0),
    { mine: 0, foreign: 0, tied: 0, resting: 0 },
    'it counts for nobody',
  )
})
