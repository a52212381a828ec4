// Leases as whoever wants to know is told of them.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Key } from '../leases/keys/key.ts'
import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'
import { release } from '../leases/lifecycle.ts'
import type { Instant } from '../time/units.ts'
import type { LeaseAction } from './events.ts'

/** What time made of a lease. Undefined where a row is removed or emptied, which nobody is told. */
export function actionOfTime(change: Change<Key>): LeaseAction | undefined {
  if (change.kind === 'remove') return undefined
  return change.lease.state === LEASE_STATE.expired ? 'expired' : undefined
}

/** The lease of a host ends, since another of its identifiers gets the address. */
export function supersededBy<A extends Key>(row: Lease<A>, now: Instant): Change<A> {
  return { kind: 'put', lease: release(row, now, row.change) }
}

export function keyOf<A extends Key>(change: Change<A>): A {
  return change.kind === 'put' ? change.lease.address : change.address
}

type Holder = Pick<Lease<Key>, 'htype' | 'hwAddress' | 'clientId' | 'hostname'>

/** A declined row is nobody's: who declined it is told from the row before, once it is durable. */
export class DeclinedLeases<A extends Key = Ipv4> {
  readonly #former = new WeakMap<Lease<A>, Holder>()

  /** `former`: the row before, or who was found to have the address. */
  note(change: Change<A>, former: Holder): void {
    if (change.kind === 'put') this.#former.set(change.lease, former)
  }

  /** The lease as it is told: a declined one with its former holder. */
  told(lease: Lease<A>): Lease<A> {
    const former = this.#former.get(lease)
    if (former === undefined) return lease
    const { htype, hwAddress, clientId, hostname } = former
    return { ...lease, htype, hwAddress, clientId, hostname }
  }
}
