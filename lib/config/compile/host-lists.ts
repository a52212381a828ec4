// Reservations of databases, of either family, as sources of the plan. A row that is wrong is left
// out and told by its number: it never costs more. What has not changed since the document before,
// rows and what they are judged by, is not made again.

import type { HostBuckets, HostRow, HostTable, SkippedHost } from '../plan/host-rows.ts'
import { type HostSource, LoadedSource } from '../plan/host-source.ts'
import { IndexMaking, ReservationIndex } from '../plan/reservation-index.ts'
import type { Steps } from '../plan/steps.ts'
import { AskedSource } from './asked-hosts.ts'
import { HostMaker, type MadeHost } from './host-maker.ts'
import type { ListedHost, ListPlace, ReservationForm } from './reservation-lists.ts'

/** What reservations of a subnet are judged by, 0 for the global list; undefined: none counts. */
export type PlaceOf<Place> = (subnetId: number) => Place | undefined

export interface HostsMade<One extends ListedHost<Kind>, Kind extends string, Key> {
  /** In the order of the tables. */
  readonly sources: readonly HostSource<One, Kind, Key>[]
  /** All that they reserve. */
  readonly keys: readonly Key[]
  readonly skipped: readonly SkippedHost[]
}

type Lists<One extends ListedHost<Kind>, Kind extends string, Key> = ReadonlyMap<
  number,
  ReservationIndex<One, Kind, Key>
>

/** What was made of a table. */
interface MadeTable<Place, One extends ListedHost<Kind>, Kind extends string, Key> {
  readonly buckets: HostBuckets
  /** By bucket, then by the number of the row. */
  readonly hosts: ReadonlyMap<number, ReadonlyMap<number, MadeHost<One, Place>>>
  readonly lists: Lists<One, Kind, Key>
  readonly source: HostSource<One, Kind, Key>
  readonly keys: readonly Key[]
  readonly skipped: readonly SkippedHost[]
}

/** With more rows that have changed, the lists are made anew. */
const EDITED_MAX = 500

export class HostLists<
  Document,
  Place extends ListPlace<Kind>,
  One extends ListedHost<Kind>,
  Kind extends string,
  Key,
