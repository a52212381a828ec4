// The reservations of one level (a subnet, or the global list), found by client and by address in
// constant time.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ClientIdentity } from '../../leases/lease.ts'
import type { Reservation4, ReservationIdentifier } from './plan4.ts'

const NONE: readonly Reservation4[] = []

export class ReservationIndex {
  readonly #byHwAddress = new Map<Octets, Reservation4>()
  readonly #byClientId = new Map<Octets, Reservation4>()
  readonly #byAddress = new Map<Ipv4, Reservation4[]>()

  /** The reservations are free of duplicates where those count; of two the first is found. */
  constructor(reservations: readonly Reservation4[]) {
    for (const reservation of reservations) {
      const byValue = this.#valuesOf(reservation.identifier)
      if (!byValue.has(reservation.value)) byValue.set(reservation.value, reservation)
      if (reservation.address === 0) continue
      const sharing = this.#byAddress.get(reservation.address)
      if (sharing === undefined) this.#byAddress.set(reservation.address, [reservation])
      else sharing.push(reservation)
    }
  }

  /** Tries the identifiers in the given order. The hardware type plays no part, as in Kea. */
  of(client: ClientIdentity, order: readonly ReservationIdentifier[]): Reservation4 | undefined {
    for (const identifier of order) {
      const value = identifier === 'hw-address' ? client.hwAddress : client.clientId
      const reservation = value === '' ? undefined : this.#valuesOf(identifier).get(value)
      if (reservation !== undefined) return reservation
    }
    return undefined
  }

  at(address: Ipv4): readonly Reservation4[] {
    return this.#byAddress.get(address) ?? NONE
  }

  #valuesOf(identifier: ReservationIdentifier): Map<Octets, Reservation4> {
    return identifier === 'hw-address' ? this.#byHwAddress : this.#byClientId
  }
}
