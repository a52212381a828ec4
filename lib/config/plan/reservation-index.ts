// The reservations of one list (a subnet's, or the global one), found by client and by what they
// reserve in constant time, in either family.

import type { Octets } from '../../bytes/octets.ts'
import { LayeredMap } from './layered-map.ts'

/** A reservation, as far as it is looked up. */
export interface Host<Kind extends string> {
  /** By each of them its client is known; empty = no client's. */
  readonly identifiers: readonly Identifier<Kind>[]
}

/** One thing that a client is known by. */
export interface Identifier<Kind extends string> {
  readonly kind: Kind
  /** Never ''. */
  readonly value: Octets
}

/** What is known of a client, each thing found when it is asked for: most plans ask for few. */
export interface Known<Kind extends string> {
  /** '' where the client is not known by that. */
  knownBy(kind: Kind): Octets
}

/** The addresses and prefixes of a reservation. */
export type KeysOf<One, Key> = (reservation: One) => readonly Key[]

type Some<One> = readonly (One | undefined)[]

/** The reservations with identifiers of one kind, by their values. */
interface OfKind<One extends object, Kind> {
  readonly kind: Kind
  readonly byValue: LayeredMap<Octets, One>
}

const NONE: readonly never[] = []

/** An index that is made reservation by reservation. */
export class IndexMaking<One extends Host<Kind>, Kind extends string, Key> {
  readonly keysOf: KeysOf<One, Key>
  readonly kinds: readonly { readonly kind: Kind; readonly map: Map<Octets, One> }[]
  readonly byKey = new Map<Key, One[]>()

  constructor(order: readonly Kind[], keysOf: KeysOf<One, Key>) {
    this.keysOf = keysOf
    this.kinds = order.map((kind) => ({ kind, map: new Map<Octets, One>() }))
  }

  add(reservation: One): void {
    for (const { kind, value } of reservation.identifiers) {
      const map = this.kinds.find((one) => one.kind === kind)?.map
      if (map !== undefined && !map.has(value)) map.set(value, reservation)
    }
    for (const key of this.keysOf(reservation)) {
      const sharing = this.byKey.get(key)
      if (sharing === undefined) this.byKey.set(key, [reservation])
      else sharing.push(reservation)
    }
  }
}

export class ReservationIndex<One extends Host<Kind>, Kind extends string, Key> {
  readonly #keysOf: KeysOf<One, Key>
  /** In the order of the lookup. */
  readonly #kinds: readonly OfKind<One, Kind>[]
  /** Of them, those that somebody is reserved by: for others no query is searched. */
  readonly #used: readonly OfKind<One, Kind>[]
  readonly #byKey: LayeredMap<Key, readonly One[]>

  private constructor(
    keysOf: KeysOf<One, Key>,
    kinds: readonly OfKind<One, Kind>[],
    byKey: LayeredMap<Key, readonly One[]>,
  ) {
    this.#keysOf = keysOf
    this.#kinds = kinds
    this.#used = kinds.filter(({ byValue }) => !byValue.isEmpty)
    this.#byKey = byKey
  }

  /** `order`: the identifiers that are looked up. Of two reservations the first is found. */
  static of<One extends Host<Kind>, Kind extends string, Key>(
    reservations: Some<One>,
    order: readonly Kind[],
    keysOf: KeysOf<One, Key>,
  ): ReservationIndex<One, Kind, Key> {
    const making = new IndexMaking(order, keysOf)
    for (const one of reservations) if (one !== undefined) making.add(one)
    return ReservationIndex.made(making)
  }

  /** Of what was added so far; nothing is added behind it. */
  static made<One extends Host<Kind>, Kind extends string, Key>({
    keysOf,
    kinds,
    byKey,
  }: IndexMaking<One, Kind, Key>): ReservationIndex<One, Kind, Key> {
    return new ReservationIndex(
      keysOf,
      kinds.map(({ kind, map }) => ({ kind, byValue: new LayeredMap(map) })),
      new LayeredMap(byKey),
    )
  }

  /** Tries the identifiers in order. The hardware type plays no part, as in Kea. */
  of(known: Known<Kind>): One | undefined {
    for (const { kind, byValue } of this.#used) {
      const value = known.knownBy(kind)
      const reservation = value === '' ? undefined : byValue.get(value)
      if (reservation !== undefined) return reservation
    }
    return undefined
  }

  find(kind: Kind, value: Octets): One | undefined {
    for (const used of this.#used) if (used.kind === kind) return used.byValue.get(value)
    return undefined
  }

  *identifiers(): Iterable<Identifier<Kind>> {
    for (const { kind, byValue } of this.#kinds)
      for (const value of byValue.keys()) yield { kind, value }
  }

  at(key: Key): readonly One[] {
    return this.#byKey.get(key) ?? NONE
  }

  /**
   * With some reservations less and others more. Undefined where not all of them can stand beside
   * the others, or where this cannot be told. `unique`: so says the configuration of keys.
   */
  edited(
    gone: Some<One>,
    come: Some<One>,
    unique: boolean,
  ): ReservationIndex<One, Kind, Key> | undefined {
    if (this.#byKey.isWorn || this.#kinds.some(({ byValue }) => byValue.isWorn)) return undefined
    const values = this.#kinds.map(() => new Map<Octets, One | undefined>())
    const keys = new Map<Key, readonly One[]>()
    for (const one of gone) {
      if (one === undefined) continue
      for (const { kind, value } of one.identifiers)
        values[this.#place(kind)]?.set(value, undefined)
      for (const key of this.#keysOf(one)) {
        const sharing = keys.get(key) ?? this.at(key)
        keys.set(
          key,
          sharing.filter((other) => other !== one),
        )
      }
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
      for (const key of this.#keysOf(one)) {
        const sharing = keys.get(key) ?? this.at(key)
        if (unique && sharing.length > 0) return undefined
        keys.set(key, [...sharing, one])
      }
    }
    return new ReservationIndex(
      this.#keysOf,
      this.#kinds.map(({ kind, byValue }, index) => ({
        kind,
        byValue: byValue.with([...values[index]!]),
      })),
      this.#byKey.with([...keys]),
    )
  }

  #place(kind: Kind): number {
    return this.#kinds.findIndex((each) => each.kind === kind)
  }
}
