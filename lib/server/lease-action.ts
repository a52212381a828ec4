// What a change of a lease means to the outside.

import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { LeaseAction } from './events.ts'

export class LeaseActions {
  /** A declined row is nobody's: who declined it is told from the row before, once it is durable. */
  readonly #former = new WeakMap<Lease, Lease>()

  /** Asked before the change is applied. Undefined where a row is removed or emptied, which nobody is told. */
  of(change: Change, table: LeaseTable): LeaseAction | undefined {
    if (change.kind === 'remove' || change.lease.state === LEASE_STATE.free) return undefined
    const { lease } = change
    if (lease.state === LEASE_STATE.released) return 'released'
    const former = table.byAddress(lease.address)
    if (lease.state === LEASE_STATE.declined) {
      if (former !== undefined) this.#former.set(lease, former)
      return 'declined'
    }
    if (lease.state === LEASE_STATE.expired) return 'expired'
    const isHolder = former?.state === LEASE_STATE.assigned && table.belongsTo(former, lease)
    return isHolder ? 'renewed' : 'granted'
  }

  /** The lease as it is told: a declined one with its former holder. */
  told(lease: Lease): Lease {
    const former = this.#former.get(lease)
    if (former === undefined) return lease
    const { htype, hwAddress, clientId, hostname } = former
    return { ...lease, htype, hwAddress, clientId, hostname }
  }
}
