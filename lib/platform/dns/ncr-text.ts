// A change of a name as Kea's servers ask their updater for it, kea-dhcp-ddns: a text with its
// length before it, in a datagram that nobody answers. Versions of Kea want different members and
// pass over those that they do not know, so all of them have a place:
//
//   lease-expires-on          up to 3.1.5 nothing is done without it
//   use-conflict-resolution   up to 2.4
//   conflict-resolution-mode  from 2.5 on, instead

import { ipv4FromOctets, textFromIpv4 } from '../../address/ipv4.ts'
import { textFromIpv6 } from '../../address/ipv6.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { UpdaterRequest } from '../../ports/updater.ts'
import type { WallTime } from '../../time/units.ts'

export function requestBytes(request: UpdaterRequest): Uint8Array {
  const { action, address, dhcid, expires, fqdn, forward, mode, reverse, ttl } = request
  const text = JSON.stringify({
    'change-type': action === 'add' ? 0 : 1,
    'forward-change': forward,
    'reverse-change': reverse,
    fqdn: `${escaped(fqdn)}.`,
    'ip-address':
      address.length === 4 ? textFromIpv4(ipv4FromOctets(address)) : textFromIpv6(address),
    dhcid: hexFromOctets(dhcid).toUpperCase(),
    'lease-expires-on': digitsOf(expires),
    'lease-length': ttl,
    'use-conflict-resolution': mode.startsWith('check-with'),
    'conflict-resolution-mode': mode,
  })
  const bytes = Buffer.alloc(2 + text.length)
  bytes.writeUInt16BE(text.length)
  bytes.write(text, 2, 'latin1')
  return bytes
}

/** As names stand in files of zones (RFC 1035 §5.1). */
function escaped(name: Octets): string {
  return name
    .replace(/["$();@\\]/g, '\\$&')
    .replace(/[^!-~]/g, (octet) => `\\${String(octet.charCodeAt(0)).padStart(3, '0')}`)
}

/** Behind which nothing has 14 digits. */
const LAST: WallTime = Date.UTC(9999, 11, 31)

function digitsOf(time: WallTime): string {
  return new Date(Math.min(time, LAST)).toISOString().replace(/\D/g, '').slice(0, 14)
}
