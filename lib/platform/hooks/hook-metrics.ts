// What is measured of hooks, and what they measure themselves.

import type { Metric, MetricValue } from '../../ports/metrics.ts'
import type { LoadedHook } from './loaded-hook.ts'

export function hookMetrics(hooks: readonly LoadedHook[]): Metric[] {
  if (hooks.length === 0) return []
  const each = (value: (hook: LoadedHook) => number): MetricValue[] =>
    hooks.map((hook) => ({ labels: labelsOf(hook), value: value(hook) }))
  const counter = (name: string, help: string, values: MetricValue[]): Metric => ({
    ...{ name: `whio_hook_${name}_total`, help, type: 'counter', values },
  })
  return [
    {
      name: 'whio_hook_on',
      help: 'Whether the hook is called; 0: it has failed too often',
      type: 'gauge',
      values: each(({ isOff }) => (isOff ? 0 : 1)),
    },
    {
      name: 'whio_hook_waiting',
      help: 'Promises of the hook that are not kept yet',
      type: 'gauge',
      values: each(({ pending }) => pending),
    },
    counter(
      'calls',
      'Callouts of the hook that were called',
      each(({ calls }) => calls),
    ),
    counter(
      'seconds',
      'Time that the server spent in callouts',
      each(({ time }) => time / 1000),
    ),
    counter(
      'failures',
      'Callouts that threw, or gave no answer',
      each(({ failures }) => failures),
    ),
    counter(
      'late',
      'Gates that did not answer in time',
      each(({ late }) => late),
    ),
    counter(
      'restarts',
      'Threads of the hook that ended, and were started anew',
      each(({ restarts }) => restarts),
    ),
    counter(
      'lost_events',
      'Events that the hook did not take',
      each(({ lost }) => lost),
    ),
    counter(
      'refused',
      'Messages that the hook refused, by its reason',
      hooks.flatMap((hook) =>
        [...hook.refused].map(([reason, value]) => ({
          labels: { ...labelsOf(hook), reason },
          value,
        })),
      ),
    ),
    ...ownOf(hooks),
  ]
}

/** A module that both maps name has the same metrics twice: one metric with more values. */
function ownOf(hooks: readonly LoadedHook[]): Metric[] {
  const byName = new Map<string, Extract<Metric, { values: unknown }>>()
  for (const hook of hooks)
    for (const metric of hook.metrics.list()) {
      if (!('values' in metric)) continue
      const known = byName.get(metric.name)
      const values = metric.values.map(({ labels, value }) => ({
        labels: { ...labels, ...labelsOf(hook) },
        value,
      }))
      byName.set(metric.name, { ...metric, values: [...(known?.values ?? []), ...values] })
    }
  return [...byName.values()]
}

function labelsOf({ key, plan }: LoadedHook) {
  return { hook: key, family: plan.family }
}
