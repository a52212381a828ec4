// What both families say of the events of a subnet or pool.

import type { LeaseEvents, Unserved } from '../../server/subnet-counters.ts'
import type { Reading } from './source.ts'

/**
 * `given`: what Kea calls leases that were given, by kind; what was reclaimed of both is one
 * statistic. Undefined where nothing has happened.
 */
export function eventReadings(
  given: string | readonly string[],
  events: readonly (LeaseEvents | undefined)[],
  before = '',
): Reading[] {
  const names = typeof given === 'string' ? [given] : given
  const sum = (of: (one: LeaseEvents) => number) =>
    events.reduce((all, one) => all + (one === undefined ? 0 : of(one)), 0)
  return [
    ...names.map((name, index): Reading => {
      return { name: `${before}${name}`, kind: 'count', value: events[index]?.given ?? 0 }
    }),
    {
      name: `${before}reclaimed-leases`,
      kind: 'count',
      value: sum(({ reclaimed }) => reclaimed),
    },
    {
      name: `${before}reclaimed-declined-addresses`,
      kind: 'count',
      value: sum(({ reclaimedDeclined }) => reclaimedDeclined),
    },
  ]
}

export function sumOf<Name extends string>(
  counts: Readonly<Record<Name, number>>,
  names: readonly Name[],
): number {
  let sum = 0
  for (const name of names) sum += counts[name]
  return sum
}

/** Of a subnet Kea knows them when they have happened. */
export function firstReadings(family: 'v4' | 'v6', unserved: Unserved | undefined): Reading[] {
  if (unserved === undefined) return []
  return unserved
    .byName()
    .filter(([, count]) => count > 0)
    .map(([kind, value]) => ({ name: `${family}-allocation-fail${kind}`, kind: 'count', value }))
}
