// In which subnets of a shared network a client is reserved: one look-up instead of one for each
// subnet. Made when the first client of the network comes.

import type { Octets } from '../bytes/octets.ts'
import type { Known4, ReservationIdentifier } from '../config/plan/known4.ts'
import type { SharedNetwork4, Subnet4 } from '../config/plan/plan4.ts'

/** With more reservations a network is asked subnet by subnet: a reload would make clients wait. */
const RESERVATIONS_MAX = 10_000

const NOWHERE: readonly Subnet4[] = []

type ByValue = Map<Octets, readonly Subnet4[]>

export class NetworkHosts {
  readonly #kinds: readonly ReservationIdentifier[]
  readonly #byKind: readonly ByValue[]

  private constructor(byKind: ReadonlyMap<ReservationIdentifier, ByValue>) {
    this.#kinds = [...byKind.keys()]
    this.#byKind = [...byKind.values()]
  }

  /** Undefined where the subnets are to be asked: they are many, or look into the global list. */
  static of({ subnets }: SharedNetwork4): NetworkHosts | undefined {
    const byKind = new Map<ReservationIdentifier, ByValue>()
    let count = 0
    for (const subnet of subnets) {
      if (subnet.usesGlobalReservations) return undefined
      for (const { kind, value } of subnet.ownReservations?.identifiers() ?? []) {
        if (++count > RESERVATIONS_MAX) return undefined
        const byValue = byKind.get(kind) ?? new Map<Octets, readonly Subnet4[]>()
        byKind.set(kind, byValue.set(value, [...(byValue.get(value) ?? NOWHERE), subnet]))
      }
    }
    return new NetworkHosts(byKind)
  }

  /** Where the client may have a reservation; nowhere else it has one. */
  subnetsOf(known: Known4): readonly Subnet4[] {
    let subnets = NOWHERE
    for (let at = 0; at < this.#kinds.length; at++) {
      const value = known.knownBy(this.#kinds[at]!)
      const found = value === '' ? undefined : this.#byKind[at]!.get(value)
      if (found === undefined) continue
      subnets = subnets.length === 0 ? found : [...subnets, ...found]
    }
    return subnets
  }
}
