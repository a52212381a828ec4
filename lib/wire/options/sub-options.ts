// Options inside of options: a code, a length and a value each, one behind the other. Codes and
// lengths have an octet in DHCPv4 and two in DHCPv6, at every depth.

import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'

/** Octets of a code, and of a length. */
export type OptionWidth = 1 | 2

/** Longest value of one sub-option. */
export function valueMax(width: OptionWidth): number {
  return 256 ** width - 1
}

/** `data` is no longer than {@link valueMax} says. */
export function encodeSubOption(width: OptionWidth, code: number, data: Octets): Octets {
  return octetsFromUint(code, width) + octetsFromUint(data.length, width) + data
}

/** The codes and values of sub-options, or undefined when one runs past the end. */
export function subOptions(
  data: Octets,
  width: OptionWidth,
): [code: number, data: Octets][] | undefined {
  const options: [number, Octets][] = []
  for (let at = 0; at < data.length; ) {
    const start = at + 2 * width
    if (start > data.length) return undefined
    const end = start + uintFromOctets(data, at + width, width)
    if (end > data.length) return undefined
    options.push([uintFromOctets(data, at, width), data.slice(start, end)])
    at = end
  }
  return options
}
