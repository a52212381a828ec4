// Pools and pd-pools of DHCPv6 that overlap, whatever the length of their keys: no address and no
// prefix may be given inside of another one, so one plan holds only pools that have nothing in
// common (rule 1d).

import { addressOf, textFromPrefix6 } from '../../address/prefix6.ts'
import { lastAddressOf } from '../../address/range6.ts'
import type { Subnet6 } from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import { textFromRange6 } from './pools6.ts'
import { nameOf } from './subnet-claims.ts'
import type { PlacedSubnet6, PoolSpan } from './upper-level6.ts'

/** One error a pool, at that which begins later. */
export function refusePoolOverlaps(placed: readonly PlacedSubnet6[]): void {
  const spans: PoolSpan[] = []
  let last = ''
  let isApart = true
  for (const { subnet, made } of placed) {
    made.spans ??= spansOf(subnet)
    for (const span of made.spans) {
      isApart &&= last < span.first
      last = span.last
      spans.push(span)
    }
  }
  if (!isApart) refuse(spans, placed)
}

function refuse(spans: PoolSpan[], placed: readonly PlacedSubnet6[]): void {
  const places = new Map(
    placed.flatMap((place) => (place.made.spans ?? []).map((span) => [span, place] as const)),
  )
  spans.sort((a, b) => (a.first < b.first ? -1 : 1))
  let reaching = spans[0]
  for (const current of spans.slice(1)) {
    const former = reaching!
    if (current.first <= former.last) {
      const { site, below } = placeOf(former, places.get(former)!)
      const hint = `${former.text()} of ${nameOf(site, below)}`
      const message = `${current.text()} overlaps another pool`
      placeOf(current, places.get(current)!).site.error('pool-overlap', message, hint)
    }
    if (current.last > former.last) reaching = current
  }
}

function spansOf({ pools, pdPools }: Subnet6): readonly PoolSpan[] {
  const addresses = pools.map(({ range }, index): PoolSpan => {
    const first = addressOf(range.first)
    const last = addressOf(range.last)
    return { first, last, text: () => textFromRange6(range), list: 'pools', index }
  })
  const prefixes = pdPools.map(({ prefix }, index): PoolSpan => {
    const first = addressOf(prefix)
    const last = lastAddressOf(prefix)
    return { first, last, text: () => textFromPrefix6(prefix), list: 'pd-pools', index }
  })
  return [...addresses, ...prefixes]
}

/**
 * With the steps from the subnet's site. Where some were left out, since they are wrong, it is not
 * known which of the list is which.
 */
function placeOf(
  { list, index }: PoolSpan,
  { subnet, document, site }: PlacedSubnet6,
): { readonly site: Site; readonly below: number } {
  const made = list === 'pools' ? subnet.pools : subnet.pdPools
  const key = list === 'pools' ? 'pool' : 'prefix'
  return made.length === document[list]?.length
    ? { site: site.at(list).at(index).at(key), below: 3 }
    : { site: site.at(list), below: 1 }
}
