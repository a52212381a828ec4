// The functions of expressions over octets, as Kea has them.

import { textFromIpv4 } from '../../address/ipv4.ts'
import { textFromIpv6 } from '../../address/ipv6.ts'
import { uintFromOctets } from '../../bytes/cursor.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import type { ConversionName } from './tree.ts'

/**
 * From `start`, which counts from the end where it is negative: so many octets, or where `length`
 * is negative so many before `start`.
 */
export function substring(value: Octets, start: number, length: number): Octets {
  const from = start < 0 ? value.length + start : start
  if (from < 0 || from >= value.length) return ''
  if (length < 0) return value.slice(Math.max(0, from + length), from)
  return value.slice(from, from + length)
}

/** The field of this number, from 1; any octet of `delimiters` ends one. */
export function split(value: Octets, delimiters: Octets, field: number): Octets {
  if (value === '' || delimiters === '') return value
  let start = 0
  let number = 1
  for (let at = 0; at < value.length; at++) {
    if (!delimiters.includes(value[at]!)) continue
    if (number === field) return value.slice(start, at)
    number++
    start = at + 1
  }
  return number === field ? value.slice(start) : ''
}

/** Whether that field is `literal`, without a string of it. */
export function splitIs(
  value: Octets,
  delimiters: Octets,
  field: number,
  literal: Octets,
): boolean {
  if (value === '' || delimiters === '') return value === literal
  let start = 0
  let number = 1
  for (let at = 0; at <= value.length; at++) {
    if (at < value.length && !delimiters.includes(value[at]!)) continue
    if (number === field) return at - start === literal.length && value.startsWith(literal, start)
    number++
    start = at + 1
  }
  return literal === ''
}

export function hexString(value: Octets, separator: Octets): Octets {
  return hexFromOctets(value, separator)
}

/** Undefined where there is no answer for a value of this length. */
export function convert(name: ConversionName, value: Octets): Octets | undefined {
  switch (name) {
    case 'lcase':
      return isAscii(value)
        ? value.toLowerCase()
        : value.replace(/[A-Z]+/g, (run) => run.toLowerCase())
    case 'ucase':
      return isAscii(value)
        ? value.toUpperCase()
        : value.replace(/[a-z]+/g, (run) => run.toUpperCase())
    case 'addrtotext':
      return addressText(value)
    default:
      return integerText(value, integerSize(name), name.startsWith('int'))
  }
}

/** Whether JavaScript's idea of letters is that of octets. */
function isAscii(value: Octets): boolean {
  return !/[\x80-\xff]/.test(value)
}

/** How many octets an int…totext is given. */
function integerSize(name: ConversionName): number {
  if (name.endsWith('t8totext')) return 1
  return name.endsWith('t16totext') ? 2 : 4
}

/** The lengths for which a conversion has an answer; undefined: any. '' becomes ''. */
export function lengthsFor(name: ConversionName): readonly number[] | undefined {
  if (name === 'lcase' || name === 'ucase') return undefined
  return name === 'addrtotext' ? [4, 16] : [integerSize(name)]
}

function addressText(value: Octets): Octets | undefined {
  if (value.length === 4) return textFromIpv4(uintFromOctets(value, 0, 4))
  if (value.length === 16) return textFromIpv6(value)
  return value === '' ? '' : undefined
}

function integerText(value: Octets, size: number, isSigned: boolean): Octets | undefined {
  if (value.length !== size) return value === '' ? '' : undefined
  const number = uintFromOctets(value, 0, size)
  const isNegative = isSigned && number >= 2 ** (8 * size - 1)
  return String(isNegative ? number - 2 ** (8 * size) : number)
}
