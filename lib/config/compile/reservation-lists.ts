// Lists of reservations, of either family: a subnet's, or the global one. A wrong reservation is
// reported and left out, except that its addresses go to nobody else: somebody may well use them.
//
// Of a list that was edited only what is new is made: lists of a hundred thousand are edited one
// reservation at a time.

import type { Octets } from '../../bytes/octets.ts'
import { Pieces } from '../../leases/store/pieces.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import {
  type Host,
  type Identifier,
  IndexMaking,
  ReservationIndex,
} from '../plan/reservation-index.ts'
import { STEP_ELEMENTS, type Steps } from '../plan/steps.ts'
import type { Path } from '../text/problem.ts'
import { newReport, type Report, type Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import type { IdentityPlace, WrittenIdentifier } from './reservation-identity.ts'
import { editedSums, type ReservationSums, type SumForm, sumsSoon } from './reservation-sums.ts'

/** What reservations of a list are judged by. */
export interface ListPlace<Kind extends string> extends IdentityPlace<Kind> {
  /** Undefined for the global list. */
  readonly subnet: { readonly text: string } | undefined
  readonly classes: ClassLists
  readonly registry: OptionRegistry
  /** Two reservations of the list may not name one address or prefix. */
  readonly unique: boolean
  /** Pools that reservations-out-of-pool promises to be free of reservations. */
  readonly poolsPromisedFree: readonly unknown[]
}

export interface WrittenReservation<One, Kind extends string> {
  readonly reservation: One
  /** Those of the reservation, as they were written. */
  readonly identifiers: readonly WrittenIdentifier<Kind>[]
}

/** A reservation, as far as lists go. */
export interface ListedHost<Kind extends string> extends Host<Kind> {
  readonly classes: readonly number[]
}

/** What reservations of a family are. */
export interface ReservationForm<
  Document,
  Place,
  One extends ListedHost<Kind>,
  Kind extends string,
  Key,
> extends SumForm<One, Key> {
  /** Undefined where nothing is left of it. */
  compile(document: Document, place: Place, site: Site): WrittenReservation<One, Kind> | undefined
  /** Nothing but what nobody else is to get: whose it is was written wrongly. */
  keysOnly(reservation: One): One | undefined
  /** Whether what only places of the family have is the same. */
  isLikePlace(one: Place, other: Place): boolean
  keyText(key: Key): string
  /** Undefined where it is none. */
  keyFromText(text: string): Key | undefined
  /** Nothing but the key, which is for nobody. */
  ofKey(key: Key): One
  /** Where the key stands in the reservation at `site`. */
  keySite(reservation: One, key: Key, site: Site): Site
}

/** What was said of one reservation, and where it stood. */
interface Said {
  readonly report: Report
  readonly path: Path
}

export interface ReservationsMade<One extends ListedHost<Kind>, Kind extends string, Key> {
  /** By position in the document; undefined where nothing was left. */
  readonly byPosition: Pieces<One | undefined>
  readonly index: ReservationIndex<One, Kind, Key>
  readonly sums: ReservationSums<One, Key>
}

interface MadeList<Document, Place, One extends ListedHost<Kind>, Kind extends string, Key>
  extends ReservationsMade<One, Kind, Key> {
  readonly documents: readonly Document[]
  readonly place: Place
  /** By position. */
  readonly said: ReadonlyMap<number, Said>
  /** Some could not stand beside others: what becomes of one depends on those before it. */
  readonly hasDuplicates: boolean
}

/** A list that has changed in more of its reservations is made as a whole. */
const EDITED_MAX = 1000

/** The lists of one global level, by the id of their subnet; 0 is the global list. */
export class ReservationLists<
  Document,
  Place extends ListPlace<Kind>,
  One extends ListedHost<Kind>,
  Kind extends string,
  Key,
> {
  readonly #form: ReservationForm<Document, Place, One, Kind, Key>
  readonly #made = new Map<number, MadeList<Document, Place, One, Kind, Key>>()

  constructor(form: ReservationForm<Document, Place, One, Kind, Key>) {
    this.#form = form
  }

  /** What is wrong is told at `site`. */
  *get(
    key: number,
    documents: readonly Document[],
    place: Place,
    site: Site,
  ): Steps<ReservationsMade<One, Kind, Key>> {
    const former = this.#made.get(key)
    const isLike = former !== undefined && this.#isLike(former.place, place)
    const edited = isLike ? this.#edited(former, documents, site) : undefined
    const made = edited ?? (yield* this.#whole(documents, place, site))
    for (const [position, { report, path }] of made.said) site.at(position).tell(report, path)
    this.#made.set(key, made)
    return made
  }

  #isLike(one: Place, other: Place): boolean {
    return (
      one.classes === other.classes &&
      one.registry === other.registry &&
      one.unique === other.unique &&
      one.hasFlexId === other.hasFlexId &&
      one.subnet?.text === other.subnet?.text &&
      isSameList(one.identifiers, other.identifiers) &&
      isSameList(one.poolsPromisedFree, other.poolsPromisedFree) &&
      this.#form.isLikePlace(one, other)
    )
  }

  *#whole(
    documents: readonly Document[],
    place: Place,
    site: Site,
  ): Steps<MadeList<Document, Place, One, Kind, Key>> {
    const maker = new Maker(this.#form, place, site)
    const claims = new Claims(this.#form, place.unique)
    const making = new IndexMaking<One, Kind, Key>(place.identifiers, this.#form.keysOf)
    const made: (One | undefined)[] = []
    for (const [position, document] of documents.entries()) {
      if (position % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
      const written = maker.make(document, position)
      const one = written && claims.admit(written, position, maker.siteOf(position))
      if (one !== undefined) making.add(one)
      made.push(one)
    }
    maker.end()
    const index = ReservationIndex.made(making)
    yield
    const { said } = maker
    const { hasDuplicates } = claims
    const sums = yield* sumsSoon(made, this.#form)
    const byPosition = Pieces.of(made)
    return { documents, place, byPosition, index, sums, said, hasDuplicates }
  }

  /** Undefined where the list has to be made as a whole. */
  #edited(
    former: MadeList<Document, Place, One, Kind, Key>,
    documents: readonly Document[],
    site: Site,
  ): MadeList<Document, Place, One, Kind, Key> | undefined {
    if (former.hasDuplicates) return undefined
    const { first, last, length } = changedPart(former.documents, documents)
    if (length > EDITED_MAX || last - first > EDITED_MAX) return undefined
    const { place } = former
    const maker = new Maker(this.#form, place, site)
    const gone = former.byPosition.slice(first, last)
    const come: (One | undefined)[] = []
    for (let position = first; position < first + length; position++)
      come.push(maker.make(documents[position]!, position)?.reservation)
    maker.end()
    const index = former.index.edited(gone, come, place.unique)
    if (index === undefined) return undefined
    const byPosition = former.byPosition.spliced(first, last, come)
    const said = new Map(maker.said)
    for (const [position, one] of former.said)
      if (position < first) said.set(position, one)
      else if (position >= last) said.set(position - last + first + length, one)
    const sums = editedSums(former.sums, gone, come, this.#form)
    return { documents, place, byPosition, index, sums, said, hasDuplicates: false }
  }
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}

/** What stood at `first` up to, not including, `last` is now of this length. */
interface ChangedPart {
  readonly first: number
  readonly last: number
  readonly length: number
}

function changedPart(former: readonly unknown[], now: readonly unknown[]): ChangedPart {
  const shorter = Math.min(former.length, now.length)
  let first = 0
  while (first < shorter && former[first] === now[first]) first++
  let same = 0
  while (same < shorter - first && former.at(-1 - same) === now.at(-1 - same)) same++
  return { first, last: former.length - same, length: now.length - same - first }
}

/** Makes reservations one by one, and keeps what is said of each. */
class Maker<Document, Place, One extends ListedHost<Kind>, Kind extends string, Key> {
  readonly said = new Map<number, Said>()
  readonly #form: ReservationForm<Document, Place, One, Kind, Key>
  readonly #place: Place
  readonly #site: Site
  #report = newReport()
  #position = -1

  constructor(form: ReservationForm<Document, Place, One, Kind, Key>, place: Place, site: Site) {
    this.#form = form
    this.#place = place
    this.#site = site
  }

  make(document: Document, position: number): WrittenReservation<One, Kind> | undefined {
    this.end()
    this.#position = position
    return this.#form.compile(document, this.#place, this.siteOf(position))
  }

  /** Where something is said of the reservation that was made last. */
  siteOf(position: number): Site {
    return this.#site.at(position).toldTo(this.#report).entry
  }

  /** Nothing more is said of the last one. */
  end(): void {
    const report = this.#report
    if (report.entries.list.length + report.structure.list.length === 0) return
    this.said.set(this.#position, { report, path: this.#site.at(this.#position).path })
    this.#report = newReport()
  }
}

/** What the reservations before have taken. */
class Claims<Document, Place, One extends ListedHost<Kind>, Kind extends string, Key> {
  hasDuplicates = false
  readonly #form: ReservationForm<Document, Place, One, Kind, Key>
  readonly #unique: boolean
  readonly #byIdentifier = new Map<Kind, Map<Octets, number>>()
  readonly #byKey = new Map<Key, number>()

  constructor(form: ReservationForm<Document, Place, One, Kind, Key>, unique: boolean) {
    this.#form = form
    this.#unique = unique
  }

  /** What is left of the reservation: somebody else's identifiers are left out. */
  admit(
    { reservation, identifiers }: WrittenReservation<One, Kind>,
    position: number,
    site: Site,
  ): One | undefined {
    if (identifiers.length === 0) return reservation
    const own = identifiers.filter((one) => this.#takes(one, position))
    if (own.length === 0) return this.#form.keysOnly(reservation)
    if (!this.#takesKeys(reservation, position, site)) {
      for (const { kind, value } of own) this.#byIdentifier.get(kind)!.delete(value)
      return undefined
    }
    if (own.length === identifiers.length) return reservation
    return { ...reservation, identifiers: bareOf(own) }
  }

  /** False where one of its addresses or prefixes is somebody else's. */
  #takesKeys(reservation: One, position: number, site: Site): boolean {
    const keys = this.#form.keysOf(reservation)
    const taken = this.#unique ? keys.find((key) => this.#byKey.has(key)) : undefined
    if (taken === undefined) {
      for (const key of keys) this.#byKey.set(key, position)
      return true
    }
    this.hasDuplicates = true
    const message = `${this.#form.keyText(taken)} is reserved here already`
    const hint = `by reservations[${this.#byKey.get(taken)}]; ip-reservations-unique false allows it`
    this.#form.keySite(reservation, taken, site).error('duplicate', message, hint)
    return false
  }

  /** False where somebody has the identifier already. */
  #takes(identifier: WrittenIdentifier<Kind>, position: number): boolean {
    const { kind, site, text, value } = identifier
    let taken = this.#byIdentifier.get(kind)
    if (taken === undefined) {
      taken = new Map()
      this.#byIdentifier.set(kind, taken)
    }
    const by = taken.get(value)
    if (by === undefined) {
      taken.set(value, position)
      return true
    }
    this.hasDuplicates = true
    const message =
      by === position
        ? `${kind} ${text} stands here a second time`
        : `${kind} ${text} has a reservation here already`
    site.error('duplicate', message, by === position ? 'once is enough' : `as reservations[${by}]`)
    return false
  }
}

export function bareOf<Kind extends string>(
  identifiers: readonly WrittenIdentifier<Kind>[],
): readonly Identifier<Kind>[] {
  return identifiers.map(({ kind, value }) => ({ kind, value }))
}
