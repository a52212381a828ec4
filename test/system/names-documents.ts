// What tests of names share: documents of a server that tells BIND (bind.ts), and the lines of its
// zones that a name has.

import { reverseNameOf } from '../../lib/ddns/reverse-name.ts'
import { keyOfText } from '../../lib/server/names/ledger.ts'
import { addressOctets } from '../../lib/server/names/wishes.ts'
import { BIND_KEY_KEA, REVERSE4, REVERSE6 } from './bind.ts'

/** Zones of BIND_ZONES that want the key. */
const WITH_KEY: readonly string[] = ['lab.test', REVERSE4]

/** The map DhcpDdns of who updates these zones at a BIND, also as a kea-dhcp-ddns reads it. */
export function ddnsMap(zones: readonly string[], address = '127.0.0.1') {
  const domains = (isReverse: boolean) => ({
    'ddns-domains': zones
      .filter((name) => name.endsWith('.arpa') === isReverse)
      .map((name) => ({
        name: `${name}.`,
        ...(WITH_KEY.includes(name) && { 'key-name': BIND_KEY_KEA.name }),
        'dns-servers': [{ 'ip-address': address }],
      })),
  })
  const both = { 'forward-ddns': domains(false), 'reverse-ddns': domains(true) }
  return { 'tsig-keys': [BIND_KEY_KEA], ...both }
}

export const NET6 = '2001:db8:1::'

/** Documents of both families on one link; what each has beside is in the last two. */
export function bothFamilies(common: object, more4: object = {}, more6: object = {}) {
  const shared = {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 3600,
    'dhcp-ddns': { 'enable-updates': true },
    ...common,
  }
  const [pools4, pools6] = [[{ pool: '192.0.2.100 - 192.0.2.199' }], [{ pool: `${NET6}/120` }]]
  const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', pools: pools4 }]
  const subnet6 = [{ id: 2, subnet: `${NET6}/64`, interface: 'eth0', pools: pools6 }]
  return {
    Dhcp4: { ...shared, subnet4, ...more4 },
    Dhcp6: { ...shared, subnet6, ...more6 },
  }
}

/** Of a name that leads to these addresses, as Bind.bare tells it. */
export function forwardLines(name: string, ...addresses: readonly string[]): string[] {
  const types = addresses.map((ip) => `${name} ${ip.includes(':') ? 'AAAA' : 'A'} ${ip}`)
  return [...types, `${name} DHCID`]
}

/** Of an address that leads to a name. */
export function reverseLines(name: string, ip: string): string[] {
  const zone = ip.includes(':') ? REVERSE6 : REVERSE4
  const below = reverseNameOf(addressOctets(keyOfText(ip)!)).slice(0, -(zone.length + 1))
  return [`${below} DHCID`, `${below} PTR ${name}.`]
}
