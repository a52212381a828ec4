// What an option value looks like. The words are Kea's: they stand in `option-def` of a document
// too.

import type { Octets } from '../../bytes/octets.ts'

/**
 * Kea's names of value types. `internal` has a notation of its own, chosen by the option's name.
 */
export type OptionType =
  | 'empty'
  | 'binary'
  | 'boolean'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'ipv4-address'
  | 'ipv6-address'
  | 'ipv6-prefix'
  | 'psid'
  | 'string'
  | 'tuple'
  | 'fqdn'
  | 'internal'
  | 'record'

type Sizes = Partial<Record<OptionType, number>>

/** Bytes of the types that are numbers of 32 bits at most, an address among them. */
export const NUMBER_SIZES: Sizes = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  'ipv4-address': 4,
}

/** Bytes of the types whose size never varies. */
export const TYPE_SIZES: Sizes = { ...NUMBER_SIZES, boolean: 1, 'ipv6-address': 16 }

/** One option of one option space. */
export interface OptionDefinition {
  /** Whose spaces the name of the space is one of. */
  readonly family: 4 | 6
  /** `dhcp4` or `dhcp6`, or the name of a space of sub-options. */
  readonly space: string
  readonly code: number
  /** Kea's name. */
  readonly name: string
  readonly type: OptionType
  /** The value repeats; in a record its last field does. */
  readonly array: boolean
  /** Types of the fields of a record, else empty. */
  readonly fields: readonly OptionType[]
  /** The space of the sub-options this option carries behind its own value, '' for none. */
  readonly encapsulates: string
  /** Where it is defined, `RFC 2132`. */
  readonly rfc: string
}

/**
 * The value as it goes on the wire, with a sentence where it may not be what was meant; or one
 * about why the text is none.
 */
export type OptionParse =
  | {
      readonly data: Octets
      readonly doubt?: string
      /** DHCPv6: what each instance holds, where one does not hold all. */
      readonly instances?: readonly Octets[]
    }
  | { readonly problem: string }
