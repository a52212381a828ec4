// Clients for whom there is no address: what is counted, and what the log says of where.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { planWith, SmallWorld } from './small-world.ts'

const DISCOVER = 1
const KINDS = ['', '-shared-network', '-subnet', '-no-pools', '-classes'] as const

function failures(world: SmallWorld): number[] {
  const { statistics } = world.server.status()
  return KINDS.map((kind) => statistics[`v4-allocation-fail${kind}`]!)
}

function discoverOf(world: SmallWorld, number: number): void {
  world.arrive(DISCOVER, number)
  world.sink!.onBatchEnd()
}

t.test('v4-allocation-fail: by why and where', async (t) => {
  const none = SmallWorld.serving(planWith({ pools: [] }))
  discoverOf(none, 1)
  t.same(failures(none), [0, 0, 1, 1, 1])
  const one = { pools: [{ pool: '192.0.2.10/32' }] }
  const full = SmallWorld.serving(planWith(one))
  full.request(1, 10)
  full.endBatch()
  full.committed()
  discoverOf(full, 2)
  t.same(failures(full), [1, 0, 1, 0, 1])
  const line = full.log.find(({ id }) => id === 'DHCP4_PACKET_DROP')
  t.match(line?.fields, { reason: 'no-free-address', subnet: '192.0.2.0/24' })
})

t.test('v4-allocation-fail: in a shared network, which the log names', async (t) => {
  const { plan } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        'shared-networks': [{ name: 'floor', subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] }],
      },
    },
    { stateDirectory: undefined },
  )
  const world = SmallWorld.serving(plan!)
  discoverOf(world, 1)
  t.same(failures(world), [0, 1, 0, 1, 1])
  const line = world.log.find(({ id }) => id === 'DHCP4_PACKET_DROP')
  t.match(line?.fields, { reason: 'no-pool', subnet: '192.0.2.0/24', network: 'floor' })
})

t.test('RFC 2563: the OFFER of no address leaves, and the client counts as unserved', async (t) => {
  const options = { 'option-data': [{ name: 'auto-config', data: '0' }] }
  const world = SmallWorld.serving(
    planWith({ pools: [{ pool: '192.0.2.10-192.0.2.10' }] }, options),
  )
  world.request(1, 10)
  world.endBatch()
  world.committed()
  world.arrive(1, 2, { 116: '\x01' })
  world.endBatch()
  t.strictSame(world.happenings.slice(-2), ['drop no-free-address', 'send OFFER 2'])
  t.equal(world.given.at(-1), 0)
  t.same(failures(world), [1, 0, 1, 0, 1])
  t.equal(world.commits.length, 1)
})
