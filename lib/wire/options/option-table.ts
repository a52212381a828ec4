// The standard options of one family, found by code and by name in their spaces. They stand in
// tables (options4.ts, options6.ts), an option a row:
//
//   code  name  value  RFC  space of the sub-options
//
// where a value of several types is a record, and `[]` says that the last type repeats. Names and
// types are those of Kea, so that documents written for Kea mean the same here.

import type { OptionDefinition, OptionType } from './definition.ts'

export type Row = readonly [
  code: number,
  name: string,
  value: string,
  rfc: number,
  encapsulates?: string,
]

/** What the options of the families differ by, beside their tables. */
export interface OptionTraits {
  readonly family: 4 | 6
  /** Octets of a code, on the wire; a length has as many. */
  readonly width: 1 | 2
  /** Codes that the options of a message itself may have. */
  readonly first: number
  readonly last: number
  /** Codes of what a client says it is, and of options, each for one enterprise. */
  readonly vendorClass: number
  readonly vendorOptions: number
  /** Standard options of the message that a document may define as it likes all the same. */
  readonly definable: ReadonlySet<number>
  /** Those of which Kea knows nothing: it reads their values as hexadecimal. */
  readonly beyondKea: ReadonlySet<number>
  /** Spaces of sub-options in which several of one code may stand side by side. */
  readonly repeating: ReadonlySet<string>
}

export class OptionTable {
  readonly traits: OptionTraits
  /** Of the options of a message itself. */
  readonly space: string
  readonly spaces: ReadonlyMap<string, readonly OptionDefinition[]>
  readonly #byCode = new Map<string, OptionDefinition>()
  readonly #byName = new Map<string, OptionDefinition>()

  /** `spaces`: rows by Kea's name of their space, those of the message first. */
  constructor(traits: OptionTraits, spaces: ReadonlyMap<string, readonly Row[]>) {
    this.traits = traits
    this.space = `dhcp${traits.family}`
    this.spaces = new Map(
      [...spaces].map(([space, rows]) => [space, definitions(traits.family, space, rows)]),
    )
    for (const definition of [...this.spaces.values()].flat()) {
      this.#byCode.set(`${definition.space}/${definition.code}`, definition)
      this.#byName.set(`${definition.space}/${definition.name}`, definition)
    }
  }

  /** The standard option with this code in the space, or undefined. */
  byCode(space: string, code: number): OptionDefinition | undefined {
    return this.#byCode.get(`${space}/${code}`)
  }

  /** The standard option with this name in the space, or undefined. */
  byName(space: string, name: string): OptionDefinition | undefined {
    return this.#byName.get(`${space}/${name}`)
  }

  /** Whether a document may define the option, since Kea has no fixed definition of it. */
  isDefinable(space: string, code: number): boolean {
    if (this.byCode(space, code) === undefined) return true
    return space === this.space && this.traits.definable.has(code)
  }

  isBeyondKea({ space, code, rfc }: OptionDefinition): boolean {
    return rfc !== '' && space === this.space && this.traits.beyondKea.has(code)
  }
}

function definitions(
  family: 4 | 6,
  space: string,
  rows: readonly Row[],
): readonly OptionDefinition[] {
  return rows.map(([code, name, value, rfc, encapsulates = '']) => {
    const array = value.endsWith('[]')
    const types = (array ? value.slice(0, -2) : value).split(' ') as OptionType[]
    const record = types.length > 1
    return {
      family,
      space,
      code,
      name,
      type: record ? 'record' : types[0]!,
      array,
      fields: record ? types : [],
      encapsulates,
      rfc: rfc === 0 ? 'CableLabs CL-SP-CANN-DHCP-Reg' : `RFC ${rfc}`,
    }
  })
}
