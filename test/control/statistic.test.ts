// statistic-*: names, samples and limits as clients of Kea know them.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { STATISTIC } from '../../lib/control/commands/statistic.ts'
import { sampleTime } from '../../lib/control/statistics/sample-time.ts'
import { planWith, SmallWorld } from '../server/small-world.ts'
import { planWith6, SmallWorld6 } from '../server/small-world6.ts'
import { Asking, type Samples } from './asking.ts'
import { EditStage } from './edit-stage.ts'

const DISCOVER = 1

/** What the calendar of the small world shows at its beginning. */
const EPOCH = '2023-11-14 22:13:20.000000'

const DROPS = [
  ...['service-disabled', 'parse-failed', 'queue-full', 'duplicate', 'rfc-violation'],
  ...['admin-filtered', 'not-for-us', 'processing-failed', 'limit-exceeded', 'receive-drop'],
]
const FAILURES = ['', '-shared-network', '-subnet', '-no-pools', '-classes']

const GLOBAL4 = [
  ...[
    ...['', 'discover-', 'offer-', 'request-', 'ack-', 'nak-', 'release-', 'decline-', 'inform-'],
    ...['lease-query-', 'unknown-'],
  ].map((type) => `pkt4-${type}received`),
  ...['', 'offer-', 'ack-', 'nak-'].map((type) => `pkt4-${type}sent`),
  ...['unassigned', 'unknown', 'active'].map((kind) => `pkt4-lease-query-response-${kind}-sent`),
  ...DROPS.map((name) => `pkt4-${name}`),
  ...FAILURES.map((kind) => `v4-allocation-fail${kind}`),
  ...['v4-reservation-conflicts', 'v4-lease-reuses'],
]
const LEASES4 = [
  ...['assigned-addresses', 'cumulative-assigned-addresses', 'declined-addresses'],
  ...['reclaimed-declined-addresses', 'reclaimed-leases'],
]
const SUBNET4 = [
  ...['total-addresses', ...LEASES4].flatMap((name) => [name, `pool[0].${name}`]),
  ...['v4-reservation-conflicts', 'v4-lease-reuses'],
].map((name) => `subnet[1].${name}`)

t.test('the names of DHCPv4, all of them and no others', async (t) => {
  const { plan } = loadPlanFromObject(
    { Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] } } },
    { stateDirectory: undefined },
  )
  const empty = new Asking(SmallWorld.serving(plan!).server)
  t.equal(GLOBAL4.length, 35)
  t.same(Object.keys(empty.all()), GLOBAL4.toSorted())
  const asking = new Asking(SmallWorld.serving().server)
  const globals = [...GLOBAL4, ...LEASES4].toSorted()
  t.same(Object.keys(asking.all()), [...globals, ...SUBNET4].toSorted())
  t.same(Object.keys(asking.all('statistic-global-get-all')), globals)
  for (const samples of Object.values(empty.all())) t.same(samples, [[0, EPOCH]])
})

const GLOBAL6 = [
  ...[
    ...['', 'solicit-', 'advertise-', 'request-', 'reply-', 'renew-', 'rebind-', 'decline-'],
    ...['release-', 'infrequest-', 'lease-query-', 'dhcpv4-query-', 'dhcpv4-response-'],
    ...['addr-reg-inform-', 'addr-reg-reply-', 'unknown-'],
  ].map((type) => `pkt6-${type}received`),
  ...['', 'advertise-', 'reply-', 'lease-query-reply-', 'dhcpv4-response-', 'addr-reg-reply-'].map(
    (type) => `pkt6-${type}sent`,
  ),
  ...DROPS.map((name) => `pkt6-${name}`),
  ...FAILURES.map((kind) => `v6-allocation-fail${kind}`),
  ...['v6-ia-na-lease-reuses', 'v6-ia-pd-lease-reuses'],
]
const LEASES6 = [
  ...['assigned-nas', 'assigned-pds', 'cumulative-assigned-nas', 'cumulative-assigned-pds'],
  ...['cumulative-registered-nas', 'declined-addresses', 'reclaimed-declined-addresses'],
  'reclaimed-leases',
]
const SUBNET6 = [
  ...['total-nas', 'total-pds', ...LEASES6, 'registered-nas'],
  ...['v6-ia-na-lease-reuses', 'v6-ia-pd-lease-reuses'],
  ...['total-nas', 'assigned-nas', 'cumulative-assigned-nas', 'declined-addresses'].map(
    (name) => `pool[0].${name}`,
  ),
  ...['reclaimed-leases', 'reclaimed-declined-addresses'].map((name) => `pool[0].${name}`),
  ...['total-pds', 'assigned-pds', 'cumulative-assigned-pds', 'reclaimed-leases'].map(
    (name) => `pd-pool[0].${name}`,
  ),
].map((name) => `subnet[1].${name}`)

