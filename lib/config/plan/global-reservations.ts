// The global list of reservations, as subnets with `reservations-global` look into it. An address
// that lies outside the asking subnet does not count there; the rest of the reservation does.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import { rangeContains } from '../../address/ipv4.ts'
import type { ClientIdentity } from '../../leases/lease.ts'
import type { Reservation4, ReservationIdentifier } from './plan4.ts'
import { ReservationIndex } from './reservation-index.ts'

export class GlobalReservations {
  readonly #index: ReservationIndex
  /** For each reservation with an address, the same without it. */
  readonly #withoutAddress = new Map<Reservation4, Reservation4>()

  constructor(reservations: readonly Reservation4[]) {
    this.#index = new ReservationIndex(reservations)
    for (const reservation of reservations) {
      if (reservation.address !== 0)
        this.#withoutAddress.set(reservation, { ...reservation, address: 0 })
    }
  }

  /** The client's reservation as it counts in a subnet of the given addresses. */
  of(
    client: ClientIdentity,
    order: readonly ReservationIdentifier[],
    range: Ipv4Range,
  ): Reservation4 | undefined {
    const found = this.#index.of(client, order)
    if (found === undefined || found.address === 0) return found
    return rangeContains(range, found.address) ? found : this.#withoutAddress.get(found)
  }

  at(address: Ipv4): readonly Reservation4[] {
    return this.#index.at(address)
  }
}
