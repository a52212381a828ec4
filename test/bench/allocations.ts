// What a step allocates once everything is compiled and every cache is warm.

import { getHeapStatistics } from 'node:v8'

const WARM = 200_000
/** So few that what they allocate does not yet make a collection likely. */
const STEPS = 10_000
const BATCHES = 40

/** Bytes a step: the least of many batches, since in some the compiler or a collection works. */
export function bytesPerStep(step: (round: number) => void): number {
  for (let round = 0; round < WARM; round++) step(round)
  let least = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = getHeapStatistics().used_heap_size
    for (let round = 0; round < STEPS; round++) step(round)
    const bytes = getHeapStatistics().used_heap_size - before
    // A collection in between leaves less than there was.
    if (bytes >= 0) least = Math.min(least, bytes)
  }
  return least / STEPS
}
