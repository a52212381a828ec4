// The options of a reply that do not differ from reply to reply. Which of them count for a client
// depends on its subnet or pool, its reservation, and those of its classes that say something
// there; of these it gets what it asks for. All is made once for each combination that occurs, and
// then found by a way of Maps, without allocation.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import {
  levelsFor,
  type OptionLevel,
  type OptionSet,
  type OptionsOfClasses,
  type OptionValues,
  saysNothing,
  valuesOf,
} from '../config/plan/option-set.ts'
import { type ClassWay, ClassWays } from './class-ways.ts'

/**
 * Most encoded selections kept: strangers choose their request lists. Each set of options that is
 * in use, and each reservation with options of its own, makes room for some more: so many kinds of
 * clients a network has. When there is no room all are forgotten.
 */
export const SELECTIONS_MAX = 16_384
export const SELECTIONS_OF_SET = 16
const SELECTIONS_OF_RESERVATION = 2

/** Steps of ways kept for each selection: what classes and enterprises clients name. */
const STEPS_EACH = 8

/** Longest request list whose selection is kept, octets; that of a real client has some dozens. */
const KEPT_LIST_MAX = 128

/** What a family asks of a query, and makes of what counts for it. */
export interface ReplyForm<Query, Selection> {
  /** Codes of the options that the client asks for, as they stand in the query; '' = none. */
  requestList(query: Query): Octets
  /**
   * Tells what of the query's options of enterprises makes a difference to what it gets. Allocates
   * nothing where nothing of them is said.
   */
  hearVendors<State>(
    query: Query,
    enterprises: OptionValues['enterprises'],
    first: State,
    hear: HearVendor<State>,
  ): State
  /** What a client with this request list gets that said `heard` of enterprises. */
  select(counting: OptionValues, requestList: Octets, heard: ReadonlySet<number>): Selection
}

/**
 * Is told what a query says of enterprises, in a number each: that of the enterprise, and as
 * -1 - code each sub-option that it wants of one that has a request list.
 */
export type HearVendor<State> = (state: State, said: number) => State

/** Of a reservation. */
interface Reserved {
  readonly options: OptionLevel
}

/** A set of options, with a reservation or none over it. */
interface Root<Selection> {
  readonly base: OptionSet
  readonly reserved: OptionLevel | undefined
  /** The first that were there, whom one mostly meets again. */
  way: ClassWay | undefined
  kind: Kind<Selection> | undefined
  others: Map<ClassWay, Kind<Selection>> | undefined
}

/** Clients for whom the same counts. It is not kept: it is needed once for each request list. */
interface Kind<Selection> {
  /** Undefined: nothing is for enterprises. */
  readonly enterprises: OptionValues['enterprises'] | undefined
  readonly first: ByVendor<Selection>
}

/** A way goes on with each thing that a client says of enterprises and that makes a difference. */
interface ByVendor<Selection> {
  next: Map<number, ByVendor<Selection>> | undefined
  /** The first request list that came here, which mostly comes again. */
  list: Octets | undefined
  selection: Selection | undefined
  /** By request list. */
  others: Map<Octets, Selection> | undefined
}

export class ReplyOptions<Query, Selection> {
  readonly #form: ReplyForm<Query, Selection>
  readonly #ofClasses: OptionsOfClasses
  #ways: ClassWays
  #roots = new Map<OptionSet, Root<Selection>>()
  /** One for each reservation that has options: over the set that it was last used with. */
  #reserved = new WeakMap<Reserved, Root<Selection>>()
  #count = 0
  #steps = 0
  #max = SELECTIONS_MAX

  constructor(form: ReplyForm<Query, Selection>, ofClasses: OptionsOfClasses) {
    this.#form = form
    this.#ofClasses = ofClasses
    this.#ways = new ClassWays(ofClasses, this.#countStep)
  }

