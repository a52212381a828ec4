// Options of replies with computed values: libdhcp_flex_option.

import type { Octets } from '../../bytes/octets.ts'
import type { Test, Text } from '../../classify/expression.ts'

/** What is done to an option of a reply, or to a sub-option. */
export interface FlexAction {
  readonly code: number
  /** Undefined: to the option itself. */
  readonly sub: FlexSub | undefined
  readonly deed: FlexDeed
  /** The class that it is for, by its number; undefined: for all clients. */
  readonly guard: number | undefined
}

export interface FlexSub {
  readonly code: number
  /** Of options that enterprises share (125, in DHCPv6 17) whose part it is in; else -1. */
  readonly enterprise: number
  /** An option that is not there is made for it; one that is left empty is taken out. */
  readonly addsContainer: boolean
  readonly removesContainer: boolean
}

/**
 * add: where it is not there yet. supersede: in place of what is there. An empty value does
 * neither. remove: where the test is true. `encode`: of the value as text; undefined = it is none.
 */
export type FlexDeed =
  | {
      readonly kind: 'add' | 'supersede'
      readonly value: Text
      readonly encode: (value: Octets) => Octets | undefined
    }
  | { readonly kind: 'remove'; readonly test: Test }
