// How many leases each subnet has in each state, for statistics.

import { LEASE_STATE, type LeaseState } from '../lease.ts'

/** Numbers of states; no lease is counted in that of free rows. */
const STATES = 6

/** Behind them: prefixes of the assigned ones. */
const PREFIXES = STATES

export interface SubnetCounts {
  readonly assigned: number
  /** Those of them that are delegated prefixes. */
  readonly prefixes: number
  readonly declined: number
  readonly expired: number
  readonly released: number
  readonly registered: number
}

export class LeaseCounts {
  /** By subnet id, then by state. Subnets without leases are not kept. */
  readonly #counts = new Map<number, Int32Array>()

  add(subnetId: number, state: LeaseState, isPrefix: boolean, amount: 1 | -1): void {
    const counts = this.#countsOf(subnetId)
    counts[state]! += amount
    if (isPrefix && state === LEASE_STATE.assigned) counts[PREFIXES]! += amount
    if (amount < 0 && isZero(counts)) this.#counts.delete(subnetId)
  }

  of(subnetId: number): SubnetCounts {
    const counts = this.#counts.get(subnetId)
    return {
      assigned: counts?.[LEASE_STATE.assigned] ?? 0,
      prefixes: counts?.[PREFIXES] ?? 0,
      declined: counts?.[LEASE_STATE.declined] ?? 0,
      expired: counts?.[LEASE_STATE.expired] ?? 0,
      released: counts?.[LEASE_STATE.released] ?? 0,
      registered: counts?.[LEASE_STATE.registered] ?? 0,
    }
  }

  #countsOf(subnetId: number): Int32Array {
    const known = this.#counts.get(subnetId)
    if (known !== undefined) return known
    const counts = new Int32Array(STATES + 1)
    this.#counts.set(subnetId, counts)
    return counts
  }
}

function isZero(counts: Int32Array): boolean {
  return (counts[0]! | counts[1]! | counts[2]! | counts[3]! | counts[5]!) === 0
}
