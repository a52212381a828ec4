// Statistics of leases: each is seen to move by what Kea counts there, globally, by subnet and by
// pool, and in the tables of stat-lease4-get and stat-lease6-get.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { iaEntry6, iaOption6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import { clientId, ip6, key6, messageBytes } from '../dhcp6/messages6.ts'
import { planWith, SmallWorld } from '../server/small-world.ts'
import { DUID, ETH6, GROUP, planWith6, SmallWorld6 } from '../server/small-world6.ts'
import { Asking } from './asking.ts'
import { EditStage } from './edit-stage.ts'

const [DISCOVER, DECLINE, RELEASE] = [1, 4, 7]
const address = (last: number) => `\xc0\x00\x02${String.fromCharCode(last)}`
const SERVER = { 54: '\xc0\x00\x02\x01' }

/** Batches of each world that were said to be stored. */
const stored = new WeakMap<SmallWorld, number>()

function store(world: SmallWorld): void {
  for (let count = stored.get(world) ?? 0; count < world.commits.length; ) {
    stored.set(world, ++count)
    world.committed()
  }
}

/** What happens is durable a moment later. */
function settle(world: SmallWorld): void {
  world.endBatch()
  store(world)
}

/** Time passes, and the disk stores at once whatever it is given. */
function pass(world: SmallWorld, ms: number): void {
  for (let left = ms; left > 0; left -= 1000) {
    world.advance(Math.min(left, 1000))
    store(world)
  }
}

function leased(world: SmallWorld, number: number, last: number): void {
  world.request(number, last)
  settle(world)
}

function seen(asking: Asking, before = ''): readonly (number | undefined)[] {
  return asking.newest(
    ...['assigned-addresses', 'cumulative-assigned-addresses', 'declined-addresses'].map(
      (name) => before + name,
    ),
    ...['reclaimed-leases', 'reclaimed-declined-addresses'].map((name) => before + name),
  )
}

t.test('assigned, cumulative, declined, reclaimed: what moves them', async (t) => {
  const world = SmallWorld.serving(planWith({}, { 'decline-probation-period': 100 }))
  const asking = new Asking(world.server)
  const all = () => ['', 'subnet[1].', 'subnet[1].pool[0].'].map((before) => seen(asking, before))
  const everywhere = (...values: number[]) => [values, values, values]
  leased(world, 1, 10)
  t.same(all(), everywhere(1, 1, 0, 0, 0), 'a new lease')
  pass(world, 20_000)
  leased(world, 1, 10)
  t.same(all(), everywhere(1, 1, 0, 0, 0), 'a renewal')
  pass(world, 20_000)
  world.arrive(RELEASE, 1, SERVER, 0xc000020a)
  settle(world)
  t.same(all(), everywhere(0, 1, 0, 0, 0), 'a RELEASE')
  leased(world, 1, 10)
  t.same(all(), everywhere(1, 2, 0, 0, 0), 'a lease of what was released')
  world.arrive(DECLINE, 1, { ...SERVER, 50: address(10) })
  settle(world)
  t.same(all(), everywhere(1, 2, 1, 0, 0), 'a declined address counts as assigned')
  leased(world, 2, 11)
  t.same(all(), everywhere(2, 3, 1, 0, 0))
  pass(world, 800_000)
  t.same(all(), everywhere(0, 3, 0, 2, 1), 'one lease has ended, and one quarantine')
  leased(world, 3, 11)
  t.same(all(), everywhere(1, 4, 0, 2, 1), 'an ended lease goes to another client')
})

t.test('a lapsed lease that nobody has reclaimed yet is reclaimed by its next owner', async (t) => {
  const lazy = { 'expired-leases-processing': { 'reclaim-timer-wait-time': 65_535 } }
  const world = SmallWorld.serving(planWith({ pools: [{ pool: '192.0.2.10/32' }] }, lazy))
  const asking = new Asking(world.server)
  leased(world, 1, 10)
  world.now += 900_000
  leased(world, 2, 10)
  t.same(seen(asking, 'subnet[1].'), [1, 2, 0, 1, 0])
})

