// The reservations of one list (a subnet's, or the global one), found by client and by address in
// constant time.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { Identifier4, Known4, ReservationIdentifier } from './known4.ts'
import { LayeredMap } from './layered-map.ts'
import type { Reservation4, ReservationList } from './plan4.ts'

type Some = readonly (Reservation4 | undefined)[]

/** The reservations with identifiers of one kind, by their values. */
interface OfKind {
  readonly kind: ReservationIdentifier
  readonly byValue: LayeredMap<Octets, Reservation4>
}

const NONE: readonly Reservation4[] = []

export class ReservationIndex implements ReservationList {
  /** In the order of the lookup. */
  readonly #kinds: readonly OfKind[]
  /** Of them, those that somebody is reserved by: for others no query is searched. */
  readonly #used: readonly OfKind[]
  readonly #byAddress: LayeredMap<Ipv4, readonly Reservation4[]>

  private constructor(
    kinds: readonly OfKind[],
    byAddress: LayeredMap<Ipv4, readonly Reservation4[]>,
  ) {
    this.#kinds = kinds
    this.#used = kinds.filter(({ byValue }) => !byValue.isEmpty)
    this.#byAddress = byAddress
  }

  /** `order`: the identifiers that are looked up. Of two reservations the first is found. */
  static of(reservations: Some, order: readonly ReservationIdentifier[]): ReservationIndex {
    const kinds = order.map((kind) => ({ kind, map: new Map<Octets, Reservation4>() }))
    const byKind = new Map(kinds.map(({ kind, map }) => [kind, map]))
    const byAddress = new Map<Ipv4, Reservation4[]>()
    for (const reservation of reservations) {
      if (reservation === undefined) continue
      for (const { kind, value } of reservation.identifiers) {
        const map = byKind.get(kind)
        if (map !== undefined && !map.has(value)) map.set(value, reservation)
      }
      if (reservation.address === 0) continue
      const sharing = byAddress.get(reservation.address)
      if (sharing === undefined) byAddress.set(reservation.address, [reservation])
      else sharing.push(reservation)
    }
    return new ReservationIndex(
      kinds.map(({ kind, map }) => ({ kind, byValue: new LayeredMap(map) })),
      new LayeredMap(byAddress),
    )
  }

  /** Tries the identifiers in order. The hardware type plays no part, as in Kea. */
  of(known: Known4): Reservation4 | undefined {
    for (const { kind, byValue } of this.#used) {
      const value = known.knownBy(kind)
      const reservation = value === '' ? undefined : byValue.get(value)
      if (reservation !== undefined) return reservation
    }
    return undefined
  }

  *identifiers(): Iterable<Identifier4> {
    for (const { kind, byValue } of this.#kinds)
      for (const value of byValue.keys()) yield { kind, value }
  }

  at(address: Ipv4): readonly Reservation4[] {
    return this.#byAddress.get(address) ?? NONE
  }

  /**
   * With some reservations less and others more. Undefined where not all of them can stand beside
   * the others, or where this cannot be told. `unique`: so says the configuration of addresses.
   */
  edited(gone: Some, come: Some, unique: boolean): ReservationIndex | undefined {
    const values = this.#kinds.map(() => new Map<Octets, Reservation4 | undefined>())
    const addresses = new Map<Ipv4, readonly Reservation4[]>()
    for (const one of gone) {
      if (one === undefined) continue
      for (const { kind, value } of one.identifiers)
        values[this.#place(kind)]?.set(value, undefined)
      if (one.address === 0) continue
      const sharing = addresses.get(one.address) ?? this.at(one.address)
      addresses.set(
        one.address,
        sharing.filter((other) => other !== one),
      )
    }
    for (const one of come) {
      if (one === undefined) continue
      for (const { kind, value } of one.identifiers) {
        const changed = values[this.#place(kind)]
        if (changed === undefined) return undefined
        const { byValue } = this.#kinds[this.#place(kind)]!
        if ((changed.has(value) ? changed.get(value) : byValue.get(value)) !== undefined)
          return undefined
        changed.set(value, one)
      }
      if (one.address === 0) continue
      const sharing = addresses.get(one.address) ?? this.at(one.address)
      if (unique && sharing.length > 0) return undefined
      addresses.set(one.address, [...sharing, one])
    }
    return new ReservationIndex(
      this.#kinds.map(({ kind, byValue }, index) => ({
        kind,
        byValue: byValue.with([...values[index]!]),
      })),
      this.#byAddress.with([...addresses]),
    )
  }

  #place(kind: ReservationIdentifier): number {
    return this.#kinds.findIndex((each) => each.kind === kind)
  }
}
