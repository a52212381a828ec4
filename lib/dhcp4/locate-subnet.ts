// Which subnet is the client in? RFC 2131 §4.3.1, link selection RFC 3527 and RFC 3011.

import { BROADCAST, type Ipv4, ipv4FromOctets, maskOfLength } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { isOpen } from '../dhcp/client-classes.ts'
import { selected } from '../dhcp/hooked.ts'
import { STEP } from '../dhcp/steps.ts'
import { OPTION4, RELAY_AGENT4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import type { Exchange4 } from './exchange4.ts'
import { isInSubnet } from './places.ts'

/**
 * The subnet of the client, or undefined. The first of these that is given decides: the link a
 * relay or client selects, the relay, for a unicast the client's own address and the address that
 * it came from, the receiving interface. A subnet whose guard does not admit the client is passed
 * over, as if it were not there (Kea does the same).
 */
export function locateSubnet(exchange: Exchange4): Subnet4 | undefined {
  const found = locate(exchange)
  const located = (exchange.listens & STEP.selectSubnet) === 0 ? found : selected(exchange, found)
  exchange.located = located
  return located
}

function locate(exchange: Exchange4): Subnet4 | undefined {
  const { plan, query, classes } = exchange
  const selected = selectedLink(exchange)
  if (selected !== 0) return plan.subnetByAddress(selected, classes)
  const { giaddr } = query
  if (giaddr !== 0) return subnetOfRelay(exchange)
  if (query.type === MESSAGE_TYPE4.discover) return subnetOfLink(exchange)
  const own = subnetOfClientAddress(exchange)
  if (isFromLink(exchange)) {
    const link = subnetOfLink(exchange)
    // A client that came from elsewhere still names its address there. But a link may have several
    // subnets.
    if (own === undefined || !isOfLink(exchange, own, link)) return link
    exchange.locatedBy = 'client-address'
    return own
  }
  exchange.locatedBy = 'client-address'
  if (own !== undefined) return own
  const source = exchange.arrival.address
  // A datagram from beyond a router says nothing about the interface that it came in by.
  if (source === 0 || isOnLink(exchange, source)) return subnetOfLink(exchange)
  exchange.locatedBy = 'source-address'
  return plan.subnetByAddress(source, classes)
}

function subnetOfRelay(exchange: Exchange4): Subnet4 | undefined {
  const { plan, query, classes } = exchange
  exchange.locatedBy = 'relay-named'
  const named = plan.subnetByRelay(query.giaddr, classes)
  if (named !== undefined) return named
  exchange.locatedBy = 'relay-address'
  return plan.subnetByAddress(query.giaddr, classes)
}

/** Where prefixes overlap, a lease in ciaddr says in which of them it was given. */
function subnetOfClientAddress(exchange: Exchange4): Subnet4 | undefined {
  const { plan, query, classes } = exchange
  const { ciaddr } = query
  if (ciaddr === 0) return undefined
  const row = plan.overlaps ? exchange.rowAt(ciaddr) : undefined
  const given = row && plan.subnetById(row.subnetId)
  if (given !== undefined && isInSubnet(given, ciaddr) && isOpen(given, classes)) return given
  return plan.subnetByAddress(ciaddr, classes)
}

/** Whether the subnet is one of the receiving interface, of which `link` is the first. */
function isOfLink({ arrival }: Exchange4, subnet: Subnet4, link: Subnet4 | undefined): boolean {
  if (subnet === link || (subnet.interface !== '' && subnet.interface === arrival.link.name))
    return true
  if (subnet.network !== undefined && subnet.network === link?.network) return true
  for (const { address } of arrival.link.addresses) if (isInSubnet(subnet, address)) return true
  return false
}

/** An address on the client's link as option 82.5 or option 118 names it, 0 = none. */
function selectedLink(exchange: Exchange4): Ipv4 {
  const { query, plan } = exchange
  if (query.has(OPTION4.relayAgentInformation) && !plan.compatibility.ignoreRaiLinkSelection) {
    // RFC 3527 §3: link selection goes before giaddr.
    const { relayAgentInformation } = OPTION4
    const link = ipv4FromOctets(query.subOption(relayAgentInformation, RELAY_AGENT4.linkSelection))
    exchange.locatedBy = 'link-selection'
    if (link !== 0) return link
  }
  exchange.locatedBy = 'subnet-selection'
  if (!query.has(OPTION4.subnetSelection)) return 0
  return ipv4FromOctets(query.octets(OPTION4.subnetSelection))
}

/**
 * Whether the query came from the link of the interface, not through a relay or router: what is
 * said about it then is said about that link. Where it is not known what it was sent to, an address
 * of another link in its header speaks of a router.
 */
export function isFromLink(exchange: Exchange4): boolean {
  const { query, arrival } = exchange
  if (query.giaddr !== 0) return false
  if (arrival.to !== 0) return arrival.to === BROADCAST
  return arrival.address === 0 || isOnLink(exchange, arrival.address)
}

/** Whether the query came straight from a client beyond a router. */
export function isRouted(exchange: Exchange4): boolean {
  const { query, arrival } = exchange
  if (query.giaddr !== 0 || arrival.address === 0 || arrival.to === 0) return false
  return arrival.to !== BROADCAST && !isOnLink(exchange, arrival.address)
}

function isOnLink(exchange: Exchange4, source: Ipv4): boolean {
  for (const { address, length } of exchange.arrival.link.addresses)
    if (((address ^ source) & maskOfLength(length)) === 0) return true
  return false
}

/** The subnet bound to the receiving interface, else the one that one of its addresses lies in. */
function subnetOfLink(exchange: Exchange4): Subnet4 | undefined {
  const { plan, arrival, classes } = exchange
  exchange.locatedBy = 'interface'
  const bound = plan.subnetByInterface(arrival.link.name, classes)
  if (bound !== undefined) return bound
  exchange.locatedBy = 'interface-address'
  for (const { address } of arrival.link.addresses) {
    const subnet = plan.subnetByAddress(address, classes)
    if (subnet !== undefined) return subnet
  }
  return undefined
}
