// The part of a delegated prefix that its client leaves out, as it stands in option 67 (RFC 6603
// §4.2): the length, then the bits behind those of the delegated prefix.

import { addressOf, lengthOf, type Prefix6 } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import { type IaKind, OPTION6 } from '../wire/v6/codes.ts'
import type { Choice6 } from './choose6.ts'
import type { Exchange6 } from './exchange6.ts'

/** Of what is given; '' = nothing, or the client does not know what that is. */
export function excludedOf({ query }: Exchange6, kind: IaKind, { place, key }: Choice6): Octets {
  if (kind !== OPTION6.iaPd) return ''
  const { reservation, subnet } = place
  const reserved = reservation?.prefixes.find(({ prefix }) => prefix === key)
  const excluded = reserved === undefined ? subnet.pdPoolOf(key)?.excluded : reserved.excluded
  if (excluded === undefined || !query.isRequested(OPTION6.pdExclude)) return ''
  return excludedFrom(lengthOf(key), excluded)
}

/** Of an excluded prefix that is longer than the delegated one. */
export function excludedFrom(delegatedLength: number, excluded: Prefix6): Octets {
  const length = lengthOf(excluded)
  const address = addressOf(excluded)
  let octets = String.fromCharCode(length)
  for (let bit = delegatedLength; bit < length; bit += 8) {
    const at = bit >> 3
    const next = at + 1 < address.length ? address.charCodeAt(at + 1) : 0
    const shifted = ((address.charCodeAt(at) << 8) | next) >> (8 - (bit & 7))
    octets += String.fromCharCode(shifted & 0xff)
  }
  return octets
}
