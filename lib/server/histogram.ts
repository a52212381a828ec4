// How long something took, as often as it was measured: a count for each bucket, so that measuring
// costs a few comparisons and whoever wants to know reads flat numbers.

import type { Millis } from '../time/units.ts'

/** Upper bounds, of what a client waits for. */
export const ANSWER_TIMES: readonly Millis[] = [
  ...[0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000],
]

export class Histogram {
  readonly bounds: readonly Millis[]
  /** By bucket, not those below it; the last one is of what exceeds all bounds. */
  readonly counts: Float64Array
  sum: Millis = 0

  constructor(bounds: readonly Millis[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(took: Millis): void {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && took > bounds[bucket]!) bucket++
    this.counts[bucket]!++
    this.sum += took
  }
}
