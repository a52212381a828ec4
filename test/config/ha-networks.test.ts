// Guards (classes HA_x) on pools, subnets and networks; shared networks, what they hand down and
// what is wrong.

import t from 'tap'
import { maskOf } from '../../lib/classify/class-set.ts'
import type { Subnet4 } from '../../lib/config/plan/plan4.ts'
import {
  clientsOf,
  ip,
  lines,
  load,
  type Members,
  peer,
  peers,
  planOf,
  relationship,
  SUBNET,
  textOfRanges,
} from './ha-documents.ts'

t.test('guards', async (t) => {
  const pools = [
    { pool: '192.0.2.40 - 192.0.2.49', 'client-classes': ['HA_server2'] },
    { pool: '192.0.2.10 - 192.0.2.19' },
    { pool: '192.0.2.20 - 192.0.2.29', 'client-classes': ['HA_server1', 'HA_server2'] },
    { pool: '192.0.2.0 - 192.0.2.9', 'client-classes': ['HA_server1'] },
  ]
  const guarded = { ...SUBNET, pools, 'client-classes': ['HA_server2'] }
  const [subnet] = planOf(load(relationship(), { subnet4: [guarded] })).dhcp4!.subnets as [Subnet4]
  t.same(subnet.guard, maskOf([1]))
  t.same(
    subnet.pools.map(({ guard }) => guard),
    [maskOf([1]), undefined, maskOf([0, 1]), maskOf([0])],
  )
  const shared = '192.0.2.10-192.0.2.19 192.0.2.20-192.0.2.29'
  t.equal(textOfRanges(subnet, 0), `${shared} 192.0.2.1-192.0.2.9`, 'the edge is left out')
  t.equal(textOfRanges(subnet, 1), `192.0.2.40-192.0.2.49 ${shared}`, 'in order of the document')
  const [first, second] = [clientsOf(0), clientsOf(1)]
  t.equal(subnet.rangesFor(second), subnet.rangesFor(second), 'the same array each time')
  t.equal(subnet.ranges.length, 4)
  for (let last = 0; last < 256; last++) {
    const address = ip(`192.0.2.${last}`)
    const both = last >= 10 && last <= 29
    t.equal(subnet.isDynamic(address, first), both || (last > 0 && last < 10), `0 ${last}`)
    t.equal(subnet.isDynamic(address, second), both || (last >= 40 && last <= 49), `1 ${last}`)
  }
  const [plain] = planOf(load(relationship(), { subnet4: [{ ...SUBNET, pools: [pools[1]] }] }))
    .dhcp4!.subnets
  for (const classes of [first, second]) t.equal(plain!.rangesFor(classes), plain!.ranges)
})

t.test('guards that are wrong', async (t) => {
  const standby = { mode: 'hot-standby', peers: [...peers('hot-standby'), peer(3, 'backup')] }
  const pool = (...classes: string[]) => ({
    subnet4: [{ ...SUBNET, pools: [{ pool: '192.0.2.8/29', 'client-classes': classes }] }],
  })
  const at = 'subnet4[0].pools[0].client-classes'
  const nobody = 'no client is ever in the class phones'
  const hint = '(give it a test in client-classes, or name it in a reservation)'
  const inner = { ...SUBNET, 'client-classes': ['HA_server2'] }
  const rows: readonly (readonly [ha: Members, global: Members, ...said: string[]])[] = [
    [{}, pool()],
    [{}, pool('HA_server1')],
    [standby, pool('HA_server1')],
    [{}, pool('HA_server1', 'phones'), `warning ${at}[1]: ${nobody} ${hint}`],
    [{}, pool('KNOWN')],
    [
      {},
      pool('HA_sever1'),
      `error ${at}[0]: no peer of the pair is called 'sever1' (did you mean "HA_server1"?)`,
    ],
    [
      {},
      pool('HA_x'),
      `error ${at}[0]: no peer of the pair is called 'x' (one of "HA_server1", "HA_server2")`,
    ],
    [
      standby,
      pool('HA_server2'),
      `warning ${at}[0]: no client belongs to 'server2', the standby: nothing is ever given by this class (in hot-standby every client is one of HA_server1)`,
    ],
    [
      standby,
      pool('HA_server1', 'HA_server3'),
      `warning ${at}[1]: no client belongs to 'server3', the backup: nothing is ever given by this class (in hot-standby every client is one of HA_server1)`,
    ],
    [
      {},
      {
        subnet4: [
          { ...inner, pools: [{ pool: '192.0.2.8/29', 'client-classes': ['HA_server1'] }] },
        ],
      },
      `warning ${at}: no client has one of these classes and one of those of the level above (nothing is ever given here)`,
    ],
    [
      {},
      { 'shared-networks': [{ name: 'n', 'client-classes': ['HA_server1'], subnet4: [inner] }] },
      'warning shared-networks[0].subnet4[0].client-classes: no client has one of these classes and one of those of the level above (nothing is ever given here)',
    ],
    [
      {},
      { ...pool('HA_server1'), 'hooks-libraries': [] },
      `error ${at}[0]: HA_server1 is a class of a pair, and this server has no partner (name libdhcp_ha.so in hooks-libraries, or leave the class out)`,
    ],
    // A pair that is wrong itself: nothing is said of what refers to it.
    [
      { peers: [peers()[0]] },
      pool('HA_server2'),
      'error ha.peers: no peer is the secondary (load-balancing has one primary, one secondary, and backups)',
    ],
    [
      {},
      { ...pool('HA_a'), 'hooks-libraries': [{ librari: 'libdhcp_ha.so' }] },
      'error hooks-libraries[0].librari: unknown key (did you mean "library"?)',
    ],
  ]
  for (const [ha, global, ...said] of rows)
    t.same(lines(load(relationship(ha), global)), said, JSON.stringify([ha, global]))
})

