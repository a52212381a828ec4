// /metrics: the names of Stork's agent and of kea-exporter, Whio's own, and what promtool says of
// the text.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { metricsOf } from '../../lib/control/metrics/metrics.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { ConfigDatabase } from '../../lib/platform/config-databases/config-database.ts'
import { metricsText } from '../../lib/platform/metrics/metrics-text.ts'
import type { Server } from '../../lib/server/server.ts'
import { postgresPlan } from '../platform/shared-world.ts'
import { ConfigurationWorld, OFFICE, startOf, TestSource } from '../server/configuration-world.ts'
import { FakeHosts, FakeTable } from '../server/fake-hosts.ts'
import { SmallWorld } from '../server/small-world.ts'
import { DUID, planWith6, SmallWorld6 } from '../server/small-world6.ts'
import { onePool } from '../sim/plans.ts'
import { onDatabase } from '../sim/shared-plans.ts'

const ABOUT = { version: '1.2.3', uptime: () => 77 }

async function textOf(server: Server): Promise<string> {
  return (await metricsText(metricsOf(server, ABOUT))).join('')
}

/** Value by `name{labels}`. */
function valuesIn(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

function served(): SmallWorld {
  const { plan } = loadPlanFromObject(
    {
      Dhcp4: {
        'interfaces-config': { interfaces: ['eth0'] },
        'shared-networks': [
          {
            name: 'floor "2"',
            subnet4: [
              {
                ...{ id: 7, subnet: '192.0.2.0/24' },
                pools: [
                  { pool: '192.0.2.10-192.0.2.19' },
                  { pool: '192.0.2.100/30', 'pool-id': 1 },
                ],
              },
            ],
          },
        ],
      },
    },
    { stateDirectory: undefined },
  )
  const world = SmallWorld.serving(plan!)
  world.request(1, 10)
  world.endBatch()
  world.advance(40)
  world.committed()
  world.arrive(1, 2)
  world.sink!.onOversized({ name: 'eth0', addresses: [] } as never, 0)
  world.endBatch()
  return world
}

t.test('DHCPv4: Kea’s statistics by the names and labels of its exporters', async (t) => {
  const values = valuesIn(await textOf(served().server))
  const of = (labels: string) =>
    `{subnet="192.0.2.0/24",subnet_id="7",prefix="192.0.2.0/24",shared_network="floor \\"2\\"",${labels}}`
  const pool = of('pool="192.0.2.10-192.0.2.19",pool_id="0"')
  const rows: readonly (readonly [string, number])[] = [
    ['packets_received_total{operation="discover"}', 1],
    ['packets_received_total{operation="request"}', 1],
    ['packets_received_total{operation="parse-failed"}', 1],
    ['packets_received_total{operation="drop"}', 1],
    ['packets_sent_total{operation="ack"}', 1],
    ['packets_sent_total{operation="offer"}', 1],
    [`addresses_total${of('pool=""')}`, 14],
    [`addresses_assigned_total${of('pool=""')}`, 1],
    [`cumulative_addresses_assigned_total${of('pool=""')}`, 1],
    [`addresses_declined_total${of('pool=""')}`, 0],
    [`addresses_reclaimed_total${of('pool=""')}`, 0],
    [`lease_reuses_total${of('pool=""')}`, 0],
    [`leases_reused_total${of('pool=""')}`, 0],
    [`reservation_conflicts_total${of('pool=""')}`, 0],
    [`addresses_total${pool}`, 10],
    [`pool_addresses_total${pool}`, 10],
    [`pool_addresses_assigned_total${pool}`, 1],
    [`pool_addresses_cumulative_assigned_total${pool}`, 1],
    [`pool_addresses_declined_reclaimed_total${pool}`, 0],
    ['global4_cumulative_addresses_assigned_total', 1],
    ['global4_allocation_fail_shared_network_total', 0],
    ['global4_reservation_conflicts_total', 0],
  ]
  for (const [name, value] of rows) t.equal(values.get(`kea_dhcp4_${name}`), value, name)
})

t.test('DHCPv6: addresses, prefixes and registrations', async (t) => {
  const world = new SmallWorld6(planWith6())
  world.ask(3, 1, DUID)
  world.pass(1000)
  const values = valuesIn(await textOf(world.server))
  const of = (labels: string) =>
    `{subnet="2001:db8:1::/64",subnet_id="1",prefix="2001:db8:1::/64",shared_network="",${labels}}`
  const rows: readonly (readonly [string, number])[] = [
    ['packets_received_total{operation="request"}', 1],
    ['packets_sent_total{operation="reply"}', 1],
    ['packets_received_dhcp4_total{operation="query"}', 0],
    [`na_total${of('pool=""')}`, 16],
    [`pd_total${of('pool=""')}`, 256],
    [`na_assigned_total${of('pool=""')}`, 1],
    [`pd_assigned_total${of('pool=""')}`, 1],
    [`cumulative_nas_assigned_total${of('pool=""')}`, 1],
    [`cumulutive_registered_total${of('pool=""')}`, 0],
    [`pool_na_total${of('pool="2001:db8:1::10-2001:db8:1::1f",pool_id="0"')}`, 16],
    [`pool_pd_assigned_total${of('pool="2001:db8:8000::/48",pool_id="0"')}`, 1],
    ['global6_cumulative_pds_assigned_total', 1],
  ]
  for (const [name, value] of rows) t.equal(values.get(`kea_dhcp6_${name}`), value, name)
})

t.test('Whio’s own: how long answers took, what is free, and for how long', async (t) => {
  const values = valuesIn(await textOf(served().server))
  const rows: readonly (readonly [string, number])[] = [
    ['build_info{version="1.2.3"}', 1],
    ['uptime_seconds', 77],
    ['serving', 1],
    ['commits_total', 1],
    ['commit_failures_total', 0],
    ['journal_failing', 0],
    ['commit_seconds_count', 1],
    ['commit_seconds_bucket{le="0.025"}', 0],
    ['commit_seconds_bucket{le="0.05"}', 1],
    ['commit_seconds_bucket{le="+Inf"}', 1],
    ['answer_seconds_count{family="4"}', 2],
    ['answer_seconds_bucket{family="4",le="0.00025"}', 1],
    ['answer_seconds_bucket{family="4",le="0.1"}', 2],
    ['unanswered_total{family="4",reason="too-long"}', 1],
    ['free_keys{family="4",kind="address",subnet="192.0.2.0/24",subnet_id="7",at="here"}', 12],
  ]
  for (const [name, value] of rows) t.equal(values.get(`whio_${name}`), value, name)
})

t.test('a pair: its state, the partner, and what the partner took', async (t) => {
  const pair = createPair({ clients: 6 })
  pair.reachNormal()
  pair.settle()
  const values = valuesIn(await textOf(pair.server(0).server!))
  const states = [...values].filter(([name]) => name.startsWith('whio_ha_state{'))
  t.equal(states.length > 5 && states.reduce((sum, [, value]) => sum + value, 0), 1)
  t.ok((values.get('whio_partner_seconds_count') ?? 0) > 0)
  const peer = pair.status(0)!.ha!.peers[0]!.name
  t.equal(values.get(`whio_ha_peer_connected{peer="${peer}"}`), 1)
  t.equal(values.get(`whio_ha_peer_lag_changes{peer="${peer}"}`), 0)
  t.equal(values.get('whio_ha_conflicts_total'), 0)
})

const isInstalled = spawnSync('promtool', ['--version']).status === 0

t.test(
  'promtool has nothing to say against it',
  { skip: isInstalled ? false : 'promtool is not installed' },
  async (t) => {
    const pair = createPair({ clients: 4 })
    pair.reachNormal()
    const six = new SmallWorld6(planWith6())
    const plan = onDatabase(onePool('192.0.2.10 - 192.0.2.20', 600))
    const shared = createLab({ plan, servers: 2, shared: true, clients: 2 })
    shared.advance(30_000)
    const { server: onShared } = shared.server(0)
    for (const server of [served().server, six.server, pair.server(0).server!, onShared!]) {
      const input = await textOf(server)
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input })
      t.equal(`${stdout}${stderr}`, '')
      t.equal(status, 0)
    }
  },
)

