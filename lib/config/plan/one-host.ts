// Whether a lease is of the host that a reservation describes by several identifiers.

import { duidOf } from '../../leases/binding.ts'
import type { ClientIdentity, Lease, Lease6 } from '../../leases/lease.ts'
import { type Identifier4, knownAs } from './known4.ts'
import type { Identifier6 } from './known6.ts'
import type { Plan4, Reservation4 } from './plan4.ts'
import type { Plan6 } from './plan6.ts'

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

/**
 * The same of DHCPv6, where a host may come with another DUID or IAID while its reservation names
 * one identifier.
 */
export function isOfSeveral6(plan: Plan6, lease: Lease6): boolean {
  const subnet = plan.subnetById(lease.subnetId)
  if (subnet === undefined) return false
  const { hwAddress } = lease
  const duid = duidOf(lease)
  const isIts = ({ kind, value }: Identifier6) =>
    kind === 'duid' ? value === duid : kind === 'hw-address' && value === hwAddress
  return plan.reservations
    .at(lease.address, subnet)
    .some(({ identifiers }) => identifiers.some(isIts))
}
