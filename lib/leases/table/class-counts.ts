// How many leases clients of a class have: what limits a class asks. A lease says itself in which
// limited classes its client was when it was given, so that the counts are right after a start.

import type { Ipv4 } from '../../address/ipv4.ts'
import { type Family, isPrefix } from '../keys/family.ts'
import type { Key } from '../keys/key.ts'
import { LEASE_STATE } from '../lease.ts'
import { classesIn } from '../lease-classes.ts'
import type { LeaseRows } from './lease-rows.ts'

/** Whose leases are counted. */
export interface CountedClass {
  readonly name: string
  /** How names of further classes begin that are counted each by itself, '' = of none. */
  readonly spawns: string
}

export class ClassCounts<A extends Key = Ipv4> {
  readonly #rows: LeaseRows<A>
  readonly #family: Family<A>
  /** By name; undefined: nobody asks, and no row is looked at. */
  #counts: Map<string, number> | undefined
  /** The same of delegated prefixes, which #counts leaves out. */
  readonly #prefixes = new Map<string, number>()
  /** By name, the classes that are counted. */
  #followed: ReadonlyMap<string, string> = new Map()
  #spawns: readonly string[] = []

  constructor(rows: LeaseRows<A>, family: Family<A>) {
    this.#rows = rows
    this.#family = family
  }

  /** These classes are counted, and no others. Walks over all rows where they are new. */
  follow(classes: readonly CountedClass[]): void {
    const followed = new Map(classes.map(({ name, spawns }) => [name, spawns]))
    const former = this.#followed
    if (
      followed.size === former.size &&
      classes.every(({ name, spawns }) => former.get(name) === spawns)
    )
      return
    this.#followed = followed
    this.#spawns = classes.flatMap(({ spawns }) => (spawns === '' ? [] : [spawns]))
    this.#counts = followed.size === 0 ? undefined : new Map()
    this.#prefixes.clear()
    if (this.#counts === undefined) return
    for (let row = 0; row < this.#rows.store.end; row++)
      if (this.#rows.isUsed(row)) this.#add(row, 1)
  }

  /** Addresses of clients that were in the class; 0 where it is not counted. */
  of(name: string): number {
    return this.#counts?.get(name) ?? 0
  }

  /** The same of delegated prefixes. */
  prefixesOf(name: string): number {
    return this.#prefixes.get(name) ?? 0
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
    const { address, userContext } = this.#rows.lease(row, undefined)
    const counts = isPrefix(this.#family, address) ? this.#prefixes : this.#counts!
    for (const name of classesIn(userContext)) {
      if (!this.#isCounted(name)) continue
      const count = (counts.get(name) ?? 0) + amount
      // Values are many, and come and go.
      if (count === 0) counts.delete(name)
      else counts.set(name, count)
    }
  }

  #isCounted(name: string): boolean {
    if (this.#followed.has(name)) return true
    return this.#spawns.some((spawns) => name.startsWith(spawns))
  }
}
