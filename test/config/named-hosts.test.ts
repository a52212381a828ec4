// Hosts that a configuration names, and what is told of a pool that holds one.

import t from 'tap'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { CompileContext } from '../../lib/config/plan/compile-context.ts'
import type { HostsPlan } from '../../lib/config/plan/plan4.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { pairConfig } from '../../lib/lab/pair-config.ts'
import { hostsInOption } from '../../lib/wire/options/hosts.ts'

const SUBNET = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }

function load(subnet: object, global: object = {}, context: Partial<CompileContext> = {}) {
  const Dhcp4 = {
    'interfaces-config': { interfaces: ['*'] },
    ...global,
    subnet4: [{ ...SUBNET, ...subnet }],
  }
  const loaded = loadPlanFromObject({ Dhcp4 }, { stateDirectory: undefined, ...context })
  if (loaded.plan === undefined) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  const told = loaded.problems.filter(({ code }) => code.startsWith('host-')).map(formatProblem)
  return { plan: loaded.plan, told }
}

function texts(hosts: HostsPlan['own']): Record<string, string> {
  return Object.fromEntries([...hosts].map(([address, by]) => [textFromIpv4(address), by]))
}

const option = (name: string, data: string) => ({ name, data })

t.test('routers, name servers, boot servers and relays of every level', async (t) => {
  const { plan, told } = load(
    {
      'option-data': [
        option('routers', '192.0.2.1, 192.0.2.20'),
        option('log-servers', '10.0.0.1'),
      ],
      'next-server': '192.0.2.21',
      relay: { 'ip-addresses': ['192.0.2.22'] },
      pools: [{ ...SUBNET.pools[0], 'option-data': [option('ntp-servers', '192.0.2.23')] }],
      reservations: [
        { 'hw-address': '02:01', 'ip-address': '192.0.2.24', 'next-server': '192.0.2.25' },
        { 'hw-address': '02:02', 'option-data': [option('domain-name-servers', '192.0.2.24')] },
      ],
    },
    { 'option-data': [option('domain-name-servers', '192.0.2.20,255.255.255.255')] },
  )
  t.same(texts(plan.dhcp4!.hosts.named), {
    '192.0.2.1': 'option routers',
    '192.0.2.20': 'option domain-name-servers, option routers',
    '192.0.2.21': 'next-server',
    '192.0.2.22': 'relay.ip-addresses',
    '192.0.2.23': 'option ntp-servers',
    '192.0.2.24': 'option domain-name-servers',
    '192.0.2.25': 'next-server',
  })
  const pool = 'Dhcp4.subnet4[0].pools[0].pool'
  const hint =
    '(it is given to nobody; leave it out of the pool, or reserve it for the client that has it)'
  t.same(
    told.filter((line) => line.includes('192.0.2.20')),
    [
      `${pool}: 192.0.2.20 in the pool is a host that the file names (option domain-name-servers, option routers) ${hint}`,
    ],
  )
  const which = [20, 21, 22, 23, 25].map((last) => `192.0.2.${last}`)
  t.equal(told.length, which.length, '.1 is in no pool, .24 is reserved')
  for (const address of which) t.ok(told.some((line) => line.includes(`${address} in the pool`)))
})

t.test(
  'own addresses: of interfaces that are named, of both servers of a pair, of this host',
  async (t) => {
    const named = load({}, { 'interfaces-config': { interfaces: ['eth0/192.0.2.30'] } })
    t.same(texts(named.plan.dhcp4!.hosts.own), { '192.0.2.30': 'this server on eth0' })
    const local = load(
      { reservations: [{ 'hw-address': '02:01', 'ip-address': '192.0.2.41' }] },
      {},
      { localAddresses: ['192.0.2.40', '192.0.2.41', '::1', '10.0.0.1'] },
    )
    t.same(texts(local.plan.dhcp4!.hosts.own), {}, 'the server sees them itself when it runs')
    t.match(local.told, [
      /^Dhcp4.subnet4\[0\].pools\[0\].pool: 192.0.2.40 in the pool is a server's own \(this host\)/,
      /^Dhcp4.subnet4\[0\].reservations: the reserved 192.0.2.41 is a server's own \(this host\)/,
    ])
    const config = pairConfig({ mode: 'load-balancing' }) as { Dhcp4: Record<string, unknown> }
    const text = JSON.stringify(config.Dhcp4['hooks-libraries'])
    const hooks = JSON.parse(text.replace(/"url":"http:\/\/[^:]+:/, '"url":"http://192.0.2.50:'))
    const pair = load({}, { 'hooks-libraries': hooks }, { thisServer: 'server1' })
    t.equal(texts(pair.plan.dhcp4!.hosts.own)['192.0.2.50'], 'the url of server1')
  },
)

t.test('what options name', async (t) => {
  const cases: [code: number, hex: string, hosts: string[]][] = [
    [3, 'c0000201c0000202', ['192.0.2.1', '192.0.2.2']],
    [3, 'c00002', []],
    [1, 'ffffff00', []],
    [28, 'c00002ff', []],
    [15, '6c616e', []],
    [33, '0a000000c0000201', ['192.0.2.1']],
    [121, '00c0000201080ac0000202', ['192.0.2.1', '192.0.2.2']],
    [78, '01c0000203', ['192.0.2.3']],
    [150, 'c0000204', ['192.0.2.4']],
    [224, 'c0000201', []],
  ]
  for (const [code, hex, hosts] of cases)
    t.same(hostsInOption(code, octetsFromHex(hex)!).map(textFromIpv4), hosts, `option ${code}`)
  t.equal(ipv4FromText('192.0.2.1'), 0xc0000201)
  const named = (type: string, data: string) => {
    const { hosts } = load(
      {},
      {
        'option-def': [{ name: 'tftp', code: 150, type }],
        'option-data': [{ name: 'tftp', data }],
      },
    ).plan.dhcp4!
    return texts(hosts.named)
  }
  t.same(named('ipv4-address', '192.0.2.60'), { '192.0.2.60': 'option tftp' })
  t.same(named('binary', 'c000023c'), {}, 'the document means no address by it')
})
