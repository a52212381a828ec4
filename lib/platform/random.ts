// Chance for the server: where a random address search starts, which address is picked. Drawn from
// the operating system's generator by way of a pool, so that the next address cannot be foretold
// from those already given out, as it could be with a seeded generator; 64 KiB at a time make it
// cheap (about 0.02 us a draw).

import { randomFillSync } from 'node:crypto'
import type { Draw } from '../time/draw.ts'

const POOL_WORDS = 16384

/** Uniform draws without bias. Each caller gets a pool of its own. */
export function systemDraw(fill: (words: Uint32Array) => void = randomFillSync): Draw {
  const pool = new Uint32Array(POOL_WORDS)
  let next = POOL_WORDS
  const word = (): number => {
    if (next === POOL_WORDS) {
      fill(pool)
      next = 0
    }
    return pool[next++]!
  }
  return (bound) => {
    // Words at or above the largest multiple of `bound` would favour the small results: draw again.
    const excess = 0x1_0000_0000 % bound
    let drawn = word()
    while (drawn >= 0x1_0000_0000 - excess) drawn = word()
    return drawn % bound
  }
}
