// Hosts that a configuration of DHCPv6 names, and what is told of a pool that holds one.

import t from 'tap'
import { textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { CompileContext } from '../../lib/config/plan/compile-context.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

const SUBNET = {
  id: 1,
  subnet: '2001:db8:1::/64',
  pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::99' }],
}

function load(subnet: object, global: object = {}, context: Partial<CompileContext> = {}) {
  const Dhcp6 = {
    'interfaces-config': { interfaces: ['*'] },
    ...global,
    subnet6: [{ ...SUBNET, ...subnet }],
  }
  const loaded = loadPlanFromObject({ Dhcp6 }, { stateDirectory: undefined, ...context })
  if (loaded.plan === undefined) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  const told = loaded.problems.filter(({ code }) => code.startsWith('host-')).map(formatProblem)
  const { hosts } = loaded.plan.dhcp6!
  return { named: texts(hosts.named), own: texts(hosts.own), told }
}

function texts(hosts: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...hosts].map(([key, by]) => [textFromPrefix6(key), by]))
}

const option = (name: string, data: string, space = 'dhcp6') => ({ name, data, space })

t.test('name servers, time servers, resolvers and relays of every level', async (t) => {
  const { named, told } = load(
    {
      'option-data': [
        option('dns-servers', '2001:db8:1::1, 2001:db8:1::20'),
        option('sip-server-addr', '2001:db8:ffff::1'),
        { name: 'ntp-server' },
        option('ntp-server-address', '2001:db8:1::2', 'v6-ntp-server-suboptions'),
        option('ntp-server-address', '2001:db8:1::3', 'v6-ntp-server-suboptions'),
        option('ntp-server-multicast', 'ff05::101', 'v6-ntp-server-suboptions'),
      ],
      relay: { 'ip-addresses': ['2001:db8:1::4', 'fe80::1'] },
      pools: [
        {
          ...SUBNET.pools[0],
          'option-data': [option('v6-dnr', '1, a., 2001:db8:1::5 2001:db8:1::6 | 2, b.')],
        },
      ],
      'pd-pools': [
        {
          prefix: '2001:db8:8000::',
          'prefix-len': 40,
          'delegated-len': 56,
          'option-data': [
            { name: 's46-cont-lw' },
            option('s46-br', '2001:db8:1::7', 's46-cont-lw-options'),
          ],
        },
      ],
      reservations: [
        { duid: '000300010001', 'option-data': [option('nis-servers', '2001:db8:1::8')] },
      ],
    },
    { 'option-data': [option('rdnss-selection', '2001:db8:1::9, 3, example.org')] },
  )
  t.strictSame(named, {
    '2001:db8:1::1': 'option dns-servers',
    '2001:db8:1::20': 'option dns-servers',
    '2001:db8:1::2': 'option ntp-server',
    '2001:db8:1::3': 'option ntp-server',
    '2001:db8:1::4': 'relay.ip-addresses',
    '2001:db8:1::5': 'option v6-dnr',
    '2001:db8:1::6': 'option v6-dnr',
    '2001:db8:1::7': 'option s46-cont-lw',
    '2001:db8:1::8': 'option nis-servers',
    '2001:db8:1::9': 'option rdnss-selection',
  })
  t.strictSame(told, [
    'Dhcp6.subnet6[0].pools[0].pool: 2001:db8:1::20 in the pool is a host that the file names (option dns-servers) (it is given to nobody; leave it out of the pool, or reserve it for the client that has it)',
  ])
})

t.test('a server of the file, and this host', async (t) => {
  const interfaces = { interfaces: ['eth0/2001:db8:1::11'] }
  const { own, told } = load(
    { reservations: [{ duid: '000300010001', 'ip-addresses': ['2001:db8:1::12'] }] },
    { 'interfaces-config': interfaces },
    { localAddresses: ['192.0.2.1', 'fe80::1', '2001:db8:1::12'] },
  )
  t.strictSame(own, { '2001:db8:1::11': 'this server on eth0' })
  t.match(told, [
    /^Dhcp6.subnet6\[0\].pools\[0\].pool: 2001:db8:1::11 in the pool is a server's own/,
    /^Dhcp6.subnet6\[0\].reservations: the reserved 2001:db8:1::12 is a server's own \(this host\)/,
  ])
})

t.test('what is reserved, or lies in a pool that nobody lists, is not told', async (t) => {
  const servers = { 'option-data': [option('dns-servers', '2001:db8:1::20')] }
  const reservations = [{ duid: '000300010001', 'ip-addresses': ['2001:db8:1::20'] }]
  t.strictSame(load({ ...servers, reservations }).told, [])
  const { named, told } = load({ ...servers, pools: [{ pool: '2001:db8:1::/80' }] })
  t.strictSame([Object.keys(named), told], [['2001:db8:1::20'], []])
})

t.test('what the file means something else by names no host', async (t) => {
  const { named } = load(
    { 'option-data': [option('mine', '2001:db8:1::20')] },
    { 'option-def': [{ name: 'mine', code: 4000, type: 'ipv6-address' }] },
  )
  t.strictSame(named, {})
})
