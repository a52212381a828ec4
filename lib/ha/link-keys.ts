// Keys of leases as control messages carry them: an address of DHCPv4 is a number, an address or
// prefix of DHCPv6 its octets in hexadecimal.

import { isPrefix6 } from '../address/prefix6.ts'
import { hexFromOctets, octetsFromHex } from '../bytes/octets.ts'
import type { Key, Range } from '../leases/keys/key.ts'

export type LinkKey = number | string

export function linkKey(key: Key): LinkKey {
  return typeof key === 'number' ? key : hexFromOctets(key)
}

export function keyOfLink(key: LinkKey): Key {
  return typeof key === 'number' ? key : (octetsFromHex(key) ?? '')
}

/** Whether it is one of DHCPv6. */
export function isLinkKey6(value: unknown): value is string {
  if (typeof value !== 'string') return false
  const octets = octetsFromHex(value)
  return octets !== undefined && isPrefix6(octets)
}

/** The range that a message names; undefined: its ends do not belong together. */
export function rangeOfLink(ends: {
  readonly first: LinkKey
  readonly last: LinkKey
}): Range<Key> | undefined {
  const first = keyOfLink(ends.first)
  const last = keyOfLink(ends.last)
  return typeof first === typeof last && first <= last ? { first, last } : undefined
}
