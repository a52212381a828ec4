// Pools and pd-pools of DHCPv6 that overlap, whatever the length of their keys: no address and no
// prefix may be given inside of another one, so one plan holds only pools that have nothing in
// common (rule 1d).

import type { Ipv6 } from '../../address/ipv6.ts'
import { addressOf, textFromPrefix6 } from '../../address/prefix6.ts'
import { lastAddressOf } from '../../address/range6.ts'
import type { Site } from '../text/site.ts'
import { textFromRange6 } from './pools6.ts'
import { nameOf } from './subnet-claims.ts'
import type { PlacedSubnet6 } from './upper-level6.ts'

interface PoolSpan {
  /** All its addresses, those of its prefixes among them. */
  readonly first: Ipv6
  readonly last: Ipv6
  readonly text: () => string
  readonly site: Site
  /** Steps from the subnet's site to its own. */
  readonly below: number
}

/** One error a pool, at that which begins later. */
export function refusePoolOverlaps(placed: readonly PlacedSubnet6[]): void {
  const spans = placed.flatMap(spansOf).sort((a, b) => (a.first < b.first ? -1 : 1))
  let reaching = spans[0]
  for (const current of spans.slice(1)) {
    const former = reaching!
    if (current.first <= former.last) {
      const hint = `${former.text()} of ${nameOf(former.site, former.below)}`
      current.site.error('pool-overlap', `${current.text()} overlaps another pool`, hint)
    }
    if (current.last > former.last) reaching = current
  }
}

function spansOf({ subnet, document, site }: PlacedSubnet6): PoolSpan[] {
  const addresses = subnet.pools.map(({ range }, index): PoolSpan => {
    const first = addressOf(range.first)
    const last = addressOf(range.last)
    const at = placeOf(site.at('pools'), index, subnet.pools, document.pools, 'pool')
    return { first, last, text: () => textFromRange6(range), ...at }
  })
  const prefixes = subnet.pdPools.map(({ prefix }, index): PoolSpan => {
    const first = addressOf(prefix)
    const last = lastAddressOf(prefix)
    const at = placeOf(site.at('pd-pools'), index, subnet.pdPools, document['pd-pools'], 'prefix')
    return { first, last, text: () => textFromPrefix6(prefix), ...at }
  })
  return [...addresses, ...prefixes]
}

/** Where some were left out, since they are wrong, it is not known which of the list is which. */
function placeOf(
  list: Site,
  index: number,
  pools: readonly unknown[],
  documents: readonly unknown[] | undefined,
  key: string,
): Pick<PoolSpan, 'site' | 'below'> {
  return pools.length === documents?.length
    ? { site: list.at(index).at(key), below: 3 }
    : { site: list, below: 1 }
}
