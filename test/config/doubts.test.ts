// What a file may say and can hardly mean: `whio check` says so, with the place.

import t from 'tap'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import type { CompileContext, FileLook } from '../../lib/config/plan/compile-context.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

const FOUND: Readonly<Record<string, FileLook>> = {
  '/': { kind: 'folder', isWritable: false },
  '/srv': { kind: 'folder', isWritable: true },
  '/srv/leases': { kind: 'folder', isWritable: false },
  '/srv/notes': { kind: 'file', text: '' },
}

const HERE: CompileContext = {
  stateDirectory: '/var/lib/whio',
  interfaceNames: ['lo', 'eth0', 'enp3s0'],
  look: (path): FileLook => FOUND[path] ?? { kind: 'trouble', trouble: 'absent' },
}

const SUBNET = { id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.99' }] }

function said(members: object, context = HERE): string[] {
  const Dhcp4 = {
    'interfaces-config': { interfaces: ['eth0'] },
    'lease-database': { type: 'memfile' },
    ...members,
  }
  const { plan, problems } = loadPlanFromObject({ Dhcp4 }, context)
  t.ok(plan, 'it is served')
  return problems.map(
    (problem) => `${problem.severity} ${formatProblem(problem).replace('Dhcp4.', '')}`,
  )
}

const subnets = (...rows: object[]) => ({
  subnet4: rows.map((row, index) => ({ ...SUBNET, id: index + 1, ...row })),
})
const reserve = (row: object) => ({
  reservations: [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.5', ...row }],
})
const routers = (data: string) => ({ 'option-data': [{ name: 'routers', data }] })
const interfaces = (...names: string[]) => ({
  ...subnets({}),
  'interfaces-config': { interfaces: names },
})
const database = (name: string) => ({
  ...subnets({}),
  'lease-database': { type: 'memfile', name },
})

t.test('one slip, one warning', async (t) => {
  const rows: readonly (readonly [string, object, string])[] = [
    [
      'host bits in a subnet',
      subnets({ subnet: '192.0.2.1/24' }),
      'subnet4[0].subnet: 192.0.2.1/24 has host bits (taken for 192.0.2.0/24)',
    ],
    [
      'host bits in a pool',
      subnets({ pools: [{ pool: '192.0.2.17/28' }] }),
      'subnet4[0].pools[0].pool: 192.0.2.17/28 has host bits (taken for 192.0.2.16/28)',
    ],
    [
      'subnets that overlap',
      subnets({}, { subnet: '192.0.2.128/25', pools: [] }),
      'subnet4[1].subnet: 192.0.2.128/25 lies within 192.0.2.0/24 (subnet4[0]; a client is looked up in the one of the lower id first)',
    ],
    [
      'the broadcast address reserved',
      subnets(reserve({ 'ip-address': '192.0.2.255' })),
      'subnet4[0].reservations[0].ip-address: 192.0.2.255 is the broadcast address of 192.0.2.0/24 (no host can use it)',
    ],
    [
      'the network address reserved',
      subnets(reserve({ 'ip-address': '192.0.2.0' })),
      'subnet4[0].reservations[0].ip-address: 192.0.2.0 is the network address of 192.0.2.0/24 (no host can use it)',
    ],
    [
      'a hardware address cut short',
      subnets(reserve({ 'hw-address': '02:00:00:00:00' })),
      "subnet4[0].reservations[0].hw-address: '02:00:00:00:00' has 5 octets (that of an Ethernet card has 6)",
    ],
    [
      'a router elsewhere',
      subnets(routers('10.0.0.1')),
      'subnet4[0].option-data[0].data: clients get the router 10.0.0.1, which is not in 192.0.2.0/24 (they cannot reach it, unless a route says how)',
    ],
    [
      'a router for everybody that is not for this subnet',
      { ...subnets({}), ...routers('10.0.0.1') },
      'subnet4[0].subnet: clients get the router 10.0.0.1, which is not in 192.0.2.0/24 (they cannot reach it, unless a route says how)',
    ],
    [
      'an interface with a slip in its name',
      interfaces('enp3s1'),
      'interfaces-config.interfaces[0]: this machine has no interface enp3s1 at present (did you mean enp3s0?)',
    ],
    [
      'a folder that nobody can make for want of rights',
      database('/leases/of/x.sqlite'),
      'lease-database.name: there is no folder /leases/of (this user may make none in /)',
    ],
    [
      'a folder below a file',
      database('/srv/notes/x/y.sqlite'),
      'lease-database.name: there is no folder /srv/notes/x (/srv/notes is none)',
    ],
  ]
  for (const [what, members, line] of rows) t.same(said(members), [`warning ${line}`], what)
})

t.test('what is meant is not warned of', async (t) => {
  const shared = {
    name: 'floor',
    subnet4: [
      { ...SUBNET, ...routers('198.51.100.1') },
      { id: 2, subnet: '198.51.100.0/24' },
    ],
  }
  const rows: readonly (readonly [string, object])[] = [
    ['a plain file', subnets({})],
    ['a pool by its prefix', subnets({ pools: [{ pool: '192.0.2.16/28' }] })],
    ['a subnet of one host', subnets({ subnet: '192.0.2.7/32', pools: [] })],
    [
      'both ends of a link of two',
      subnets({ subnet: '192.0.2.4/31', pools: [], ...reserve({ 'ip-address': '192.0.2.5' }) }),
    ],
    ['eight octets', subnets(reserve({ 'hw-address': '02:00:00:00:00:00:00:01' }))],
    ['a router in the subnet', subnets(routers('192.0.2.1, 10.0.0.1'))],
    ['a router in the other subnet of the link', { 'shared-networks': [shared] }],
    ['every interface', interfaces('*')],
    ['an interface by its address', interfaces('eth0/192.0.2.1')],
    ['a folder that is there', database('/srv/leases/x.sqlite')],
    ['a folder that the server makes', database('/srv/of/leases/x.sqlite')],
    ['no folder at all', database('x.sqlite')],
    ['neighbours', subnets({}, { subnet: '192.0.3.0/24', pools: [] })],
  ]
  for (const [what, members] of rows) t.same(said(members), [], what)
  const { interfaceNames: _, look: __, ...blind } = HERE
  t.same(said(interfaces('nosuch0'), blind), [], 'where nothing is looked at')
  t.same(said(database('/nowhere/x'), blind), [])
})
