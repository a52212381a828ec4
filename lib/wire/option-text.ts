// Option values as people write them in a document (Kea's CSV text or hexadecimal) to octets.

import type { Octets } from '../bytes/octets.ts'
import type { OptionDefinition } from './option-definition.ts'

export type OptionParse = { readonly data: Octets } | { readonly problem: string }

export function parseOptionText(_definition: OptionDefinition, _csv: string): OptionParse {
  return { problem: 'being written' }
}

export function parseOptionHex(_text: string): OptionParse {
  return { problem: 'being written' }
}
