// REQUEST: the client takes an offer, checks an address it remembers, or extends its lease (RFC
// 2131 §4.3.2). Which of these it does, request-state.ts says.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { ASKING } from '../dhcp/asking.ts'
import { assignLate, refusalByClass, settleClasses } from '../dhcp/client-classes.ts'
import { TERM_STEPS } from '../dhcp/steps.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { agreementTo } from './agreement.ts'
import { chooseAddress, dropWithoutAddress, selectedOf } from './allocate.ts'
import { replyNak, replyWithLease } from './assemble.ts'
import { offerLifetimeOf } from './class-terms.ts'
import { OFFER_HOLD_MS } from './discover.ts'
import type { Exchange4 } from './exchange4.ts'
import { formerLease, grantLease, termsOf } from './grant.ts'
import { termsByHooks } from './hooked.ts'
import { lifetimeFor } from './lifetimes.ts'
import { locateSubnet } from './locate-subnet.ts'
import { namesOf } from './names.ts'
import { drop, dropWantingAddress, type Outcome4, type ReplyOutcome4, wanting } from './outcome4.ts'
import { isOverRate } from './over-rate.ts'
import type { Place, Places } from './place.ts'
import { placeOf, placesOf } from './places.ts'
import { type RequestState, requestedAddress, requestStateOf } from './request-state.ts'
import { type AddressedState, REFUSALS } from './request-table.ts'
import { isOwn, judge } from './request-verdict.ts'
import { leftToReuse } from './reuse.ts'
import { goesOver, isPartners } from './rights-verdict.ts'
import { requestWithoutSubnet } from './unserved.ts'
import { reservedAddress } from './whose-address.ts'

export function request(exchange: Exchange4): Outcome4 {
  const subnet = locateSubnet(exchange)
  const { query } = exchange
  const state = requestStateOf(query)
  if (subnet === undefined) {
    settleClasses(exchange, [])
    return refuseByClass(exchange, undefined, state) ?? requestWithoutSubnet(exchange, state)
  }
  if (isOverRate(exchange, subnet)) return drop('rate-limit')
  const places = placesOf(exchange, subnet)
  const refused = refuseByClass(exchange, selectedOf(places), state)
  if (refused !== undefined) return refused
  if (state === 'unaddressed') return grantAny(exchange, places)
  const address = requestedAddress(query, state)
  const takesOffer = state === 'init-reboot' && isOffered(exchange, places, address)
  return answer(exchange, places, address, takesOffer ? 'selecting' : state)
}

/** What the classes of the client say, wherever its address is: no row is looked at for that. */
function refuseByClass(
  exchange: Exchange4,
  selected: Subnet4 | undefined,
  state: RequestState,
): Outcome4 | undefined {
  const reason = refusalByClass(exchange, selected)
  if (reason === undefined) return undefined
  if (reason === 'no-subnet') return requestWithoutSubnet(exchange, state)
  if (reason !== 'rejected-by-class') return drop(reason)
  return replyNak(exchange, selected, REFUSALS.rejected)
}

/** No address is named: the client gets what it would be offered. */
function grantAny(exchange: Exchange4, places: Places): Outcome4 {
  const choice = chooseAddress(exchange, places)
  if (choice !== undefined) return grant(exchange, choice.place, choice.address)
  const outcome = dropWithoutAddress(exchange, places)
  // Nobody has one, the partner included: who named this server, or has no other, need not wait for
  // one.
  if (outcome.kind !== 'drop' || outcome.reason !== 'no-free-address') return outcome
  const selected = selectedOf(places)
  const namesUs = (exchange.query.uint(OPTION4.serverIdentifier) ?? 0) !== 0
  if (!selected.authoritative && !namesUs) return outcome
  return replyNak(exchange, selected, REFUSALS['none-free'])
}

/**
 * A REQUEST that names another server. RFC 2131 §3.1 step 3: the servers not selected use it as the
 * notice that their offer is declined.
 */
