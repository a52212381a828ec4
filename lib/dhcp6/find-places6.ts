// Where a client may have its leases. Subnets may share a link (Kea: shared-networks): the query
// selects one of them; the client may have its leases, its reservation, or free addresses and
// prefixes in any that admits it. Where several would do, the selected one goes first, then the
// ones with the next higher ids, then those from the lowest id on (as in Kea).

import type { Subnet6 } from '../config/plan/plan6.ts'
import { settleClasses } from '../dhcp/client-classes.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Places6 } from './place6.ts'

/**
 * The places of the client once a subnet is selected for it. With the reservations there its
 * classes are settled, which may open and close subnets beside it.
 */
export function placesOf(exchange: Exchange6, selected: Subnet6): Places6 {
  const { classes } = exchange
  const reach = selected.reachFor(classes)
  let places = placesIn(exchange, reach.subnets)
  settleClasses(exchange, places)
  const settled = exchange.program === undefined ? reach : selected.reachFor(classes)
  if (settled !== reach) places = placesIn(exchange, settled.subnets)
  exchange.places = places
  return places
}

function placesIn(exchange: Exchange6, subnets: readonly Subnet6[]): Places6 {
  if (subnets.length === 1) {
    const subnet = subnets[0]!
    return [{ subnet, reservation: exchange.reservationIn(subnet) }]
  }
  return subnets.map((subnet) => ({ subnet, reservation: exchange.reservationIn(subnet) }))
}
