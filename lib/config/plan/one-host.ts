// Whether a lease is of the host that a reservation describes by several identifiers.

import type { ClientIdentity, Lease } from '../../leases/lease.ts'
import { type Identifier4, knownAs } from './known4.ts'
import type { Plan4, Reservation4 } from './plan4.ts'

/**
 * Whether the reservation lists several identifiers, and one of them is this client's. Of a client
 * by circuit-id or flex-id no lease tells.
 */
export function isOneOfSeveral({ identifiers }: Reservation4, client: ClientIdentity): boolean {
  if (identifiers.length < 2) return false
  const known = knownAs(client)
  return identifiers.some(({ kind, value }: Identifier4) => known.knownBy(kind) === value)
}

/** Whether another identifier of the same host may take the address over, or may have had it. */
export function isOfSeveral(plan: Plan4, { address, subnetId, ...client }: Lease): boolean {
  const subnet = plan.subnetById(subnetId)
  if (subnet === undefined) return false
  return plan.reservations.at(address, subnet).some((one) => isOneOfSeveral(one, client))
}
