// A row of a database of reservations -> a reservation, judged as one of a document.

import type { HostRow } from '../plan/host-rows.ts'
import type { Members } from '../text/map.ts'
import { newReport, Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import type { ListedHost, ListPlace, ReservationForm } from './reservation-lists.ts'

export interface MadeHost<One, Place> {
  readonly row: HostRow
  /** What it was judged by. */
  readonly place: Place | undefined
  /** Undefined where nothing is left of it, or where it does not count. */
  readonly reservation: One | undefined
  /** What of it is wrong; '' where nothing is. */
  readonly problem: string
}

/** A database may not fill the memory of every client with names: beyond so many none is new. */
const CLASS_NAMES_MAX = 1000

export class HostMaker<
  Document,
  Place extends ListPlace<Kind>,
  One extends ListedHost<Kind>,
  Kind extends string,
  Key,
> {
  readonly #form: ReservationForm<Document, Place, One, Kind, Key>
  readonly #namesMax: number
  #report = newReport()
  #site = this.#newSite()

  /** `mayName`: the classes of the plan are not numbered yet, so a row may name further ones. */
  constructor(form: ReservationForm<Document, Place, One, Kind, Key>, mayName: boolean) {
    this.#form = form
    this.#namesMax = mayName ? CLASS_NAMES_MAX : 0
  }

  make(row: HostRow, place: Place | undefined): MadeHost<One, Place> {
    if (place === undefined) return { row, place, reservation: undefined, problem: '' }
    const host = this.#hostOf(row, place.classes) as Document
    const written = this.#form.compile(host, place, this.#site)
    return { row, place, reservation: written?.reservation, problem: this.#said(written) }
  }

  #hostOf({ host }: HostRow, { names }: ClassLists): Members {
    return names.size < this.#namesMax
      ? host
      : withKnownClasses(host, (name) => names.numberOf(name) !== undefined)
  }

  #said(written: unknown): string {
    const { entries, structure } = this.#report
    const said = [...structure.list, ...entries.list]
    if (said.length > 0) {
      this.#report = newReport()
      this.#site = this.#newSite()
    }
    const [error] = said.filter(({ severity }) => severity === 'error')
    if (error === undefined) return written === undefined ? 'nothing is left of it' : ''
    return error.hint === '' ? error.message : `${error.message} (${error.hint})`
  }

  #newSite(): Site {
    return Site.of(this.#report, ['hosts-databases'])
  }
}

/** Nobody is in a class that nothing else names; an option for such classes alone is for nobody. */
function withKnownClasses(host: Members, isKnown: (name: string) => boolean): Members {
  const { 'client-classes': classes, 'option-data': options } = host
  if (classes === undefined && options === undefined) return host
  return {
    ...host,
    'client-classes': ((classes ?? []) as readonly string[]).filter(isKnown),
    'option-data': ((options ?? []) as readonly Members[]).flatMap((option) => {
      const all = option['client-classes'] as readonly string[] | undefined
      if (all === undefined || all.length === 0) return [option]
      const known = all.filter(isKnown)
      return known.length === 0 ? [] : [{ ...option, 'client-classes': known }]
    }),
  }
}

/** What would be wrong with a row that is made now, when the classes of the plan are numbered. */
export function problemOf<
  Document,
  Place extends ListPlace<Kind>,
  One extends ListedHost<Kind>,
  Kind extends string,
  Key,
>(
  row: HostRow,
  place: Place | undefined,
  form: ReservationForm<Document, Place, One, Kind, Key>,
): string {
  return new HostMaker(form, false).make(row, place).problem
}
