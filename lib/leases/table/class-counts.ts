// How many leases clients of a class have: what limits a class asks. A lease says itself in which
// limited classes its client was when it was given, so that the counts are right after a start.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Key } from '../keys/key.ts'
import { LEASE_STATE } from '../lease.ts'
import { classesIn } from '../lease-classes.ts'
import type { LeaseRows } from './lease-rows.ts'

export class ClassCounts<A extends Key = Ipv4> {
  readonly #rows: LeaseRows<A>
  /** By name; undefined: nobody asks, and no row is looked at. */
  #counts: Map<string, number> | undefined

  constructor(rows: LeaseRows<A>) {
    this.#rows = rows
  }

  /** These classes are counted, and no others. Walks over all rows where they are new. */
  follow(classes: readonly { readonly name: string }[]): void {
    const counts = new Map(classes.map(({ name }) => [name, 0]))
    const former = this.#counts
    if (counts.size === (former?.size ?? 0) && classes.every(({ name }) => former?.has(name)))
      return
    this.#counts = counts.size === 0 ? undefined : counts
    if (this.#counts === undefined) return
    for (let row = 0; row < this.#rows.store.end; row++)
      if (this.#rows.isUsed(row)) this.#add(row, 1)
  }

  /** Leases of clients that were in the class; 0 where it is not counted. */
  of(name: string): number {
    return this.#counts?.get(name) ?? 0
  }

  /** The row says from now on what it says. */
  enter(row: number): void {
    if (this.#counts !== undefined) this.#add(row, 1)
  }

  /** The row is about to say something else. */
  leave(row: number): void {
    if (this.#counts !== undefined) this.#add(row, -1)
  }

  #add(row: number, amount: 1 | -1): void {
    if (this.#rows.state(row) !== LEASE_STATE.assigned) return
    const counts = this.#counts!
    for (const name of classesIn(this.#rows.lease(row, undefined).userContext)) {
      const count = counts.get(name)
      if (count !== undefined) counts.set(name, count + amount)
    }
  }
}
