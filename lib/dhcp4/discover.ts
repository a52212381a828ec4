// DISCOVER: find an address and offer it (RFC 2131 §4.3.1). Nothing is stored for an offer.

import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { checkFirst, checkOf } from './address-check.ts'
import { type Choice, chooseAddress, dropWithoutAddress } from './allocate.ts'
import { replyWithLease } from './assemble.ts'
import type { Exchange4 } from './exchange4.ts'
import { lifetimeFor } from './lifetimes.ts'
import { locateSubnet } from './locate-subnet.ts'
import { hostnameOf } from './names.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { placesOf } from './places.ts'

/** How long an offered address is kept for the client: longer than a client collects offers. */
export const OFFER_HOLD_MS = 30_000

export function discover(exchange: Exchange4): Outcome4 {
  const subnet = locateSubnet(exchange)
  if (subnet === undefined) return drop('no-subnet')
  const places = placesOf(exchange, subnet)
  const choice = chooseAddress(exchange, places)
  if (choice === undefined) return dropWithoutAddress(exchange, places)
  const check = checkOf(exchange, choice)
  if (check !== undefined) return checkFirst(exchange, choice, check, OFFER_HOLD_MS)
  return offer(exchange, choice)
}

function offer(exchange: Exchange4, { place, address }: Choice): Outcome4 {
  const { leases, now, query } = exchange
  const { client, subnet } = place
  leases.offer(address, client, subnet.id, now + OFFER_HOLD_MS)
  const lifetime = lifetimeFor(query, subnet.lifetime, leases.rights)
  const hostname = hostnameOf(exchange, place)
  return replyWithLease(exchange, place, MESSAGE_TYPE4.offer, address, lifetime, hostname)
}