t.test('shared networks hand down what the global level would', async (t) => {
  const option = (name: string, data: string) => ({ name, data })
  const loaded = load(relationship(), {
    'valid-lifetime': 1000,
    'renew-timer': 100,
    'boot-file-name': 'global.0',
    'match-client-id': false,
    'option-data': [option('domain-name', 'global'), option('routers', '192.0.2.1')],
    'shared-networks': [
      {
        name: 'frog',
        interface: 'eth1',
        authoritative: true,
        allocator: 'flq',
        'valid-lifetime': 2000,
        'boot-file-name': 'network.0',
        'next-server': '192.0.2.9',
        'client-classes': ['HA_server1', 'HA_server2'],
        relay: { 'ip-addresses': ['10.9.9.1', '0.0.0.0'] },
        'option-data': [option('domain-name', 'network'), option('ntp-servers', '192.0.2.3')],
        subnet4: [
          { id: 11, subnet: '10.0.1.0/24', pools: [{ pool: '10.0.1.8/29' }] },
          {
            id: 12,
            subnet: '10.0.2.0/24',
            'valid-lifetime': 3000,
            'boot-file-name': 'subnet.0',
            allocator: 'iterative',
            'client-classes': ['HA_server1'],
            relay: { 'ip-addresses': ['10.9.9.2'] },
            'option-data': [option('domain-name', 'subnet')],
            pools: [{ pool: '10.0.2.8/29', 'option-data': [option('domain-name', 'pool')] }],
          },
        ],
      },
      { name: 'empty' },
      {
        name: 'late',
        relay: { 'ip-addresses': ['10.9.9.3'] },
        subnet4: [{ id: 13, subnet: '10.0.3.0/24' }],
      },
    ],
    subnet4: [{ ...SUBNET, interface: 'eth0' }],
  })
  t.same(
    lines(loaded).filter((line) => !line.includes('clients get the router 192.0.2.1')),
    [],
  )
  const plan = planOf(loaded)
  t.same(
    plan.dhcp4!.subnets.map(({ id }) => id),
    [1, 11, 12, 13],
  )
  const [alone, first, second, third] = plan.dhcp4!.subnets as [Subnet4, Subnet4, Subnet4, Subnet4]
  const { network } = first
  t.match(network, { name: 'frog', interface: 'eth1' })
  t.same(network!.guard, maskOf([0, 1]))
  t.equal(second.network, network)
  t.strictSame([...network!.subnets], [first, second])
  t.equal(third.network?.name, 'late')
  t.equal(alone.network, undefined)
  t.same([first.guard, second.guard, third.guard], [undefined, maskOf([0]), undefined])

  t.same(
    [first, second, third].map((subnet) => subnet.lifetime.default),
    [2000, 3000, 1000],
  )
  t.same(
    [first, second, third].map((subnet) => subnet.timers.renew),
    [100, 100, 100],
  )
  t.same(
    [first, second, third].map(({ bootFields }) => bootFields.bootFileName),
    ['network.0', 'subnet.0', 'global.0'],
  )
  t.same(
    [first, second, third].map(({ bootFields }) => bootFields.nextServer),
    [ip('192.0.2.9'), ip('192.0.2.9'), 0],
  )
  t.same(
    [first, second, third].map(({ allocator }) => allocator),
    ['flq', 'iterative', 'iterative'],
  )
  t.same(
    [first, second, third].map(({ authoritative }) => authoritative),
    [true, true, false],
  )
  t.equal(first.matchClientId, false)
  t.same(
    [first, second, third].map((subnet) => subnet.interface),
    ['eth1', 'eth1', ''],
  )

  const names = [first.options, second.options, second.pools[0]!.options, third.options]
  t.same(
    names.map(({ values }) => values.get(15)?.data),
    ['network', 'subnet', 'pool', 'global'],
  )
  for (const { values } of names) t.ok(values.has(3))
  t.same(
    names.map(({ values }) => values.has(42)),
    [true, true, true, false],
  )

  t.equal(plan.dhcp4!.subnetByRelay(ip('10.9.9.1')), first, "the network's relay")
  t.equal(plan.dhcp4!.subnetByRelay(ip('10.9.9.2')), second, "the subnet's own")
  t.equal(plan.dhcp4!.subnetByRelay(ip('10.9.9.3')), third)
  t.equal(plan.dhcp4!.subnetByInterface('eth1'), first)
  t.equal(plan.dhcp4!.subnetByAddress(ip('10.0.2.9')), second)
  t.equal(plan.dhcp4!.subnetById(13), third)
})

