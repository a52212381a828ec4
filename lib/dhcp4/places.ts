// Where a client may have its lease. Subnets may share a link (Kea: shared-networks). The query
// selects one of them; the client may have its lease, its reservation or a free address in any that
// admits it. Where several would do, the selected one goes first, then the ones with the next
// higher ids, then those from the lowest id on (as in Kea).
//
// Prefixes and pools of one network may overlap. By which subnet an address is judged is decided
// here alone, so that what one message was promised is judged in the same way at the next.

import { type Ipv4, prefixContains } from '../address/ipv4.ts'
import type { ClassSet } from '../classify/class-set.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { settleClasses } from '../dhcp/client-classes.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place, Places } from './place.ts'

/**
 * The places of the client once a subnet is selected for it. With the reservations there its
 * classes are settled, which may open and close subnets beside it.
 */
export function placesOf(exchange: Exchange4, selected: Subnet4): Places {
  const places = placesFrom(exchange, selected)
  exchange.places = places
  return places
}

function placesFrom(exchange: Exchange4, selected: Subnet4): Places {
  const { network } = selected
  if (network === undefined) {
    const places = alone(exchange, selected)
    settleClasses(exchange, places)
    return places
  }
  const reach = selected.reachFor(exchange.classes)
  const places = exchange.sharedPlaces.in(network, reach.subnets)
  settleClasses(exchange, places)
  const settled = selected.reachFor(exchange.classes)
  return settled === reach ? places : exchange.sharedPlaces.in(network, settled.subnets)
}

function alone(exchange: Exchange4, subnet: Subnet4): Places {
  const { lonePlace } = exchange
  lonePlace.subnet = subnet
  lonePlace.client = exchange.clientIn(subnet)
  lonePlace.reservation = exchange.reservationIn(subnet)
  lonePlace.row = exchange.rowIn(subnet)
  return exchange.lonePlaces
}

/**
 * The place that an address is judged by: where it is reserved for the client, else where it is in
 * a pool (of several: where the client has it), else whose prefix holds it, else the selected one.
 * A prefix alone says little: the pool that holds the address may be another subnet's.
 */
export function placeOf(exchange: Exchange4, places: Places, address: Ipv4): Place {
  return places.length === 1 ? places[0]! : placeAmong(exchange, places, address)
}

function placeAmong({ classes }: Exchange4, places: Places, address: Ipv4): Place {
  for (const place of places) if (place.reservation?.address === address) return place
  let pooled: Place | undefined
  for (const place of places) {
    // Pools lie in the prefix, which is asked with less effort.
    if (!isInSubnet(place.subnet, address) || !place.subnet.isDynamic(address, classes)) continue
    if (place.row?.address === address) return place
    pooled ??= place
  }
  if (pooled !== undefined) return pooled
  for (const place of places) if (isInSubnet(place.subnet, address)) return place
  return places[0]!
}

/** The subnet that an address without a client is judged by, in the same way. */
export function subnetOfAddress(selected: Subnet4, classes: ClassSet, address: Ipv4): Subnet4 {
  if (selected.network === undefined) return selected
  const { subnets } = selected.reachFor(classes)
  return (
    subnets.find((each) => each.isDynamic(address, classes)) ??
    subnets.find((each) => isInSubnet(each, address)) ??
    selected
  )
}

export function isInSubnet({ prefix }: Subnet4, address: Ipv4): boolean {
  return prefixContains(prefix, address)
}
