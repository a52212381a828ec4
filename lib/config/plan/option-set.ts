// Options of the plan: what a level says of them, and which of it counts for a client. The levels,
// weakest first: global, the classes of the client (of two classes the one that was assigned first
// is the stronger), shared network, subnet, pool, reservation.

import type { Octets } from '../../bytes/octets.ts'
import { admits, type ClassMask, ClassSet } from '../../classify/class-set.ts'

/** One option with its value as it goes on the wire, without code and length. */
export interface OptionValue {
  readonly code: number
  readonly data: Octets
  /** DHCPv6: the values of several instances, which make up `data`; else one instance has it. */
  readonly instances?: readonly Octets[]
  /** Sent although the client did not ask. Sticky: true at any level counts, whoever it is for. */
  readonly alwaysSend: boolean
  /** Never sent; wins over alwaysSend. Sticky. */
  readonly neverSend: boolean
  /** Classes of the clients that the entry is for; undefined = for all. */
  readonly tag: ClassMask
}

/** What one level says, a class or a reservation as well. */
export interface OptionLevel {
  /**
   * In the order of the document. Several may have one code: for a client counts the first with a
   * tag that admits it, else the last without a tag.
   */
  readonly options: readonly OptionValue[]
  /**
   * Options 124 and 125 (RFC 3925), in DHCPv6 16 and 17: an entry for each enterprise number, in
   * any order.
   */
  readonly enterprises: readonly EnterpriseLevel[]
}

/** What a level says to the clients of one enterprise. */
export interface EnterpriseLevel {
  readonly enterprise: number
  /**
   * Of code 124 (16): data is the vendor class, what stands behind the enterprise number. Of code
   * 125 (17): the option as it was configured by itself; data is the sub-options that always stand
   * in it, mostly ''.
   */
  readonly carriers: readonly OptionValue[]
  /** Sub-options of option 125 (17), by their own codes. */
  readonly subOptions: readonly OptionValue[]
}

/** What counts for clients of one kind, by code. */
export interface OptionValues {
  readonly values: ReadonlyMap<number, OptionValue>
  /** By enterprise number. */
  readonly enterprises: ReadonlyMap<number, EnterpriseValues>
}

export interface EnterpriseValues {
  readonly carriers: ReadonlyMap<number, OptionValue>
  readonly subOptions: ReadonlyMap<number, OptionValue>
}

export type OptionScope = 'global' | 'network' | 'subnet' | 'pool'

/** What some classes say, by number of class. */
export type OptionsOfClasses = readonly (OptionLevel | undefined)[]

/** A level where it stands for one client. */
export type RankedLevel =
  | PlacedLevel
  | { readonly scope: 'reservation'; readonly level: OptionLevel }
  | { readonly scope: 'class'; readonly number: number; readonly level: OptionLevel }

/**
 * Options of a chain of levels, merged for a client that is in no class. Compared by identity: one
 * object per merged set. Never in it: what owned-options.ts lists, which the document cannot set.
 * May be in it: 1 (goes before the subnet's own mask) and 54 (overrides the server identifier).
 */
export interface OptionSet extends OptionValues {
  /** Those that say something, weakest first. */
  readonly levels: readonly PlacedLevel[]
}

export interface PlacedLevel {
  readonly scope: OptionScope
  readonly level: OptionLevel
}

export const NO_OPTIONS: OptionLevel = { options: [], enterprises: [] }

export const EMPTY_OPTION_SET: OptionSet = { values: new Map(), enterprises: new Map(), levels: [] }

export function saysNothing({ options, enterprises }: OptionLevel): boolean {
  return options.length === 0 && enterprises.length === 0
}

/** The level over those of `upper`. */
export function overlaid(upper: OptionSet, scope: OptionScope, level: OptionLevel): OptionSet {
  const levels = [...upper.levels, { scope, level }]
  return { levels, ...valuesOf(levels.map((placed) => placed.level).reverse(), IN_NO_CLASS) }
}

const IN_NO_CLASS = new ClassSet(0)

/** What says something to a client, strongest first: classes go before the global level only. */
export function levelsFor(
  { levels }: OptionSet,
  classes: ClassSet,
  ofClasses: OptionsOfClasses,
  reserved: OptionLevel | undefined,
): RankedLevel[] {
  const ranked: RankedLevel[] = []
  if (reserved !== undefined) ranked.push({ scope: 'reservation', level: reserved })
  const placed = levels.toReversed()
  ranked.push(...placed.filter(({ scope }) => scope !== 'global'))
  for (const number of classes.order.subarray(0, classes.count)) {
    const level = ofClasses[number]
    if (level !== undefined) ranked.push({ scope: 'class', number, level })
  }
  ranked.push(...placed.filter(({ scope }) => scope === 'global'))
  return ranked
}

/** What counts for clients of these classes; `levels` strongest first. */
export function valuesOf(levels: readonly OptionLevel[], classes: ClassSet): OptionValues {
  const numbers = new Set<number>()
  for (const level of levels)
    for (const { enterprise } of level.enterprises) numbers.add(enterprise)
  const enterprises = new Map<number, EnterpriseValues>()
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const parts = levels.flatMap((level) =>
      level.enterprises.filter(({ enterprise }) => enterprise === number),
    )
    const carriers = countingOf(
      parts.map((part) => part.carriers),
      classes,
    )
    const subOptions = countingOf(
      parts.map((part) => part.subOptions),
      classes,
    )
    enterprises.set(number, { carriers, subOptions })
  }
  return {
    values: countingOf(
      levels.map(({ options }) => options),
      classes,
    ),
    enterprises,
  }
}

type Values = Map<number, OptionValue>

/** Of lists of entries, the strongest first, the one that counts for each code. */
function countingOf(lists: readonly (readonly OptionValue[])[], classes: ClassSet): Values {
  const values: Values = new Map()
  for (const list of lists)
    for (const [code, option] of chosenOf(list, classes))
      if (!values.has(code)) values.set(code, option)
  for (const list of lists) for (const option of list) addFlags(values, option)
  return values
}

/** Of the entries of one level. */
export function chosenOf(list: readonly OptionValue[], classes: ClassSet): Values {
  const chosen: Values = new Map()
  for (const option of list) {
    const isTaken = chosen.get(option.code)?.tag !== undefined
    if (!isTaken && admits(option.tag, classes)) chosen.set(option.code, option)
  }
  return chosen
}

/** What is never sent is so even where no value counts, and then it is known by that. */
function addFlags(values: Values, { code, alwaysSend, neverSend }: OptionValue): void {
  const option = values.get(code)
  if (option === undefined) {
    if (neverSend) values.set(code, { code, data: '', alwaysSend, neverSend, tag: undefined })
  } else if ((alwaysSend && !option.alwaysSend) || (neverSend && !option.neverSend)) {
    values.set(code, {
      ...option,
      alwaysSend: option.alwaysSend || alwaysSend,
      neverSend: option.neverSend || neverSend,
    })
  }
}

/** Every entry of the level, of whatever enterprise. */
export function* entriesOf({ options, enterprises }: OptionLevel): Iterable<OptionValue> {
  yield* options
  for (const { carriers, subOptions } of enterprises) {
    yield* carriers
    yield* subOptions
  }
}
