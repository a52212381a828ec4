// Metrics while their values are gathered: by name, in the order in which the names came up.

import type { Labels, Metric, MetricValue } from '../../ports/metrics.ts'

type Plain = Exclude<Metric, { type: 'histogram' }>

export class MetricList {
  readonly #metrics = new Map<string, Plain & { readonly values: MetricValue[] }>()

  add(name: string, help: string, type: Plain['type'], labels: Labels, value: number): void {
    let metric = this.#metrics.get(name)
    if (metric === undefined) {
      metric = { name, help, type, values: [] }
      this.#metrics.set(name, metric)
    }
    metric.values.push({ labels, value })
  }

  all(): Iterable<Metric> {
    return this.#metrics.values()
  }
}
