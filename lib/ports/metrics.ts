// What is told to a monitoring system, as plain values: who prints them knows nothing of DHCP.

export type Labels = Readonly<Record<string, string | number>>

export interface MetricValue {
  readonly labels: Labels
  readonly value: number
}

/** Of one set of labels, in seconds: a count for each bucket, and one beyond all bounds. */
export interface MetricDistribution {
  readonly labels: Labels
  readonly bounds: readonly number[]
  readonly counts: ArrayLike<number>
  readonly sum: number
}

interface Described {
  readonly name: string
  readonly help: string
}

/** `untyped`: it goes up and down under a name that others gave it as if it did not. */
export type Metric =
  | (Described & {
      readonly type: 'counter' | 'gauge' | 'untyped'
      readonly values: readonly MetricValue[]
    })
  | (Described & {
      readonly type: 'histogram'
      readonly distributions: readonly MetricDistribution[]
    })
