// Interface identifiers that no host is given: the anycast address of the routers of a subnet
// (RFC 4291 §2.6.1), and those that RFC 5453 reserves. Pools may cover them, as in Kea.

import { ADDRESS_BITS, lengthOf, type Prefix6 } from '../../address/prefix6.ts'
import { loadKey, octetsOfKey } from './prefix-words.ts'

const words = new Int32Array(5)

/** Whether a prefix is an address with such an identifier. */
export function isReservedId(key: Prefix6): boolean {
  return lengthOf(key) === ADDRESS_BITS && behindReserved(key) !== key
}

/** The key, or if it is such an address, the next one that is not. */
export function behindReserved(key: Prefix6): Prefix6 {
  if (lengthOf(key) !== ADDRESS_BITS) return key
  loadKey(key, words)
  const high = words[3]!
  const low = words[4]!
  if (high === 0 && low === 0) return withLow(1)
  if (high === 0x02005eff && low >>> 24 === 0xfe) return withLow(0xff000000)
  if (high === (0xfdffffff | 0) && low >>> 0 >= 0xffffff80) return withLow(0, high + 1)
  return key
}

function withLow(low: number, high = words[3]!): Prefix6 {
  words[3] = high
  words[4] = low
  return octetsOfKey(words)
}
