// The leases of this server, a table a family. Whoever works on leases of either asks for the table
// of a key: they are alike but for their keys.
//
// A table is made when something is to be kept in it, so that a server of one family has one. Rows
// of a family that the file does not name are kept all the same: the partner may serve it.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Prefix6 } from '../../address/prefix6.ts'
import type { Seconds } from '../../time/units.ts'
import { type Key, versionOf } from '../keys/key.ts'
import type { Change } from '../lease.ts'
import { RECORD } from '../record.ts'
import { ALONE, type Rights } from '../rights.ts'
import type { LeaseTable } from './lease-table.ts'
import { leaseTable4 } from './lease-table4.ts'
import { leaseTable6 } from './lease-table6.ts'

/** A table of either family: only keys of its own are put into it. */
export type AnyTable = LeaseTable<Key>

export class LeaseTables {
  readonly #seed: number
  #v4: LeaseTable<Ipv4> | undefined
  #v6: LeaseTable<Prefix6> | undefined
  #rights: Rights = ALONE
  /** Families whose keys can go to the partner now. */
  #shared: readonly (4 | 6)[] = []

  /** `seed` makes hashes unpredictable to clients; any 32-bit number. */
  constructor(seed: number) {
    this.#seed = seed
  }

  get v4(): LeaseTable<Ipv4> {
    this.#v4 ??= this.#begun(leaseTable4(this.#seed), 4)
    return this.#v4
  }

  get v6(): LeaseTable<Prefix6> {
    this.#v6 ??= this.#begun(leaseTable6(this.#seed), 6)
    return this.#v6
  }

  /** The tables that there are. */
  get all(): readonly AnyTable[] {
    return this.#made.map((family) => this.ofFamily(family))
  }

  /** The table that has the leases with such keys. */
  of(key: Key): AnyTable {
    return this.ofFamily(versionOf(key))
  }

  /** A table knows keys of its own alone, and whoever asks for one by its key has no others. */
  ofFamily(family: 4 | 6): AnyTable {
    return (family === 4 ? this.v4 : this.v6) as unknown as AnyTable
  }

  /** The only way a lease changes while the server serves. */
  apply(change: Change<Key>): void {
    this.of(change.kind === 'put' ? change.lease.address : change.address).apply(change)
  }

  /** Families that there are rows of. */
  get held(): readonly (4 | 6)[] {
    return this.#made.filter((family) => this.ofFamily(family).walk('rows').next(1).length > 0)
  }

  /** Leases of both families, in whatever state. */
  get size(): number {
    return (this.#v4?.size ?? 0) + (this.#v6?.size ?? 0)
  }

  /** What this server may give. */
  get rights(): Rights {
    return this.#rights
  }

  setRights(rights: Rights): void {
    this.#rights = rights
    for (const table of this.all) table.setRights(rights)
  }

  /** Of which families keys can go to the partner from now on. */
  setShared(families: readonly (4 | 6)[]): void {
    this.#shared = families
    for (const family of this.#made) this.ofFamily(family).setSharing(families.includes(family))
  }

  /** Records of the journal, all of one family. */
  load(records: Uint8Array): void {
    if (records.length === 0) return
    if (records[0] === RECORD.put || records[0] === RECORD.remove) this.v4.load(records)
    else this.v6.load(records)
  }

  /** Completes the indexes after `load`. */
  completeIndexes(): void {
    for (const table of this.all) table.completeIndexes()
  }

  /** The longest lifetime of any lease. */
  longestLifetime(): Seconds {
    return this.all.reduce((most, { lifetimes }) => Math.max(most, lifetimes.longest()), 0)
  }

  get #made(): readonly (4 | 6)[] {
    const made: (4 | 6)[] = []
    if (this.#v4 !== undefined) made.push(4)
    if (this.#v6 !== undefined) made.push(6)
    return made
  }

  #begun<A extends Key>(table: LeaseTable<A>, family: 4 | 6): LeaseTable<A> {
    table.setRights(this.#rights)
    table.setSharing(this.#shared.includes(family))
    return table
  }
}
