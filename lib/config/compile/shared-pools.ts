// Pools of different subnets that share addresses: subnets of DHCPv4 may overlap.

import { overlaps, textFromRange } from './pools.ts'
import { nameOf } from './subnet-claims.ts'
import type { PlacedSubnet } from './upper-level.ts'

/** One warning a pool; `placed` are those that have their id and prefix for themselves. */
export function warnOfSharedPools(placed: readonly PlacedSubnet[]): void {
  const pools = placed
    .flatMap(({ subnet, site }) =>
      subnet.pools.map((pool, index) => ({ pool, site: site.at('pools').at(index) })),
    )
    .sort((a, b) => a.pool.range.first - b.pool.range.first)
  let reaching = pools[0]
  for (const current of pools.slice(1)) {
    const former = reaching!
    if (overlaps(former.pool.range, current.pool.range)) {
      const message = `${textFromRange(current.pool.range)} overlaps a pool of another subnet`
      const hint = `${textFromRange(former.pool.range)} of ${nameOf(former.site, 2)}`
      current.site.at('pool').warning('pool-overlap', message, hint)
    }
    if (current.pool.range.last > former.pool.range.last) reaching = current
  }
}
