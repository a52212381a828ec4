// Values of options that hold options or items themselves, as octets: for those who read or write
// few of them, where being plain matters more than being fast.

import { uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { encodeSubOption, subOptions } from '../options/sub-options.ts'
import { OPTION_HEAD } from './layout.ts'

/** Option code and value. */
export type OptionPair6 = readonly [code: number, data: Octets]

export function octetsFromOptions6(options: readonly OptionPair6[]): Octets {
  return options.map(([code, data]) => encodeSubOption(2, code, data)).join('')
}

/** The options from position `start` on, or undefined when one runs past the end. */
export function optionsInOctets6(octets: Octets, start = 0): OptionPair6[] | undefined {
  return subOptions(octets.slice(start), 2)
}

/**
 * Where the value of the first option with this code begins, from position `start` on; -1 = there
 * is none. Its length stands in the two octets before.
 */
export function optionAt6(octets: Octets, start: number, code: number): number {
  let at = start
  while (at + OPTION_HEAD <= octets.length) {
    const value = at + OPTION_HEAD
    const end = value + uintFromOctets(octets, at + 2, 2)
    if (end > octets.length) return -1
    if (uintFromOctets(octets, at, 2) === code) return value
    at = end
  }
  return -1
}

/** Items of a length of two octets each (RFC 9915 §21.15), or undefined when one is cut. */
export function itemsInOctets(octets: Octets, start = 0): Octets[] | undefined {
  const items: Octets[] = []
  let at = start
  while (at + 2 <= octets.length) {
    const end = at + 2 + uintFromOctets(octets, at, 2)
    items.push(octets.slice(at + 2, end))
    at = end
  }
  return at === octets.length ? items : undefined
}
