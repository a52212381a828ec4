// Reservations of a database, found as those of a document are: by subnet, 0 for the global list.
// One source is looked into after the other; nothing of two rows is merged.

import type { Octets } from '../../bytes/octets.ts'
import type { Host, Known, ReservationIndex } from './reservation-index.ts'

export interface HostSource<One extends Host<Kind>, Kind extends string, Key> {
  find(subnetId: number, kind: Kind, value: Octets): One | undefined
  at(subnetId: number, key: Key): readonly One[]
  /** Whether somebody has to be asked before it can be told what the client has. */
  isUnknown(known: Known<Kind>): boolean
}

/** The lists of a database whose rows are all known. */
export class LoadedSource<One extends Host<Kind>, Kind extends string, Key>
  implements HostSource<One, Kind, Key>
{
  readonly #lists: ReadonlyMap<number, ReservationIndex<One, Kind, Key>>

  constructor(lists: ReadonlyMap<number, ReservationIndex<One, Kind, Key>>) {
    this.#lists = lists
  }

  find(subnetId: number, kind: Kind, value: Octets): One | undefined {
    return this.#lists.get(subnetId)?.find(kind, value)
  }

  at(subnetId: number, key: Key): readonly One[] {
    return this.#lists.get(subnetId)?.at(key) ?? NONE
  }

  isUnknown(): boolean {
    return false
  }
}

const NONE: readonly never[] = []

interface List<One, Kind, Key> {
  find(kind: Kind, value: Octets): One | undefined
  at(key: Key): readonly One[]
}

/** A list of the document, then those of databases behind it. */
export class JoinedHosts<One extends Host<Kind>, Kind extends string, Key> {
  readonly #order: readonly Kind[]
  readonly #sources: readonly HostSource<One, Kind, Key>[]

  /** `order`: of the identifiers, in which they are looked up. */
  constructor(order: readonly Kind[], sources: readonly HostSource<One, Kind, Key>[]) {
    this.#order = order
    this.#sources = sources
  }

  /** Each identifier is looked for everywhere before the next one. */
  of(known: Known<Kind>, list: List<One, Kind, Key> | undefined, id: number): One | undefined {
    for (const kind of this.#order) {
      const value = known.knownBy(kind)
      if (value === '') continue
      const found = list?.find(kind, value)
      if (found !== undefined) return found
      for (const source of this.#sources) {
        const one = source.find(id, kind, value)
        if (one !== undefined) return one
      }
    }
    return undefined
  }

  at(key: Key, list: Pick<List<One, Kind, Key>, 'at'> | undefined, id: number): readonly One[] {
    let all = list?.at(key) ?? NONE
    for (const source of this.#sources) {
      const some = source.at(id, key)
      if (some.length > 0) all = all.length === 0 ? some : [...all, ...some]
    }
    return all
  }

  isUnknown(known: Known<Kind>): boolean {
    return this.#sources.some((source) => source.isUnknown(known))
  }
}