t.test('the names of DHCPv6; one of CONFIRM comes with the first', async (t) => {
  const world = new SmallWorld6(planWith6())
  const asking = new Asking(world.server, 'dhcp6')
  t.equal(GLOBAL6.length, 39)
  t.same(Object.keys(asking.all()), [...GLOBAL6, ...LEASES6, ...SUBNET6].toSorted())
  world.arrive(4, 1, [])
  t.same(asking.values('pkt6-confirm-received'), [1])
  t.match(asking.newest('subnet[1].total-nas', 'subnet[1].pd-pool[0].total-pds'), [16, 256])
})

t.test('two messages, with their times: [2, 1, 0]', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  for (const number of [1, 2]) {
    world.advance(1500)
    world.arrive(DISCOVER, number)
    world.endBatch()
  }
  t.same(asking.samples('pkt4-discover-received'), [
    [2, '2023-11-14 22:13:23.005000'],
    [1, '2023-11-14 22:13:21.500000'],
    [0, EPOCH],
  ])
  t.same(asking.values('pkt4-received'), [2, 1, 0])
  t.same(asking.values('pkt4-offer-sent'), [2, 1, 0])
})

t.test('a hundred messages in one batch: the last twenty steps', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  for (let number = 0; number < 100; number++) world.arrive(DISCOVER, number)
  world.endBatch()
  t.same(
    asking.values('pkt4-received'),
    Array.from({ length: 20 }, (_, back) => 100 - back),
  )
})

t.test('what came within a tenth of a second of the batch before has its own time', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  world.advance(1000)
  world.arrive(DISCOVER, 1)
  world.sink!.onBatchEnd()
  world.advance(50)
  world.arrive(DISCOVER, 2)
  world.sink!.onBatchEnd()
  world.advance(60_000)
  world.arrive(DISCOVER, 3)
  world.sink!.onBatchEnd()
  t.same(asking.samples('pkt4-received'), [
    [3, '2023-11-14 22:14:21.050000'],
    [2, '2023-11-14 22:13:21.050000'],
    [1, '2023-11-14 22:13:21.000000'],
    [0, EPOCH],
  ])
})

t.test('reset begins at one 0; remove at nothing, until something happens', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  const discover = (number: number) => {
    world.arrive(DISCOVER, number)
    world.endBatch()
    world.advance(1000)
  }
  const name = 'pkt4-received'
  discover(1)
  t.same(asking.ask('statistic-reset', { name }), {
    ...{ result: 0, text: `Statistic '${name}' reset.` },
  })
  t.same(asking.values(name), [0])
  discover(2)
  t.same(asking.values(name), [1, 0])
  t.same(asking.ask('statistic-sample-count-set', { name, 'max-samples': 1 }), {
    ...{ result: 0, text: `Statistic '${name}' count limit is set.` },
  })
  t.same(asking.values(name), [1])
  t.same(asking.ask('statistic-remove', { name }).text, `Statistic '${name}' removed.`)
  t.same(asking.ask('statistic-get', { name }), { result: 0, arguments: {} })
  t.equal(asking.all()[name], undefined)
  t.same(asking.ask('statistic-reset', { name }), {
    ...{ result: 1, text: `No '${name}' statistic found` },
  })
  discover(3)
  discover(4)
  t.same(asking.values(name), [2, 1], 'without the 0, and its limit is forgotten')
  t.same(asking.ask('statistic-reset-all'), {
    ...{ result: 0, text: 'All statistics reset to neutral values.' },
  })
  t.same(asking.values('pkt4-discover-received'), [0])
  const { result, text } = asking.ask('statistic-remove-all')
  t.match({ result, text }, { result: 0, text: /deprecated/ })
  t.same(asking.all(), {})
  discover(5)
  t.same(Object.keys(asking.all()), [
    ...['pkt4-discover-received', 'pkt4-offer-sent', 'pkt4-received', 'pkt4-sent'],
  ])
})

