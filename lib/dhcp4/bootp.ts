// BOOTP (RFC 951, served as RFC 1534 says): one message, one reply, and an address for ever, since
// the client never renews it. It hears no refusal: where it gets nothing it is not answered. The
// reply is an ACK that has no option of DHCP (assemble.ts).

import { refusalByClass } from '../dhcp/client-classes.ts'
import { INFINITE_LIFETIME } from '../time/units.ts'
import { checkFirst, checkOf } from './address-check.ts'
import { chooseAddress, dropWithoutAddress, selectedOf } from './allocate.ts'
import { OFFER_HOLD_MS } from './discover.ts'
import type { Exchange4 } from './exchange4.ts'
import { locateSubnet } from './locate-subnet.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import { isOverRate } from './over-rate.ts'
import type { Places } from './place.ts'
import { placeOf, placesOf } from './places.ts'
import { dropWithoutRight, grant } from './request.ts'
import { judge } from './request-verdict.ts'

/** The type of a message without option 53. */
export const BOOTP = 0

export function bootp(exchange: Exchange4): Outcome4 {
  const subnet = locateSubnet(exchange)
  if (subnet === undefined) return drop('no-subnet')
  if (isOverRate(exchange, subnet)) return drop('rate-limit')
  const places = placesOf(exchange, subnet)
  const refusal = refusalByClass(exchange, selectedOf(places))
  if (refusal !== undefined) return drop(refusal)
  // A shorter lease would end while the client goes on with the address.
  const { longest = INFINITE_LIFETIME } = exchange.leases.rights
  if (longest < INFINITE_LIFETIME) return drop('lease-never-ends')
  return exchange.query.ciaddr === 0 ? giveAny(exchange, places) : giveNamed(exchange, places)
}

/** What it would be offered; like that, the address may be asked for on the wire first. */
function giveAny(exchange: Exchange4, places: Places): Outcome4 {
  const choice = chooseAddress(exchange, places)
  if (choice === undefined) return dropWithoutAddress(exchange, places)
  const check = checkOf(exchange, choice)
  if (check !== undefined) return checkFirst(exchange, choice, check, OFFER_HOLD_MS)
  return grant(exchange, choice.place, choice.address)
}

/** RFC 951 §7.3: a client that knows its address asks for the rest. */
function giveNamed(exchange: Exchange4, places: Places): Outcome4 {
  const { ciaddr } = exchange.query
  const place = placeOf(exchange, places, ciaddr)
  const verdict = judge(exchange, places, place, ciaddr, 'renewing')
  if (verdict === 'grant') return grant(exchange, place, ciaddr)
  if (verdict === 'no-right') return dropWithoutRight(exchange, place, ciaddr)
  return drop('not-its-address')
}
