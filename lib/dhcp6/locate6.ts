// Which subnet is the client in? RFC 9915 §13.1 says that a relay's link address or the receiving
// interface tells; relays that say nothing useful there are many, so more is asked.
//
//        behind a relay that names the link       direct, or behind relays that do not
//   1    what the relay calls its interface       the receiving interface
//   2    relay.ip-addresses with the link         the subnet that the source address is in
//   3    the subnet that the link is in           direct: that an address of the interface is in
//   4    relay.ip-addresses with a link-local link address of a relay
//   5    relay.ip-addresses with the address that the datagram came from
//
// A subnet whose guard does not admit the client is passed over, as if it were not there.

import { type Ipv6, isLinkLocal, UNSPECIFIED6 } from '../address/ipv6.ts'
import type { Octets } from '../bytes/octets.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { selected } from '../dhcp/hooked.ts'
import { STEP } from '../dhcp/steps.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Relay6 } from '../wire/v6/message.ts'
import type { Exchange6 } from './exchange6.ts'

/** The subnet of the client, or undefined; noted for the trace with what told it. */
export function locateSubnet(exchange: Exchange6): Subnet6 | undefined {
  const { relays } = exchange.query
  const interfaceId = relays.length === 0 ? '' : interfaceIdOf(relays)
  const link = linkOf(relays)
  const isNamed = interfaceId !== '' || link !== ''
  const found = isNamed ? byRelay(exchange, interfaceId, link) : byLink(exchange)
  const located = (exchange.listens & STEP.selectSubnet) === 0 ? found : selected(exchange, found)
  exchange.located = located
  return located
}

/** What the relay beside the client calls the interface that it heard it on; '' = nothing. */
function interfaceIdOf(relays: readonly Relay6[]): Octets {
  return relays[relays.length - 1]!.option(OPTION6.interfaceId) ?? ''
}

/** From the client outward, the first address that says which link it is; '' = none does. */
function linkOf(relays: readonly Relay6[]): Ipv6 {
  for (let at = relays.length - 1; at >= 0; at--) {
    const { linkAddress } = relays[at]!
    if (linkAddress !== UNSPECIFIED6 && !isLinkLocal(linkAddress)) return linkAddress
  }
  return ''
}

function byRelay(exchange: Exchange6, interfaceId: Octets, link: Ipv6): Subnet6 | undefined {
  const { plan, classes } = exchange
  if (interfaceId !== '') {
    exchange.locatedBy = 'interface-id'
    const subnet = plan.subnetByInterfaceId(interfaceId, classes)
    if (subnet !== undefined) return subnet
  }
  if (link === '') return byLinkLocalRelay(exchange)
  exchange.locatedBy = 'relay-named'
  const named = plan.subnetByRelay(link, classes)
  if (named !== undefined) return named
  exchange.locatedBy = 'link-address'
  return plan.subnetByAddress(link, classes) ?? byLinkLocalRelay(exchange)
}

function byLink(exchange: Exchange6): Subnet6 | undefined {
  const { arrival, classes, plan, query } = exchange
  exchange.locatedBy = 'interface'
  const bound = plan.subnetByInterface(arrival.link.name, classes)
  if (bound !== undefined) return bound
  if (!isLinkLocal(arrival.address)) {
    exchange.locatedBy = 'source-address'
    const subnet = plan.subnetByAddress(arrival.address, classes)
    if (subnet !== undefined) return subnet
  }
  return query.relays.length > 0 ? byLinkLocalRelay(exchange) : byInterfaceAddress(exchange)
}

/** A link has the prefixes that this server has addresses of there. */
function byInterfaceAddress(exchange: Exchange6): Subnet6 | undefined {
  const { arrival, classes, plan } = exchange
  exchange.locatedBy = 'interface-address'
  for (const { address } of arrival.link.addresses) {
    if (isLinkLocal(address)) continue
    const subnet = plan.subnetByAddress(address, classes)
    if (subnet !== undefined) return subnet
  }
  return undefined
}

/**
 * Some relays put a link-local address where the link should be named, or nothing: then
 * `relay.ip-addresses` may name that, or the address that the datagram came from.
 */
function byLinkLocalRelay(exchange: Exchange6): Subnet6 | undefined {
  const { arrival, classes, plan, query } = exchange
  const { relays } = query
  for (let at = relays.length - 1; at >= 0; at--) {
    const { linkAddress } = relays[at]!
    if (!isLinkLocal(linkAddress)) continue
    exchange.locatedBy = 'relay-link-local'
    const subnet = plan.subnetByRelay(linkAddress, classes)
    if (subnet !== undefined) return subnet
  }
  exchange.locatedBy = 'relay-source'
  return plan.subnetByRelay(arrival.address, classes)
}
