// Subnets that share a link (Kea: shared-networks). The query selects one of them; the client may have its
// lease, its reservation or a free address in any that admits it. Where several would do, the selected one
// goes first, then the ones with the next higher ids, then those from the lowest id on (as in Kea).
//
// Prefixes and pools of one network may overlap. By which subnet an address is judged is decided here alone, so that
// what one message was promised is judged in the same way at the next.

import { type Ipv4, maskOfLength } from '../address/ipv4.ts'
import type { ClassSet } from '../classify/class-set.ts'
import type { Reservation4, Subnet4 } from '../config/plan/plan4.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'
import type { Exchange4 } from './exchange4.ts'
import { isLive } from './holder.ts'
import { identify } from './identify.ts'

/** What the client is in one subnet: see identify. */
export interface Place {
  readonly subnet: Subnet4
  readonly client: ClientIdentity
  readonly reservation: Reservation4 | undefined
  readonly row: Lease | undefined
}

export function isInSubnet({ prefix }: Subnet4, address: Ipv4): boolean {
  return (address & maskOfLength(prefix.length)) >>> 0 === prefix.address
}

/** The subnet of these that an address without a client is judged by: see placeOf. */
export function subnetOfAddress(subnet: Subnet4, classes: ClassSet, address: Ipv4): Subnet4 {
  if (subnet.network === undefined) return subnet
  const subnets = subnet.reachFor(classes).subnets
  return (
    subnets.find((each) => each.isDynamic(address, classes)) ??
    subnets.find((each) => isInSubnet(each, address)) ??
    subnet
  )
}

/**
 * Notes who the client is in the selected subnet and, in a shared network, in the others: exchange.places,
 * empty for a subnet on its own.
 */
export function survey(exchange: Exchange4, subnet: Subnet4): void {
  if (subnet.network === undefined) return identify(exchange, subnet)
  exchange.places = subnet.reachFor(exchange.classes).subnets.map((each) => placeIn(exchange, each))
  enter(exchange, exchange.places[0]!)
}

function placeIn(exchange: Exchange4, subnet: Subnet4): Place {
  identify(exchange, subnet)
  const { client, reservation, row } = exchange
  return { subnet, client, reservation, row }
}

/** Makes a surveyed subnet the one that the following steps are about. */
export function enter(exchange: Exchange4, place: Place): void {
  exchange.subnet = place.subnet
  exchange.client = place.client
  exchange.reservation = place.reservation
  exchange.row = place.row
}

/**
 * The subnet that an address is judged by: where it is reserved for the client, else where it is in a pool (of
 * several: where the client has it), else whose prefix holds it, else the selected one. A prefix alone says
 * little: the pool that holds the address may be another subnet's.
 */
function placeOf({ places, classes }: Exchange4, address: Ipv4): Place {
  const isPooled = ({ subnet }: Place) => subnet.isDynamic(address, classes)
  return (
    places.find(({ reservation }) => reservation?.address === address) ??
    places.find((place) => place.row?.address === address && isPooled(place)) ??
    places.find(isPooled) ??
    places.find(({ subnet }) => isInSubnet(subnet, address)) ??
    places[0]!
  )
}

/**
 * Enters the subnet that the address is judged by. The row of the client is then a live one of the network if there
 * is any, else the one in that subnet, else any.
 */
export function enterAt(exchange: Exchange4, address: Ipv4): void {
  const { places, now } = exchange
  const here = placeOf(exchange, address)
  enter(exchange, here)
  const rows = places.map(({ row }) => row)
  const live = rows.find((row) => row !== undefined && isLive(row, now))
  exchange.row = live ?? here.row ?? rows.find((row) => row !== undefined)
}
