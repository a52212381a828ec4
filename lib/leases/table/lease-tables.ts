// The leases of this server, a table a family. Whoever works on leases of either asks for the table
// of a key: they are alike but for their keys.
//
// A table is made when something is to be kept in it, so that a server of one family has one.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Prefix6 } from '../../address/prefix6.ts'
import type { Seconds } from '../../time/units.ts'
import { type Key, versionOf } from '../keys/key.ts'
import type { Change } from '../lease.ts'
import { FIELD, RECORD } from '../record.ts'
import { ALONE, type Rights } from '../rights.ts'
import type { LeaseTable } from './lease-table.ts'
import { leaseTable4 } from './lease-table4.ts'
import { leaseTable6 } from './lease-table6.ts'

/** A table of either family: only keys of its own are put into it. */
export type AnyTable = LeaseTable<Key>

export class LeaseTables {
  readonly #seed: number
  readonly #made: AnyTable[] = []
  #v4: LeaseTable<Ipv4> | undefined
  #v6: LeaseTable<Prefix6> | undefined
  #rights: Rights = ALONE
  #isSharing = false

  /** `seed` makes hashes unpredictable to clients; any 32-bit number. */
  constructor(seed: number) {
    this.#seed = seed
  }

  get v4(): LeaseTable<Ipv4> {
    this.#v4 ??= this.#with(leaseTable4(this.#seed))
    return this.#v4
  }

  get v6(): LeaseTable<Prefix6> {
    this.#v6 ??= this.#with(leaseTable6(this.#seed))
    return this.#v6
  }

  /** Those that there are. */
  get all(): readonly AnyTable[] {
    return this.#made
  }

  /** The table that has the leases with such keys. */
  of(key: Key): AnyTable {
    return this.ofFamily(versionOf(key))
  }

  ofFamily(family: 4 | 6): AnyTable {
    return family === 4 ? anyTable(this.v4) : anyTable(this.v6)
  }

  /** The only way a lease changes while the server serves. */
  apply(change: Change<Key>): void {
    this.of(change.kind === 'put' ? change.lease.address : change.address).apply(change)
  }

  /** Leases of both families, in whatever state. */
  get size(): number {
    return this.#made.reduce((sum, { size }) => sum + size, 0)
  }

  /** What this server may give. */
  get rights(): Rights {
    return this.#rights
  }

  setRights(rights: Rights): void {
    this.#rights = rights
    for (const table of this.#made) table.setRights(rights)
  }

  /** Whether keys can go to the partner now. */
  setSharing(isSharing: boolean): void {
    this.#isSharing = isSharing
    for (const table of this.#made) table.setSharing(isSharing)
  }

  /** Records of the journal, all of one family. */
  load(records: Uint8Array): void {
    if (records.length > 0) this.ofFamily(isOf6(records[FIELD.kind]!) ? 6 : 4).load(records)
  }

  /** Completes the indexes after `load`. */
  completeIndexes(): void {
    for (const table of this.#made) table.completeIndexes()
  }

  /** The longest lifetime of any lease. */
  longestLifetime(): Seconds {
    return this.#made.reduce((most, { lifetimes }) => Math.max(most, lifetimes.longest()), 0)
  }

  #with<A extends Key>(table: LeaseTable<A>): LeaseTable<A> {
    table.setRights(this.#rights)
    table.setSharing(this.#isSharing)
    this.#made.push(anyTable(table))
    return table
  }
}

function isOf6(kind: number): boolean {
  return kind === RECORD.put6 || kind === RECORD.remove6
}

function anyTable<A extends Key>(table: LeaseTable<A>): AnyTable {
  return table as unknown as AnyTable
}
