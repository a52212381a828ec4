// Leases in the order of their addresses, a few at a time: nobody outside of this room counts addresses. What comes,
// goes or changes ahead of a walk is met as it is by then.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import type { AddressBitmap } from '../keys/address-bitmap.ts'
import type { Lease } from '../lease.ts'

/** The highest address. */
const LAST: Ipv4 = 0xffffffff

/** rows: all, free ones too. leases: what is not free. unshared: leases of which this server of a pair has both keys. */
export type Walked = 'rows' | 'leases' | 'unshared'

type LeaseAt = (address: Ipv4) => Lease

export class Walk {
  readonly #addresses: AddressBitmap
  readonly #leaseAt: LeaseAt
  readonly #last: Ipv4
  /** Where it goes on; may lie behind the last. */
  #from: Ipv4

  /** Begins with the address after `behind` where that is one of the range, else with the first. */
  constructor(addresses: AddressBitmap, leaseAt: LeaseAt, range?: Ipv4Range, behind?: Ipv4) {
    const { first, last } = range ?? { first: 0, last: LAST }
    const isWithin = behind !== undefined && first <= behind && behind < last
    this.#addresses = addresses
    this.#leaseAt = leaseAt
    this.#from = isWithin ? behind + 1 : first
    this.#last = last
  }

  /** The next ones, at most `limit` of them; none when there are no more. */
  next(limit: number): Lease[] {
    const leases: Lease[] = []
    while (leases.length < limit) {
      const address = this.#addresses.nextSet(this.#from, this.#last)
      if (address === undefined) break
      leases.push(this.#leaseAt(address))
      this.#from = address + 1
    }
    return leases
  }
}

/** Every row comes from a server that knows all, in the order of addresses: those here in between it does not know. */
export class Refill {
  readonly #addresses: AddressBitmap
  readonly #leaseAt: LeaseAt
  /** Addresses below have been refilled. */
  #to: Ipv4 = 0

  constructor(addresses: AddressBitmap, leaseAt: LeaseAt) {
    this.#addresses = addresses
    this.#leaseAt = leaseAt
  }

  /** A row has come: visits the rows here that lie between the one before and this one. */
  take(theirs: Ipv4, visit: (unknownThere: Lease) => void): void {
    if (this.#to < theirs) this.#visit(theirs - 1, visit)
    this.#to = theirs + 1
  }

  /** All have come: visits the rows here behind the last one. */
  end(visit: (unknownThere: Lease) => void): void {
    this.#visit(LAST, visit)
    this.#to = LAST + 1
  }

  #visit(last: Ipv4, visit: (unknownThere: Lease) => void): void {
    let address = this.#addresses.nextSet(this.#to, last)
    while (address !== undefined) {
      visit(this.#leaseAt(address))
      address = this.#addresses.nextSet(address + 1, last)
    }
  }
}
