// Lists of reservations: a subnet's, or the global one. A wrong reservation is reported and left
// out, except that its address goes to nobody else: somebody may well use it.
//
// Of a list that was edited only what is new is made: lists of a hundred thousand are edited one
// reservation at a time.

import { type Ipv4, textFromIpv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ReservationDocument } from '../keys/document4.ts'
import type { Reservation4, ReservationIdentifier } from '../plan/plan4.ts'
import { ReservationIndex } from '../plan/reservation-index.ts'
import type { Path } from '../text/problem.ts'
import { newReport, type Report, type Site } from '../text/site.ts'
import type { WrittenIdentifier } from './reservation-identity.ts'
import { editedSums, type ReservationSums, sumsOf } from './reservation-sums.ts'
import {
  addressOnly,
  bareOf,
  compileReservation,
  type ReservationPlace,
  type WrittenReservation,
} from './reservations.ts'

type Documents = readonly ReservationDocument[]

/** What was said of one reservation, and where it stood. */
interface Said {
  readonly report: Report
  readonly path: Path
}

export interface ReservationsMade {
  /** By position in the document; undefined where nothing was left. */
  readonly byPosition: readonly (Reservation4 | undefined)[]
  readonly index: ReservationIndex
  readonly sums: ReservationSums
}

interface MadeList extends ReservationsMade {
  readonly documents: Documents
  readonly place: ReservationPlace
  /** By position. */
  readonly said: ReadonlyMap<number, Said>
  /** Some could not stand beside others: what becomes of one depends on those before it. */
  readonly hasDuplicates: boolean
}

/** A list that has changed in more of its reservations is made as a whole. */
const EDITED_MAX = 1000

/** The lists of one global level, by the id of their subnet; 0 is the global list. */
export class ReservationLists {
  readonly #made = new Map<number, MadeList>()

  /** What is wrong is told at `site`. */
  get(key: number, documents: Documents, place: ReservationPlace, site: Site): ReservationsMade {
    const former = this.#made.get(key)
    const made =
      (former && isSamePlace(former.place, place) ? edited(former, documents, site) : undefined) ??
      wholeList(documents, place, site)
    for (const [position, { report, path }] of made.said) site.at(position).tell(report, path)
    this.#made.set(key, made)
    return made
  }
}

function isSamePlace(one: ReservationPlace, other: ReservationPlace): boolean {
  return (
    one.classes === other.classes &&
    one.registry === other.registry &&
    one.unique === other.unique &&
    one.hasFlexId === other.hasFlexId &&
    one.keepsClientId === other.keepsClientId &&
    one.subnet?.text === other.subnet?.text &&
    isSameList(one.identifiers, other.identifiers) &&
    isSameList(one.poolsPromisedFree, other.poolsPromisedFree)
  )
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}

function wholeList(documents: Documents, place: ReservationPlace, site: Site): MadeList {
  const maker = new Maker(place, site)
  const claims = new Claims(place.unique)
  const byPosition = documents.map((document, position) => {
    const written = maker.make(document, position)
    return written && claims.admit(written, position, maker.siteOf(position))
  })
  maker.end()
  const index = ReservationIndex.of(byPosition, place.identifiers)
  const { said } = maker
  const { hasDuplicates } = claims
  return { documents, place, byPosition, index, sums: sumsOf(byPosition), said, hasDuplicates }
}

/** Undefined where the list has to be made as a whole. */
function edited(former: MadeList, documents: Documents, site: Site): MadeList | undefined {
  if (former.hasDuplicates) return undefined
  const { first, last, length } = changedPart(former.documents, documents)
  if (length > EDITED_MAX || last - first > EDITED_MAX) return undefined
  const { place } = former
  const maker = new Maker(place, site)
  const gone = former.byPosition.slice(first, last)
  const come: (Reservation4 | undefined)[] = []
  for (let position = first; position < first + length; position++)
    come.push(maker.make(documents[position]!, position)?.reservation)
  maker.end()
  const index = former.index.edited(gone, come, place.unique)
  if (index === undefined) return undefined
  const byPosition = former.byPosition.toSpliced(first, last - first, ...come)
  const said = new Map(maker.said)
  for (const [position, one] of former.said)
    if (position < first) said.set(position, one)
    else if (position >= last) said.set(position - last + first + length, one)
  const sums = editedSums(former.sums, gone, come)
  return { documents, place, byPosition, index, sums, said, hasDuplicates: false }
}

/** What stood at `first` up to, not including, `last` is now of this length. */
interface ChangedPart {
  readonly first: number
  readonly last: number
  readonly length: number
}

function changedPart(former: Documents, now: Documents): ChangedPart {
  const shorter = Math.min(former.length, now.length)
  let first = 0
  while (first < shorter && former[first] === now[first]) first++
  let same = 0
  while (same < shorter - first && former.at(-1 - same) === now.at(-1 - same)) same++
  return { first, last: former.length - same, length: now.length - same - first }
}

/** Makes reservations one by one, and keeps what is said of each. */
class Maker {
  readonly said = new Map<number, Said>()
  readonly #place: ReservationPlace
  readonly #site: Site
  #report = newReport()
  #position = -1

  constructor(place: ReservationPlace, site: Site) {
    this.#place = place
    this.#site = site
  }

  make(document: ReservationDocument, position: number): WrittenReservation | undefined {
    this.end()
    this.#position = position
    return compileReservation(document, this.#place, this.siteOf(position))
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
class Claims {
  hasDuplicates = false
  readonly #unique: boolean
  readonly #byIdentifier = new Map<ReservationIdentifier, Map<Octets, number>>()
  readonly #byAddress = new Map<Ipv4, number>()

  constructor(unique: boolean) {
    this.#unique = unique
  }

  /** What is left of the reservation: somebody else's identifiers are left out. */
  admit(
    { reservation, identifiers }: WrittenReservation,
    position: number,
    site: Site,
  ): Reservation4 | undefined {
    const { address } = reservation
    if (identifiers.length === 0) return reservation
    const own = identifiers.filter((one) => this.#takes(one, position))
    if (own.length === 0) return address === 0 ? undefined : addressOnly(address)
    const sameAddress = this.#unique && address !== 0 ? this.#byAddress.get(address) : undefined
    if (sameAddress !== undefined) {
      this.hasDuplicates = true
      const message = `${textFromIpv4(address)} is reserved here already`
      const hint = `by reservations[${sameAddress}]; ip-reservations-unique false allows it`
      site.at('ip-address').error('duplicate', message, hint)
      for (const { kind, value } of own) this.#byIdentifier.get(kind)!.delete(value)
      return undefined
    }
    if (address !== 0) this.#byAddress.set(address, position)
    return own.length === identifiers.length
      ? reservation
      : { ...reservation, identifiers: bareOf(own) }
  }

  /** False where somebody has the identifier already. */
  #takes(identifier: WrittenIdentifier, position: number): boolean {
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