export function requestToOther(exchange: Exchange4): Outcome4 {
  const { leases, query, classes } = exchange
  const selected = query.type === MESSAGE_TYPE4.request ? locateSubnet(exchange) : undefined
  if (selected !== undefined)
    for (const subnet of selected.reachFor(classes).subnets)
      leases.withdrawOffer(exchange.clientIn(subnet), subnet.id)
  return drop('not-for-us')
}

/**
 * Who names no server, but what is offered to it, takes the offer. The subnet may be any of the
 * link.
 */
function isOffered({ leases, now }: Exchange4, places: Places, address: Ipv4): boolean {
  for (const { client, subnet } of places)
    if (leases.offerOf(client, subnet.id, now) === address) return true
  return false
}

function answer(
  exchange: Exchange4,
  places: Places,
  address: Ipv4,
  state: AddressedState,
): Outcome4 {
  const place = placeOf(exchange, places, address)
  const verdict = judge(exchange, places, place, address, state)
  if (verdict === 'grant') return grant(exchange, place, address)
  if (verdict === 'silence') return drop('unknown-client')
  if (verdict === 'no-right') return dropWithoutRight(exchange, place, address)
  return replyNak(exchange, place.subnet, REFUSALS[verdict])
}

/** The partner is asked only for what is meant for this client, not for what anybody may name. */
export function dropWithoutRight(exchange: Exchange4, place: Place, address: Ipv4): Outcome4 {
  const isMeant = isOwn(exchange, place.client, address) || reservedAddress(place) === address
  return isMeant && isPartners(exchange, place, address)
    ? dropWantingAddress('no-right', address)
    : drop('no-right')
}

/** The ACK that gives the address, which was judged before, to the client. */
export function grant(exchange: Exchange4, place: Place, address: Ipv4): Outcome4 {
  const asking = agreementTo(exchange, ASKING.grant, place, address)
  if (asking === 'refused') return refuse(exchange, place)
  if (asking !== undefined) {
    hold(exchange, place, address)
    return asking
  }
  const outcome = grantedOrReused(exchange, place, address)
  const reserved = reservedAddress(place)
  if (reserved === 0 || reserved === address || !isPartners(exchange, place, reserved))
    return outcome
  if (goesOver(exchange, place, reserved)) return outcome
  // It moves there as soon as the partner has handed the keys on.
  return wanting(outcome, reserved)
}

/** While somebody is asked, nobody else finds it free, and who named none finds it again. */
function hold(exchange: Exchange4, { client, subnet }: Place, address: Ipv4): void {
  const { leases, now } = exchange
  const until = now + (offerLifetimeOf(exchange, subnet) * 1000 || OFFER_HOLD_MS)
  if (!isOwn(exchange, client, address)) leases.offer(address, client, subnet.id, until)
}

/** A client that speaks BOOTP hears no refusal. */
function refuse(exchange: Exchange4, { subnet }: Place): Outcome4 {
  if (exchange.isBootp) return drop('refused-by-hook')
  return replyNak(exchange, subnet, REFUSALS['refused-by-hook'])
}

function grantedOrReused(exchange: Exchange4, place: Place, address: Ipv4): ReplyOutcome4 {
  const { leases, now } = exchange
  const { client, subnet } = place
  let lifetime = lifetimeFor(exchange, place, address)
  let names = namesOf(exchange, place, address)
  if ((exchange.listens & TERM_STEPS) !== 0)
    ({ lifetime, names } = termsByHooks(exchange, place, address, { lifetime, names }))
  const former = formerLease(exchange, place, address)
  const terms = termsOf(exchange, place, address, former, lifetime, names)
  leases.withdrawOffer(client, subnet.id)
  assignLate(exchange, subnet, place.reservation, subnet.poolOf(address))
  const { ack } = MESSAGE_TYPE4
  const left = leftToReuse(exchange, subnet, former, terms)
  if (left > 0 && leases.reuses.note(address, now))
    return replyWithLease(exchange, place, ack, address, left, names)
  const granted = grantLease(exchange, place, address, former, terms)
  return replyWithLease(exchange, place, ack, address, lifetime, names, granted)
}
