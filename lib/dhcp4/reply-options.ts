// The options of a reply that do not differ from reply to reply. Which of them count for a client
// depends on its subnet or pool, its reservation, and those of its classes that say something
// there; of these it gets what it asks for. All is made once for each combination that occurs, and
// then found by a way of Maps, without allocation.

import type { Octets } from '../bytes/octets.ts'
import type { ClassSet } from '../classify/class-set.ts'
import {
  entriesOf,
  levelsFor,
  type OptionLevel,
  type OptionSet,
  type OptionsOfClasses,
  type OptionValues,
  saysNothing,
  valuesOf,
} from '../config/plan/option-set.ts'
import type { Reservation4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import { type Selection, selectionOf } from './selection.ts'
import { hearVendors } from './vendor-options.ts'

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

/** Where the ways begin that lead from one set of options, with a reservation or none. */
interface Root {
  readonly base: OptionSet
  readonly reserved: OptionLevel | undefined
  /** The classes that make a difference there; undefined = none does. */
  readonly mattering: Int32Array | undefined
  readonly first: ByClass
}

/** A way goes on with each class of a client that makes a difference, in their order. */
interface ByClass {
  next: Map<number, ByClass> | undefined
  /** Made when the first client is here that is in no further class. */
  kind: Kind | undefined
}

/** Clients for whom the same counts. It is not kept: it is needed once for each request list. */
interface Kind {
  /** Undefined: nothing is for enterprises. */
  readonly enterprises: OptionValues['enterprises'] | undefined
  readonly first: ByVendor
}

/** A way goes on with each thing that a client says of enterprises and that makes a difference. */
interface ByVendor {
  next: Map<number, ByVendor> | undefined
  /** By request list. */
  readonly selections: Map<Octets, Selection>
}

export class ReplyOptions {
  readonly #ofClasses: OptionsOfClasses
  #roots = new Map<OptionSet, Root>()
  /** One for each reservation that has options: over the set that it was last used with. */
  #reserved = new WeakMap<Reservation4, Root>()
  #count = 0
  #steps = 0
  #max = SELECTIONS_MAX
  /** The classes that make a difference wherever a client is, a bit each. */
  readonly #matteringWords: readonly number[]

  constructor(ofClasses: OptionsOfClasses = []) {
    this.#ofClasses = ofClasses
    this.#matteringWords = wordsOfClasses(ofClasses)
  }

  /** What the client gets: `base` are the options of its pool, subnet, or the global ones. */
  select(
    base: OptionSet,
    classes: ClassSet,
    reservation: Reservation4 | undefined,
    query: Query4,
  ): Selection {
    const root = this.#rootOf(base, reservation)
    const { enterprises, first } = this.#kindOf(root, classes)
    const list = query.octets(OPTION4.parameterRequestList) ?? ''
    const { selections } =
      enterprises === undefined ? first : hearVendors(query, enterprises, first, this.#hear)
    return selections.get(list) ?? this.#newSelection(root, classes, query, list, selections)
  }

  /** All that counts for such a client, whatever it asks for. */
  valuesFor(
    base: OptionSet,
    classes: ClassSet,
    reservation: Reservation4 | undefined,
  ): OptionValues {
    return this.#valuesFrom(this.#rootOf(base, reservation), classes)
  }

  #newSelection(
    root: Root,
    classes: ClassSet,
    query: Query4,
    list: Octets,
    selections: Map<Octets, Selection>,
  ): Selection {
    const values = this.#valuesFrom(root, classes)
    const heard = new Set<number>()
    hearVendors(query, values.enterprises, heard, (numbers, said) => numbers.add(said))
    const selection = selectionOf(values, list, heard)
    if (list.length > KEPT_LIST_MAX) return selection
    if (this.#count >= this.#max) this.#forget()
    this.#count++
    selections.set(list, selection)
    return selection
  }

  #kindOf(root: Root, classes: ClassSet): Kind {
    let at = root.first
    const { mattering } = root
    if (mattering !== undefined) {
      const { order, count } = classes
      for (let index = 0; index < count; index++) {
        const number = order[index]!
        const word = number >>> 5
        if (word >= mattering.length || ((mattering[word]! >>> (number & 31)) & 1) === 0) continue
        at = at.next?.get(number) ?? this.#nextByClass(at, number)
      }
    }
    at.kind ??= newKind(this.#valuesFrom(root, classes))
    return at.kind
  }

  #rootOf(base: OptionSet, reservation: Reservation4 | undefined): Root {
    if (reservation === undefined || saysNothing(reservation.options))
      return this.#roots.get(base) ?? this.#newRoot(base, undefined)
    const known = this.#reserved.get(reservation)
    if (known !== undefined && known.base === base) return known
    return this.#newRoot(base, reservation)
  }

  #newRoot(base: OptionSet, reservation: Reservation4 | undefined): Root {
    const reserved = reservation?.options
    const levels = base.levels.map(({ level }) => level)
    const own = reserved === undefined ? levels : [...levels, reserved]
    const mattering = masked([...this.#matteringWords], own)
    const root: Root = { base, reserved, mattering, first: newByClass() }
    if (reservation === undefined) {
      this.#max += SELECTIONS_OF_SET
      this.#roots.set(base, root)
    } else {
      if (!this.#reserved.has(reservation)) this.#max += SELECTIONS_OF_RESERVATION
      this.#reserved.set(reservation, root)
    }
    return root
  }

  #valuesFrom({ base, reserved, mattering }: Root, classes: ClassSet): OptionValues {
    if (mattering === undefined && reserved === undefined) return base
    const levels = levelsFor(base, classes, this.#ofClasses, reserved)
    return valuesOf(
      levels.map(({ level }) => level),
      classes,
    )
  }

  readonly #hear = (at: ByVendor, said: number): ByVendor => {
    const known = at.next?.get(said)
    if (known !== undefined) return known
    this.#countStep()
    const next = newByVendor()
    at.next ??= new Map()
    at.next.set(said, next)
    return next
  }

  #nextByClass(at: ByClass, number: number): ByClass {
    this.#countStep()
    const next = newByClass()
    at.next ??= new Map()
    at.next.set(number, next)
    return next
  }

  #countStep(): void {
    if (this.#steps >= STEPS_EACH * this.#max) this.#forget()
    this.#steps++
  }

  /** All but what is being looked at. */
  #forget(): void {
    this.#roots = new Map()
    this.#reserved = new WeakMap()
    this.#count = 0
    this.#steps = 0
    this.#max = SELECTIONS_MAX
  }
}

function newByClass(): ByClass {
  return { next: undefined, kind: undefined }
}

function newByVendor(): ByVendor {
  return { next: undefined, selections: new Map() }
}

function newKind({ enterprises }: OptionValues): Kind {
  return { enterprises: enterprises.size === 0 ? undefined : enterprises, first: newByVendor() }
}

/** Those that say something, and those that some entry of theirs is for; a bit each. */
function wordsOfClasses(ofClasses: OptionsOfClasses): number[] {
  const words: number[] = []
  for (const [number, level] of ofClasses.entries()) {
    if (level === undefined || saysNothing(level)) continue
    words[number >>> 5] = (words[number >>> 5] ?? 0) | (1 << (number & 31))
    addTags(words, level)
  }
  return words
}

/** With those that some entry of the levels is for. */
function masked(words: number[], levels: readonly OptionLevel[]): Int32Array | undefined {
  for (const level of levels) addTags(words, level)
  return words.length === 0 ? undefined : Int32Array.from(words, (word) => word ?? 0)
}

function addTags(words: number[], level: OptionLevel): void {
  for (const { tag } of entriesOf(level))
    for (const [word, bits] of tag?.entries() ?? []) words[word] = (words[word] ?? 0) | bits
}
