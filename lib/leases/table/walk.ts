// Leases in the order of their addresses, a few at a time: nobody outside of this room counts
// addresses. What comes, goes or changes ahead of a walk is met as it is by then.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Family } from '../keys/family.ts'
import type { Key, Range } from '../keys/key.ts'
import type { KeySet } from '../keys/key-space.ts'
import type { Lease } from '../lease.ts'

/**
 * rows: all, free ones too. leases: what is not free. unshared: leases of which this server of a
 * pair has both keys.
 */
export type Walked = 'rows' | 'leases' | 'unshared'

export type LeaseAt<A extends Key> = (address: A) => Lease<A>

export class Walk<A extends Key = Ipv4> {
  readonly #family: Family<A>
  readonly #addresses: KeySet<A>
  readonly #leaseAt: LeaseAt<A>
  readonly #last: A
  /** Where it goes on; may lie behind the last. */
  #from: A

  /** Begins with the address after `behind` where that is one of the range, else with the first. */
  constructor(
    family: Family<A>,
    addresses: KeySet<A>,
    leaseAt: LeaseAt<A>,
    range?: Range<A>,
    behind?: A,
  ) {
    const { first, last } = range ?? family.all
    const isWithin = behind !== undefined && first <= behind && behind < last
    this.#family = family
    this.#addresses = addresses
    this.#leaseAt = leaseAt
    this.#from = isWithin ? family.after(behind) : first
    this.#last = last
  }

  /** The next ones, at most `limit` of them; none when there are no more. */
  next(limit: number): Lease<A>[] {
    const leases: Lease<A>[] = []
    while (leases.length < limit) {
      const address = this.#addresses.nextSet(this.#from, this.#last)
      if (address === undefined) break
      leases.push(this.#leaseAt(address))
      this.#from = this.#family.after(address)
    }
    return leases
  }
}

/**
 * Every row comes from a server that knows all, in the order of addresses: those here in between it
 * does not know.
 */
export class Refill<A extends Key = Ipv4> {
  readonly #family: Family<A>
  readonly #addresses: KeySet<A>
  readonly #leaseAt: LeaseAt<A>
  /** Addresses below have been refilled. */
  #to: A

  constructor(family: Family<A>, addresses: KeySet<A>, leaseAt: LeaseAt<A>) {
    this.#family = family
    this.#addresses = addresses
    this.#leaseAt = leaseAt
    this.#to = family.all.first
  }

  /** A row has come: visits the rows here that lie between the one before and this one. */
  take(theirs: A, visit: (unknownThere: Lease<A>) => void): void {
    this.#visit(theirs, visit)
    this.#to = this.#family.after(theirs)
  }

  /** All have come: visits the rows here behind the last one. */
  end(visit: (unknownThere: Lease<A>) => void): void {
    const end = this.#family.after(this.#family.all.last)
    this.#visit(end, visit)
    this.#to = end
  }

  /** The rows below `end`. */
  #visit(end: A, visit: (unknownThere: Lease<A>) => void): void {
    const { last } = this.#family.all
    let address = this.#addresses.nextSet(this.#to, last)
    while (address !== undefined && address < end) {
      visit(this.#leaseAt(address))
      address = this.#addresses.nextSet(this.#family.after(address), last)
    }
  }
}
