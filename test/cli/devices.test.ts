// Which leases are told to be of one device, over both families: `whio leases --devices`.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { devicesOf } from '../../lib/cli/devices.ts'
import type { ListedLease, ListedLease6 } from '../../lib/platform/journal/list.ts'
import { whio } from './whio.ts'

const COMMON = { state: 'assigned', hostname: '', userContext: '', subnet: 1 } as const
const TIMES = { ends: 'never', left: null } as const

function four(address: string, hwAddress: string, clientId = ''): ListedLease {
  return { ...COMMON, ...TIMES, address, hwAddress, clientId }
}

function six(address: string, duid: string, hwAddress = ''): ListedLease6 {
  const ofIa = { type: 'IA_NA', iaid: 1, preferredLifetime: 1 } as const
  return { ...COMMON, ...TIMES, ...ofIa, address, duid, hwAddress }
}

const addresses = (...leases: (ListedLease | ListedLease6)[]) =>
  devicesOf(leases).map((device) => device.leases.map(({ address }) => address))

const DUID = '00:04:aa:bb:cc'
const RFC4361 = 'ff000000010004aabbcc'
const ONE = '02:00:00:00:00:01'
const TWO = '02:00:00:00:00:02'

t.test('both families of one client', async (t) => {
  t.same(
    addresses(four('192.0.2.1', ONE, RFC4361), six('2001:db8::1', DUID)),
    [['192.0.2.1', '2001:db8::1']],
    'RFC 4361: the client-id has the DUID',
  )
  t.same(
    addresses(four('192.0.2.1', ONE), six('2001:db8::1', DUID, ONE)),
    [['192.0.2.1', '2001:db8::1']],
    'the hardware address, of option 79 or of the DUID',
  )
  t.same(addresses(four('192.0.2.1', ONE, '01020000000001'), six('2001:db8::1', DUID)), [
    ['192.0.2.1'],
    ['2001:db8::1'],
  ])
  t.same(addresses(four('192.0.2.1', ''), four('192.0.2.2', '')), [['192.0.2.1'], ['192.0.2.2']])
})

t.test('two interfaces with one DUID; two devices that a third lease joins', async (t) => {
  t.same(addresses(six('2001:db8::1', DUID, ONE), six('2001:db8::2', DUID, TWO)), [
    ['2001:db8::1', '2001:db8::2'],
  ])
  const late = [four('192.0.2.1', ONE), four('192.0.2.2', TWO), four('192.0.2.3', TWO, RFC4361)]
  const found = devicesOf([...late, six('2001:db8::1', DUID, ONE), four('192.0.2.9', ONE)])
  t.same(
    found.map(({ leases }) => leases.map(({ address }) => address).sort()),
    [['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.9', '2001:db8::1']],
  )
  t.same(found[0]!.duids, [DUID])
  t.same([...found[0]!.hwAddresses].sort(), [ONE, TWO])
})

t.test('whio leases --devices: a row each', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'whio-devices-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const journal = join(folder, 'leases.sqlite')
  const file = join(folder, 'dhcp.json')
  const database = { 'lease-database': { type: 'memfile', name: journal } }
  const subnet6 = [{ id: 1, subnet: '2001:db8::/64' }]
  const Dhcp4 = { ...database, subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] }
  writeFileSync(file, JSON.stringify({ Dhcp4, Dhcp6: { subnet6 } }))
  const expire = Math.floor(Date.now() / 1000) + 3000
  const csv4 = `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context
192.0.2.7,${ONE},ff:00:00:00:01:00:04:aa:bb:cc,4000,${expire},1,0,0,pc,0,
192.0.2.8,${TWO},,4000,${expire},1,0,0,,0,
192.0.2.9,${TWO},,4000,${expire},1,0,0,,2,
`
  const csv6 = `address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context
2001:db8::7,${DUID},4000,${expire},1,3000,0,1,128,0,0,pc,,0,
2001:db8:0:100::,${DUID},4000,${expire},1,3000,2,1,56,0,0,,,0,
`
  for (const [name, text] of Object.entries({ 'four.csv': csv4, 'six.csv': csv6 })) {
    writeFileSync(join(folder, name), text)
    t.match(await whio('import', '-c', file, join(folder, name)), { code: 0 })
  }
  const rows = async (...args: string[]) => {
    const { stdout } = await whio('leases', file, '--devices', ...args)
    return stdout
      .trimEnd()
      .split('\n')
      .map((text) => text.split(/ {2,}/).join(' | '))
  }
  const header = 'HARDWARE ADDRESS | NAME | IPV4 | IPV6 | PREFIXES | DUID'
  const pc = `${ONE} | pc | 192.0.2.7 | 2001:db8::7 | 2001:db8:0:100::/56 | ${DUID}`
  t.same(await rows(), [header, pc, `${TWO} | - | 192.0.2.8 | - | - | -`, `${journal}: 2 devices`])
  t.same(await rows('--address', '2001:db8::7'), [header, pc, `${journal}: 1 of 2 devices`])
  t.same(await rows('--state', 'declined'), [`${journal}: 0 of 2 devices`])
  const { stdout } = await whio('leases', file, '--devices', '--json', '--name', 'pc')
  t.match(JSON.parse(stdout), { duids: [DUID], names: ['pc'], leases: { length: 3 } })
  t.match(await whio('leases', file, '--devices', '--csv', '6'), { code: 2 })
})
