// Names of DNS in the encoding of RFC 1035 §3.1, without compression: labels with their lengths,
// and a length of 0 at the end of a name that is whole. Here names are labels joined by dots.

import type { Octets } from '../bytes/octets.ts'

const LABEL_MAX = 63

export interface EncodedName {
  /** As it came; '' where there is no label. */
  readonly name: Octets
  /** False: only the first labels of a name are given. */
  readonly complete: boolean
}

/** The name from position `start` to the end, or undefined when that is none. */
export function nameInLabels(value: Octets, start: number): EncodedName | undefined {
  let name = ''
  let at = start
  while (at < value.length) {
    const length = value.charCodeAt(at)
    const end = at + 1 + length
    if (length === 0) return end === value.length ? { name, complete: true } : undefined
    // Without compression no length is above 63.
    if (length > LABEL_MAX || end > value.length) return undefined
    const label = value.slice(at + 1, end)
    if (label.includes('.')) return undefined
    name += name === '' ? label : `.${label}`
    at = end
  }
  return { name, complete: false }
}

/** The whole name, with labels of 1 to 63 octets and no final dot. */
export function labelsOfName(name: Octets): Octets {
  let labels = ''
  for (const label of name.split('.')) labels += String.fromCharCode(label.length) + label
  return `${labels}\0`
}
