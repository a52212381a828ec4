// Reservations of a database with too many rows: what was asked of it lately, made when a client
// needs it. What is reserved at all is known of every row, so that nobody else gets it.

import type { Octets } from '../../bytes/octets.ts'
import type { HostMemory, HostRow } from '../plan/host-rows.ts'
import type { HostSource } from '../plan/host-source.ts'
import type { Known } from '../plan/reservation-index.ts'
import { HostMaker, type MadeHost } from './host-maker.ts'
import type { ListedHost, ListPlace, ReservationForm } from './reservation-lists.ts'

export class AskedSource<
  Document,
  Place extends ListPlace<Kind>,
  One extends ListedHost<Kind>,
  Kind extends string,
  Key,
> implements HostSource<One, Kind, Key>
{
  readonly #memory: HostMemory
  readonly #placeOf: (subnetId: number) => Place | undefined
  readonly #order: readonly Kind[]
  readonly #form: ReservationForm<Document, Place, One, Kind, Key>
  readonly #maker: HostMaker<Document, Place, One, Kind, Key>
  /** As long as the memory has the rows. */
  readonly #made = new WeakMap<HostRow, MadeHost<One, Place>>()

  constructor(
    memory: HostMemory,
    placeOf: (subnetId: number) => Place | undefined,
    order: readonly Kind[],
    form: ReservationForm<Document, Place, One, Kind, Key>,
  ) {
    this.#memory = memory
    this.#placeOf = placeOf
    this.#order = order
    this.#form = form
    this.#maker = new HostMaker(form, false)
  }

  find(subnetId: number, kind: Kind, value: Octets): One | undefined {
    for (const row of this.#memory.rowsOf(kind, value) ?? [])
      if (row.subnetId === subnetId) return this.#reservationOf(row)
    return undefined
  }

  at(subnetId: number, key: Key): readonly One[] {
    if (!this.#memory.isReserved(subnetId, this.#form.keyText(key))) return NONE
    return this.#placeOf(subnetId) === undefined ? NONE : [this.#form.ofKey(key)]
  }

  isUnknown(known: Known<Kind>): boolean {
    return this.#order.some((kind) => {
      const value = known.knownBy(kind)
      return value !== '' && this.#memory.rowsOf(kind, value) === undefined
    })
  }

  /** What is reserved where somebody may look for it. */
  *keys(): Iterable<Key> {
    for (const { subnetId, key } of this.#memory.reserved) {
      const place = this.#placeOf(subnetId)
      const one = place === undefined ? undefined : this.#form.keyFromText(key)
      if (one !== undefined) yield one
    }
  }

  #reservationOf(row: HostRow): One | undefined {
    let made = this.#made.get(row)
    if (made === undefined) {
      made = this.#maker.make(row, this.#placeOf(row.subnetId))
      this.#made.set(row, made)
    }
    return made.reservation
  }
}

const NONE: readonly never[] = []