t.test('a reset does not lie about what is leased', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  world.request(1, 10)
  world.endBatch()
  world.committed()
  for (const name of ['total-addresses', 'assigned-addresses', 'cumulative-assigned-addresses'])
    asking.ask('statistic-reset', { name: `subnet[1].${name}` })
  t.same(
    asking.newest(
      ...['subnet[1].total-addresses', 'subnet[1].assigned-addresses'],
      'subnet[1].cumulative-assigned-addresses',
    ),
    [191, 1, 0],
  )
})

t.test('limits of age: what is older than the newest by more is gone', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  const name = 'pkt4-received'
  t.match(asking.ask('statistic-sample-age-set', { name, duration: 1 }), { result: 0 })
  for (const number of [1, 2, 3]) {
    world.advance(2000)
    world.arrive(DISCOVER, number)
    world.endBatch()
  }
  t.same(asking.values(name), [3])
  t.same(asking.values('pkt4-discover-received'), [3, 2, 1, 0])
})

t.test('whatever is asked for, a thousand samples are kept at most', async (t) => {
  const world = SmallWorld.serving()
  const asking = new Asking(world.server)
  const name = 'pkt4-received'
  for (const [command, limit] of [
    ['statistic-sample-count-set', { 'max-samples': 4_000_000_000 }],
    ['statistic-sample-age-set', { duration: 4_000_000_000 }],
  ] as const) {
    t.match(asking.ask(command, { name, ...limit }), { result: 0 })
    for (let number = 0; number < 1500; number++) world.arrive(DISCOVER, number)
    world.endBatch()
    t.equal(asking.values(name)?.length, 1000)
  }
})

t.test('limits of all statistics stand in the configuration, too', async (t) => {
  const stage = new EditStage()
  const { house } = stage
  const discover = (number: number) => {
    house.world.advance(2000)
    house.world.arrive(DISCOVER, number)
    house.world.endBatch()
  }
  const values = () => {
    const { arguments: told } = stage.ask('statistic-get', { name: 'pkt4-received' })
    return (told as Record<string, Samples>)['pkt4-received']?.map(([value]) => value)
  }
  const keys = () => {
    const { Dhcp4 } = house.configuration.document
    return [Dhcp4?.['statistic-default-sample-count'], Dhcp4?.['statistic-default-sample-age']]
  }
  for (const number of [1, 2, 3]) discover(number)
  t.same(values(), [3, 2, 1, 0])
  t.same(stage.ask('statistic-sample-count-set-all', { 'max-samples': 2 }), {
    ...{ result: 0, text: 'All statistics count limit are set.' },
  })
  t.same(values(), [3, 2])
  t.same(keys(), [2, 0])
  t.same(stage.ask('statistic-sample-age-set-all', { duration: 1 }), {
    ...{ result: 0, text: 'All statistics duration limit are set.' },
  })
  t.same(values(), [3])
  t.same(keys(), [0, 1])
  t.match(stage.ask('statistic-sample-count-set-all', { 'max-samples': 0 }), { result: 1 })
  t.same(keys(), [0, 1])
})