t.test('three thousand subnets are written in parts, and each name is told once', async (t) => {
  const subnet4 = Array.from({ length: 3000 }, (_, index) => ({
    id: index + 1,
    subnet: `10.${index >> 8}.${index & 255}.0/24`,
    pools: [{ pool: `10.${index >> 8}.${index & 255}.10/32` }],
  }))
  const { plan } = loadPlanFromObject(
    { Dhcp4: { 'interfaces-config': { interfaces: ['eth0'] }, subnet4 } },
    { stateDirectory: undefined },
  )
  const text = await textOf(SmallWorld.serving(plan!).server)
  t.equal(text.match(/^kea_dhcp4_addresses_total\{.*pool="",?\}/gm)?.length, 3000)
  const heads = text.match(/^# TYPE .*$/gm) ?? []
  t.equal(new Set(heads).size, heads.length)
})

t.test(
  'the alerts of the example are sound, and ask for metrics that there are',
  { skip: isInstalled ? false : 'promtool is not installed' },
  async (t) => {
    const path = new URL('../../examples/prometheus/whio.rules.yaml', import.meta.url).pathname
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' })
    t.equal(status, 0, stderr)
    const pair = createPair({ clients: 4 })
    pair.reachNormal()
    const told = await textOf(pair.server(0).server!)
    const asked = readFileSync(path, 'utf8').match(/(?:whio|kea_dhcp4)_[a-z_]+/g) ?? []
    t.ok(asked.length > 8)
    for (const name of asked) t.ok(told.includes(`\n${name}`), name)
  },
)

t.test(
  'databases of reservations: whether each is there, and how clients were looked up',
  async (t) => {
    const table = new FakeTable()
    table.put(1, { 'hw-address': '02:00:5e:10:00:0a', 'ip-address': '192.0.2.77' })
    const source = new TestSource({
      Dhcp4: {
        'interfaces-config': { interfaces: ['*'] },
        'hosts-databases': [{ type: 'mysql', name: 'kea', host: 'db' }],
        subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.12' }] }],
      },
      Whio: { hosts: { 'load-max': 0 } },
    })
    const start = () => startOf(source)
    const lab = createLab({
      plan: start().plan,
      configurations: [start],
      clients: [{ hwAddress: '02:00:5e:10:00:0a' }, {}],
      ports: (own, { node }) => ({
        ...own,
        hosts: new FakeHosts((delay, work) => void node.after(delay, work), { 4: [table] }),
      }),
    })
    table.delay = 40
    t.ok(lab.settle())
    const labels = '{family="4",database="mysql database kea at db:3306"}'
    const values = async () => valuesIn(await textOf(lab.server().server!))
    const [asked, found] = [table.asked.length, 1]
    t.ok(asked >= 2)
    const before = await values()
    t.equal(before.get(`whio_hosts_database_up${labels}`), 1)
    t.equal(before.get(`whio_hosts_reservations${labels}`), 1)
    t.equal(before.get(`whio_hosts_asked_total${labels}`), asked)
    t.ok(before.get(`whio_hosts_found_total${labels}`)! >= found)
    t.equal(before.get(`whio_hosts_failed_total${labels}`), 0)
    t.equal(before.get(`whio_hosts_answer_seconds_count${labels}`), asked)
    t.ok(Math.abs(before.get(`whio_hosts_answer_seconds_sum${labels}`)! / asked - 0.04) < 0.001)
    t.equal(before.get('whio_messages_waiting'), 0)
    table.delay = 1000
    lab.addClient({ startDelayMax: 0 })
    lab.advance(500)
    t.equal((await values()).get('whio_messages_waiting'), 1)
    table.trouble = 'gone'
    table.look()
    lab.advance(5000)
    const after = await values()
    t.equal(after.get(`whio_hosts_failed_total${labels}`), 1)
    t.equal(after.get(`whio_hosts_database_up${labels}`), 0)
    t.equal(after.get(`whio_hosts_reservations${labels}`), 1, 'what is known stays')
  },
)

t.test(
  'configuration databases: how old what they said is, and how often they failed',
  async (t) => {
    const connection = { ...postgresPlan([]), hosts: [{ host: '/nowhere', port: 5432 }] }
    const plan = { family: 4, connection, serverTag: '', refresh: 0 } as const
    const database = new ConfigDatabase(plan)
    t.teardown(() => database.close())
    const labels = `{family="4",database="${database.name}"}`
    const source = Object.assign(new TestSource(OFFICE), { databases: () => [database.status] })
    const { world } = new ConfigurationWorld(OFFICE, [], source)
    const values = async () => {
      const all = valuesIn(await textOf(world.server))
      return Object.fromEntries(
        ['up', 'in_force', 'failures_total', 'age_seconds'].map((name) => {
          return [name, all.get(`whio_config_database_${name}${labels}`)]
        }),
      )
    }
    const never = { up: 0, in_force: 0, age_seconds: undefined }
    t.strictSame(await values(), { ...never, failures_total: 0 })
    await database.look()
    await database.look()
    t.strictSame(await values(), { ...never, failures_total: 2 })
    const read = new Date(Date.now() - 3_600_000).toISOString()
    database.restore(
      { family: 4, subnets: [], networks: [], classes: [], globals: {} } as never,
      read,
    )
    const { age_seconds: age, ...others } = await values()
    t.strictSame(others, { up: 0, in_force: 1, failures_total: 2 })
    t.ok(age! >= 3600 && age! < 4000, `${age} s`)
  },
)
