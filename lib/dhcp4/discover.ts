// DISCOVER: find an address and offer it (RFC 2131 §4.3.1). Nothing is stored for an offer.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { chooseAddress, dropWithoutAddress } from './allocate.ts'
import { replyWithLease } from './assemble.ts'
import { drop } from './drop.ts'
import type { Exchange4 } from './exchange4.ts'
import { lifetimeFor } from './lifetimes.ts'
import { locateSubnet } from './locate-subnet.ts'
import { hostnameOf } from './names.ts'
import type { Outcome4 } from './outcome4.ts'
import { survey } from './shared-network.ts'

/** How long an offered address is kept for the client: longer than a client collects offers. */
export const OFFER_HOLD_MS = 30_000

export function discover(exchange: Exchange4): Outcome4 {
  const subnet = locateSubnet(exchange)
  if (subnet === undefined) return drop('no-subnet')
  survey(exchange, subnet)
  const address = chooseAddress(exchange, subnet)
  if (address === 0) return dropWithoutAddress(exchange, subnet)
  return offer(exchange, exchange.subnet ?? subnet, address)
}

function offer(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Outcome4 {
  const { client, leases, now, query } = exchange
  leases.offer(address, client, subnet.id, now + OFFER_HOLD_MS)
  const lifetime = lifetimeFor(query, subnet.lifetime, leases.rights)
  const hostname = hostnameOf(exchange)
  return replyWithLease(exchange, subnet, MESSAGE_TYPE4.offer, address, lifetime, hostname)
}
