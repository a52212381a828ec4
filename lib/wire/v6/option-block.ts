// Options encoded ahead of time. What a subnet sends is the same for thousands of replies, so it is
// turned into bytes once and copied from then on.

import { writeUint16 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { writeOctets } from '../../bytes/octets.ts'
import { OPTION_HEAD } from './layout.ts'

/** One option as it goes on the wire. */
export interface EncodedOption6 {
  readonly code: number
  readonly bytes: Uint8Array
}

/** `data` is the bare value, of 65,535 octets at most. */
export function encodeOption6(code: number, data: Octets): EncodedOption6 {
  const bytes = new Uint8Array(OPTION_HEAD + data.length)
  writeUint16(bytes, 0, code)
  writeUint16(bytes, 2, data.length)
  writeOctets(data, bytes, OPTION_HEAD)
  return { code, bytes }
}

/** Options that are sent together, one behind the other: by their codes, and else as they stand. */
export function optionBlock6(options: readonly EncodedOption6[]): Uint8Array {
  const inOrder = [...options].sort((one, other) => one.code - other.code)
  const block = new Uint8Array(options.reduce((size, { bytes }) => size + bytes.length, 0))
  let at = 0
  for (const { bytes } of inOrder) {
    block.set(bytes, at)
    at += bytes.length
  }
  return block
}
