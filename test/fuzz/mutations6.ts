// What is done to the bytes of a DHCPv6 message that was well-formed, or at least meant something:
// each mutation aims at a habit of parsers. Options are found at any depth.

import { oneOf } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { joined } from './mutations.ts'

/** No mutation makes a longer one. */
export const SIZE_MAX6 = 8192

type Mutation = (bytes: Uint8Array, draw: Draw, other: Uint8Array) => Uint8Array

/** One to four mutations, one behind the other. `other` is a message to take parts from. */
export function mutate6(bytes: Uint8Array, draw: Draw, other: Uint8Array): Uint8Array {
  let mutated = bytes
  for (let left = 1 + draw(4) * draw(2); left > 0; left--)
    mutated = oneOf(draw, MUTATIONS)(mutated, draw, other)
  return mutated.length > SIZE_MAX6 ? mutated.slice(0, SIZE_MAX6) : mutated
}

const INTERESTING = [0, 1, 2, 3, 4, 5, 6, 9, 12, 13, 14, 24, 25, 26, 39, 45, 63, 64, 128, 192, 255]

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  truncate,
  extend,
  lie,
  lie,
  recode,
  repeat,
  drop,
  nest,
  splice,
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
  copy[draw(copy.length)] = draw(2) === 0 ? draw(256) : oneOf(draw, INTERESTING)
  return copy
}

function truncate(bytes: Uint8Array, draw: Draw): Uint8Array {
  return bytes.slice(0, draw(bytes.length + 1))
}

function extend(bytes: Uint8Array, draw: Draw): Uint8Array {
  const more = new Uint8Array(draw(draw(8) === 0 ? 3000 : 64))
  const filling = draw(3)
  if (filling === 1) more.fill(oneOf(draw, INTERESTING))
  if (filling === 2) for (let at = 0; at < more.length; at++) more[at] = draw(256)
  return joined(bytes, more)
}

/** A length that is not so, while those around it stay. */
function lie(bytes: Uint8Array, draw: Draw): Uint8Array {
  const places = placesOf(bytes)
  if (places.length === 0) return bytes
  const copy = bytes.slice()
  const { start, end } = oneOf(draw, places)
  const length = end - start - 4
  put(copy, start + 2, oneOf(draw, [length - 1, length + 1, 0, 0xffff, draw(300)]) & 0xffff)
  return copy
}

function recode(bytes: Uint8Array, draw: Draw): Uint8Array {
  const places = placesOf(bytes)
  if (places.length === 0) return bytes
  const copy = bytes.slice()
  put(copy, oneOf(draw, places).start, draw(4) === 0 ? draw(65_536) : oneOf(draw, INTERESTING))
  return copy
}

function repeat(bytes: Uint8Array, draw: Draw): Uint8Array {
  const places = placesOf(bytes)
  if (places.length === 0) return bytes
  const { start, end, around } = oneOf(draw, places)
  const option = bytes.slice(start, end)
  const times = draw(8) === 0 ? 100 : 1 + draw(3)
  let more: Uint8Array = option
  for (let left = times; left > 1 && more.length < SIZE_MAX6; left--) more = joined(more, option)
  return replaced(bytes, end, end, more, around)
}

function drop(bytes: Uint8Array, draw: Draw): Uint8Array {
  const places = placesOf(bytes)
  if (places.length === 0) return bytes
  const { start, end, around } = oneOf(draw, places)
  return replaced(bytes, start, end, new Uint8Array(0), around)
}

/** An option in one that holds options, again and again. */
function nest(bytes: Uint8Array, draw: Draw): Uint8Array {
  const places = placesOf(bytes)
  if (places.length === 0) return bytes
  const { start, end, around } = oneOf(draw, places)
  let inner: Uint8Array = bytes.slice(start, end)
  const [code, head] = oneOf(draw, [
    [3, 12],
    [25, 12],
    [5, 24],
    [26, 25],
    [45, 0],
  ] as const)
  for (let left = 1 + draw(14); left > 0; left--) {
    const outer = new Uint8Array(4 + head)
    put(outer, 0, code)
    put(outer, 2, head + inner.length)
    inner = joined(outer, inner)
  }
  return replaced(bytes, start, end, inner, around)
}

/** The beginning of one message and the end of another. */
function splice(bytes: Uint8Array, draw: Draw, other: Uint8Array): Uint8Array {
  const at = draw(bytes.length + 1)
  return joined(bytes.subarray(0, at), other.subarray(Math.min(at, other.length)))
}

interface Place {
  readonly start: number
  readonly end: number
  /** Where the options begin in which this one stands, the outermost first. */
  readonly around: readonly number[]
}

const INSIDE: Readonly<Record<number, number>> = { 3: 12, 25: 12, 5: 24, 26: 25, 45: 0 }

/** Options at any depth, read without care. */
function placesOf(bytes: Uint8Array): Place[] {
  const places: Place[] = []
  const within = (from: number, to: number, around: readonly number[]): void => {
    for (let at = from; at + 4 <= to; ) {
      const code = bytes[at]! * 256 + bytes[at + 1]!
      const end = Math.min(to, at + 4 + bytes[at + 2]! * 256 + bytes[at + 3]!)
      places.push({ start: at, end, around })
      const head = INSIDE[code]
      if (around.length < 40 && head !== undefined) within(at + 4 + head, end, [...around, at])
      else if (around.length < 40 && code === 9) message(at + 4, end, [...around, at])
      at = end
    }
  }
  const message = (from: number, to: number, around: readonly number[]): void => {
    const isRelay = bytes[from] === 12 || bytes[from] === 13
    within(from + (isRelay ? 34 : 4), to, around)
  }
  message(0, bytes.length, [])
  return places
}

/** Another piece in place of one; the lengths around it are made to fit. */
function replaced(
  bytes: Uint8Array,
  start: number,
  end: number,
  piece: Uint8Array,
  around: readonly number[],
): Uint8Array {
  const copy = joined(joined(bytes.subarray(0, start), piece), bytes.subarray(end))
  const more = piece.length - (end - start)
  for (const at of around) put(copy, at + 2, (copy[at + 2]! * 256 + copy[at + 3]! + more) & 0xffff)
  return copy
}

function put(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value & 255
}
