// Option values to text.

import type { Octets } from '../bytes/octets.ts'
import type { OptionDefinition } from './option-definition.ts'

export function printOption(_definition: OptionDefinition | undefined, _data: Octets): string {
  return ''
}

/** Undefined when the value is legal, else what is wrong. */
export function checkOptionData(_definition: OptionDefinition, _data: Octets): string | undefined {
  return undefined
}
