// Subnets of DHCPv6 with the prefix of an interface of this host: `prefix-from`.

import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { prefix6FromText, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import { loadPlan, loadPlanFromObject } from '../../lib/config/load.ts'
import { formatPath, formatProblem } from '../../lib/config/text/problem.ts'
import { frozen } from './frozen.ts'

type Members = Readonly<Record<string, unknown>>
type Prefixes = Readonly<Record<string, readonly string[]>>

function contextWith(prefixes: Prefixes) {
  const prefixesOf = (name: string) => prefixes[name]?.map((text) => prefix6FromText(text)!)
  return { stateDirectory: '/nowhere', prefixesOf }
}

function documentWith(...subnets: Members[]) {
  const subnet6 = subnets.map((subnet, at) => ({
    id: at + 1,
    subnet: '::/64',
    'prefix-from': 'eth1',
    ...subnet,
  }))
  return { Dhcp6: { 'interfaces-config': { interfaces: ['*'] }, subnet6 } }
}

function loaded(prefixes: Prefixes, ...subnets: Members[]) {
  const { plan, problems } = loadPlanFromObject(documentWith(...subnets), contextWith(prefixes))
  return {
    plan,
    subnets: plan?.dhcp6?.subnets.map(({ text }) => text),
    said: problems.map(
      ({ severity, code, path }) => `${severity} ${code} ${formatPath(path.slice(2))}`,
    ),
    words: problems.map(({ message, hint }) => `${message} (${hint})`),
  }
}

const HOME = {
  subnet: '0:0:0:2::/64',
  'prefix-from': 'wan/56',
  pools: [{ pool: '::1000 - ::1fff' }, { pool: '0:0:0:2:1::/80' }],
  'pd-pools': [
    {
      prefix: '0:0:0:80::',
      'prefix-len': 57,
      'delegated-len': 60,
      'excluded-prefix': '0:0:0:8f::',
      'excluded-prefix-len': 64,
    },
  ],
  reservations: [{ duid: '00:03:00:01:02', 'ip-addresses': ['::5'], prefixes: ['0:0:0:f0::/60'] }],
}

t.test('prefix-from', async (t) => {
  t.test('pools, pd-pools and reservations have the prefix of the interface', async (t) => {
    const { plan, said } = loaded({ wan: ['2001:db8:7:ff00::/56'] }, HOME)
    t.same(said, [])
    const subnet = plan!.dhcp6!.subnets[0]!
    t.equal(subnet.text, '2001:db8:7:ff02::/64')
    t.same(
      subnet.pools.map(({ range }) => textFromPrefix6(range.first)),
      ['2001:db8:7:ff02::1000', '2001:db8:7:ff02:1::'],
    )
    t.match(subnet.pdPools, [
      {
        prefix: prefix6FromText('2001:db8:7:ff80::/57'),
        excluded: prefix6FromText('2001:db8:7:ff8f::/64'),
      },
    ])
    t.same(plan!.dhcp6!.reservedKeys().map(textFromPrefix6).sort(), [
      '2001:db8:7:ff02::5',
      '2001:db8:7:fff0::/60',
    ])
    const at = ipv6FromText('2001:db8:7:ff02::9')!
    t.equal(plan!.dhcp6!.subnetByAddress(at), subnet)
  })

  for (const [what, prefixes, subnet, text] of [
    ['the usual: a /64', ['2001:db8:1::/64'], {}, '2001:db8:1::/64'],
    ['the first one counts', ['2001:db8:2::/64', '2001:db8:1::/64'], {}, '2001:db8:2::/64'],
    [
      'a whole /56, of which it is a part',
      ['2001:db8::/56'],
      { subnet: '0:0:0:3::/64' },
      '2001:db8:0:3::/64',
    ],
    [
      'the first 48 bits of a /64',
      ['2001:db8:1:9::/64'],
      { 'prefix-from': 'eth1/48' },
      '2001:db8:1::/64',
    ],
    ['an address alone is no prefix', ['2001:db8::1', '2001:db8:1::/64'], {}, '2001:db8:1::/64'],
    [
      'an address alone, by its bits',
      ['2001:db8::1'],
      { 'prefix-from': 'eth1/64' },
      '2001:db8::/64',
    ],
  ] as const)
    t.test(`a subnet: ${what}`, async (t) => {
      const { subnets, said } = loaded({ eth1: prefixes }, subnet)
      t.same([subnets, said], [[text], []])
    })

  for (const [what, prefixes, words] of [
    ['no such interface', {}, 'there is no interface eth1 at present'],
    ['an interface without a prefix', { eth1: [] }, 'eth1 has no prefix of IPv6 at present'],
    ['an address alone', { eth1: ['2001:db8::1'] }, 'eth1 has no prefix of IPv6 at present'],
  ] as const)
    t.test(`${what}: the subnet is not served, and the others are`, async (t) => {
      const other = { 'prefix-from': undefined, subnet: '2001:db8:9::/64' }
      const result = loaded(prefixes, {}, other)
      t.same(result.subnets, ['2001:db8:9::/64'])
      t.same(result.said, ['warning prefix-from [0].prefix-from'])
      t.ok(result.words[0]!.startsWith(words))
    })

  t.test('a prefix that is too long for what is written here is told with a way out', async (t) => {
    const prefixes = { eth1: ['2001:db8:1::/64'] }
    const part = loaded(prefixes, { subnet: '0:0:0:1::/64' })
    t.same(part.subnets, [])
    t.match(part.words, [/^eth1 has 2001:db8:1::\/64, and 0:0:0:1::\/64 has bits .*"eth1\/56"/])
    const pd = { 'pd-pools': [{ prefix: '0:0:0:80::', 'prefix-len': 57, 'delegated-len': 60 }] }
    const roomless = loaded(prefixes, pd)
    t.same(roomless.subnets, ['2001:db8:1::/64'])
    t.same(roomless.plan!.dhcp6!.subnets[0]!.pdPools, [])
    t.same(roomless.said, ['warning prefix-from [0].pd-pools[0].prefix-len'])
  })

  for (const [what, subnet, said] of [
    ['no name', { 'prefix-from': '/56' }, 'error prefix-from [0].prefix-from'],
    ['no bits', { 'prefix-from': 'eth1/0' }, 'error prefix-from [0].prefix-from'],
    [
      'more bits than the subnet',
      { 'prefix-from': 'eth1/72' },
      'error prefix-from [0].prefix-from',
    ],
    ['no subnet', { subnet: '::' }, 'error subnet [0].subnet'],
    [
      'a prefix of its own',
      { 'prefix-from': 'eth1/64', subnet: '2001:db8:1::/64' },
      'error prefix-from [0].subnet',
    ],
    [
      'a pool with a prefix',
      { pools: [{ pool: '2001:db8:1::1 - ::9' }] },
      'error prefix-from [0].pools[0].pool',
    ],
  ] as const)
    t.test(`what is wrong whatever prefix there is: ${what}`, async (t) => {
      const result = loaded({ eth1: ['2001:db8:1::/64'] }, subnet)
      t.equal(result.plan, undefined)
      t.equal(result.said[0], said)
    })

  t.test(
    'a reservation with a prefix costs itself only, and is told how to be written',
    async (t) => {
      const reservations = [{ duid: '00:03:00:01:02', 'ip-addresses': ['2001:db8:9::5'] }]
      const result = loaded({ eth1: ['2001:db8:1::/64'] }, { reservations })
      t.same(result.subnets, ['2001:db8:1::/64'])
      t.equal(result.said[0], 'error prefix-from [0].reservations[0].ip-addresses[0]')
      t.match(result.words[0], /only the rest stands here: ::5/)
    },
  )

  t.test(
    'what is told has its place in the file, also behind a subnet that is not served',
    async (t) => {
      const text = `{ "Dhcp6": { "interfaces-config": { "interfaces": ["*"] }, "subnet6": [
{ "id": 1, "subnet": "::/64", "prefix-from": "eth7" },
{ "id": 2, "subnet": "2001:db8:1::1/64" } ] } }`
      const { problems } = loadPlan(text, 'f', () => undefined, contextWith({}))
      t.match(problems.map(formatProblem), [/^f:2:46 /, /^f:3:22 /])
    },
  )

  t.test(
    'another prefix is another plan, with the same words, and other servers see it',
    async (t) => {
      const compiler = new Compiler()
      const document = frozen(
        documentWith({ reservations: [{ duid: '01', 'ip-addresses': ['1::5'] }] }),
      )
      const by = (prefix: string) => {
        const { plan, problems } = compiler.compile(
          document as never,
          contextWith({ eth1: [prefix] }),
        )
        return { plan: plan!, lines: problems.map(formatProblem) }
      }
      const [one, same, other] = [
        by('2001:db8:1::/64'),
        by('2001:db8:1::/64'),
        by('2001:db8:2::/64'),
      ]
      t.equal(same.plan.dhcp6!.subnets[0], one.plan.dhcp6!.subnets[0])
      t.equal(other.plan.dhcp6!.subnets[0]!.text, '2001:db8:2::/64')
      t.equal(same.lines.length, one.lines.length)
      t.ok(one.lines.length > 0)
      t.not(JSON.stringify(other.plan.fingerprint), JSON.stringify(one.plan.fingerprint))
      t.equal(JSON.stringify(same.plan.fingerprint), JSON.stringify(one.plan.fingerprint))
      t.same(other.plan.dhcp6!.prefixSources, [
        { interface: 'eth1', prefixes: [prefix6FromText('2001:db8:2::/64')] },
      ])
    },
  )
})
