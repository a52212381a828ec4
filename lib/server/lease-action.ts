// What a change of a lease means to the outside.

import { type Change, LEASE_STATE } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/lease-table.ts'
import type { LeaseAction } from './events.ts'

/** Asked before the change is applied. Undefined for the removal of a row, which nobody is told. */
export function actionOf(change: Change, table: LeaseTable): LeaseAction | undefined {
  if (change.kind === 'remove') return undefined
  const { lease } = change
  if (lease.state === LEASE_STATE.released) return 'released'
  if (lease.state === LEASE_STATE.declined) return 'declined'
  if (lease.state === LEASE_STATE.expired) return 'expired'
  const former = table.byAddress(lease.address)
  const isHolder = former?.state === LEASE_STATE.assigned && table.belongsTo(former, lease)
  return isHolder ? 'renewed' : 'granted'
}
