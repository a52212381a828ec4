// INFORM: a client that has its address from elsewhere asks for options (RFC 2131 §3.4, §4.3.5).
// Leases play no part and nothing is stored.

import { isUnicast } from '../address/ipv4.ts'
import { CLASS } from '../classify/class-set.ts'
import { settleClasses } from '../dhcp/client-classes.ts'
import { replyToInform } from './assemble.ts'
import type { Exchange4 } from './exchange4.ts'
import { isFromLink, locateSubnet } from './locate-subnet.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { isOverRate } from './over-rate.ts'
import { placesOf, subnetOfAddress } from './places.ts'

export function inform(exchange: Exchange4): Outcome4 {
  const { query, arrival } = exchange
  // The answer goes to ciaddr, so it must be an address of one host, or absent.
  if (query.ciaddr !== 0 && !isUnicast(query.ciaddr)) return drop('no-address-named')
  if (query.ciaddr === 0 && query.giaddr === 0 && arrival.address === 0)
    return drop('no-address-named')
  const located = locateSubnet(exchange)
  // Global options are for networks that are served, and reach this server by a relay or router.
  if (located === undefined && isFromLink(exchange)) return drop('no-subnet')
  if (located !== undefined && isOverRate(exchange, located)) return drop('rate-limit')
  if (exchange.program !== undefined) {
    if (located === undefined) settleClasses(exchange, [])
    else placesOf(exchange, located)
    // Who is rejected gets no lease; that it asks for options does no harm.
    if (exchange.classes.has(CLASS.drop)) return drop('dropped-by-class')
  }
  const subnet = located && subnetOfAddress(located, exchange.classes, query.ciaddr)
  // RFC 2131 §4.3.5: MUST NOT check for an existing lease.
  return replyToInform(exchange, subnet)
}
