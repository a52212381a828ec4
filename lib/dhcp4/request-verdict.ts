// May this client have this address? The table says it (request-table.ts), as far as this server
// has the right (rights-verdict.ts): else it is silent, because the partner may have given the
// address to this client. To refuse to go on with an own row that is moved is always allowed
// (rule 3b).

import type { Ipv4 } from '../address/ipv4.ts'
import { isHeldBy, isLive } from '../leases/holding.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import type { Instant } from '../time/units.ts'
import { isObtainable } from './allocate.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place, Places } from './place.ts'
import { isInSubnet } from './places.ts'
import { type AddressedState, ANSWERS, type Refusal, type Standing } from './request-table.ts'
import { goesOver, mayHave, mayRefuse } from './rights-verdict.ts'
import { isAllowed, isKept, reservedAddress } from './whose-address.ts'

/**
 * `silence`: another server may know the client. `no-right`: the partner decides about the address.
 */
export type Verdict = 'grant' | 'silence' | 'no-right' | Refusal

/**
 * The verdict about an address, where a subnet fits. `place`: the one of `places` that it is judged
 * by.
 */
export function judge(
  exchange: Exchange4,
  places: Places,
  place: Place,
  address: Ipv4,
  state: AddressedState,
): Verdict {
  const standing = standingOf(exchange, places, place, address)
  exchange.standing = standing
  const { [state]: answer, refusal } = ANSWERS[standing]
  if (answer === 'grant') return mayHave(exchange, place, address) ? 'grant' : 'no-right'
  if (standing === 'moved' || standing === 'ownElsewhere') return refusal
  if (!mayRefuse(exchange, place, address)) return 'no-right'
  if (answer === 'NAK' || isKnown(places) || place.subnet.authoritative) return refusal
  return 'silence'
}

export function standingOf(
  exchange: Exchange4,
  places: Places,
  place: Place,
  address: Ipv4,
): Standing {
  const { leases, now } = exchange
  const { client, subnet } = place
  if (isOwn(exchange, client, address)) {
    if (!isInSubnet(subnet, address)) return 'ownElsewhere'
    return mayStay(exchange, places, place, address) ? 'own' : 'moved'
  }
  if (!leases.isOver(exchange.rowAt(address), now) && !goesOver(exchange, place, address))
    return 'inUse'
  if (!isInSubnet(subnet, address)) return 'elsewhere'
  if (!isAllowed(exchange, place, address)) return standingOfRefused(exchange, place, address)
  if (reservedAddress(place) === address) return 'reserved'
  if (isAwaited(exchange, places))
    return isPromised(exchange, place, address) ? 'promised' : 'awaited'
  if (leases.isOfferedToOther(address, client, now)) return 'offered'
  return hasLease(places, now) ? 'another' : 'free'
}

/** Whether the address is the client's by its row, live or ended. */
export function isOwn(exchange: Exchange4, client: ClientIdentity, address: Ipv4): boolean {
  const row = exchange.rowAt(address)
  return row !== undefined && isHeldBy(exchange.leases, row, client)
}

/** Whether the client has or had a lease on this link. */
function isKnown(places: Places): boolean {
  for (const { row } of places) if (row !== undefined) return true
  return false
}

/** Whether the client has a lease on this link. */
function hasLease(places: Places, now: Instant): boolean {
  for (const { row } of places) if (row !== undefined && isLive(row, now)) return true
  return false
}

/** The standing of an address that the configuration does not give to the client. */
function standingOfRefused(exchange: Exchange4, place: Place, address: Ipv4): Standing {
  if (isPromised(exchange, place, address)) return 'promised'
  const { subnet } = place
  const isReserved = exchange.plan.reservations.at(address, subnet).length > 0
  const isOurs = isReserved || subnet.poolOf(address) !== undefined
  return isOurs ? 'withheld' : 'unpooled'
}

function isPromised(exchange: Exchange4, place: Place, address: Ipv4): boolean {
  const { leases, now, classes } = exchange
  const { client, subnet } = place
  if (!subnet.isDynamic(address, classes) || isKept(exchange, place, address)) return false
  return leases.offerOf(client, subnet.id, now) === address
}

/** Whether the client may keep its address; not if its reserved one waits for it. */
function mayStay(exchange: Exchange4, places: Places, place: Place, address: Ipv4): boolean {
  if (!isAllowed(exchange, place, address)) return false
  return reservedAddress(place) === address || !isAwaited(exchange, places)
}

/**
 * Whether the client could have its reserved address, wherever on this link. Who has an address is
 * not moved to one that another identifier of its host has at present.
 */
function isAwaited(exchange: Exchange4, places: Places): boolean {
  for (const place of places) {
    const reserved = reservedAddress(place)
    if (reserved === 0 || !isObtainable(exchange, place, reserved)) continue
    if (!goesOver(exchange, place, reserved)) return true
  }
  return false
}
