// Keys and clients of DHCPv6 for tests of the lease table.

import { type Prefix6, prefix6FromText } from '../../lib/address/prefix6.ts'
import { BINDING_KIND, type BindingKind, bindingOf } from '../../lib/leases/binding.ts'
import { family6 } from '../../lib/leases/keys/family6.ts'
import type { Range } from '../../lib/leases/keys/key.ts'
import type { ClientIdentity } from '../../lib/leases/lease.ts'

/** A prefix, or an address, from text that is one. */
export function key6(text: string): Prefix6 {
  const key = prefix6FromText(text)
  if (key === undefined) throw new Error(`${text} is no prefix`)
  return key
}

const BASE = key6('2001:db8::1:0:0')

/** Address number `index` of a network of single addresses. */
export function address6(index: number): Prefix6 {
  return family6.at({ first: BASE, last: family6.all.last }, index)
}

export function range6(first: string, last: string): Range<Prefix6> {
  return { first: key6(first), last: key6(last) }
}

export function duid6(number: number): string {
  return `\0\x03\0\x01\x02\0\0\0${String.fromCharCode(number >>> 8, number & 255)}`
}

/** A client by its number. */
export function client6(
  number: number,
  iaid = 1,
  kind: BindingKind = BINDING_KIND.na,
): ClientIdentity {
  const duid = duid6(number)
  return { htype: 1, hwAddress: duid.slice(4), clientId: bindingOf(kind, iaid, duid) }
}
