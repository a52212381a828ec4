// What options are called and look like where a document counts: the standard ones, and those that
// it defines itself (Kea's `option-def`) in whatever space. Immutable.

import type { OptionDefinition } from './definition.ts'
import type { OptionTable } from './option-table.ts'
import { OPTIONS4 } from './options4.ts'
import { OPTIONS6 } from './options6.ts'

/** Kea's name of the spaces of sub-options of option 125 (in DHCPv6 17), by enterprise. */
const VENDOR_SPACE = /^vendor-(\d{1,10})$/
const ENTERPRISE_MAX = 0xffff_ffff

export class OptionRegistry {
  /** Of no document. */
  static readonly standard4 = new OptionRegistry([], OPTIONS4)
  static readonly standard6 = new OptionRegistry([], OPTIONS6)

  /** The standard options of its family. */
  readonly table: OptionTable
  /** Those of the document, in its order. */
  readonly own: readonly OptionDefinition[]
  readonly #upper: OptionRegistry | undefined
  readonly #byCode = new Map<string, OptionDefinition>()
  readonly #byName = new Map<string, OptionDefinition>()
  readonly #spaces = new Set<string>()
  readonly #bySpace = new Map<string, OptionDefinition[]>()
  /** By the space that they carry; made when it is asked for first. */
  #carriers: ReadonlyMap<string, readonly OptionDefinition[]> | undefined

  /** `own` goes before those of `upper`: a registry, or the standard options. */
  constructor(own: readonly OptionDefinition[], upper: OptionRegistry | OptionTable) {
    this.own = own
    this.#upper = upper instanceof OptionRegistry ? upper : undefined
    this.table = upper instanceof OptionRegistry ? upper.table : upper
    for (const definition of own) {
      const { space, code, name, encapsulates } = definition
      this.#byCode.set(`${space}/${code}`, definition)
      this.#byName.set(`${space}/${name}`, definition)
      this.#spaces.add(space)
      push(this.#bySpace, space, definition)
      if (encapsulates !== '') this.#spaces.add(encapsulates)
    }
  }

  /** What a class defines for its own options goes before what counts for all. */
  with(own: readonly OptionDefinition[]): OptionRegistry {
    return own.length === 0 ? this : new OptionRegistry(own, this)
  }

  byCode(space: string, code: number): OptionDefinition | undefined {
    return this.#byCode.get(`${space}/${code}`) ?? (this.#upper ?? this.table).byCode(space, code)
  }

  /** A standard name of an option that is defined anew still means it. */
  byName(space: string, name: string): OptionDefinition | undefined {
    const own = this.#byName.get(`${space}/${name}`)
    if (own !== undefined) return own
    const other = (this.#upper ?? this.table).byName(space, name)
    return other && (this.#byCode.get(`${space}/${other.code}`) ?? other)
  }

  /** Whether an option can be of the space: something is in it, or carries it. */
  hasSpace(space: string): boolean {
    return (
      this.#spaces.has(space) ||
      (this.#upper?.hasSpace(space) ?? (this.table.spaces.has(space) || enterpriseOf(space) >= 0))
    )
  }

  /** Names of the spaces that have a name of their own: not those of enterprises. */
  spaces(): ReadonlySet<string> {
    return new Set([...(this.#upper?.spaces() ?? this.table.spaces.keys()), ...this.#spaces])
  }

  /** The options of a space; one that is defined anew counts once. */
  in(space: string): readonly OptionDefinition[] {
    const above = this.#upper?.in(space) ?? this.table.spaces.get(space) ?? []
    const own = this.#bySpace.get(space) ?? []
    const codes = new Set(own.map(({ code }) => code))
    return [...above.filter(({ code }) => !codes.has(code)), ...own]
  }

  /** The options that carry the sub-options of a space. */
  carriersOf(space: string): readonly OptionDefinition[] {
    this.#carriers ??= this.#indexed()
    return this.#carriers.get(space) ?? []
  }

  #indexed(): ReadonlyMap<string, readonly OptionDefinition[]> {
    const carriers = new Map<string, OptionDefinition[]>()
    for (const space of this.spaces())
      for (const definition of this.in(space)) push(carriers, definition.encapsulates, definition)
    carriers.delete('')
    return carriers
  }
}

function push(
  lists: Map<string, OptionDefinition[]>,
  key: string,
  definition: OptionDefinition,
): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [definition])
  else list.push(definition)
}

/** The enterprise whose options, inside the vendor option, the space holds; or -1. */
export function enterpriseOf(space: string): number {
  const match = VENDOR_SPACE.exec(space)
  const enterprise = match === null ? -1 : Number(match[1])
  return enterprise > ENTERPRISE_MAX ? -1 : enterprise
}

export function vendorSpace(enterprise: number): string {
  return `vendor-${enterprise}`
}
