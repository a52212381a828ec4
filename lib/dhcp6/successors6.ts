// A subnet that has another prefix than it had: what a client had there is looked for behind the
// new one, so that hosts go on to be known by the end of their address.

import { addressOf, isInside, lengthOf, type Prefix6, prefix6 } from '../address/prefix6.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { type IaKind, OPTION6 } from '../wire/v6/codes.ts'

const NONE: readonly Prefix6[] = []

/** For an address or prefix that the subnet had, one of each place that it may have moved to. */
export function successorsOf(subnet: Subnet6, kind: IaKind, key: Prefix6): readonly Prefix6[] {
  if (kind === OPTION6.iaNa)
    return isInside(key, subnet.prefix) ? NONE : [behind(subnet.prefix, key)]
  if (subnet.pdPoolOf(key) !== undefined) return NONE
  const alike = subnet.pdPools.filter(({ delegatedLength }) => delegatedLength === lengthOf(key))
  return alike.map(({ prefix }) => behind(prefix, key))
}

/** The key with the bits of the prefix in front. */
function behind(prefix: Prefix6, key: Prefix6): Prefix6 {
  const front = addressOf(prefix)
  const own = addressOf(key)
  const former = addressOf(prefix6(own, lengthOf(prefix)))
  let address = ''
  for (let at = 0; at < own.length; at++) {
    const rest = own.charCodeAt(at) & ~former.charCodeAt(at)
    address += String.fromCharCode(front.charCodeAt(at) | rest)
  }
  return prefix6(address, lengthOf(key))
}
