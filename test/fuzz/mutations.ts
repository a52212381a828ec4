// What is done to the bytes of a message that was well-formed, or at least meant something: each
// mutation aims at a habit of parsers.

import { oneOf } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/time/draw.ts'

const OPTIONS_AT = 240
/** The platform hands over no longer datagrams. */
export const SIZE_MAX = 4096

type Mutation = (bytes: Uint8Array, draw: Draw, other: Uint8Array) => Uint8Array

/** One to four mutations, one behind the other. `other` is a message to take parts from. */
export function mutate(bytes: Uint8Array, draw: Draw, other: Uint8Array): Uint8Array {
  let mutated = bytes
  for (let left = 1 + draw(4) * draw(2); left > 0; left--)
    mutated = oneOf(draw, MUTATIONS)(mutated, draw, other)
  return mutated.length > SIZE_MAX ? mutated.slice(0, SIZE_MAX) : mutated
}

const INTERESTING = [0, 1, 2, 3, 4, 15, 16, 17, 52, 53, 55, 63, 64, 81, 82, 127, 128, 192, 254, 255]

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  truncate,
  extend,
  lengthByte,
  lengthByte,
  shuffleOptions,
  repeatOption,
  dropOption,
  insertOverload,
  insertEnd,
  splice,
  swapHalves,
]

function flipBit(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (bytes.length === 0) return bytes
  const copy = bytes.slice()
  copy[draw(copy.length)]! ^= 1 << draw(8)
  return copy
}

function setByte(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (bytes.length === 0) return bytes
  const copy = bytes.slice()
  // Most of a message are zeros in sname and file: aim at header and options.
  const at = draw(3) === 0 ? draw(44) : OPTIONS_AT + draw(Math.max(1, copy.length - OPTIONS_AT))
  if (at < copy.length) copy[at] = draw(2) === 0 ? draw(256) : oneOf(draw, INTERESTING)
  return copy
}

function truncate(bytes: Uint8Array, draw: Draw): Uint8Array {
  const from = draw(4) === 0 ? 0 : Math.min(OPTIONS_AT, bytes.length)
  return bytes.slice(0, from + draw(bytes.length - from + 1))
}

function extend(bytes: Uint8Array, draw: Draw): Uint8Array {
  const more = new Uint8Array(draw(draw(8) === 0 ? 3000 : 64))
  const filling = draw(3)
  if (filling === 1) more.fill(oneOf(draw, INTERESTING))
  if (filling === 2) for (let at = 0; at < more.length; at++) more[at] = draw(256)
  return joined(bytes, more)
}

function lengthByte(bytes: Uint8Array, draw: Draw): Uint8Array {
  const options = optionsOf(bytes)
  if (options.length === 0) return bytes
  const copy = bytes.slice()
  const { start } = oneOf(draw, options)
  const length = copy[start + 1]!
  copy[start + 1] = oneOf(draw, [length - 1, length + 1, 0, 1, 255, draw(256)])
  return copy
}

function shuffleOptions(bytes: Uint8Array, draw: Draw): Uint8Array {
  const options = optionsOf(bytes)
  for (let last = options.length - 1; last > 0; last--) {
    const at = draw(last + 1)
    const kept = options[last]!
    options[last] = options[at]!
    options[at] = kept
  }
  return withOptions(bytes, options)
}

function repeatOption(bytes: Uint8Array, draw: Draw): Uint8Array {
  const options = optionsOf(bytes)
  if (options.length === 0) return bytes
  const times = draw(8) === 0 ? 300 : 1 + draw(3)
  const option = oneOf(draw, options)
  for (let left = times; left > 0; left--) options.splice(draw(options.length + 1), 0, option)
  return withOptions(bytes, options)
}

function dropOption(bytes: Uint8Array, draw: Draw): Uint8Array {
  const options = optionsOf(bytes)
  if (options.length > 0) options.splice(draw(options.length), 1)
  return withOptions(bytes, options)
}

/** Option 52, and options in sname or file, some of them cut off. */
function insertOverload(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (bytes.length < OPTIONS_AT) return bytes
  const copy = withOptions(bytes, optionsOf(bytes), [52, 1, draw(5)])
  const from = oneOf(draw, [44, 108])
  const options = optionsOf(bytes)
  let at = from
  while (at < from + 60 && options.length > 0) {
    const { start, end } = oneOf(draw, options)
    copy.set(bytes.subarray(start, Math.min(end, start + 236 - at)), at)
    at += end - start
  }
  if (at < 236 && draw(2) === 0) copy[at] = 255
  return copy
}

function insertEnd(bytes: Uint8Array, draw: Draw): Uint8Array {
  const options = optionsOf(bytes)
  if (options.length === 0) return bytes
  const { start } = oneOf(draw, options)
  const mark = Uint8Array.of(oneOf(draw, [0, 255]))
  return joined(joined(bytes.subarray(0, start), mark), bytes.subarray(start))
}

/** The beginning of one message and the end of another. */
function splice(bytes: Uint8Array, draw: Draw, other: Uint8Array): Uint8Array {
  const at = Math.min(bytes.length, draw(2) === 0 ? OPTIONS_AT : draw(bytes.length + 1))
  return joined(bytes.subarray(0, at), other.subarray(Math.min(at, other.length)))
}

function swapHalves(bytes: Uint8Array, draw: Draw): Uint8Array {
  const at = draw(bytes.length + 1)
  return draw(16) > 0 ? bytes : joined(bytes.subarray(at), bytes.subarray(0, at))
}

interface Piece {
  /** Where the code stands. */
  readonly start: number
  readonly end: number
}

/** The options of the main field, read without care. */
function optionsOf(bytes: Uint8Array): Piece[] {
  const pieces: Piece[] = []
  for (let at = OPTIONS_AT; at + 1 < bytes.length && bytes[at] !== 255; ) {
    if (bytes[at] === 0) {
      at++
      continue
    }
    const end = Math.min(bytes.length, at + 2 + bytes[at + 1]!)
    pieces.push({ start: at, end })
    at = end
  }
  return pieces
}

function withOptions(
  bytes: Uint8Array,
  options: readonly Piece[],
  first: number[] = [],
): Uint8Array {
  if (bytes.length < OPTIONS_AT) return bytes
  const size = options.reduce((sum, { start, end }) => sum + end - start, first.length)
  const copy = new Uint8Array(OPTIONS_AT + size + 1)
  copy.set(bytes.subarray(0, OPTIONS_AT))
  copy.set(first, OPTIONS_AT)
  let at = OPTIONS_AT + first.length
  for (const { start, end } of options) {
    copy.set(bytes.subarray(start, end), at)
    at += end - start
  }
  copy[at] = 255
  return copy
}

export function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}
