// REQUEST: the client takes an offer, checks an address it remembers, or extends its lease (RFC 2131
// §4.3.2). Which of these it does, request-state.ts says.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import type { Change } from '../leases/lease.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import { chooseAddress, dropWithoutAddress } from './allocate.ts'
import { replyNak, replyWithLease } from './assemble.ts'
import { drop, dropWantingAddress } from './drop.ts'
import type { Exchange4 } from './exchange4.ts'
import { grantedLease } from './grant.ts'
import { identityIn, namedIdentity } from './identify.ts'
import { lifetimeFor } from './lifetimes.ts'
import { locateSubnet } from './locate-subnet.ts'
import { hostnameOf } from './names.ts'
import type { Outcome4 } from './outcome4.ts'
import { requestedAddress, requestStateOf } from './request-state.ts'
import { type AddressedState, isOwn, judge, REFUSALS } from './request-verdict.ts'
import { reservedAddress } from './reserve.ts'
import { isPartners } from './rights-verdict.ts'
import { enterAt, survey } from './shared-network.ts'
import { requestWithoutSubnet } from './unserved.ts'

export function request(exchange: Exchange4): Outcome4 {
  const subnet = locateSubnet(exchange)
  const { query } = exchange
  const state = requestStateOf(query)
  if (subnet === undefined) return requestWithoutSubnet(exchange, state)
  survey(exchange, subnet)
  if (state === 'unaddressed') return grantAny(exchange, subnet)
  const address = requestedAddress(query, state)
  const takesOffer = state === 'init-reboot' && isOffered(exchange, subnet, address)
  return answer(exchange, subnet, address, takesOffer ? 'selecting' : state)
}

/** No address is named: the client gets what it would be offered. */
function grantAny(exchange: Exchange4, selected: Subnet4): Outcome4 {
  const { query } = exchange
  const address = chooseAddress(exchange, selected)
  if (address !== 0) return grant(exchange, exchange.subnet ?? selected, address)
  const outcome = dropWithoutAddress(exchange, selected)
  // Nobody has one, the partner included: who named this server, or has no other, need not wait for one.
  if (outcome.kind !== 'drop' || outcome.reason !== 'no-free-address') return outcome
  const isOurs = selected.authoritative || (query.uint(OPTION4.serverIdentifier) ?? 0) !== 0
  return isOurs ? replyNak(exchange, REFUSALS['none-free']) : outcome
}

/**
 * A REQUEST that names another server. RFC 2131 §3.1 step 3: the servers not selected use it as the
 * notice that their offer is declined.
 */
export function requestToOther(exchange: Exchange4): Outcome4 {
  const { leases, query } = exchange
  const subnet = query.type === MESSAGE_TYPE4.request ? locateSubnet(exchange) : undefined
  if (subnet !== undefined)
    for (const { id, matchClientId } of subnet.reachFor(exchange.classes).subnets)
      leases.withdrawOffer(identityIn(namedIdentity(query), matchClientId), id)
  return drop('not-for-us')
}

/** Who names no server, but what is offered to it, takes the offer. The subnet may be any of the link. */
function isOffered(exchange: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  const { client, leases, now, places } = exchange
  if (places.length === 0) return leases.offerOf(client, subnet.id, now) === address
  return places.some((place) => leases.offerOf(place.client, place.subnet.id, now) === address)
}

/** `selected` is the subnet that was located; in a shared network the address may lie in another one. */
function answer(
  exchange: Exchange4,
  selected: Subnet4,
  address: Ipv4,
  state: AddressedState,
): Outcome4 {
  if (exchange.places.length > 0) enterAt(exchange, address)
  const subnet = exchange.subnet ?? selected
  const verdict = judge(exchange, subnet, address, state)
  if (verdict === 'grant') return grant(exchange, subnet, address)
  if (verdict === 'silence') return drop('unknown-client')
  if (verdict === 'no-right') return dropWithoutRight(exchange, address)
  return replyNak(exchange, REFUSALS[verdict])
}

/** The partner is asked only for what is meant for this client, not for what anybody may name. */
function dropWithoutRight(exchange: Exchange4, address: Ipv4): Outcome4 {
  const isMeant = isOwn(exchange, address) || reservedAddress(exchange) === address
  return isMeant && isPartners(exchange, address)
    ? dropWantingAddress('no-right', address)
    : drop('no-right')
}

function grant(exchange: Exchange4, subnet: Subnet4, address: Ipv4): Outcome4 {
  const { client, leases, query } = exchange
  const lifetime = lifetimeFor(query, subnet.lifetime, leases.rights)
  const hostname = hostnameOf(exchange)
  const lease = grantedLease(exchange, subnet, address, lifetime, hostname)
  leases.withdrawOffer(client, subnet.id)
  const changes: readonly Change[] = [{ kind: 'put', lease }]
  const { ack } = MESSAGE_TYPE4
  const outcome = replyWithLease(exchange, subnet, ack, address, lifetime, hostname, changes)
  const reserved = reservedAddress(exchange)
  if (reserved === 0 || reserved === address || !isPartners(exchange, reserved)) return outcome
  // It moves there as soon as the partner has handed the keys on.
  return { ...outcome, wanted: [{ first: reserved, last: reserved }] }
}