t.test('shared networks that are wrong', async (t) => {
  const subnet = (id: number, more: Members = {}) => ({ id, subnet: `10.0.${id}.0/24`, ...more })
  const network = (name: string, subnet4: Members[], more: Members = {}) => ({
    name,
    subnet4,
    ...more,
  })
  const rows: readonly (readonly [global: Members, ...said: string[]])[] = [
    [
      { 'shared-networks': [network('a', []), network('b', []), network('a', [])] },
      "error shared-networks[2].name: 'a' is taken (shared-networks[0] is called so)",
    ],
    [
      { 'shared-networks': [network('', [])] },
      'error shared-networks[0].name: a shared network needs a name',
    ],
    [
      { 'shared-networks': [{ subnet4: [] }] },
      'error shared-networks[0].name: the key is missing (Name of the shared network, each once)',
    ],
    [
      {
        'shared-networks': [network('a', [subnet(1), { ...subnet(2), id: 1 }])],
        subnet4: [{ ...subnet(3), id: 1 }],
      },
      'error shared-networks[0].subnet4[1].id: id 1 is taken (shared-networks[0].subnet4[0] has it; leases are kept by it, so it must be unique)',
      'error subnet4[0].id: id 1 is taken (shared-networks[0].subnet4[0] has it; leases are kept by it, so it must be unique)',
    ],
    [
      { 'shared-networks': [network('a', [subnet(1)])], subnet4: [{ ...subnet(1), id: 2 }] },
      'error subnet4[0].subnet: 10.0.1.0/24 stands here a second time (first as shared-networks[0].subnet4[0])',
    ],
    [
      {
        'shared-networks': [
          network('a', [subnet(1), subnet(2, { interface: 'eth2' })], { interface: 'eth1' }),
        ],
      },
      'error shared-networks[0].subnet4[1].interface: interface eth2 is not that of the network, eth1 (the subnets share one link)',
    ],
    [
      {
        'shared-networks': [
          network('a', [
            subnet(1),
            subnet(2, { interface: 'eth1' }),
            subnet(3, { interface: 'eth2' }),
          ]),
        ],
      },
      'error shared-networks[0].subnet4[2].interface: interface eth2 is not that of the network, eth1 (the subnets share one link)',
    ],
    [
      {
        'shared-networks': [
          network('a', [subnet(1), subnet(2, { interface: 'eth1' })], { interface: 'eth1' }),
        ],
      },
    ],
    [
      {
        authoritative: true,
        'shared-networks': [network('a', [subnet(1), subnet(2, { authoritative: false })])],
      },
      'error shared-networks[0].subnet4[1].authoritative: false is not what the network says, true (one answer for all subnets of a link)',
    ],
    [
      {
        authoritative: true,
        'shared-networks': [network('a', [subnet(1, { authoritative: true })])],
      },
    ],
    [
      {
        'shared-networks': [
          network('a', [subnet(1), subnet(2)], {
            interface: 'eth1',
            relay: { 'ip-addresses': ['10.9.9.1'] },
          }),
          network('b', [subnet(3)], { interface: 'eth1', relay: { 'ip-addresses': ['10.9.9.1'] } }),
        ],
      },
      'warning shared-networks[1].subnet4[0].relay.ip-addresses: relay 10.9.9.1 selects shared-networks[0].subnet4[0] already (the subnet with the lower id has its clients)',
      'warning shared-networks[1].subnet4[0].interface: interface eth1 selects shared-networks[0].subnet4[0] already (the subnet with the lower id has its clients)',
    ],
    [
      { 'shared-networks': [network('a', [], { reservations: [] })] },
      'error shared-networks[0].reservations: the key has no meaning here (did you mean "reservations-global"?)',
    ],
    [
      {
        'shared-networks': [
          network('a', [], { 'valid-lifetime': 0, relay: { 'ip-addresses': ['x'] } }),
        ],
      },
      'error shared-networks[0].valid-lifetime: a lease of 0 seconds (at least 1; 4294967295 never ends)',
      "error shared-networks[0].relay.ip-addresses[0]: 'x' is not the address of a relay (such as 192.0.2.1)",
    ],
    [
      {
        'interfaces-config': { interfaces: ['eth0'] },
        'shared-networks': [network('a', [], { interface: 'eth1' })],
      },
      'warning shared-networks[0].interface: interface eth1 is not served (name it in interfaces-config.interfaces)',
    ],
  ]
  for (const [global, ...said] of rows)
    t.same(lines(load(relationship(), global)).sort(), said.sort(), JSON.stringify(global))
})
