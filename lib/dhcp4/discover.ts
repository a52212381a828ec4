// DISCOVER: find an address and offer it (RFC 2131 §4.3.1). Nothing is stored for an offer.

import type { Ipv4 } from '../address/ipv4.ts'
import { ASKING } from '../dhcp/asking.ts'
import { assignLate, refusalByClass } from '../dhcp/client-classes.ts'
import { TERM_STEPS } from '../dhcp/steps.ts'
import type { Millis, Seconds } from '../time/units.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { checkFirst, checkOf } from './address-check.ts'
import { agreementTo } from './agreement.ts'
import {
  type Choice,
  chooseAddress,
  chooseAwaited,
  dropWithoutAddress,
  selectedOf,
} from './allocate.ts'
import { replyWithLease } from './assemble.ts'
import { withoutAddress } from './auto-config.ts'
import { offerLifetimeOf } from './class-terms.ts'
import type { Exchange4 } from './exchange4.ts'
import { formerLease, termsOf } from './grant.ts'
import { termsByHooks } from './hooked.ts'
import { lifetimeFor } from './lifetimes.ts'
import { locateSubnet } from './locate-subnet.ts'
import { type ClientNames, namesOf } from './names.ts'
import { drop, type Outcome4, wanting } from './outcome4.ts'
import { isOverRate } from './over-rate.ts'
import type { Place } from './place.ts'
import { placesOf } from './places.ts'
import { leftToReuse } from './reuse.ts'

/**
 * How long an offered address is kept for the client where offer-lifetime does not say: longer than
 * a client collects offers.
 */
export const OFFER_HOLD_MS: Millis = 30_000

export function discover(exchange: Exchange4): Outcome4 {
  const subnet = locateSubnet(exchange)
  if (subnet === undefined) return drop('no-subnet')
  if (isOverRate(exchange, subnet)) return drop('rate-limit')
  const places = placesOf(exchange, subnet)
  const refusal = refusalByClass(exchange, selectedOf(places))
  if (refusal !== undefined) return withoutAddress(exchange, selectedOf(places), drop(refusal))
  const awaited = chooseAwaited(exchange, places)
  if (awaited !== undefined) return wanting(offer(exchange, awaited), awaited.address)
  const choice = chooseAddress(exchange, places)
  if (choice === undefined)
    return withoutAddress(exchange, selectedOf(places), dropWithoutAddress(exchange, places))
  const check = checkOf(exchange, choice)
  if (check !== undefined)
    return checkFirst(exchange, choice, check, holdOf(exchange, choice.place))
  return offer(exchange, choice)
}

function offer(exchange: Exchange4, { place, address }: Choice): Outcome4 {
  const { leases, now } = exchange
  const { client, subnet } = place
  leases.offer(address, client, subnet.id, now + holdOf(exchange, place))
  const asking = agreementTo(exchange, ASKING.offer, place, address)
  if (asking !== undefined) return asking === 'refused' ? drop('refused-by-hook') : asking
  let names = namesOf(exchange, place, address)
  let lifetime = lifetimeFor(exchange, place, address)
  if ((exchange.listens & TERM_STEPS) !== 0)
    ({ lifetime, names } = termsByHooks(exchange, place, address, { lifetime, names }))
  lifetime = offeredLifetime(exchange, place, address, lifetime, names)
  assignLate(exchange, subnet, place.reservation, subnet.poolOf(address))
  return replyWithLease(exchange, place, MESSAGE_TYPE4.offer, address, lifetime, names)
}

function holdOf(exchange: Exchange4, { subnet }: Place): Millis {
  return offerLifetimeOf(exchange, subnet) * 1000 || OFFER_HOLD_MS
}

/** As the ACK will say it, unless much time passes until then. */
function offeredLifetime(
  exchange: Exchange4,
  place: Place,
  address: Ipv4,
  lifetime: Seconds,
  names: ClientNames,
): Seconds {
  if (place.subnet.leasing.reuse === undefined) return lifetime
  const former = formerLease(exchange, place, address)
  const terms = termsOf(exchange, place, address, former, lifetime, names)
  return leftToReuse(exchange, place.subnet, former, terms) || lifetime
}
