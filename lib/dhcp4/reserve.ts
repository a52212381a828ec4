// Which addresses of a subnet a client may have at all, as pools and reservations say. Whether such an
// address is free is another question: see allocate.ts.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan4.ts'
import type { Exchange4 } from './exchange4.ts'

/** The address reserved for this client, 0 = none. */
export function reservedAddress(exchange: Exchange4): Ipv4 {
  return exchange.reservation === undefined ? 0 : exchange.reservation.address
}

/** In a pool for this client's owner and not reserved for others, or reserved for this client. */
export function isAllowed(exchange: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  if (address === 0) return false
  if (reservedAddress(exchange) === address) return true
  return subnet.isDynamic(address, exchange.owner) && !isReserved(exchange, subnet, address)
}

/** Whether the address is reserved on the link: in a shared network the pool may be another subnet's. */
function isReserved({ places }: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  if (places.length === 0) return subnet.reservationsAt(address).length > 0
  for (const place of places) if (place.subnet.reservationsAt(address).length > 0) return true
  return false
}