  /** What the client gets: `base` are the options of its pool, subnet, or the global ones. */
  select(
    base: OptionSet,
    classes: ClassSet,
    reservation: Reserved | undefined,
    query: Query,
  ): Selection {
    const root = this.#rootOf(base, reservation)
    const way = this.#ways.of(classes)
    const { enterprises, first } =
      root.way === way ? root.kind! : (root.others?.get(way) ?? this.#newKind(root, way, classes))
    const at =
      enterprises === undefined
        ? first
        : this.#form.hearVendors(query, enterprises, first, this.#hear)
    const list = this.#form.requestList(query)
    if (at.list === list) return at.selection!
    return at.others?.get(list) ?? this.#newSelection(root, classes, query, list, at)
  }

  /** All that counts for such a client, whatever it asks for. */
  valuesFor(base: OptionSet, classes: ClassSet, reservation: Reserved | undefined): OptionValues {
    return this.#valuesFrom(this.#rootOf(base, reservation), classes)
  }

  #newSelection(
    root: Root<Selection>,
    classes: ClassSet,
    query: Query,
    list: Octets,
    at: ByVendor<Selection>,
  ): Selection {
    const values = this.#valuesFrom(root, classes)
    const heard = new Set<number>()
    const add = (numbers: Set<number>, said: number) => numbers.add(said)
    this.#form.hearVendors(query, values.enterprises, heard, add)
    const selection = this.#form.select(values, list, heard)
    if (list.length > KEPT_LIST_MAX) return selection
    if (this.#count >= this.#max) this.#forget()
    this.#count++
    if (at.list === undefined) {
      at.list = list
      at.selection = selection
    } else {
      at.others ??= new Map()
      at.others.set(list, selection)
    }
    return selection
  }

  #rootOf(base: OptionSet, reservation: Reserved | undefined): Root<Selection> {
    if (reservation === undefined || saysNothing(reservation.options))
      return this.#roots.get(base) ?? this.#newRoot(base, undefined)
    const known = this.#reserved.get(reservation)
    if (known !== undefined && known.base === base) return known
    return this.#newRoot(base, reservation)
  }

  #newRoot(base: OptionSet, reservation: Reserved | undefined): Root<Selection> {
    const reserved = reservation?.options
    this.#ways.regard(base.levels.map(({ level }) => level))
    if (reserved !== undefined) this.#ways.regard([reserved])
    const root: Root<Selection> = {
      base,
      reserved,
      way: undefined,
      kind: undefined,
      others: undefined,
    }
    if (reservation === undefined) {
      this.#max += SELECTIONS_OF_SET
      this.#roots.set(base, root)
    } else {
      if (!this.#reserved.has(reservation)) this.#max += SELECTIONS_OF_RESERVATION
      this.#reserved.set(reservation, root)
    }
    return root
  }

  #newKind(root: Root<Selection>, way: ClassWay, classes: ClassSet): Kind<Selection> {
    this.#countStep()
    const { enterprises } = this.#valuesFrom(root, classes)
    const first = newByVendor<Selection>()
    const kind = { enterprises: enterprises.size === 0 ? undefined : enterprises, first }
    if (root.way === undefined) {
      root.way = way
      root.kind = kind
    } else {
      root.others ??= new Map()
      root.others.set(way, kind)
    }
    return kind
  }

  #valuesFrom({ base, reserved }: Root<Selection>, classes: ClassSet): OptionValues {
    const levels = levelsFor(base, classes, this.#ofClasses, reserved)
    return valuesOf(
      levels.map(({ level }) => level),
      classes,
    )
  }

  readonly #hear = (at: ByVendor<Selection>, said: number): ByVendor<Selection> => {
    const known = at.next?.get(said)
    if (known !== undefined) return known
    this.#countStep()
    const next = newByVendor<Selection>()
    at.next ??= new Map()
    at.next.set(said, next)
    return next
  }

  readonly #countStep = (): void => {
    if (this.#steps >= STEPS_EACH * this.#max) this.#forget()
    this.#steps++
  }

  /** All but what is being looked at. */
  #forget(): void {
    this.#ways = new ClassWays(this.#ofClasses, this.#countStep)
    this.#roots = new Map()
    this.#reserved = new WeakMap()
    this.#count = 0
    this.#steps = 0
    this.#max = SELECTIONS_MAX
  }
}

function newByVendor<Selection>(): ByVendor<Selection> {
  return { next: undefined, list: undefined, selection: undefined, others: undefined }
}
