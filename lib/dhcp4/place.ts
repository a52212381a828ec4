// A subnet that a client may get an address of, with what the client is there. Steps hand places on
// as values.

import type { Reservation4, SharedNetwork4, Subnet4 } from '../config/plan/plan4.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'

export interface Place {
  readonly subnet: Subnet4
  /** Who the client is to the leases of the subnet. */
  readonly client: ClientIdentity
  /** The reservation that counts for it there. */
  readonly reservation: Reservation4 | undefined
  /** The row that it has there, live or ended. */
  readonly row: Lease | undefined
}

/**
 * The places of a client: the subnet that is selected for it first, then those that share its link.
 */
export type Places = readonly Place[]

/** The place of a client in a subnet on its own: filled in anew for every query. */
export class LonePlace implements Place {
  subnet!: Subnet4
  client!: ClientIdentity
  reservation: Reservation4 | undefined = undefined
  row: Lease | undefined = undefined
}

/** Who finds what a client is in a subnet. */
export interface PlaceFinder {
  clientIn(subnet: Subnet4): ClientIdentity
  reservationIn(subnet: Subnet4): Reservation4 | undefined
  /** The subnets of the network where it may be another one than undefined; undefined: any. */
  reservedIn(network: SharedNetwork4): readonly Subnet4[] | undefined
  rowIn(subnet: Subnet4): Lease | undefined
}

/**
 * The place of a client in one of the subnets of a link. What it is there is found when somebody
 * asks: a client mostly has its lease in the first one.
 */
class SharedPlace implements Place {
  subnet!: Subnet4
  readonly #finder: PlaceFinder
  /** The subnets where the client may have a reservation; undefined: it may in any. */
  #reservedIn: readonly Subnet4[] | undefined = undefined
  #isReservationFound = false
  #reservation: Reservation4 | undefined = undefined
  #isRowFound = false
  #row: Lease | undefined = undefined

  constructor(finder: PlaceFinder) {
    this.#finder = finder
  }

  begin(subnet: Subnet4, reservedIn: readonly Subnet4[] | undefined): void {
    this.subnet = subnet
    this.#reservedIn = reservedIn
    this.#isReservationFound = false
    this.#isRowFound = false
  }

  get client(): ClientIdentity {
    return this.#finder.clientIn(this.subnet)
  }

  get reservation(): Reservation4 | undefined {
    if (!this.#isReservationFound) {
      this.#isReservationFound = true
      const isLookedUp = this.#reservedIn === undefined || this.#reservedIn.includes(this.subnet)
      this.#reservation = isLookedUp ? this.#finder.reservationIn(this.subnet) : undefined
    }
    return this.#reservation
  }

  get row(): Lease | undefined {
    if (!this.#isRowFound) {
      this.#isRowFound = true
      this.#row = this.#finder.rowIn(this.subnet)
    }
    return this.#row
  }
}

/** The places of a client on a link with several subnets: the same objects for every query. */
export class SharedPlaces {
  readonly #finder: PlaceFinder
  /** By their number: the first one is in all of them. */
  readonly #bySize: SharedPlace[][] = [[]]

  constructor(finder: PlaceFinder) {
    this.#finder = finder
  }

  /** `network`: that of the subnets. */
  in(network: SharedNetwork4, subnets: readonly Subnet4[]): Places {
    const places = this.#bySize[subnets.length] ?? this.#ofSize(subnets.length)
    const reservedIn = this.#finder.reservedIn(network)
    for (let index = 0; index < subnets.length; index++)
      places[index]!.begin(subnets[index]!, reservedIn)
    return places
  }

  #ofSize(size: number): SharedPlace[] {
    for (let next = this.#bySize.length; next <= size; next++)
      this.#bySize.push([...this.#bySize[next - 1]!, new SharedPlace(this.#finder)])
    return this.#bySize[size]!
  }
}
