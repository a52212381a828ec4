// The map Dhcp6 -> what DHCPv6 runs: inheritance, pools and pd-pools, lifetimes, lookups, and what
// is wrong with a document, told where it stands.

import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { prefix6FromText, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import { ClassSet } from '../../lib/classify/class-set.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { Plan6, Subnet6 } from '../../lib/config/plan/plan6.ts'
import { formatPath, type Problem } from '../../lib/config/text/problem.ts'
import type { Range } from '../../lib/leases/keys/key.ts'

const CONTEXT = { stateDirectory: '/var/lib/whio' }
const LISTENING = { 'interfaces-config': { interfaces: ['*'] } }
const POOL = { pool: '2001:db8:1::10 - 2001:db8:1::1f' }
const PD_POOL = { prefix: '2001:db8:8000::', 'prefix-len': 40, 'delegated-len': 56 }

type Members = Readonly<Record<string, unknown>>

const address = (text: string): string => ipv6FromText(text)!
const key = (text: string): string => prefix6FromText(text)!
const nobody = new ClassSet(64)

function withSubnets(...subnets: Members[]): Members {
  return { ...LISTENING, subnet6: subnets.map((subnet, at) => ({ id: at + 1, ...subnet })) }
}

function withSubnet(members: Members, above: Members = {}): Members {
  return { ...withSubnets({ subnet: '2001:db8:1::/64', ...members }), ...above }
}

function withNetwork(members: Members, ...subnets: Members[]): Members {
  const subnet6 = subnets.map((subnet, at) => ({
    id: at + 1,
    subnet: `2001:db8:${at + 1}::/64`,
    ...subnet,
  }))
  return { ...LISTENING, 'shared-networks': [{ name: 'floor', ...members, subnet6 }] }
}

function load(members: Members): { plan: Plan6 | undefined; problems: readonly Problem[] } {
  const { plan, problems } = loadPlanFromObject({ Dhcp6: members }, CONTEXT)
  return { plan: plan?.dhcp6, problems }
}

function planOf(members: Members): Plan6 {
  const { plan, problems } = load(members)
  if (plan === undefined || problems.length > 0) throw new Error(JSON.stringify(problems))
  return plan
}

function subnetOf(members: Members, above: Members = {}): Subnet6 {
  return planOf(withSubnet(members, above)).subnets[0]!
}

/** `severity code path`, without `Dhcp6.` */
function saidOf(members: Members): string[] {
  const { problems } = load(members)
  return problems.map(
    ({ severity, code, path }) => `${severity} ${code} ${formatPath(path.slice(1))}`,
  )
}

function words(members: Members): string[] {
  return load(members).problems.map(({ message, hint }) => `${message} (${hint})`)
}

function texts(ranges: readonly Range<string>[]): string[] {
  return ranges.map(({ first, last }) => `${textFromPrefix6(first)} - ${textFromPrefix6(last)}`)
}

t.test('an almost empty document has the defaults of the key table', async (t) => {
  const plan = planOf(withSubnet({}))
  const subnet = plan.subnets[0]!
  t.match(plan, {
    interfaces: { all: true, named: [] },
    serverId: { type: undefined, identifier: '', persists: true },
    overlaps: false,
    declineProbation: 86400,
    allowsRegistration: true,
    dataDirectory: undefined,
    reservationIdentifiers: ['hw-address', 'duid'],
    compatibility: { optionParsing: 'usual' },
  })
  t.same(plan.macSources, ['client-link-addr-option', 'ipv6-link-local', 'duid'])
  t.same([...plan.relaySupplied], [65])
  t.match(subnet, {
    id: 1,
    text: '2001:db8:1::/64',
    network: undefined,
    interface: '',
    interfaceId: '',
    relayAddresses: [],
    pools: [],
    pdPools: [],
    allocator: 'iterative',
    pdAllocator: 'iterative',
    rapidCommit: false,
    lifetime: { valid: { default: 7200, min: 7200, max: 7200 }, preferred: undefined },
    timers: { renew: undefined, rebind: undefined, calculate: true, t1: 0.5, t2: 0.8 },
    leasing: { reuse: undefined, keepsRelayInfo: false, adaptiveThreshold: 1 },
  })
})

t.test('lifetimes and timers', async (t) => {
  const lifetime = (own: Members, above: Members = {}) => subnetOf(own, above).lifetime

  t.test('are inherited key by key, down to the subnet', async (t) => {
    const above = { 'valid-lifetime': 4000, 'preferred-lifetime': 3000, 'renew-timer': 1000 }
    t.same(lifetime({ 'max-valid-lifetime': 8000 }, above), {
      valid: { default: 4000, min: 4000, max: 8000 },
      preferred: { default: 3000, min: 3000, max: 3000 },
    })
    const network = withNetwork({ ...above, 'preferred-lifetime': 2000 }, {})
    const [subnet] = planOf(network).subnets
    t.match(subnet, { lifetime: { preferred: { default: 2000 } }, timers: { renew: 1000 } })
    const same = planOf(withSubnets({ subnet: '2001:db8::/64' }, { subnet: '2001:db8:1::/64' }))
    t.equal(same.subnets[0]!.lifetime, same.subnets[1]!.lifetime, 'one object for all')
  })

  t.test('of which the preferred one may be said by its bounds', async (t) => {
    t.same(lifetime({ 'min-preferred-lifetime': 600, 'max-preferred-lifetime': 900 }).preferred, {
      default: 600,
      min: 600,
      max: 900,
    })
    t.equal(lifetime({ 'preferred-lifetime': 0 }).preferred, undefined, 'Kea writes 0 for none')
  })

  const at = 'subnet6[0]'
  const rows: readonly (readonly [own: Members, ...said: string[]])[] = [
    [{ 'valid-lifetime': 0 }, `error lifetime-zero ${at}.valid-lifetime`],
    [{ 'min-valid-lifetime': 8000 }, `error lifetime-bounds ${at}.min-valid-lifetime`],
    [
      { 'preferred-lifetime': 900, 'min-preferred-lifetime': 1000 },
      `error lifetime-bounds ${at}.preferred-lifetime`,
    ],
    [
      { 'preferred-lifetime': 900, 'max-preferred-lifetime': 800 },
      `error lifetime-bounds ${at}.max-preferred-lifetime`,
    ],
    [{ 'preferred-lifetime': 9000 }, `warning lifetime-preferred ${at}.preferred-lifetime`],
    [{ 't1-percent': 0.9 }, `error timer-fractions ${at}.t1-percent`],
    [{ 'renew-timer': 900, 'rebind-timer': 900 }, `warning timer-not-sent ${at}.renew-timer`],
    [{ 'rebind-timer': 7200 }, `warning timer-late ${at}.rebind-timer`],
    [{ 'renew-timer': 7200 }, `warning timer-late ${at}.renew-timer`],
  ]
  for (const [own, ...said] of rows) t.same(saidOf(withSubnet(own)), said, JSON.stringify(own))
})

t.test('pools', async (t) => {
  const ranges = (...pools: string[]) => {
    const subnet = subnetOf({ pools: pools.map((pool) => ({ pool })) })
    return texts(subnet.ranges)
  }

  t.test('are ranges of addresses, in either notation', async (t) => {
    t.same(ranges('2001:db8:1::10 - 2001:db8:1::1f', '2001:db8:1::a:0/112'), [
      '2001:db8:1::10 - 2001:db8:1::1f',
      '2001:db8:1::a:0 - 2001:db8:1::a:ffff',
    ])
  })

  t.test('without what RFC 5453 reserves', async (t) => {
    t.same(ranges('2001:db8:1::/64'), [
      '2001:db8:1::1 - 2001:db8:1:0:200:5eff:fdff:ffff',
      '2001:db8:1:0:200:5eff:ff00:0 - 2001:db8:1:0:fdff:ffff:ffff:ff7f',
      '2001:db8:1:0:fe00:: - 2001:db8:1:0:ffff:ffff:ffff:ffff',
    ])
    const { plan, problems } = load(withSubnet({ pools: [{ pool: '2001:db8:1::/128' }] }))
    t.same(plan!.subnets[0]!.ranges, [])
    t.match(problems, [{ severity: 'warning', code: 'pool-edge' }])
  })

  t.test('of more than 65536 addresses are not guessed, where nothing is said', async (t) => {
    const allocator = (pool: string, own: Members = {}) =>
      subnetOf({ ...own, pools: [{ pool }] }).allocator
    t.equal(allocator('2001:db8:1::/112'), 'iterative')
    t.equal(allocator('2001:db8:1::/111'), 'random')
    t.equal(allocator('2001:db8:1::/64', { allocator: 'iterative' }), 'iterative')
    const pd = (delegated: number) =>
      subnetOf({ 'pd-pools': [{ ...PD_POOL, 'delegated-len': delegated }] }).pdAllocator
    t.same([pd(56), pd(57)], ['iterative', 'random'])
  })

  const rows: readonly (readonly [pools: readonly Members[], ...said: string[]])[] = [
    [[{ pool: '2001:db8:1::5' }], 'error pool subnet6[0].pools[0].pool'],
    [[{ pool: '192.0.2.1 - 192.0.2.9' }], 'error pool subnet6[0].pools[0].pool'],
    [[{ pool: '2001:db8:1::9 - 2001:db8:1::1' }], 'error pool subnet6[0].pools[0].pool'],
    [[{ pool: '2001:db8:2::/80' }], 'error outside-subnet subnet6[0].pools[0].pool'],
    [[{ pool: '2001:db8:1::/63' }], 'error outside-subnet subnet6[0].pools[0].pool'],
    [[{ pool: '2001:db8:1::7/112' }], 'warning host-bits subnet6[0].pools[0].pool'],
    [
      [POOL, { pool: '2001:db8:1::1f - 2001:db8:1::2f' }],
      'error pool-overlap subnet6[0].pools[1].pool',
    ],
    [[POOL, POOL], 'error pool-overlap subnet6[0].pools[1].pool'],
  ]
  for (const [pools, ...said] of rows)
    t.same(saidOf(withSubnet({ pools })), said, JSON.stringify(pools))
})

t.test('pd-pools', async (t) => {
  t.test('are prefixes of one length', async (t) => {
    const [pool] = subnetOf({ 'pd-pools': [PD_POOL] }).pdPools
    t.equal(textFromPrefix6(pool!.prefix), '2001:db8:8000::/40')
    t.equal(pool!.delegatedLength, 56)
    t.same(texts([pool!.range]), ['2001:db8:8000::/56 - 2001:db8:80ff:ff00::/56'])
    t.equal(pool!.excluded, undefined)
  })

  t.test('of which clients leave a part out', async (t) => {
    const excluded = { 'excluded-prefix': '2001:db8:8000:0001::', 'excluded-prefix-len': 64 }
    const [pool] = subnetOf({ 'pd-pools': [{ ...PD_POOL, ...excluded }] }).pdPools
    t.equal(textFromPrefix6(pool!.excluded!), '2001:db8:8000:1::/64')
    const none = { 'excluded-prefix': '::', 'excluded-prefix-len': 0 }
    const [without] = subnetOf({ 'pd-pools': [{ ...PD_POOL, ...none }] }).pdPools
    t.equal(without!.excluded, undefined, 'as Kea writes where there is none')
  })

  const at = 'subnet6[0].pd-pools[0]'
  const rows: readonly (readonly [own: Members, ...said: string[]])[] = [
    [{ prefix: '192.0.2.0' }, `error prefix ${at}.prefix`],
    [{ prefix: '2001:db8:8000::/40' }, `error prefix ${at}.prefix`],
    [{ prefix: '2001:db8:8000::1' }, `warning host-bits ${at}.prefix`],
    [{ 'delegated-len': 39 }, `error delegated-len ${at}.delegated-len`],
    [{ 'delegated-len': 128 }, `error delegated-len ${at}.delegated-len`],
    [{ 'delegated-len': 129 }, `error out-of-range ${at}.delegated-len`],
    [{ 'excluded-prefix-len': 64 }, `error excluded-prefix ${at}.excluded-prefix-len`],
    [
      { 'excluded-prefix': '2001:db8:8000::', 'excluded-prefix-len': 56 },
      `error excluded-prefix ${at}.excluded-prefix-len`,
    ],
    [
      { 'excluded-prefix': '2001:db8:9000::', 'excluded-prefix-len': 64 },
      `error excluded-prefix ${at}.excluded-prefix`,
    ],
  ]
  for (const [own, ...said] of rows)
    t.same(saidOf(withSubnet({ 'pd-pools': [{ ...PD_POOL, ...own }] })), said, JSON.stringify(own))
})

t.test('pools that overlap, of whatever length, are refused', async (t) => {
  const pd = (prefix: string, length: number, delegated: number) => ({
    prefix,
    'prefix-len': length,
    'delegated-len': delegated,
  })
  const rows: readonly (readonly [title: string, members: Members, ...said: string[]])[] = [
    [
      'two of other lengths in one subnet',
      withSubnet({ 'pd-pools': [PD_POOL, pd('2001:db8:8001::', 48, 64)] }),
      'error pool-overlap subnet6[0].pd-pools[1].prefix',
    ],
    [
      'the larger one behind the smaller one',
      withSubnet({ 'pd-pools': [pd('2001:db8:8001::', 48, 64), PD_POOL] }),
      'error pool-overlap subnet6[0].pd-pools[0].prefix',
    ],
    [
      'addresses and prefixes',
      withSubnet({ pools: [POOL], 'pd-pools': [pd('2001:db8:1::', 60, 64)] }),
      'error pool-overlap subnet6[0].pools[0].pool',
    ],
    [
      'of different subnets',
      withSubnets(
        { subnet: '2001:db8:1::/64', 'pd-pools': [PD_POOL] },
        { subnet: '2001:db8:2::/64', 'pd-pools': [PD_POOL] },
      ),
      'error pool-overlap subnet6[1].pd-pools[0].prefix',
    ],
    [
      'of shared networks',
      withNetwork({}, { 'pd-pools': [PD_POOL] }, { 'pd-pools': [PD_POOL] }),
      'error pool-overlap shared-networks[0].subnet6[1].pd-pools[0].prefix',
    ],
    [
      'neighbours do not',
      withSubnet({
        pools: [POOL, { pool: '2001:db8:1::20 - 2001:db8:1::2f' }],
        'pd-pools': [pd('2001:db8:8000::', 41, 56), pd('2001:db8:8080::', 41, 60)],
      }),
    ],
  ]
  for (const [title, members, ...said] of rows) {
    const { plan } = load(members)
    t.same(saidOf(members), said, title)
    t.equal(plan === undefined, said.length > 0, title)
  }
  t.match(words(withSubnet({ 'pd-pools': [PD_POOL, PD_POOL] })), [
    '2001:db8:8000::/40 overlaps another pool (2001:db8:8000::/40 of subnet6[0])',
  ])
})

t.test('subnets', async (t) => {
  const rows: readonly (readonly [members: Members, ...said: string[]])[] = [
    [withSubnets({ subnet: '2001:db8::' }), 'error subnet subnet6[0].subnet'],
    [withSubnets({ subnet: '192.0.2.0/24' }), 'error subnet subnet6[0].subnet'],
    [withSubnets({ subnet: '2001:db8::1/64' }), 'warning host-bits subnet6[0].subnet'],
    [
      withSubnets({ subnet: '2001:db8:1::/64', id: 7 }, { subnet: '2001:db8:2::/64', id: 7 }),
      'error duplicate subnet6[1].id',
    ],
    [
      withSubnets({ subnet: '2001:db8:1::/64' }, { subnet: '2001:DB8:1:0::/64' }),
      'error duplicate subnet6[1].subnet',
    ],
    [
      withSubnets({ subnet: '2001:db8::/32' }, { subnet: '2001:db8:1::/64' }),
      'warning subnet-overlap subnet6[1].subnet',
    ],
    [withSubnet({ id: undefined }), 'warning subnet-without-id subnet6[0]'],
    [
      withSubnet({ interface: 'eth9' }, { 'interfaces-config': { interfaces: ['eth0'] } }),
      'warning interface-not-served subnet6[0].interface',
    ],
    [
      withSubnet({ relay: { 'ip-addresses': ['192.0.2.1'] } }),
      'error address subnet6[0].relay.ip-addresses[0]',
    ],
    [
      withSubnet({ interface: 'eth0', 'interface-id': 'port7' }),
      'error interface-id subnet6[0].interface-id',
    ],
    [
      withSubnets(
        { subnet: '2001:db8:1::/64', 'interface-id': 'port7' },
        { subnet: '2001:db8:2::/64', 'interface-id': 'port7' },
      ),
      'warning shadowed subnet6[1].interface-id',
    ],
    [
      withNetwork({}, { 'rapid-commit': true }, { 'rapid-commit': false }),
      'error network-member shared-networks[0].subnet6[1].rapid-commit',
    ],
    [
      withNetwork({ 'rapid-commit': true }, {}, { 'rapid-commit': false }),
      'error network-member shared-networks[0].subnet6[1].rapid-commit',
    ],
    [
      withNetwork({}, {}, { 'rapid-commit': true }),
      'error network-member shared-networks[0].subnet6[1].rapid-commit',
    ],
    [withNetwork({ 'rapid-commit': true }, { 'rapid-commit': false }, { 'rapid-commit': false })],
    [
      withNetwork({ interface: 'eth0' }, { interface: 'eth1' }),
      'error network-member shared-networks[0].subnet6[0].interface',
    ],
  ]
  for (const [members, ...said] of rows) {
    const plain = JSON.parse(JSON.stringify(members)) as Members
    t.same(saidOf(plain), said, JSON.stringify(members).slice(60))
  }

  t.test('inherit their place from the shared network', async (t) => {
    const relay = { 'ip-addresses': ['2001:db8::1'] }
    const own = { 'ip-addresses': ['2001:db8::2'] }
    const network = { 'interface-id': 'port7', 'rapid-commit': true, relay }
    const [one, two] = planOf(withNetwork(network, {}, { relay: own })).subnets
    t.match(one, { rapidCommit: true, relayAddresses: [address('2001:db8::1')] })
    t.equal(one!.interfaceId, 'port7')
    t.same(two!.relayAddresses, [address('2001:db8::2')])
    t.equal(one!.network, two!.network)
    t.same(one!.network!.subnets, [one, two])
  })

  t.test('have an interface-id as text, or in hex digits', async (t) => {
    t.equal(subnetOf({ 'interface-id': 'port 7/ü' }).interfaceId, 'port 7/\xc3\xbc')
    t.equal(hexFromOctets(subnetOf({ 'interface-id': '0x000a0B' }).interfaceId), '000a0b')
    t.equal(subnetOf({ 'interface-id': '0x123' }).interfaceId, '0x123', 'half a byte is text')
  })
})

t.test('subnets are found', async (t) => {
  const plan = load({
    ...withSubnets(
      { subnet: '2001:db8::/32', id: 9, interface: 'eth0' },
      { subnet: '2001:db8:1::/48', id: 4, relay: { 'ip-addresses': ['2001:db8:ffff::1'] } },
      { subnet: '2001:db8:1:1::/64', id: 7, 'interface-id': '0xabcd' },
      {
        subnet: 'fd00::/64',
        id: 2,
        'pd-pools': [PD_POOL],
        pools: [{ pool: 'fd00::10 - fd00::1f' }],
      },
    ),
  }).plan!
  const ids = (subnets: readonly (Subnet6 | undefined)[]) => subnets.map((subnet) => subnet?.id)

  t.test('by address: of several the one with the lowest id', async (t) => {
    const found = (text: string) => ids([plan.subnetByAddress(address(text))])[0]
    t.equal(found('2001:db8::5'), 9)
    t.equal(found('2001:db8:1::5'), 4)
    t.equal(found('2001:db8:1:1::5'), 4, 'not the nearest one')
    t.equal(found('2001:db8:1:2::5'), 4)
    t.equal(found('2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'), 9)
    t.equal(found('fd00::1'), 2)
    for (const outside of ['::', '2001:db7:ffff::', '2001:db9::', 'fd00:0:0:1::', 'ff02::1'])
      t.equal(found(outside), undefined, outside)
    t.same(ids(plan.subnetsAt(address('2001:db8:1:1::5'))), [4, 7, 9])
    t.same(ids(plan.subnetsAt(address('2001:db8:2::'))), [9])
    t.same(plan.subnetsAt(address('2001:db9::')), [])
    t.equal(plan.overlaps, true)
  })

  t.test('by id, relay, interface, interface-id and pool', async (t) => {
    const found = [
      plan.subnetById(7),
      plan.subnetByRelay(address('2001:db8:ffff::1')),
      plan.subnetByInterface('eth0'),
      plan.subnetByInterfaceId('\xab\xcd'),
      plan.subnetOfPool(key('fd00::1f')),
      plan.subnetOfPool(key('2001:db8:8012:3400::/56')),
    ]
    t.same(ids(found), [7, 4, 9, 7, 2, 2])
    const lost = [
      plan.subnetById(1),
      plan.subnetByRelay(address('2001:db8:ffff::2')),
      plan.subnetByInterface('eth1'),
      plan.subnetByInterfaceId('abcd'),
      plan.subnetOfPool(key('fd00::20')),
      plan.subnetOfPool(key('2001:db8:8012:3400::/57')),
      plan.subnetOfPool(key('2001:db8:8100::/56')),
    ]
    t.ok(lost.every((subnet) => subnet === undefined))
  })

  t.test('where their guards admit the client, or those of their network', async (t) => {
    const guarded = planOf({
      ...withNetwork({}, { 'client-classes': ['phones'], interface: 'eth0' }, {}),
      'client-classes': [{ name: 'phones', test: 'option[1].hex == 0x01' }],
    })
    const phones = new ClassSet(guarded.classes.names.length)
    phones.add(guarded.classes.numberOf('phones')!)
    const at = address('2001:db8:1::5')
    t.equal(guarded.subnetByAddress(at, phones)?.id, 1)
    t.equal(guarded.subnetByAddress(at, nobody)?.id, 2, 'another one of the link')
    t.equal(guarded.subnetByInterface('eth0', nobody)?.id, 2)
  })
})

t.test('what a client may get', async (t) => {
  const plan = planOf({
    ...withNetwork(
      {},
      {
        pools: [POOL, { pool: '2001:db8:1::20 - 2001:db8:1::2f', 'client-classes': ['phones'] }],
        'pd-pools': [
          PD_POOL,
          { prefix: '2001:db8:9000::', 'prefix-len': 40, 'delegated-len': 60 },
          {
            prefix: '2001:db8:a000::',
            'prefix-len': 40,
            'delegated-len': 48,
            'client-classes': ['phones'],
          },
        ],
      },
      { 'pd-pools': [{ prefix: '2001:db8:b000::', 'prefix-len': 40, 'delegated-len': 60 }] },
    ),
    'client-classes': [{ name: 'phones', test: 'option[1].hex == 0x01' }],
  })
  const [subnet, other] = plan.subnets
  const phones = new ClassSet(plan.classes.names.length)
  phones.add(plan.classes.numberOf('phones')!)
  const lengths = (wished: number, classes: ClassSet) =>
    subnet!
      .reachFor(classes)
      .prefixRanges(wished)
      .map((list) => list.map(({ first }) => textFromPrefix6(first)).join(' '))

  t.test('is in the pools that are open to its classes', async (t) => {
    t.same(texts(subnet!.rangesFor(nobody)), ['2001:db8:1::10 - 2001:db8:1::1f'])
    t.equal(subnet!.rangesFor(phones), subnet!.ranges, 'all of them: the list itself')
    t.equal(subnet!.prefixRangesFor(nobody).length, 2)
    t.equal(subnet!.isDynamic(key('2001:db8:1::25'), nobody), false)
    t.equal(subnet!.isDynamic(key('2001:db8:1::25'), phones), true)
    t.equal(subnet!.isDynamic(key('2001:db8:a012::/48'), nobody), false)
    t.equal(subnet!.isDynamic(key('2001:db8:a012::/48'), phones), true)
    t.equal(subnet!.isDynamic(key('2001:db8:9000::/60'), nobody), true)
    t.equal(subnet!.isDynamic(key('2001:db8:9000::/56'), nobody), false, 'of another length')
    t.equal(subnet!.poolOf(key('2001:db8:1::25')), subnet!.pools[1])
    t.equal(subnet!.pdPoolOf(key('2001:db8:a012::/48')), subnet!.pdPools[2])
    t.equal(subnet!.pdPoolOf(key('2001:db8:a012::/56')), undefined)
  })

  t.test('of prefixes first of the length that it wishes for, then larger ones', async (t) => {
    t.same(lengths(0, phones), [
      '2001:db8:8000::/56 2001:db8:9000::/60 2001:db8:a000::/48 2001:db8:b000::/60',
    ])
    t.same(lengths(128, phones), lengths(0, phones), 'no wish')
    t.same(lengths(56, phones), [
      '2001:db8:8000::/56',
      '2001:db8:a000::/48',
      '2001:db8:9000::/60 2001:db8:b000::/60',
    ])
    t.same(lengths(64, phones), [
      '2001:db8:9000::/60 2001:db8:b000::/60',
      '2001:db8:8000::/56',
      '2001:db8:a000::/48',
    ])
    t.same(lengths(40, nobody), ['2001:db8:8000::/56', '2001:db8:9000::/60 2001:db8:b000::/60'])
    const reach = subnet!.reachFor(nobody)
    t.equal(reach.prefixRanges(56), reach.prefixRanges(56), 'the same array at each call')
    t.equal(subnet!.reachFor(nobody), reach)
    t.same(reach.subnets, [subnet, other])
  })

  t.test('and the partner is not asked for what only one client can have', async (t) => {
    const reserved = subnetOf({
      pools: [POOL, { pool: '2001:db8:1::5 - 2001:db8:1::5' }],
      reservations: [{ duid: '00:01:00:01', 'ip-addresses': ['2001:db8:1::5'] }],
    })
    t.equal(reserved.reachFor(nobody).ranges.length, 2)
    t.same(texts(reserved.reachFor(nobody).wanted), ['2001:db8:1::10 - 2001:db8:1::1f'])
  })
})

t.test('what is said once', async (t) => {
  const said = (members: Members) => saidOf({ ...withSubnet({}), ...members })
  const plan = (members: Members) => planOf({ ...withSubnet({}), ...members })

  t.test('interfaces, with addresses beside their links', async (t) => {
    const interfaces = ['eth0', 'eth0/2001:db8::1', 'eth1/2001:db8::2', 'eth1/2001:db8::3']
    t.same(plan({ 'interfaces-config': { interfaces } }).interfaces, {
      all: false,
      named: [
        { name: 'eth0', addresses: [address('2001:db8::1')] },
        { name: 'eth1', addresses: [address('2001:db8::2'), address('2001:db8::3')] },
      ],
    })
    const rows: readonly (readonly [list: string[], ...said: string[]])[] = [
      [[], 'warning no-interfaces interfaces-config.interfaces'],
      [['*', '*'], 'error duplicate interfaces-config.interfaces[1]'],
      [['eth0', 'eth0'], 'error duplicate interfaces-config.interfaces[1]'],
      [['e/2001:db8::1', 'e/2001:DB8::1'], 'error duplicate interfaces-config.interfaces[1]'],
      [['eth0/192.0.2.1'], 'error address interfaces-config.interfaces[0]'],
      [['eth0/fe80::1'], 'error address interfaces-config.interfaces[0]'],
      [['*/2001:db8::1'], 'error interface interfaces-config.interfaces[0]'],
    ]
    for (const [list, ...expected] of rows)
      t.same(said({ 'interfaces-config': { interfaces: list } }), expected, list.join())
  })

  t.test('the DUID of the server', async (t) => {
    const id = {
      type: 'EN',
      'enterprise-id': 2495,
      identifier: '87ABEF7A5BB545',
      persist: false,
    }
    t.same(plan({ 'server-id': id }).serverId, {
      type: 'EN',
      identifier: '\x87\xab\xef\x7a\x5b\xb5\x45',
      htype: 0,
      time: 0,
      enterprise: 2495,
      persists: false,
    })
    const rows: readonly (readonly [own: Members, ...said: string[]])[] = [
      [{ type: 'LLT', identifier: 'xyz' }, 'error server-id server-id.identifier'],
      [{ type: 'LL', identifier: '00'.repeat(127) }, 'error server-id server-id.identifier'],
      [{ type: 'EN', htype: 1 }, 'warning server-id server-id.htype'],
      [{ type: 'LL', time: 5 }, 'warning server-id server-id.time'],
      [{ type: 'LLT', 'enterprise-id': 5 }, 'warning server-id server-id.enterprise-id'],
      [{ type: 'UUID' }, 'error wrong-word server-id.type'],
      [{ identifier: '00' }, 'error missing-key server-id.type'],
    ]
    for (const [own, ...expected] of rows)
      t.same(said({ 'server-id': own }), expected, JSON.stringify(own))
  })

  t.test('sources of hardware addresses, in the words of Kea', async (t) => {
    t.same(plan({ 'mac-sources': ['duid', 'rfc6939', 'rfc4649'] }).macSources, [
      'duid',
      'client-link-addr-option',
      'remote-id',
    ])
    t.equal(plan({ 'mac-sources': ['any'] }).macSources[1], 'duid', 'the order of Kea')
    t.same(said({ 'mac-sources': [] }), ['error mac-sources mac-sources'])
    t.same(said({ 'mac-sources': ['raw', 'duid'] }), ['info mac-source mac-sources[0]'])
  })

  t.test('options that relays may supply, by name or code', async (t) => {
    const codes = (...list: string[]) => [...plan({ 'relay-supplied-options': list }).relaySupplied]
    t.same(codes('dns-servers', '1234'), [65, 23, 1234])
    t.same(codes(), [65], 'that of RFC 6440 always')
    for (const wrong of ['0', '65536', 'dns-server'])
      t.same(said({ 'relay-supplied-options': [wrong] }), [
        'error relay-supplied relay-supplied-options[0]',
      ])
  })

  t.test('and the rest', async (t) => {
    const given = plan({
      'allow-address-registration': false,
      'data-directory': '/var/lib/kea',
      'host-reservation-identifiers': ['auto'],
      'decline-probation-period': 60,
      compatibility: { 'lenient-option-parsing': true },
    })
    t.match(given, {
      allowsRegistration: false,
      dataDirectory: '/var/lib/kea',
      reservationIdentifiers: ['hw-address', 'duid', 'flex-id'],
      declineProbation: 60,
      compatibility: { optionParsing: 'lenient' },
    })
    t.same(said({ 'dhcp4o6-port': 6767 }), ['error key-refused dhcp4o6-port'])
    t.same(said({ 'host-reservation-identifiers': [] }), [
      'error identifiers host-reservation-identifiers',
    ])
  })
})

t.test('reservations count where the scope says so', async (t) => {
  const known = { knownBy: (kind: string) => (kind === 'duid' ? '\x00\x03\x00\x01\x02' : '') }
  const reservations = [
    {
      duid: '00:03:00:01:02',
      'ip-addresses': ['2001:db8:1::5', '2001:db8:1::6'],
      prefixes: ['2001:db8:8000::/56'],
    },
  ]
  const found = (own: Members, above: Members = {}) => {
    const plan = load(withSubnet({ 'pd-pools': [PD_POOL], ...own }, above)).plan!
    const one = plan.reservations.of(known, plan.subnets[0]!)
    const keys = [...(one?.addresses ?? []), ...(one?.prefixes ?? []).map(({ prefix }) => prefix)]
    return { keys: keys.map(textFromPrefix6), reserved: plan.reservedKeys().map(textFromPrefix6) }
  }
  const keys = ['2001:db8:1::5', '2001:db8:1::6', '2001:db8:8000::/56']
  t.same(found({ reservations }), { keys, reserved: [keys[2], keys[0], keys[1]] })
  t.same(found({ reservations, 'reservations-in-subnet': false }), { keys: [], reserved: [] })
  t.same(found({ 'reservations-global': true }, { reservations }).keys, keys)
  t.same(found({}, { reservations }).keys, [])
  const out = found({ reservations, 'reservations-out-of-pool': true })
  t.same(out.keys, keys.slice(0, 2), 'what a pool has is not reserved')
})
