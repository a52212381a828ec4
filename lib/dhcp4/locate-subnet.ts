// Which subnet is the client in? RFC 2131 §4.3.1, link selection RFC 3527 and RFC 3011.

import type { Ipv4 } from '../address/ipv4.ts'
import { maskOfLength } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan4.ts'
import { MESSAGE_TYPE4 } from '../wire/message4.ts'
import type { Exchange4 } from './exchange4.ts'
import { ipv4FromOctets } from './ipv4-from-octets.ts'
import { OPTION4, RELAY_AGENT4 } from './option-codes.ts'

/**
 * The subnet of the client, noted in the exchange, or undefined. The first of these that is given decides:
 * the link a relay or client selects, the relay, the client's own address, the address that a routed
 * datagram came from, the receiving interface. A subnet whose guard does not admit the client's owner is
 * passed over, as if it were not there (Kea does the same).
 */
export function locateSubnet(exchange: Exchange4): Subnet4 | undefined {
  exchange.subnet = subnetOf(exchange)
  return exchange.subnet
}

function subnetOf(exchange: Exchange4): Subnet4 | undefined {
  const { plan, query, owner } = exchange
  const link = selectedLink(exchange)
  if (link !== 0) return plan.subnetByAddress(link, owner)
  const { giaddr, ciaddr } = query
  if (giaddr !== 0) return plan.subnetByRelay(giaddr, owner) ?? plan.subnetByAddress(giaddr, owner)
  if (query.type === MESSAGE_TYPE4.discover) return subnetOfLink(exchange)
  if (ciaddr !== 0) {
    const subnet = plan.subnetByAddress(ciaddr, owner)
    if (subnet !== undefined) return subnet
  }
  const source = exchange.arrival.address
  // A datagram from beyond a router says nothing about the interface that it came in by.
  if (source !== 0 && !isOnLink(exchange, source)) return plan.subnetByAddress(source, owner)
  return subnetOfLink(exchange)
}

/** An address on the client's link as option 82.5 or option 118 names it, 0 = none. */
function selectedLink(exchange: Exchange4): Ipv4 {
  const { query, plan } = exchange
  if (query.has(OPTION4.relayAgentInformation) && !plan.compatibility.ignoreRaiLinkSelection) {
    // RFC 3527 §3: link selection goes before giaddr.
    const { relayAgentInformation } = OPTION4
    const link = ipv4FromOctets(query.subOption(relayAgentInformation, RELAY_AGENT4.linkSelection))
    if (link !== 0) return link
  }
  if (!query.has(OPTION4.subnetSelection)) return 0
  return ipv4FromOctets(query.octets(OPTION4.subnetSelection))
}

function isOnLink(exchange: Exchange4, source: Ipv4): boolean {
  for (const { address, length } of exchange.arrival.link.addresses)
    if (((address ^ source) & maskOfLength(length)) === 0) return true
  return false
}

/** The subnet bound to the receiving interface, else the one that one of its addresses lies in. */
function subnetOfLink(exchange: Exchange4): Subnet4 | undefined {
  const { plan, arrival, owner } = exchange
  const bound = plan.subnetByInterface(arrival.link.name, owner)
  if (bound !== undefined) return bound
  for (const { address } of arrival.link.addresses) {
    const subnet = plan.subnetByAddress(address, owner)
    if (subnet !== undefined) return subnet
  }
  return undefined
}
