// Options of a reply by their codes: those of the plan, which are encoded ahead of time, and a few
// that differ from reply to reply.

import { readUint16 } from '../bytes/cursor.ts'
import { OPTION_HEAD } from '../wire/v6/layout.ts'
import type { OptionPair6 } from '../wire/v6/octets6.ts'
import type { Writer6 } from '../wire/v6/writer.ts'

/** `block` is in order of its codes; `extras` need not be. */
export function writeOptions(
  writer: Writer6,
  block: Uint8Array,
  extras: readonly OptionPair6[],
): void {
  if (extras.length === 0) return writer.block(block)
  let from = 0
  for (const [code, data] of [...extras].sort(([one], [other]) => one - other)) {
    const to = placeOf(code, block, from)
    writer.block(block.subarray(from, to))
    writer.option(code, data)
    from = to
  }
  writer.block(block.subarray(from))
}

/** Where the first option begins whose code is higher. */
function placeOf(code: number, block: Uint8Array, from: number): number {
  let at = from
  while (at < block.length && readUint16(block, at) <= code) at = behind(block, at)
  return at
}

function behind(block: Uint8Array, at: number): number {
  return at + OPTION_HEAD + readUint16(block, at + 2)
}

/** The codes of the options in there. */
export function codesOf(block: Uint8Array): Set<number> {
  const codes = new Set<number>()
  for (let at = 0; at < block.length; at = behind(block, at)) codes.add(readUint16(block, at))
  return codes
}
