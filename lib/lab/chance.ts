// Seeded chance: every purpose ("network/a", "client/3") draws from a stream of its own, so that
// one more draw in one place does not shift the draws of all others. sfc32 by Chris Doty-Humphrey,
// seeded with a 128-bit hash of seed and purpose.

import type { Draw } from '../time/draw.ts'

/** A stream of draws that depends on nothing but the seed and the name of the purpose. */
export function chance(seed: number, purpose: string): Draw {
  const [a, b, c, d] = hashed(`${seed}/${purpose}`)
  const next = sfc32(a, b, c, d)
  for (let round = 0; round < 12; round++) next()
  return (bound) => Math.floor((next() / 0x100000000) * bound)
}

/** Whether something of this probability (0 … 1, in steps of a millionth) happens. */
export function happens(draw: Draw, probability: number): boolean {
  return probability > 0 && draw(1_000_000) < probability * 1_000_000
}

/** A number from `first` to `last`, in steps of a thousandth. */
export function between(draw: Draw, first: number, last: number): number {
  return last <= first ? first : first + draw((last - first) * 1000 + 1) / 1000
}

/** One of the items, which must not be none. */
export function oneOf<Item>(draw: Draw, items: readonly Item[]): Item {
  return items[draw(items.length)]!
}

function sfc32(a: number, b: number, c: number, d: number): () => number {
  return () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

function hashed(text: string): [number, number, number, number] {
  let a = 1779033703
  let b = 3144134277
  let c = 1013904242
  let d = 2773480762
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = b ^ Math.imul(a ^ code, 597399067)
    b = c ^ Math.imul(b ^ code, 2869860233)
    c = d ^ Math.imul(c ^ code, 951274213)
    d = a ^ Math.imul(d ^ code, 2716044179)
  }
  return [a ^ b, b ^ c, c ^ d, d ^ a]
}
