// IPv6 prefixes as keys of leases: 17 octets, the length and then the address, whose bits behind
// the length are 0. An address is a prefix of length 128. `===` compares them, and `<` orders them:
// by length, then by address.

import type { Octets } from '../bytes/octets.ts'
import { type Ipv6, ipv6FromText, textFromIpv6 } from './ipv6.ts'

/** An IPv6 prefix, 17 octets. */
export type Prefix6 = Octets

export const PREFIX6_OCTETS = 17
export const ADDRESS_BITS = 128

/** `length` is 0 … 128; bits of the address behind it are cleared. */
export function prefix6(address: Ipv6, length: number): Prefix6 {
  return String.fromCharCode(length) + cleared(address, length)
}

export function addressOf(prefix: Prefix6): Ipv6 {
  return prefix.slice(1)
}

export function lengthOf(prefix: Prefix6): number {
  return prefix.charCodeAt(0)
}

/** Whether octets of whatever origin are a prefix. */
export function isPrefix6(octets: Octets): boolean {
  if (octets.length !== PREFIX6_OCTETS || lengthOf(octets) > ADDRESS_BITS) return false
  return cleared(addressOf(octets), lengthOf(octets)) === addressOf(octets)
}

/** Whether every address of the prefix is one of `outer`, too: so it is for equal ones. */
export function isInside(prefix: Prefix6, outer: Prefix6): boolean {
  const length = lengthOf(outer)
  return lengthOf(prefix) >= length && cleared(addressOf(prefix), length) === addressOf(outer)
}

/** Whether the two have an address in common. */
export function isOverlapping(one: Prefix6, other: Prefix6): boolean {
  return isInside(one, other) || isInside(other, one)
}

/** `2001:db8::/56`; of an address alone `2001:db8::1`. */
export function textFromPrefix6(prefix: Prefix6): string {
  const address = textFromIpv6(addressOf(prefix))
  return lengthOf(prefix) === ADDRESS_BITS ? address : `${address}/${lengthOf(prefix)}`
}

/**
 * From `2001:db8::/56`, or an address alone; bits behind the length are cleared. Undefined when the
 * text is neither.
 */
export function prefix6FromText(text: string): Prefix6 | undefined {
  const slash = text.indexOf('/')
  const address = ipv6FromText((slash < 0 ? text : text.slice(0, slash)).trim())
  if (address === undefined) return undefined
  if (slash < 0) return prefix6(address, ADDRESS_BITS)
  const digits = text.slice(slash + 1).trim()
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > ADDRESS_BITS) return undefined
  return prefix6(address, Number(digits))
}

function cleared(address: Ipv6, length: number): Ipv6 {
  if (length >= ADDRESS_BITS) return address
  const whole = length >> 3
  const bits = address.charCodeAt(whole) & (0xff00 >> (length & 7))
  return address.slice(0, whole) + String.fromCharCode(bits) + ZEROS.slice(whole + 1)
}

const ZEROS = '\0'.repeat(16)
