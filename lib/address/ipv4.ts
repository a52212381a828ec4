// IPv4 addresses as unsigned 32-bit numbers in host order: 192.0.2.1 is 0xc0000201. Comparison and
// ranges are then ordinary arithmetic. `>>> 0` keeps results unsigned after bit operations.

import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'

/** An IPv4 address, 0 … 0xffffffff. 0 is 0.0.0.0, "no address". */
export type Ipv4 = number

/** Addresses `first` to `last`, both included. */
export interface Ipv4Range {
  readonly first: Ipv4
  readonly last: Ipv4
}

/** A network: `address` has its host bits cleared, `length` is 0 … 32. */
export interface Ipv4Prefix {
  readonly address: Ipv4
  readonly length: number
}

export const BROADCAST: Ipv4 = 0xffffffff

/**
 * The address in dotted-quad text, or undefined. Only four decimal numbers without leading zeros.
 */
export function ipv4FromText(text: string): Ipv4 | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return undefined
  let address = 0
  for (const part of match.slice(1)) {
    const value = Number(part)
    if (value > 255 || (part.length > 1 && part.startsWith('0'))) return undefined
    address = address * 256 + value
  }
  return address
}

/** Dotted-quad text. */
export function textFromIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/** The netmask of a prefix length: 24 → 255.255.255.0. */
export function maskOfLength(length: number): Ipv4 {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0
}

/** `192.0.2.0/24`; host bits are cleared. Undefined when the text is no prefix. */
export function prefixFromText(text: string): Ipv4Prefix | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = ipv4FromText(text.slice(0, slash).trim())
  const digits = text.slice(slash + 1).trim()
  if (address === undefined || !/^\d{1,2}$/.test(digits) || Number(digits) > 32) return undefined
  const length = Number(digits)
  return { address: (address & maskOfLength(length)) >>> 0, length }
}

export function textFromPrefix(prefix: Ipv4Prefix): string {
  return `${textFromIpv4(prefix.address)}/${prefix.length}`
}

/** All addresses of a prefix, network and broadcast address included. */
export function rangeOfPrefix(prefix: Ipv4Prefix): Ipv4Range {
  return { first: prefix.address, last: (prefix.address | ~maskOfLength(prefix.length)) >>> 0 }
}

/** Whether both are in one prefix of the length of the first. */
export function isNeighbour(own: Ipv4Prefix, address: Ipv4): boolean {
  return ((own.address ^ address) & maskOfLength(own.length)) === 0
}

export function rangeContains(range: Ipv4Range, address: Ipv4): boolean {
  return range.first <= address && address <= range.last
}

export function prefixContains(prefix: Ipv4Prefix, address: Ipv4): boolean {
  return (address & maskOfLength(prefix.length)) >>> 0 === prefix.address
}

export function rangeSize(range: Ipv4Range): number {
  return range.last - range.first + 1
}

/** Whether `address` can belong to a host: not 0/8, not 127/8, not multicast, not class E. */
export function isUnicast(address: Ipv4): boolean {
  return address >= 0x01000000 && address < 0xe0000000 && !isLoopback(address)
}

export function isLoopback(address: Ipv4): boolean {
  return address >>> 24 === 127
}

/** The address in four octets, as an option holds it; 0 when absent or of another length. */
export function ipv4FromOctets(octets: Octets | undefined): Ipv4 {
  return octets === undefined || octets.length !== 4 ? 0 : uintFromOctets(octets, 0, 4)
}

/** Addresses as the value of an option: four octets each. */
export function octetsFromIpv4(...addresses: readonly Ipv4[]): Octets {
  return addresses.map((address) => octetsFromUint(address, 4)).join('')
}

/** In bytes an address is a number like any other. */
export { readUint32 as readIpv4, writeUint32 as writeIpv4 } from '../bytes/cursor.ts'
