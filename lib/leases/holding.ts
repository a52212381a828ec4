// Whose a lease is, and how much of it is left.

import { INFINITE_LIFETIME, type Instant, type Seconds } from '../time/units.ts'
import type { Key } from './keys/key.ts'
import { type ClientIdentity, LEASE_STATE, type Lease } from './lease.ts'
import type { LeaseView } from './view.ts'

/** Whether the row was given to this client; declined and free rows belong to nobody. */
export function isHeldBy<A extends Key>(
  leases: LeaseView<A>,
  row: Lease<A>,
  client: ClientIdentity,
): boolean {
  if (row.state === LEASE_STATE.declined || row.state === LEASE_STATE.free) return false
  return leases.belongsTo(row, client)
}

/** Whether the holder of the row may use the address at this moment. */
export function isLive<A extends Key>(row: Lease<A>, now: Instant): boolean {
  return row.state === LEASE_STATE.assigned && now < row.end
}

/** Whole seconds of a lease that are left by what its client was told last. */
export function toldLeft<A extends Key>({ start, validLifetime }: Lease<A>, now: Instant): Seconds {
  if (validLifetime === INFINITE_LIFETIME) return INFINITE_LIFETIME
  return Math.max(0, Math.floor((start + validLifetime * 1000 - now) / 1000))
}
