// An address that somebody was found to use without a lease.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { Change } from '../leases/lease.ts'
import { occupied } from '../leases/lifecycle.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Instant } from '../time/units.ts'

/**
 * It is declined, if it is nobody's by now and this server's to give: what the partner may have
 * given meanwhile, that client may use. Who uses a reserved address is the operator's affair.
 */
export function occupiedAddress(
  plan: Plan4,
  table: LeaseTable,
  address: Ipv4,
  subnetId: number,
  now: Instant,
  nextChange: () => number,
): Change | undefined {
  const subnet = plan.subnetById(subnetId)
  if (subnet === undefined || plan.reservations.at(address, subnet).length > 0) return undefined
  const row = table.byAddress(address)
  if (!table.mayGive(address, row, now)) return undefined
  const probation = plan.declineProbation
  return { kind: 'put', lease: occupied(address, row, subnetId, now, probation, nextChange()) }
}
