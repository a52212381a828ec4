// Whose is an address? Whose by its row, and whom pools and reservations give it to, as far as no
// other host has it. Whether it may be had now is another question: see allocate.ts and
// rights-verdict.ts.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { classesHaveRoom } from '../dhcp/class-limits.ts'
import { isHeldBy, isLive } from '../leases/holding.ts'
import type { Lease } from '../leases/lease.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place } from './place.ts'

/**
 * The row that a RELEASE or DECLINE is about, if its sender holds or held the address. The row
 * names its subnet, so it plays no part where the message came from; a subnet that no longer exists
 * matches client identifiers.
 */
export function rowOfHolder(exchange: Exchange4, address: Ipv4): Lease | undefined {
  const { leases, plan } = exchange
  const row = exchange.rowAt(address)
  if (row === undefined) return undefined
  const subnet = plan.subnetById(row.subnetId)
  const client = subnet === undefined ? exchange.client : exchange.clientIn(subnet)
  return isHeldBy(leases, row, client) ? row : undefined
}

/** The address reserved for the client in a place, 0 = none. */
export function reservedAddress({ reservation }: Place): Ipv4 {
  return reservation === undefined ? 0 : reservation.address
}

/** In a pool for this client's classes and not reserved for others, or reserved for this client. */
export function isAllowed(exchange: Exchange4, place: Place, address: Ipv4): boolean {
  if (address === 0 || isKept(exchange, place, address)) return false
  if (exchange.checked?.inUse.includes(address) === true) return false
  if (isLimited(exchange, place) && !hasRoom(exchange, place, address)) return false
  if (reservedAddress(place) === address) return true
  const { subnet } = place
  return subnet.isDynamic(address, exchange.classes) && !isReserved(exchange, subnet, address)
}

function isLimited({ plan }: Exchange4, { subnet }: Place): boolean {
  return subnet.limits !== undefined || plan.classLimits.addresses.length > 0
}

/** Whether subnet and classes may have one lease more, or this is one that the client has. */
function hasRoom(exchange: Exchange4, { client, subnet }: Place, address: Ipv4): boolean {
  const { leases, now } = exchange
  const most = subnet.limits?.addresses
  const isFull = most !== undefined && leases.counts(subnet.id).assigned >= most
  if (!isFull && classesHaveRoom(exchange)) return true
  const row = exchange.rowAt(address)
  return row !== undefined && isLive(row, now) && isHeldBy(leases, row, client)
}

/**
 * Whether the address is kept from this client. That of a host which the configuration names is
 * somebody's: who has it by a running lease keeps it, and a reservation is the operator's word. One
 * of a server's own is refused at the next renewal, since two hosts have it; a reservation only
 * saves who has it already.
 */
export function isKept(exchange: Exchange4, place: Place, address: Ipv4): boolean {
  const kind = exchange.settings.keptFrom?.(address)
  if (kind === undefined) return false
  const { leases, now } = exchange
  const isReserved = reservedAddress(place) === address
  if (kind === 'named' && isReserved) return false
  const row = exchange.rowAt(address)
  const isHolder = row !== undefined && isLive(row, now) && isHeldBy(leases, row, place.client)
  return !isHolder || (kind === 'own' && !isReserved)
}

/**
 * Whether the address is reserved on the link: in a shared network the pool may be another
 * subnet's.
 */
function isReserved({ classes, plan }: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  if (subnet.network === undefined) return plan.reservations.at(address, subnet).length > 0
  for (const each of subnet.reachFor(classes).subnets)
    if (plan.reservations.at(address, each).length > 0) return true
  return false
}
