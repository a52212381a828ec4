// Options encoded ahead of time. What a subnet sends is the same for thousands of replies, so it is
// turned into bytes once and copied from then on. Values longer than 255 bytes are split (RFC
// 3396).

import type { Octets } from '../../bytes/octets.ts'
import { writeOctets } from '../../bytes/octets.ts'

/** The longest value one code-length-value triple can carry. */
const OPTION_PART_MAX = 255

/** One option as it goes on the wire: code, length, value, and again where the value was split. */
export interface EncodedOption4 {
  readonly code: number
  readonly bytes: Uint8Array
}

/** Options that are sent together. There may be a block for each of many clients: it is small. */
export interface OptionBlock4 {
  /** All of them, one behind the other, in the order in which they are sent where all fit. */
  readonly bytes: Uint8Array
  /** Where each begins and ends, the most important first: where not all fit, the last go. */
  readonly parts: readonly number[]
}

/** Encodes one option. `data` is the bare value, of any length. */
export function encodeOption4(code: number, data: Octets): EncodedOption4 {
  const bytes = new Uint8Array(encodedSize4(data.length))
  writeOption4(bytes, 0, code, data)
  return { code, bytes }
}

/** `options` as they are sent; the same by their importance, where that is another order. */
export function optionBlock4(
  options: readonly EncodedOption4[],
  byImportance: readonly EncodedOption4[] = options,
): OptionBlock4 {
  const bytes = new Uint8Array(options.reduce((size, option) => size + option.bytes.length, 0))
  const starts = new Map<EncodedOption4, number>()
  let at = 0
  for (const option of options) {
    starts.set(option, at)
    bytes.set(option.bytes, at)
    at += option.bytes.length
  }
  const parts = byImportance.flatMap((option) => {
    const start = starts.get(option)!
    return [start, start + option.bytes.length]
  })
  return { bytes, parts }
}

/** The options of the block, the most important first. */
export function optionsOfBlock({ bytes, parts }: OptionBlock4): EncodedOption4[] {
  const options: EncodedOption4[] = []
  for (let at = 0; at < parts.length; at += 2) {
    const part = bytes.subarray(parts[at]!, parts[at + 1]!)
    options.push({ code: part[0]!, bytes: part })
  }
  return options
}

/** A block without options, for a NAK. */
export const EMPTY_BLOCK4: OptionBlock4 = optionBlock4([])

/** Bytes that an option with a value of `length` bytes takes on the wire. */
export function encodedSize4(length: number): number {
  return length + 2 * Math.max(1, Math.ceil(length / OPTION_PART_MAX))
}

/** Writes one option, split where it must be, and returns the position behind it. */
export function writeOption4(out: Uint8Array, at: number, code: number, data: Octets): number {
  if (data.length <= OPTION_PART_MAX) {
    out[at] = code
    out[at + 1] = data.length
    return writeOctets(data, out, at + 2)
  }
  let end = at
  for (let start = 0; start < data.length; start += OPTION_PART_MAX)
    end = writeOption4(out, end, code, data.slice(start, start + OPTION_PART_MAX))
  return end
}
