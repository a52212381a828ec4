// Addresses that hosts of the lab give themselves.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Octets } from '../bytes/octets.ts'

/** The link-local address that follows from a hardware address of six octets (RFC 4291 App. A). */
export function linkLocalOf(hwAddress: Octets): Ipv6 {
  const first = String.fromCharCode(hwAddress.charCodeAt(0) ^ 2)
  const identifier = `${first}${hwAddress.slice(1, 3)}\xff\xfe${hwAddress.slice(3)}`
  return `\xfe\x80${'\0'.repeat(6)}${identifier}`
}
