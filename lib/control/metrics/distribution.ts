// A histogram of the server as one of a metric: in seconds.

import type { Labels, MetricDistribution } from '../../ports/metrics.ts'
import type { Histogram } from '../../server/histogram.ts'

export function distribution(
  { bounds, counts, sum }: Histogram,
  labels: Labels,
): MetricDistribution {
  return { labels, bounds: bounds.map((bound) => bound / 1000), counts, sum: sum / 1000 }
}
