// How many leases each subnet, and each of its pools, has in each state, for statistics.

import type { Key } from '../keys/key.ts'
import { LEASE_STATE, type LeaseState } from '../lease.ts'
import { FIELD, RECORD } from '../record.ts'
import type { LeaseRows } from './lease-rows.ts'

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

export type PoolCounts = Pick<SubnetCounts, 'assigned' | 'declined'>

type Counts = Int32Array

interface Place {
  readonly all: Counts
  /**
   * By id of the pool, addresses and prefixes apart: what is of pool 0 is what is left. Undefined
   * while nothing is of another one.
   */
  pools: Map<number, Counts> | undefined
  prefixPools: Map<number, Counts> | undefined
}

export class LeaseCounts {
  /** By subnet id. Subnets without leases are not kept. */
  readonly #places = new Map<number, Place>()
  readonly #all: Counts = new Int32Array(STATES + 1)

  add(
    subnetId: number,
    poolId: number,
    state: LeaseState,
    isPrefix: boolean,
    amount: 1 | -1,
  ): void {
    const place = this.#placeOf(subnetId)
    count(this.#all, state, isPrefix, amount)
    count(place.all, state, isPrefix, amount)
    if (poolId !== 0) count(poolIn(place, poolId, isPrefix), state, isPrefix, amount)
    if (amount < 0 && isZero(place.all)) this.#places.delete(subnetId)
  }

  /** Of all subnets, configured or not. */
  get all(): SubnetCounts {
    return told(this.#all)
  }

  of(subnetId: number): SubnetCounts {
    return told(this.#places.get(subnetId)?.all)
  }

  /** Rows say the id of their pool, 0 also where they are in none. */
  ofPool(subnetId: number, poolId: number, isPrefix: boolean): PoolCounts {
    const place = this.#places.get(subnetId)
    const pools = isPrefix ? place?.prefixPools : place?.pools
    if (poolId !== 0) return toldOfPool(pools?.get(poolId))
    const { assigned, prefixes, declined } = told(place?.all)
    const rest = isPrefix
      ? { assigned: prefixes, declined: 0 }
      : { assigned: assigned - prefixes, declined }
    for (const other of pools?.values() ?? []) {
      rest.assigned -= other[LEASE_STATE.assigned]!
      rest.declined -= other[LEASE_STATE.declined]!
    }
    return rest
  }

  #placeOf(subnetId: number): Place {
    const known = this.#places.get(subnetId)
    if (known !== undefined) return known
    const place = { all: new Int32Array(STATES + 1), pools: undefined, prefixPools: undefined }
    this.#places.set(subnetId, place)
    return place
  }
}

type Rows = Pick<LeaseRows<Key>, 'poolId' | 'state' | 'subnetId' | 'validLifetime'>

/** Whether the record that will replace the row counts where the row does. */
export function isCountedAs(rows: Rows, row: number, view: DataView, at: number): boolean {
  if ((view.getUint8(at + FIELD.flags) & RECORD.stateMask) !== rows.state(row)) return false
  if (view.getUint32(at + FIELD.poolId, true) !== rows.poolId(row)) return false
  if (view.getUint32(at + FIELD.subnetId, true) !== rows.subnetId(row)) return false
  // What was erased is told by its lifetime.
  const isZero = view.getUint32(at + FIELD.validLifetime, true) === 0
  return isZero === (rows.validLifetime(row) === 0)
}

function count(counts: Counts, state: LeaseState, isPrefix: boolean, amount: 1 | -1): void {
  counts[state]! += amount
  if (isPrefix && state === LEASE_STATE.assigned) counts[PREFIXES]! += amount
}

function poolIn(place: Place, poolId: number, isPrefix: boolean): Counts {
  place.pools ??= new Map()
  place.prefixPools ??= new Map()
  const pools = isPrefix ? place.prefixPools : place.pools
  const known = pools.get(poolId)
  if (known !== undefined) return known
  const counts = new Int32Array(STATES + 1)
  pools.set(poolId, counts)
  return counts
}

function toldOfPool(counts: Counts | undefined): PoolCounts {
  return {
    assigned: counts?.[LEASE_STATE.assigned] ?? 0,
    declined: counts?.[LEASE_STATE.declined] ?? 0,
  }
}

function told(counts: Counts | undefined): SubnetCounts {
  return {
    assigned: counts?.[LEASE_STATE.assigned] ?? 0,
    prefixes: counts?.[PREFIXES] ?? 0,
    declined: counts?.[LEASE_STATE.declined] ?? 0,
    expired: counts?.[LEASE_STATE.expired] ?? 0,
    released: counts?.[LEASE_STATE.released] ?? 0,
    registered: counts?.[LEASE_STATE.registered] ?? 0,
  }
}

function isZero(counts: Counts): boolean {
  return (counts[0]! | counts[1]! | counts[2]! | counts[3]! | counts[5]!) === 0
}
