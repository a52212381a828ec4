// What `whio check` says of interfaces whose addresses no subnet of the file has: a file that was
// copied from another network looks good otherwise, until nobody gets an address.

import type { NetworkInterfaceInfo } from 'node:os'
import t from 'tap'
import { interfaceFindings, interfaceFindings6 } from '../../lib/cli/interface-check.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'

type Devices = Parameters<typeof interfaceFindings>[1]

function has(...addresses: string[]): NetworkInterfaceInfo[] {
  return addresses.map(
    (address) =>
      ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo,
  )
}

t.test('a file of another network', async (t) => {
  const found = (interfaces: string[], devices: Devices, subnet: object = {}) => {
    const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', ...subnet }]
    const Dhcp4 = { 'interfaces-config': { interfaces }, subnet4 }
    const { plan } = loadPlanFromObject({ Dhcp4 }, { stateDirectory: '/nowhere' })
    return interfaceFindings(plan!.dhcp4!, devices).map(
      ({ severity, text }) => `${severity}: ${text}`,
    )
  }
  const lo = has('127.0.0.1', '::1')
  const other = { lo, eth0: has('10.0.0.1', 'fe80::1') }
  const warning = [
    'warning: interface eth0: no subnet of the configuration has its address 10.0.0.1: only clients behind a relay can be served',
  ]
  t.same(found(['eth0'], other), warning)
  t.same(found(['eth0/10.0.0.1'], other), warning)
  t.same(found(['*'], other), warning, 'also where all are meant')
  t.same(found(['eth0'], { lo, eth0: has('192.0.2.1', '10.0.0.1') }), [])
  t.same(found(['eth0'], { lo, eth0: has('10.0.0.1'), 'eth0:1': has('192.0.2.1') }), [], 'a label')
  t.match(found(['eth0/10.0.0.1'], { lo, eth0: has('192.0.2.1', '10.0.0.1') }), warning)
  t.same(found(['*'], { ...other, eth1: has('192.0.2.1') }), [], 'one fits')
  t.same(found(['eth0'], other, { relay: { 'ip-addresses': ['10.0.0.9'] } }), [], 'for relays')
  t.same(found(['eth0'], other, { interface: 'eth0' }), [])
  t.same(found(['eth9', 'lo'], other), [], 'an absent one is told elsewhere')
  t.same(found(['eth0'], { lo, eth0: has('fe80::1') }), [], 'it may get one')
})

t.test('Dhcp6: an interface that no subnet is for', async (t) => {
  const found = (interfaces: string[], devices: Devices, subnet: object = {}) => {
    const subnet6 = [{ id: 1, subnet: '2001:db8:1::/64', ...subnet }]
    const Dhcp6 = { 'interfaces-config': { interfaces }, subnet6 }
    const { plan } = loadPlanFromObject({ Dhcp6 }, { stateDirectory: '/nowhere' })
    return interfaceFindings6(plan!.dhcp6!, devices).map(({ text }) => text)
  }
  const lo = has('127.0.0.1', '::1')
  const linkLocal = { lo, eth0: has('192.0.2.1', 'fe80::1') }
  t.match(found(['eth0'], linkLocal), [/^interface eth0: no subnet .* names this interface/])
  t.same(found(['eth0'], linkLocal, { interface: 'eth0' }), [], 'named')
  t.same(found(['eth0'], { eth0: has('fe80::1%eth0', '2001:db8:1::1') }), [], 'by its address')
  t.same(found(['*'], { ...linkLocal, eth1: has('2001:db8:1::1') }), [], 'one fits')
  t.same(found(['eth0'], linkLocal, { relay: { 'ip-addresses': ['2001:db8:9::1'] } }), [])
  t.same(found(['eth0'], linkLocal, { 'interface-id': 'port7' }), [], 'for relays')
  t.same(found(['lo'], linkLocal), [], 'loopback is for tests')
})
