// Ranges of IPv6 keys: what a prefix holds, and which interface identifiers no host is to have.

import { hexFromOctets } from '../bytes/octets.ts'
import type { Ipv6 } from './ipv6.ts'
import { ADDRESS_BITS, addressOf, lengthOf, type Prefix6, prefix6 } from './prefix6.ts'

/** Keys of one length, `first` to `last`, both included. */
export interface Range6 {
  readonly first: Prefix6
  readonly last: Prefix6
}

/** The keys of a length that is not below that of the prefix: its addresses, or its parts. */
export function partsOf(prefix: Prefix6, length: number): Range6 {
  return {
    first: prefix6(addressOf(prefix), length),
    last: prefix6(lastAddressOf(prefix), length),
  }
}

/** The last address of a prefix: all bits behind its length are set. */
export function lastAddressOf(prefix: Prefix6): Ipv6 {
  const length = lengthOf(prefix)
  if (length >= ADDRESS_BITS) return addressOf(prefix)
  const whole = length >> 3
  const address = addressOf(prefix)
  const bits = address.charCodeAt(whole) | (0xff >> (length & 7))
  return address.slice(0, whole) + String.fromCharCode(bits) + ONES.slice(whole + 1)
}

const ONES = '\xff'.repeat(16)

/** RFC 5453: the router anycast address, ISATAP's and proxies' block, and the subnet anycasts. */
const RESERVED: readonly (readonly [first: string, last: string])[] = [
  ['\0\0\0\0\0\0\0\0', '\0\0\0\0\0\0\0\0'],
  ['\x02\0\x5e\xff\xfe\0\0\0', '\x02\0\x5e\xff\xfe\xff\xff\xff'],
  ['\xfd\xff\xff\xff\xff\xff\xff\x80', '\xfd\xff\xff\xff\xff\xff\xff\xff'],
]

/** Octets of an address before its interface identifier (RFC 4291 §2.5.1). */
const NETWORK_OCTETS = 8
/** Of a range over more networks than this only the first and the last one are looked at. */
const NETWORKS_MAX = 16

/**
 * The addresses of the range that hosts of the link may have. In a range over very many networks
 * (/64) the reserved ones of those in the middle stay in: a search there meets none of them in
 * ages.
 */
export function hostRanges({ first, last }: Range6, link: Prefix6): readonly Range6[] {
  const routers = prefix6(addressOf(link), ADDRESS_BITS)
  // RFC 6164: links of two routers have no such address.
  let left = lengthOf(link) > 126 ? [{ first, last }] : without({ first, last }, routers, routers)
  for (const network of networksOf(addressOf(first), addressOf(last)))
    for (const [from, to] of RESERVED) {
      const low = prefix6(network + from, ADDRESS_BITS)
      const high = prefix6(network + to, ADDRESS_BITS)
      left = left.flatMap((range) => without(range, low, high))
    }
  return left
}

function networksOf(first: Ipv6, last: Ipv6): readonly string[] {
  const end = last.slice(0, NETWORK_OCTETS)
  const networks = [first.slice(0, NETWORK_OCTETS)]
  while (networks.at(-1) !== end) {
    if (networks.length === NETWORKS_MAX) return [networks[0]!, end]
    networks.push(stepped(networks.at(-1)!, 1))
  }
  return networks
}

function without({ first, last }: Range6, low: Prefix6, high: Prefix6): Range6[] {
  if (high < first || low > last) return [{ first, last }]
  const left: Range6[] = []
  if (first < low) left.push({ first, last: stepped(low, -1) })
  if (last > high) left.push({ first: stepped(high, 1), last })
  return left
}

/** The octets as a number, one more or one less. */
function stepped(octets: string, by: 1 | -1): string {
  const from = by === 1 ? 255 : 0
  let at = octets.length - 1
  while (octets.charCodeAt(at) === from) at--
  const digit = String.fromCharCode(octets.charCodeAt(at) + by)
  return octets.slice(0, at) + digit + (by === 1 ? '\0' : '\xff').repeat(octets.length - 1 - at)
}

/** Whether the range has more than 2 to the power of `bits` keys. */
export function isLarger({ first, last }: Range6, bits: number): boolean {
  const unused = BigInt(ADDRESS_BITS - lengthOf(first))
  return (numberOf(last) - numberOf(first)) >> unused >= 1n << BigInt(bits)
}

function numberOf(key: Prefix6): bigint {
  return BigInt(`0x${hexFromOctets(addressOf(key))}`)
}