t.test('statistic-default-sample-count, and -age where it is 0', async (t) => {
  const rows: readonly (readonly [number, number, number[]])[] = [
    [2, 0, [3, 2]],
    [0, 5, [3, 2]],
    [0, 0, [3]],
  ]
  for (const [count, age, values] of rows) {
    const keys = { 'statistic-default-sample-count': count, 'statistic-default-sample-age': age }
    const world = SmallWorld.serving(planWith({}, keys))
    const asking = new Asking(world.server)
    for (const number of [1, 2, 3]) {
      world.advance(4000)
      world.arrive(DISCOVER, number)
      world.endBatch()
    }
    t.same(asking.values('pkt4-received'), values, `${count} ${age}`)
  }
})

t.test('what is wrong with a command is told in the words that clients compare', async (t) => {
  const asking = new Asking(SmallWorld.serving().server)
  const name = 'pkt4-received'
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['statistic-get', {}, "Missing mandatory 'name' parameter."],
    ['statistic-get', undefined, "Missing mandatory 'name' parameter."],
    ['statistic-get', { name: 7 }, "'name' parameter expected to be a string."],
    ['statistic-reset', { name: 'nope' }, "No 'nope' statistic found"],
    ['statistic-remove', { name: 'subnet[9].total-addresses' }, 'No '],
    ['statistic-sample-count-set', { name }, "Missing mandatory 'max-samples' parameter."],
    [
      'statistic-sample-count-set',
      { name, 'max-samples': 'x' },
      "'max-samples' parameter expected to be an integer.",
    ],
    [
      'statistic-sample-count-set-all',
      { 'max-samples': 0 },
      "'max-samples' parameter must not be zero",
    ],
    ['statistic-sample-age-set', { name }, "Missing mandatory 'duration' parameter."],
    ['statistic-sample-age-set', { name: 'nope', duration: 1 }, "No 'nope' statistic found"],
  ]
  for (const [command, given, text] of rows) {
    const answer = asking.ask(command, given)
    t.equal(answer.result, 1, command)
    t.ok(answer.text?.startsWith(text), `${command}: ${answer.text}`)
  }
  t.same(asking.ask('statistic-get', { name: 'nope' }), { result: 0, arguments: {} })
  t.match(asking.ask('statistic-sample-count-set', { name, 'max-samples': 0 }), { result: 0 })
  t.equal(asking.values(name)?.length, 1, 'the newest stays')
})

t.test('the eleven commands of Kea', async (t) => {
  t.same(STATISTIC.map(({ name }) => name).toSorted(), [
    ...['statistic-get', 'statistic-get-all', 'statistic-global-get-all', 'statistic-remove'],
    ...['statistic-remove-all', 'statistic-reset', 'statistic-reset-all'],
    ...['statistic-sample-age-set', 'statistic-sample-age-set-all'],
    ...['statistic-sample-count-set', 'statistic-sample-count-set-all'],
  ])
})

t.test('of very many subnets the answer is made while it is written', async (t) => {
  const subnet4 = Array.from({ length: 300 }, (_, index) => ({
    id: index + 1,
    subnet: `10.${index >> 8}.${index & 255}.0/24`,
    pools: [{ pool: `10.${index >> 8}.${index & 255}.10/32` }],
  }))
  const { plan } = loadPlanFromObject(
    { Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] }, subnet4 } },
    { stateDirectory: undefined },
  )
  const all = new Asking(SmallWorld.serving(plan!).server).all()
  const names = Object.keys(all)
  t.equal(names.length, 40 + 300 * 14)
  t.same(names, names.toSorted(), 'in the one order of keys')
  t.equal(all['subnet[300].total-addresses']![0]![0], 1)
})

t.test('times are local, to the microsecond', async (t) => {
  for (const wall of [
    0, 951_782_400_123, 1_709_164_800_000, 1_772_323_199_999, 4_107_542_400_000,
  ]) {
    const [date, clock] = new Date(wall).toISOString().slice(0, -1).split('T')
    t.equal(sampleTime(wall, 0), `${date} ${clock}000`)
  }
  t.equal(sampleTime(1_700_000_000_000.25, 3_600_000), '2023-11-14 23:13:20.000250')
  t.equal(sampleTime(1_700_000_000_000, -8 * 3_600_000), '2023-11-14 14:13:20.000000')
})
