// IPv6 addresses as 16 octets, read and printed (RFC 4291 §2.2, RFC 5952): reservations and leases
// are read by the hundred thousand.

import { uintFromOctets, writeUint16, writeUint32 } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { octetsFromBytes } from '../bytes/octets.ts'
import { ipv4FromText } from './ipv4.ts'

/** An IPv6 address, 16 octets. */
export type Ipv6 = Octets

const GROUPS = 8
const OCTETS = 16
/** Of the address that is being read. */
const bytes = new Uint8Array(OCTETS)

/** The address in text, without zone and prefix length, or undefined. */
export function ipv6FromText(text: string): Ipv6 | undefined {
  const gap = text.indexOf('::')
  if (gap < 0) return readGroups(text, 0, 0) === OCTETS ? octetsFromBytes(bytes) : undefined
  const before = gap === 0 ? 0 : readGroups(text.slice(0, gap), 0, 0)
  const isLast = gap + 2 === text.length
  // An IPv4 address is nothing but an end.
  if (before < 0 || text.lastIndexOf('.', gap) >= 0) return undefined
  const end = isLast ? before : readGroups(text, gap + 2, before)
  // The gap stands for one group at least.
  if (end < 0 || end > OCTETS - 2) return undefined
  bytes.copyWithin(OCTETS - (end - before), before, end)
  bytes.fill(0, before, OCTETS - (end - before))
  return octetsFromBytes(bytes)
}

/**
 * Reads groups between colons, the last two of which may be an IPv4 address, to position `to`.
 * Returns the position behind them, -1 where they are none or too many.
 */
function readGroups(text: string, from: number, to: number): number {
  let place = to
  let value = 0
  let digits = 0
  for (let at = from; at <= text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === DOT) return readIpv4(text.slice(at - digits), place)
    if (at === text.length || character === COLON) {
      if (digits === 0 || place > OCTETS - 2) return -1
      place = writeUint16(bytes, place, value)
      value = 0
      digits = 0
      continue
    }
    const digit = digitOf(character)
    if (digit < 0 || digits === 4) return -1
    value = value * 16 + digit
    digits++
  }
  return place
}

const COLON = 0x3a
const DOT = 0x2e

/** The value of a hexadecimal digit, -1 = it is none. */
function digitOf(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30
  const letter = character | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function readIpv4(text: string, place: number): number {
  const address = ipv4FromText(text)
  if (address === undefined || place > OCTETS - 4) return -1
  return writeUint32(bytes, place, address)
}

/** Text as RFC 5952 wants it: `2001:db8::1`. */
export function textFromIpv6(address: Ipv6): string {
  const { start, length } = longestGap(address)
  if (length < 2) return textOf(address, 0, GROUPS)
  return `${textOf(address, 0, start)}::${textOf(address, start + length, GROUPS)}`
}

function textOf(address: Ipv6, from: number, to: number): string {
  let text = ''
  for (let group = from; group < to; group++)
    text += `${group === from ? '' : ':'}${uintFromOctets(address, 2 * group, 2).toString(16)}`
  return text
}

/** Of the runs of groups that are 0, the longest, and of several the first (RFC 5952 §4.2.3). */
function longestGap(address: Ipv6): { readonly start: number; readonly length: number } {
  let start = 0
  let length = 0
  let run = 0
  for (let group = 0; group < GROUPS; group++) {
    run = uintFromOctets(address, 2 * group, 2) === 0 ? run + 1 : 0
    if (run <= length) continue
    length = run
    start = group - run + 1
  }
  return { start, length }
}

const ZEROS = '\0'.repeat(16)

/** :: */
export const UNSPECIFIED6: Ipv6 = ZEROS

/** fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(address: Ipv6): boolean {
  return address.charCodeAt(0) === 0xfe && (address.charCodeAt(1) & 0xc0) === 0x80
}

/** ff00::/8. */
export function isMulticast6(address: Ipv6): boolean {
  return address.charCodeAt(0) === 0xff
}
