// Whether clients on an interface can be served at all: a file that was written for another
// network, or an address that was mistyped, leaves them without a word.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { Ipv6 } from '../address/ipv6.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Plan6, Subnet6 } from '../config/plan/plan6.ts'
import type { InterfaceStatus4 } from '../ports/datagrams4.ts'
import type { InterfaceStatus6 } from '../ports/datagrams6.ts'

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
  const isNamed = (name: string) => plan.interfaces.named.some((wish) => wish.name === name)
  if (hasRelays || plan.subnets.some(({ relayAddresses }) => relayAddresses.length > 0))
    return new Map()
  return unfitAmong(interfaces, (one) => misfitOf(plan, one), isNamed)
}

/** The same of DHCPv6: clients reach the server whatever addresses it has on their link. */
export function misfitOf6(
  plan: Plan6,
  { name, serving, addresses = [] }: InterfaceStatus6,
): string {
  const isLoopback = addresses.length > 0 && addresses.every((address) => !isOfLink(address))
  if (!serving || isLoopback || plan.subnetByInterface(name) !== undefined) return ''
  if (addresses.some((address) => plan.subnetByAddress(address) !== undefined)) return ''
  return 'no subnet of the configuration names this interface or has one of its addresses: only clients behind a relay can be served'
}

/** As misfits does it for DHCPv4. */
export function misfits6(
  plan: Plan6,
  interfaces: readonly InterfaceStatus6[],
  hasRelays: boolean,
): Map<string, string> {
  const isForRelays = ({ relayAddresses, interfaceId }: Subnet6) =>
    relayAddresses.length > 0 || interfaceId !== ''
  const isNamed = (name: string) => plan.interfaces.named.some((wish) => wish.name === name)
  if (hasRelays || plan.subnets.some(isForRelays)) return new Map()
  return unfitAmong(interfaces, (one) => misfitOf6(plan, one), isNamed)
}

function isOfLink(address: Ipv6): boolean {
  return address !== LOOPBACK6
}

const LOOPBACK6: Ipv6 = `${'\0'.repeat(15)}\x01`

/** Of `*` only those that are named, where some other interface fits. */
function unfitAmong<Status extends { readonly name: string; readonly serving: boolean }>(
  interfaces: readonly Status[],
  misfit: (one: Status) => string,
  isNamed: (name: string) => boolean,
): Map<string, string> {
  const found = new Map<string, string>()
  const served = interfaces.filter(({ serving }) => serving)
  for (const one of served) {
    const why = misfit(one)
    if (why !== '') found.set(one.name, why)
  }
  if (found.size < served.length)
    for (const name of found.keys()) if (!isNamed(name)) found.delete(name)
  return found
}
