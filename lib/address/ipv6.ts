// IPv6 addresses as 16 octets, for option values. Speed does not matter here, so the library
// ip-address reads and prints them (RFC 4291 §2.2, RFC 5952).

import { Address6 } from 'ip-address'
import type { Octets } from '../bytes/octets.ts'
import { bytesFromOctets } from '../bytes/octets.ts'

/** An IPv6 address, 16 octets. */
export type Ipv6 = Octets

/** The address in text, without zone and prefix length, or undefined. */
export function ipv6FromText(text: string): Ipv6 | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text) || !Address6.isValid(text)) return undefined
  const bytes = new Address6(text).toByteArray()
  return String.fromCharCode(...new Array<number>(16 - bytes.length).fill(0), ...bytes)
}

/** Text as RFC 5952 wants it: `2001:db8::1`. */
export function textFromIpv6(address: Ipv6): string {
  return Address6.fromByteArray([...bytesFromOctets(address)]).correctForm()
}

/** :: */
export const UNSPECIFIED6: Ipv6 = '\0'.repeat(16)

/** fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(address: Ipv6): boolean {
  return address.charCodeAt(0) === 0xfe && (address.charCodeAt(1) & 0xc0) === 0x80
}

/** ff00::/8. */
export function isMulticast6(address: Ipv6): boolean {
  return address.charCodeAt(0) === 0xff
}
