// Which addresses of a subnet a client may have at all, as pools and reservations say, and as far as no other host
// has them. Whether such an address is free is another question: see allocate.ts.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import type { Exchange4 } from './exchange4.ts'
import { isHeldBy, isLive } from './holder.ts'

/** The address reserved for this client, 0 = none. */
export function reservedAddress(exchange: Exchange4): Ipv4 {
  return exchange.reservation === undefined ? 0 : exchange.reservation.address
}

/** In a pool for this client's owner and not reserved for others, or reserved for this client. */
export function isAllowed(exchange: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  if (address === 0 || isKept(exchange, address)) return false
  if (reservedAddress(exchange) === address) return true
  return subnet.isDynamic(address, exchange.classes) && !isReserved(exchange, subnet, address)
}

/**
 * Whether the address is kept from this client. That of a host which the configuration names is somebody's: who
 * has it by a running lease keeps it, and a reservation is the operator's word. One of a server's own is refused at
 * the next renewal, since two hosts have it; a reservation only saves who has it already.
 */
export function isKept(exchange: Exchange4, address: Ipv4): boolean {
  const kind = exchange.settings.keptFrom?.(address)
  if (kind === undefined) return false
  const { client, leases, now } = exchange
  const isReserved = reservedAddress(exchange) === address
  if (kind === 'named' && isReserved) return false
  const row = exchange.rowAt(address)
  const isHolder = row !== undefined && isLive(row, now) && isHeldBy(leases, row, client)
  return !isHolder || (kind === 'own' && !isReserved)
}

/** Whether the address is reserved on the link: in a shared network the pool may be another subnet's. */
function isReserved({ places }: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  if (places.length === 0) return subnet.reservationsAt(address).length > 0
  for (const place of places) if (place.subnet.reservationsAt(address).length > 0) return true
  return false
}
