// The keys of a table in order, and walks over them.

import type { Family } from '../keys/family.ts'
import type { Key, Range } from '../keys/key.ts'
import type { KeySet, KeySpace } from '../keys/key-space.ts'
import { LEASE_STATE } from '../lease.ts'
import type { Rights } from '../rights.ts'
import type { LeaseRows } from './lease-rows.ts'
import { type LeaseAt, Refill, Walk, type Walked } from './walk.ts'

export class Listed<A extends Key> {
  readonly #family: Family<A>
  readonly #rows: LeaseRows<A>
  readonly #leaseAt: LeaseAt<A>
  readonly #sets: Record<Walked, KeySet<A>>

  constructor(family: Family<A>, space: KeySpace<A>, rows: LeaseRows<A>, leaseAt: LeaseAt<A>) {
    this.#family = family
    this.#rows = rows
    this.#leaseAt = leaseAt
    this.#sets = { rows: space.set(), leases: space.set(), unshared: space.set() }
  }

  has(address: A): boolean {
    return this.#sets.rows.has(address)
  }

  /** The address has a row from now on. */
  add(address: A): void {
    this.#sets.rows.add(address)
  }

  remove(address: A): void {
    this.#sets.rows.delete(address)
    this.#sets.unshared.delete(address)
  }

  noteLease(address: A, isLease: boolean): void {
    this.#sets.leases.set(address, isLease)
  }

  /** Keeps the set of what is unshared. */
  noteShared(address: A, row: number, rights: Rights): void {
    if (rights.kind !== 'keys') return
    const isAssigned = this.#rows.state(row) === LEASE_STATE.assigned
    const isUnshared = isAssigned && this.#rows.keys(row, rights) === 2
    if (isUnshared !== this.#sets.unshared.has(address))
      this.#sets.unshared.set(address, isUnshared)
  }

  /** Keys count otherwise from now on: noteShared is called for each row. */
  forgetShared(): void {
    this.#sets.unshared.clear()
  }

  walk(walked: Walked, range?: Range<A>, behind?: A): Walk<A> {
    return new Walk(this.#family, this.#sets[walked], this.#leaseAt, range, behind)
  }

  refill(): Refill<A> {
    return new Refill(this.#family, this.#sets.rows, this.#leaseAt)
  }
}
