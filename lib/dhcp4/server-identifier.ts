// Option 54: the address by which clients tell servers apart and send to this one later.

import { BROADCAST, type Ipv4, ipv4FromOctets } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Exchange4 } from './exchange4.ts'
import { locateSubnet } from './locate-subnet.ts'
import { isInSubnet } from './places.ts'

/** Whether a client that names this server identifier means this server. */
export function isOwnServerId(exchange: Exchange4, id: Ipv4): boolean {
  if (id === 0) return false
  // RFC 5107 §4: the relay's override is this server while it comes through that relay.
  if (id === exchange.serverIdOverride) return true
  for (const { address } of exchange.arrival.link.addresses) if (address === id) return true
  if (exchange.configuredServerIds.has(id) || exchange.settings.isOwnAddress?.(id) === true)
    return true
  return isReservedServerId(exchange, id)
}

/**
 * Whether the client's own reservation configures this server identifier. Asked last: it must
 * search.
 */
function isReservedServerId(exchange: Exchange4, id: Ipv4): boolean {
  const located = locateSubnet(exchange)
  if (located === undefined) return false
  for (const subnet of located.reachFor(exchange.classes).subnets)
    for (const { code, data } of exchange.reservationIn(subnet)?.options.options ?? [])
      if (code === OPTION4.serverIdentifier && ipv4FromOctets(data) === id) return true
  return false
}

/**
 * The server identifier of a reply to a client in `subnet`: the relay's override (RFC 5107), the
 * configured one, the one that the client chose, else the address that the reply comes from.
 */
export function serverIdFor(
  exchange: Exchange4,
  subnet: Subnet4 | undefined,
  configured: Ipv4,
): Ipv4 {
  if (exchange.serverIdOverride !== 0) return exchange.serverIdOverride
  if (configured !== 0) return configured
  const { query, arrival } = exchange
  // A relay may ask several addresses of this server: the client hears the one it chose from each.
  if (arrival.link.addresses.length > 1 && query.has(OPTION4.serverIdentifier)) {
    const chosen = query.uint(OPTION4.serverIdentifier)
    for (const { address } of arrival.link.addresses) if (address === chosen) return address
  }
  return ownAddressFor(exchange, subnet)
}

/**
 * The address of the receiving interface that answers: the one that was asked, else the one inside
 * the client's subnet, else the first.
 */
export function ownAddressFor({ arrival }: Exchange4, subnet: Subnet4 | undefined): Ipv4 {
  const { addresses } = arrival.link
  if (addresses.length > 1) {
    if (arrival.to !== 0 && arrival.to !== BROADCAST) return arrival.to
    if (subnet !== undefined)
      for (const { address } of addresses) if (isInSubnet(subnet, address)) return address
  }
  return addresses[0]!.address
}