> {
  readonly #form: ReservationForm<Document, Place, One, Kind, Key>
  #made: readonly (MadeTable<Place, One, Kind, Key> | undefined)[] = []

  constructor(form: ReservationForm<Document, Place, One, Kind, Key>) {
    this.#form = form
  }

  *get(
    tables: readonly HostTable[],
    placeOf: PlaceOf<Place>,
    order: readonly Kind[],
  ): Steps<HostsMade<One, Kind, Key>> {
    const sources: HostSource<One, Kind, Key>[] = []
    const keys: Key[] = []
    const skipped: SkippedHost[] = []
    const made: (MadeTable<Place, One, Kind, Key> | undefined)[] = []
    for (const [index, table] of tables.entries()) {
      if (table.kind === 'asked') {
        const source = new AskedSource(table.memory, placeOf, order, this.#form)
        sources.push(source)
        for (const key of source.keys()) keys.push(key)
        made.push(undefined)
        continue
      }
      const one = yield* this.#table(table.database, table.buckets, placeOf, order, index)
      made.push(one)
      sources.push(one.source)
      for (const key of one.keys) keys.push(key)
      for (const each of one.skipped) skipped.push(each)
      yield
    }
    this.#made = made
    return { sources, keys, skipped }
  }

  *#table(
    database: string,
    buckets: HostBuckets,
    placeOf: PlaceOf<Place>,
    order: readonly Kind[],
    index: number,
  ): Steps<MadeTable<Place, One, Kind, Key>> {
    const former = this.#made[index]
    const maker = new HostMaker(this.#form, true)
    const hosts = new Map<number, ReadonlyMap<number, MadeHost<One, Place>>>()
    const changes = new Changes<One, Place>()
    for (const [number, rows] of buckets) {
      const known = former?.hosts.get(number)
      const isSame = known !== undefined && former!.buckets.get(number) === rows
      const bucket = isSame
        ? judgedAgain(known, placeOf, maker, changes)
        : madeOf(rows, known, placeOf, maker, changes)
      hosts.set(number, bucket)
      yield
    }
    for (const [number, known] of former?.hosts ?? [])
      if (!buckets.has(number)) for (const one of known.values()) changes.goes(one)
    if (former !== undefined && changes.count === 0) return { ...former, buckets, hosts }
    const lists =
      former === undefined || changes.count > EDITED_MAX
        ? undefined
        : editedLists(former.lists, changes, order, this.#form)
    const all = lists ?? (yield* this.#lists(hosts, order))
    const { keys, skipped } = yield* sumOf(hosts, this.#form, database)
    return { buckets, hosts, lists: all, source: new LoadedSource(all), keys, skipped }
  }

  *#lists(
    hosts: ReadonlyMap<number, ReadonlyMap<number, MadeHost<One, Place>>>,
    order: readonly Kind[],
  ): Steps<Lists<One, Kind, Key>> {
    const making = new Map<number, IndexMaking<One, Kind, Key>>()
    for (const bucket of hosts.values()) {
      for (const { reservation, row } of bucket.values()) {
        if (reservation === undefined) continue
        let list = making.get(row.subnetId)
        if (list === undefined) {
          list = new IndexMaking(order, this.#form.keysOf)
          making.set(row.subnetId, list)
        }
        list.add(reservation)
      }
      yield
    }
    return new Map([...making].map(([id, list]) => [id, ReservationIndex.made(list)]))
  }
}

/** By subnet, what is not there any more and what is new. */
class Changes<One, Place> {
  count = 0
  readonly bySubnet = new Map<number, { readonly gone: One[]; readonly come: One[] }>()

  goes({ reservation, row, problem }: MadeHost<One, Place>): void {
    if (problem !== '') this.count++
    if (reservation !== undefined) this.#in(row).gone.push(reservation)
  }

  comes({ reservation, row, problem }: MadeHost<One, Place>): void {
    if (problem !== '') this.count++
    if (reservation !== undefined) this.#in(row).come.push(reservation)
  }

  #in({ subnetId }: HostRow): { readonly gone: One[]; readonly come: One[] } {
    this.count++
    let found = this.bySubnet.get(subnetId)
    if (found === undefined) {
      found = { gone: [], come: [] }
      this.bySubnet.set(subnetId, found)
    }
    return found
  }
}

/** The rows are the same; what some of them are judged by may be another. */
function judgedAgain<One, Place>(
  known: ReadonlyMap<number, MadeHost<One, Place>>,
  placeOf: PlaceOf<Place>,
  maker: { make(row: HostRow, place: Place | undefined): MadeHost<One, Place> },
  changes: Changes<One, Place>,
): ReadonlyMap<number, MadeHost<One, Place>> {
  let edited: Map<number, MadeHost<One, Place>> | undefined
  for (const [id, one] of known) {
    const place = placeOf(one.row.subnetId)
    if (one.place === place) continue
    const made = maker.make(one.row, place)
    changes.goes(one)
    changes.comes(made)
    edited ??= new Map(known)
    edited.set(id, made)
  }
  return edited ?? known
}

function madeOf<One, Place>(
  rows: readonly HostRow[],
  known: ReadonlyMap<number, MadeHost<One, Place>> | undefined,
  placeOf: PlaceOf<Place>,
  maker: { make(row: HostRow, place: Place | undefined): MadeHost<One, Place> },
  changes: Changes<One, Place>,
): ReadonlyMap<number, MadeHost<One, Place>> {
  const bucket = new Map<number, MadeHost<One, Place>>()
  for (const row of rows) {
    const former = known?.get(row.id)
    const place = placeOf(row.subnetId)
    if (former !== undefined && former.row === row && former.place === place) {
      bucket.set(row.id, former)
      continue
    }
    const made = maker.make(row, place)
    if (former !== undefined) changes.goes(former)
    changes.comes(made)
    bucket.set(row.id, made)
  }
  for (const [id, one] of known ?? []) if (!bucket.has(id)) changes.goes(one)
  return bucket
}

/** Undefined where the lists are to be made anew. */
function editedLists<One extends ListedHost<Kind>, Kind extends string, Key>(
  former: Lists<One, Kind, Key>,
  { bySubnet }: Changes<One, unknown>,
  order: readonly Kind[],
  { keysOf }: { readonly keysOf: (one: One) => readonly Key[] },
): Lists<One, Kind, Key> | undefined {
  const lists = new Map(former)
  for (const [id, { gone, come }] of bySubnet) {
    const list = lists.get(id) ?? ReservationIndex.of<One, Kind, Key>([], order, keysOf)
    const edited = list.edited(gone, come, false)
    if (edited === undefined) return undefined
    lists.set(id, edited)
  }
  return lists
}

function* sumOf<One, Place, Key>(
  hosts: ReadonlyMap<number, ReadonlyMap<number, MadeHost<One, Place>>>,
  { keysOf }: { readonly keysOf: (one: One) => readonly Key[] },
  database: string,
): Steps<{ readonly keys: readonly Key[]; readonly skipped: readonly SkippedHost[] }> {
  const keys: Key[] = []
  const skipped: SkippedHost[] = []
  for (const bucket of hosts.values()) {
    for (const { reservation, problem, row } of bucket.values()) {
      if (reservation !== undefined) for (const key of keysOf(reservation)) keys.push(key)
      if (problem !== '') skipped.push({ database, id: row.id, problem })
    }
    yield
  }
  return { keys, skipped }
}
