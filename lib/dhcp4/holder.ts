// Whose is a row, and may its client use the address?

import type { Ipv4 } from '../address/ipv4.ts'
import { type ClientIdentity, LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { LeaseView } from '../leases/view.ts'
import type { Instant } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'
import { identityIn, namedIdentity } from './identify.ts'

/** Whether the row was given to this client; declined and free rows belong to nobody. */
export function isHeldBy(leases: LeaseView, row: Lease, client: ClientIdentity): boolean {
  if (row.state === LEASE_STATE.declined || row.state === LEASE_STATE.free) return false
  return leases.belongsTo(row, client)
}

/** Whether the holder of the row may use the address at this moment. */
export function isLive(row: Lease, now: Instant): boolean {
  return row.state === LEASE_STATE.assigned && now < row.end
}

/**
 * The row that a RELEASE or DECLINE is about, if its sender holds or held the address. The row names its
 * subnet, so it plays no part where the message came from; a subnet that no longer exists matches client
 * identifiers.
 */
export function rowOfHolder(exchange: Exchange4, address: Ipv4): Lease | undefined {
  const { leases, plan, query } = exchange
  const row = exchange.rowAt(address)
  if (row === undefined) return undefined
  const matchClientId = plan.subnetById(row.subnetId)?.matchClientId ?? true
  const client = identityIn(namedIdentity(query), matchClientId)
  return isHeldBy(leases, row, client) ? row : undefined
}
