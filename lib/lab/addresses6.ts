// Addresses that hosts of the lab give themselves.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Octets } from '../bytes/octets.ts'

/** The link-local address that follows from a hardware address of six octets (RFC 4291 App. A). */
export function linkLocalOf(hwAddress: Octets): Ipv6 {
  const first = String.fromCharCode(hwAddress.charCodeAt(0) ^ 2)
  const identifier = `${first}${hwAddress.slice(1, 3)}\xff\xfe${hwAddress.slice(3)}`
  return `\xfe\x80${'\0'.repeat(6)}${identifier}`
}

/** A locally administered hardware address that follows from the name of a host. */
export function hwAddressOf(name: string, index: number): Octets {
  let hash = 0
  for (let at = 0; at < name.length; at++) hash = (hash * 31 + name.charCodeAt(at)) >>> 0
  return String.fromCharCode(2, 0xfd, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255, index)
}
