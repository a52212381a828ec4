// The reservations that count in a subnet: its own, and the global ones where it looks into them.
// Subnets do not know the global list, so that a list that was edited leaves them as they are. An
// address that lies outside the asking subnet does not count there; the rest of a global
// reservation does.

import { type Ipv4, prefixContains } from '../../address/ipv4.ts'
import type { Known4, ReservationIdentifier } from './known4.ts'
import type { Reservation4, Reservations4, Subnet4 } from './plan4.ts'
import type { ReservationIndex } from './reservation-index.ts'

export type ReservationIndex4 = ReservationIndex<Reservation4, ReservationIdentifier, Ipv4>

const NONE: readonly Reservation4[] = []

export class PlanReservations implements Reservations4 {
  readonly #index: ReservationIndex4
  /** For reservations with an address that counts nowhere, the same without it. */
  readonly #withoutAddress = new WeakMap<Reservation4, Reservation4>()

  constructor(index: ReservationIndex4) {
    this.#index = index
  }

  of(known: Known4, subnet: Subnet4): Reservation4 | undefined {
    const own = subnet.ownReservations?.of(known)
    if (own !== undefined || !subnet.usesGlobalReservations) return own
    const found = this.#index.of(known)
    if (found === undefined || found.address === 0) return found
    return prefixContains(subnet.prefix, found.address) ? found : this.#addressless(found)
  }

  at(address: Ipv4, subnet: Subnet4): readonly Reservation4[] {
    const own = subnet.ownReservations?.at(address) ?? NONE
    if (!subnet.usesGlobalReservations || !prefixContains(subnet.prefix, address)) return own
    const global = this.#index.at(address)
    if (global.length === 0) return own
    return own.length === 0 ? global : [...own, ...global]
  }

  global(known: Known4): Reservation4 | undefined {
    return this.#index.of(known)
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
