// Whether clients on an interface can be served at all: a file that was written for another
// network, or an address that was mistyped, leaves them without a word.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { InterfaceStatus4 } from '../ports/datagrams4.ts'

const LOOPBACK = 127

/** Why clients on the link of a served interface get nothing, '' where they may. */
export function misfitOf(plan: Plan4, { name, serving, addresses = [] }: InterfaceStatus4): string {
  // Nobody but a relay or a test is behind loopback.
  if (!serving || addresses.length === 0 || addresses[0]! >>> 24 === LOOPBACK) return ''
  const isBound = plan.subnetByInterface(name) !== undefined
  if (isBound || addresses.some((address) => plan.subnetByAddress(address) !== undefined)) return ''
  const own = addresses.map(textFromIpv4).join(', ')
  return `no subnet of the configuration has its address ${own}: only clients behind a relay can be served`
}

/**
 * The interfaces that somebody should look at: not those of a server for relays, and of `*` only
 * where no interface fits, since `*` also means the link of a pair.
 */
export function misfits(
  plan: Plan4,
  interfaces: readonly InterfaceStatus4[],
  hasRelays: boolean,
): Map<string, string> {
  const found = new Map<string, string>()
  if (hasRelays || plan.subnets.some(({ relayAddresses }) => relayAddresses.length > 0))
    return found
  const served = interfaces.filter(({ serving }) => serving)
  for (const one of served) {
    const why = misfitOf(plan, one)
    if (why !== '') found.set(one.name, why)
  }
  if (found.size < served.length)
    for (const name of found.keys())
      if (!plan.interfaces.named.some((wish) => wish.name === name)) found.delete(name)
  return found
}
