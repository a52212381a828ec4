// What the language of expressions says of names at a place: libdhcp_ddns_tuning.

import type { Text } from '../../classify/expression.ts'
import type { NameRules } from '../../names/rules.ts'

/** All that a place says of names. */
export interface PlaceNames extends NameRules {
  /** Undefined: the library is not there. */
  readonly tuning: NameTuning | undefined
}

/** What an operator has written of names in the language of expressions. */
export interface NameTuning {
  /** Whose value is the name, where it has one. */
  readonly expression: Text | undefined
  /** Number of the class of clients whose names are not registered. */
  readonly skipClass: number
}
