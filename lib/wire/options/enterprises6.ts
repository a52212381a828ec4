// Options of enterprises in DHCPv6: 16, an enterprise number and texts (RFC 9915 §21.16), and 17,
// an enterprise number and options (§21.17). An instance is of one enterprise.

import { uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'

/** Octets before the texts or options. */
export const ENTERPRISE_HEAD = 4
/** Octets before a text: its length. */
const ITEM_HEAD = 2
/** Octets before the value of an option: its code and its length. */
const OPTION_HEAD = 4

/** Whether texts, each behind its length, fill the value from `start` on. */
export function hasWholeItems(data: Octets, start: number): boolean {
  let at = start
  while (at + ITEM_HEAD <= data.length) at += ITEM_HEAD + uintFromOctets(data, at, 2)
  return at === data.length
}

/** Whether options fill the value from `start` on. */
export function hasWholeOptions(data: Octets, start: number): boolean {
  let at = start
  while (at + OPTION_HEAD <= data.length) at += OPTION_HEAD + uintFromOctets(data, at + 2, 2)
  return at === data.length
}

/** Where the value of an option begins; -1 = there is none of this code from `start` on. */
export function optionStart(data: Octets, start: number, code: number): number {
  let at = start
  while (at + OPTION_HEAD <= data.length) {
    const next = at + OPTION_HEAD + uintFromOctets(data, at + 2, 2)
    if (next > data.length) return -1
    if (uintFromOctets(data, at, 2) === code) return at + OPTION_HEAD
    at = next
  }
  return -1
}
