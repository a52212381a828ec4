// The reservations that count in a subnet: its own, and the global ones where it looks into them.
// Subnets do not know the global list, so that a list that was edited leaves them as they are. An
// address that lies outside the asking subnet does not count there; the rest of a global
// reservation does.

import { type Ipv4, prefixContains } from '../../address/ipv4.ts'
import { type HostSource, JoinedHosts } from './host-source.ts'
import type { Known4, ReservationIdentifier } from './known4.ts'
import type { Reservation4, Reservations4, Subnet4 } from './plan4.ts'
import type { ReservationIndex } from './reservation-index.ts'

export type ReservationIndex4 = ReservationIndex<Reservation4, ReservationIdentifier, Ipv4>
export type HostSource4 = HostSource<Reservation4, ReservationIdentifier, Ipv4>

/** Databases of reservations, behind the lists of the document. */
export interface HostSources4 {
  readonly order: readonly ReservationIdentifier[]
  readonly sources: readonly HostSource4[]
}

const GLOBAL = 0

const NONE: readonly Reservation4[] = []

export class PlanReservations implements Reservations4 {
  readonly #index: ReservationIndex4
  /** Undefined where there are no databases. */
  readonly #joined: JoinedHosts<Reservation4, ReservationIdentifier, Ipv4> | undefined
  /** For reservations with an address that counts nowhere, the same without it. */
  readonly #withoutAddress = new WeakMap<Reservation4, Reservation4>()

  constructor(index: ReservationIndex4, hosts?: HostSources4) {
    this.#index = index
    if (hosts !== undefined && hosts.sources.length > 0)
      this.#joined = new JoinedHosts(hosts.order, hosts.sources)
  }

  get joinsDatabases(): boolean {
    return this.#joined !== undefined
  }

  isUnknown(known: Known4): boolean {
    return this.#joined?.isUnknown(known) === true
  }

  of(known: Known4, subnet: Subnet4): Reservation4 | undefined {
    const { ownReservations } = subnet
    const own =
      this.#joined === undefined
        ? ownReservations?.of(known)
        : this.#joined.of(known, ownReservations, subnet.id)
    if (own !== undefined || !subnet.usesGlobalReservations) return own
    const found = this.global(known)
    if (found === undefined || found.address === 0) return found
    return prefixContains(subnet.prefix, found.address) ? found : this.#addressless(found)
  }

  at(address: Ipv4, subnet: Subnet4): readonly Reservation4[] {
    const { ownReservations } = subnet
    const own =
      this.#joined === undefined
        ? (ownReservations?.at(address) ?? NONE)
        : this.#joined.at(address, ownReservations, subnet.id)
    if (!subnet.usesGlobalReservations || !prefixContains(subnet.prefix, address)) return own
    const global =
      this.#joined === undefined
        ? this.#index.at(address)
        : this.#joined.at(address, this.#index, GLOBAL)
    if (global.length === 0) return own
    return own.length === 0 ? global : [...own, ...global]
  }

  global(known: Known4): Reservation4 | undefined {
    if (this.#joined === undefined) return this.#index.of(known)
    return this.#joined.of(known, this.#index, GLOBAL)
  }

  #addressless(reservation: Reservation4): Reservation4 {
    const known = this.#withoutAddress.get(reservation)
    if (known !== undefined) return known
    const made = { ...reservation, address: 0 }
    this.#withoutAddress.set(reservation, made)
    return made
  }
}

const NO_ADDRESSES: readonly Ipv4[] = []

/** What a reservation keeps for its client. */
export function keysOfReservation4({ address }: Reservation4): readonly Ipv4[] {
  return address === 0 ? NO_ADDRESSES : [address]
}
