// A human's word: no client has a lease that lasts longer than the leases and subnets of this
// server show. Of longer ones the server may have heard by a configuration that is no more, or by
// somebody who was not the partner; since then every quarantine would last as long
// (lib/ha/README.md, rule 9l).

import { longestLifetimeOf } from '../../config/plan/longest-lifetime.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import { forgetLifetime, quarantineEnd } from '../../ha/pair-steps.ts'
import type { Key } from '../../leases/keys/key.ts'
import { endedEarly } from '../../leases/lifecycle.ts'
import type { Instant, Seconds } from '../../time/units.ts'
import type { PairServices } from './pair-services.ts'

/** Rows of one word: it is said again where there are more. */
export const ROWS_MAX = 20_000

type Services = Pick<PairServices, 'tables' | 'plan' | 'now' | 'delivery' | 'nextChange'>

export interface Forgotten {
  readonly record: PairRecord
  /** The longest lifetime that counts from now on. */
  readonly longest: Seconds
  /** A remark for who said the word, '' where there is none. */
  readonly remark: string
}

/**
 * The record to be stored; why there is nothing to forget. Rows that rest for longer do so no more.
 */
export function forgetLifetimes(
  services: Services,
  record: PairRecord,
  isStreamed: boolean,
): Forgotten | string {
  const { tables, plan, now } = services
  const longest = longestLifetimeOf(plan(), tables.longestLifetime())
  const next = forgetLifetime(record, longest, now())
  const limit = quarantineEnd(longest, now())
  const resting = tables.all
    .flatMap((table) => table.lifetimes.endingAfter(limit, ROWS_MAX))
    .slice(0, ROWS_MAX)
  if (next === record && resting.length === 0)
    return `nothing longer is remembered than leases and subnets show, ${longest} s`
  for (const address of resting) shorten(services, address, limit, isStreamed)
  const isRest = resting.length === ROWS_MAX
  const remark = isRest ? 'there are more addresses that rest, so say this again' : ''
  return { record: next, longest, remark }
}

function shorten(
  { tables, delivery, nextChange }: Services,
  address: Key,
  end: Instant,
  isStreamed: boolean,
): void {
  const table = tables.of(address)
  const lease = endedEarly(table.byAddress(address)!, end, nextChange())
  table.apply({ kind: 'put', lease })
  delivery.add({ kind: 'put', lease }, undefined, isStreamed)
}
