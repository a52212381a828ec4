// Leases as whoever wants to know is told of them.

import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { LeaseAction } from './events.ts'

/** What time made of a lease. Undefined where a row is removed or emptied, which nobody is told. */
export function actionOfTime(change: Change): LeaseAction | undefined {
  if (change.kind === 'remove') return undefined
  return change.lease.state === LEASE_STATE.expired ? 'expired' : undefined
}

type Holder = Pick<Lease, 'htype' | 'hwAddress' | 'clientId' | 'hostname'>

/** A declined row is nobody's: who declined it is told from the row before, once it is durable. */
export class DeclinedLeases {
  readonly #former = new WeakMap<Lease, Holder>()

  /** `former`: the row before, or who was found to have the address. */
  note(change: Change, former: Holder): void {
    if (change.kind === 'put') this.#former.set(change.lease, former)
  }

  /** The lease as it is told: a declined one with its former holder. */
  told(lease: Lease): Lease {
    const former = this.#former.get(lease)
    if (former === undefined) return lease
    const { htype, hwAddress, clientId, hostname } = former
    return { ...lease, htype, hwAddress, clientId, hostname }
  }
}