t.test('pools with ids count apart, those without share pool[0]', async (t) => {
  const pools = [
    { pool: '192.0.2.10-192.0.2.19' },
    { pool: '192.0.2.100/30' },
    { pool: '192.0.2.200-192.0.2.209', 'pool-id': 7 },
  ]
  const world = SmallWorld.serving(planWith({ pools }))
  const asking = new Asking(world.server)
  leased(world, 1, 10)
  leased(world, 2, 100)
  leased(world, 3, 200)
  const total = asking.newest(
    ...['', 'pool[0].', 'pool[7].'].map((pool) => `subnet[1].${pool}total-addresses`),
  )
  t.same(total, [24, 14, 10])
  t.same(seen(asking, 'subnet[1].pool[0].').slice(0, 2), [2, 2])
  t.same(seen(asking, 'subnet[1].pool[7].').slice(0, 2), [1, 1])
  pass(world, 20_000)
  world.arrive(RELEASE, 3, SERVER, 0xc00002c8)
  settle(world)
  t.same(seen(asking, 'subnet[1].pool[7].').slice(0, 2), [0, 1])
  t.same(seen(asking, 'subnet[1].pool[0].').slice(0, 2), [2, 2])
})

t.test('v4-reservation-conflicts: a DISCOVER whose reserved address another has', async (t) => {
  const reservations = [{ 'hw-address': '02:00:00:00:00:02', 'ip-address': '192.0.2.10' }]
  const world = SmallWorld.serving()
  leased(world, 1, 10)
  const asking = new Asking(world.server)
  const conflicts = () =>
    asking.newest('v4-reservation-conflicts', 'subnet[1].v4-reservation-conflicts')
  world.server.reload(planWith({ reservations }))
  world.arrive(DISCOVER, 2)
  settle(world)
  t.same(conflicts(), [1, 1])
  world.arrive(DISCOVER, 3)
  settle(world)
  t.same(conflicts(), [1, 1], 'who has no reservation')
  pass(world, 2_000_000)
  world.arrive(DISCOVER, 2)
  settle(world)
  t.same(conflicts(), [1, 1], 'the lease has ended')
})

t.test('v4-lease-reuses, by subnet', async (t) => {
  const world = SmallWorld.serving(planWith({}, { 'cache-threshold': 0.5 }))
  const asking = new Asking(world.server)
  for (let time = 0; time < 3; time++) {
    leased(world, 1, 10)
    pass(world, 20_000)
  }
  t.same(asking.newest('v4-lease-reuses', 'subnet[1].v4-lease-reuses'), [2, 2])
})

t.test('subnet[ID].v4-allocation-fail: there with the first failure', async (t) => {
  const world = SmallWorld.serving(planWith({ pools: [{ pool: '192.0.2.10/32' }] }))
  const asking = new Asking(world.server)
  leased(world, 1, 10)
  const names = () => Object.keys(asking.all()).filter((name) => /^subnet.*-fail/.test(name))
  t.same(names(), [])
  world.arrive(DISCOVER, 2)
  settle(world)
  t.same(names(), [
    ...['', '-classes', '-subnet'].map((kind) => `subnet[1].v4-allocation-fail${kind}`),
  ])
})

t.test('a reload begins anew with subnets that it has changed, and never globally', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  leased(world, 1, 10)
  asking.all()
  world.server.reload(planWith({ pools: [{ pool: '192.0.2.10-192.0.2.100' }] }))
  t.same(seen(asking).slice(0, 2), [1, 1])
  t.same(seen(asking, 'subnet[1].').slice(0, 2), [1, 0])
  t.same(asking.values('subnet[1].total-addresses'), [91], 'with one sample')
  leased(world, 2, 11)
  t.same(seen(asking, 'subnet[1].').slice(0, 2), [2, 1])
  const { plan } = loadPlanFromObject(
    { Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] } } },
    { stateDirectory: undefined },
  )
  world.server.reload(plan!)
  t.same(
    Object.keys(asking.all()).filter((name) => name.startsWith('subnet')),
    [],
  )
})

/** Subnet 7 with 14 addresses, and 8 with three in a shared network. */
function twoSubnets(): Plan {
  const { plan, problems } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        subnet4: [
          {
            ...{ id: 7, subnet: '192.0.2.0/24', interface: 'eth0' },
            pools: [{ pool: '192.0.2.10 - 192.0.2.19' }, { pool: '192.0.2.100/30' }],
          },
        ],
        'shared-networks': [
          {
            name: 'floor',
            subnet4: [
              { id: 8, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.5-198.51.100.7' }] },
            ],
          },
        ],
      },
    },
    { stateDirectory: undefined },
  )
  if (plan === undefined) throw new Error(JSON.stringify(problems))
  return plan
}

