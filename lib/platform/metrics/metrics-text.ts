// Metrics as Prometheus reads them, written by prom-client. Many values are written in parts,
// between which messages are answered.

import { Registry } from 'prom-client'
import type { Metric } from '../../ports/metrics.ts'

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/** Values of one part. */
const PART = 500

interface Written {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/** In pieces; `undefined` among the metrics: somebody else may have a turn. */
export async function metricsText(metrics: Iterable<Metric | undefined>): Promise<string[]> {
  const parts: string[] = []
  for (const metric of metrics) {
    await turn()
    if (metric !== undefined) await write(metric, parts)
  }
  return parts
}

async function write(metric: Metric, parts: string[]): Promise<void> {
  const values = metric.type === 'histogram' ? bucketsOf(metric) : metric.values
  for (let from = 0; from < values.length; from += PART) {
    if (from > 0) await turn()
    const text = await partOf(metric, values.slice(from, from + PART))
    parts.push(from === 0 ? text : text.slice(secondLineEnd(text)))
  }
}

/** Two lines that say what it is, then the values: what the library writes of one metric. */
async function partOf({ name, help, type }: Metric, values: readonly Written[]): Promise<string> {
  const registry = new Registry()
  const told = { name, help, type, values, aggregator: 'sum' }
  type Registered = Parameters<typeof registry.registerMetric>[0]
  // What the library counts itself has more; this was counted elsewhere.
  registry.registerMetric({ name, get: async () => told } as unknown as Registered)
  return registry.metrics()
}

function secondLineEnd(text: string): number {
  return text.indexOf('\n', text.indexOf('\n') + 1) + 1
}

function bucketsOf({ name, distributions }: Metric & { type: 'histogram' }): Written[] {
  return distributions.flatMap(({ labels, bounds, counts, sum }) => {
    let below = 0
    const buckets = [...bounds, '+Inf'].map((le, index) => {
      below += counts[index]!
      return { labels: { ...labels, le }, value: below, metricName: `${name}_bucket` }
    })
    return [
      ...buckets,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: below, metricName: `${name}_count` },
    ]
  })
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