t.test('stat-lease4-get: five leases, one of them declined', async (t) => {
  const world = SmallWorld.serving(twoSubnets())
  const asking = new Asking(world.server)
  for (const number of [1, 2, 3, 4, 5]) leased(world, number, 9 + number)
  world.arrive(DECLINE, 5, { ...SERVER, 50: address(14) })
  settle(world)
  const columns = [
    ...['subnet-id', 'total-addresses', 'cumulative-assigned-addresses', 'assigned-addresses'],
    'declined-addresses',
  ]
  const [first, second] = [
    [7, 14, 5, 5, 1],
    [8, 3, 0, 0, 0],
  ]
  const table = (given: unknown, text: string, rows: unknown) =>
    t.match(asking.ask('stat-lease4-get', given), {
      result: 0,
      text: `stat-lease4-get${text} found`,
      arguments: { 'result-set': { columns, rows, timestamp: /^2023-11-14 22:13:20\.\d{6}$/ } },
    })
  table(undefined, '[all subnets]: 2 rows', [first, second])
  table({ 'subnet-id': 7 }, '[subnet-id=7]: 1 rows', [first])
  const range = { 'first-subnet-id': 1, 'last-subnet-id': 50 }
  table({ 'subnet-range': range }, '[subnets 1 through 50]: 2 rows', [first, second])
})

t.test('stat-lease4-get: what there is not, and what is wrong', async (t) => {
  const asking = new Asking(SmallWorld.serving(twoSubnets()).server)
  t.same(asking.ask('stat-lease4-get', { 'subnet-id': 99 }), {
    result: 3,
    text: 'stat-lease4-get[subnet-id=99]: no matching data, subnet-id: 99 does not exist',
    arguments: {},
  })
  t.match(asking.ask('stat-lease6-get'), { result: 3, arguments: {} }, 'the other family')
  const ends = (first: unknown, last: unknown) => ({
    'subnet-range': { 'first-subnet-id': first, 'last-subnet-id': last },
  })
  const rows: readonly (readonly [unknown, string])[] = [
    [[], "'arguments' parameter is not a map"],
    [{ 'subnet-id': 'x' }, "'subnet-id' parameter is not integer"],
    [{ 'subnet-id': 0 }, "'subnet-id' parameter must be > 0"],
    [{ 'subnet-id': 1, ...ends(1, 2) }, 'cannot specify both subnet-id and subnet-range'],
    [{ 'subnet-range': 7 }, 'subnet-range parameter is not a map'],
    [ends(undefined, 2), "'first-subnet-id' parameter missing or not an integer"],
    [ends(0, 2), "'first-subnet-id' parameter must be > 0"],
    [ends(1, 'x'), "'last-subnet-id' parameter missing or not an integer"],
    [ends(5, 2), "'last-subnet-id' must be greater than 'first-subnet-id'"],
  ]
  for (const [given, text] of rows)
    t.same(asking.ask('stat-lease4-get', given), { result: 1, text }, text)
})

const { decline, request, solicit } = MESSAGE_TYPE6

t.test('DHCPv6: addresses and prefixes apart, by subnet, pool and pd-pool', async (t) => {
  const world = new SmallWorld6(planWith6())
  const asking = new Asking(world.server, 'dhcp6')
  const subnet = (...names: string[]) => asking.newest(...names.map((name) => `subnet[1].${name}`))
  const counts = () =>
    subnet('assigned-nas', 'cumulative-assigned-nas', 'assigned-pds', 'cumulative-assigned-pds')
  world.ask(solicit, 1)
  world.pass(10)
  t.same(counts(), [0, 0, 0, 0], 'an offer is no lease')
  world.ask(request, 1, DUID)
  world.pass(10)
  t.same(counts(), [1, 1, 1, 1])
  t.same(asking.newest('assigned-nas', 'cumulative-assigned-pds'), [1, 1])
  t.same(subnet('pool[0].assigned-nas', 'pd-pool[0].assigned-pds'), [1, 1])
  t.same(subnet('pool[0].cumulative-assigned-nas', 'pd-pool[0].cumulative-assigned-pds'), [1, 1])
  world.pass(2_000_000)
  t.same(counts(), [0, 1, 0, 1])
  t.same(subnet('reclaimed-leases', 'pool[0].reclaimed-leases'), [2, 1])
  t.same(subnet('pd-pool[0].reclaimed-leases'), [1])
  t.match(asking.ask('stat-lease6-get'), {
    text: 'stat-lease6-get[all subnets]: 1 rows found',
    arguments: { 'result-set': { rows: [[1, 16, 1, 0, 0, 256, 1, 0]] } },
  })
})

t.test(
  'DHCPv6: a /64 of addresses and the /96s of a /20 are counted to the last digit',
  async (t) => {
    const plan = planWith6({
      pools: [{ pool: '2001:db8:1::/64' }],
      'pd-pools': [{ prefix: 'fd00::', 'prefix-len': 20, 'delegated-len': 96 }],
    })
    const world = new SmallWorld6(plan)
    const asking = new Asking(world.server, 'dhcp6')
    const { arguments: all } = asking.ask('statistic-get', { name: 'subnet[1].total-nas' })
    t.match(all, { 'subnet[1].total-nas': [[18446744073709551616n]] })
    const { arguments: pds } = asking.ask('statistic-get', { name: 'subnet[1].total-pds' })
    t.match(pds, { 'subnet[1].total-pds': [[75557863725914323419136n]] })
  },
)

t.test('DHCPv6: a DECLINE, and what is told anew without a write', async (t) => {
  const world = new SmallWorld6(planWith6({}, { 'cache-threshold': 0.5 }))
  const asking = new Asking(world.server, 'dhcp6')
  for (let time = 0; time < 3; time++) {
    world.ask(request, 1, DUID)
    world.pass(20_000)
  }
  const reuses = ['v6-ia-na-lease-reuses', 'v6-ia-pd-lease-reuses']
  t.same(asking.newest(...reuses, ...reuses.map((name) => `subnet[1].${name}`)), [2, 2, 2, 2])
  const named = iaOption6(OPTION6.iaNa, 1, [iaEntry6(OPTION6.iaNa, key6('2001:db8:1::10'))])
  world.ask(decline, 1, DUID, [named])
  world.pass(1000)
  t.same(
    asking.newest('declined-addresses', 'subnet[1].declined-addresses', 'assigned-nas'),
    [1, 1, 1],
  )
  t.same(asking.newest('subnet[1].pool[0].declined-addresses', 'assigned-pds'), [1, 1])
  world.pass(90_000_000)
  t.same(asking.newest('reclaimed-declined-addresses', 'declined-addresses'), [1, 0])
  t.same(asking.newest('subnet[1].reclaimed-leases', 'assigned-nas'), [2, 0])
})

t.test('DHCPv6: what hosts register is counted beside the leases', async (t) => {
  const world = new SmallWorld6(planWith6())
  const asking = new Asking(world.server, 'dhcp6')
  const own = '2001:db8:1::abcd'
  const registered = iaEntry6(OPTION6.iaNa, key6(own), 300, 600)
  const bytes = messageBytes(MESSAGE_TYPE6.addressRegistration, [clientId(), registered])
  world.sink!.onDatagram(ETH6, bytes, 0, bytes.length, ip6(own), 546, GROUP)
  world.pass(1000)
  t.same(
    asking.newest(
      ...['cumulative-registered-nas', 'subnet[1].registered-nas'],
      ...['subnet[1].cumulative-registered-nas', 'assigned-nas', 'cumulative-assigned-nas'],
    ),
    [1, 1, 1, 0, 0],
  )
  t.same(asking.newest('pkt6-addr-reg-inform-received', 'pkt6-addr-reg-reply-sent'), [1, 1])
})

t.test('an edit leaves the counts of other subnets alone', async (t) => {
  const stage = new EditStage()
  const { house } = stage
  const given = () => {
    const name = 'subnet[7].cumulative-assigned-addresses'
    const { arguments: told } = stage.ask('statistic-get', { name })
    return (told as Record<string, readonly unknown[][]>)[name]?.[0]?.[0]
  }
  house.world.request(1, 10)
  house.world.endBatch()
  house.store()
  t.equal(given(), 1)
  const pools = [{ pool: '203.0.113.5-203.0.113.6' }]
  const added = { subnet4: [{ id: 42, subnet: '203.0.113.0/24', pools }] }
  t.match(stage.ask('subnet4-add', added), { result: 0 })
  t.equal(given(), 1)
  const changed = { subnet4: [{ id: 7, subnet: '192.0.2.0/24', 'valid-lifetime': 950 }] }
  t.match(stage.ask('subnet4-delta-add', changed), { result: 0 })
  t.equal(given(), 0, 'another subnet begins anew')
})
