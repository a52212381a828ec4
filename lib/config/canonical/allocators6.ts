// How a subnet of DHCPv6 chooses where nobody says it: it depends on how large its pools are.

import { prefix6FromText } from '../../address/prefix6.ts'
import { partsOf } from '../../address/range6.ts'
import { rangeFromText6 } from '../compile/pools6.ts'
import { usualAllocator } from '../compile/subnets6.ts'
import type { Members } from '../text/map.ts'
import { mapsOf } from './members.ts'

export interface Allocators6 {
  readonly allocator: string
  readonly pdAllocator: string
}

export function allocatorsOf(subnet: Members): Allocators6 {
  const pools = mapsOf(subnet.pools).flatMap(({ pool }) => rangeFromText6(String(pool)) ?? [])
  const pdPools = mapsOf(subnet['pd-pools']).flatMap((pool) => {
    const prefix = prefix6FromText(`${String(pool.prefix).trim()}/${Number(pool['prefix-len'])}`)
    const length = Number(pool['delegated-len'])
    return prefix === undefined || length < Number(pool['prefix-len'])
      ? []
      : partsOf(prefix, length)
  })
  return {
    allocator: usualAllocator(pools.map((range) => ({ range }))),
    pdAllocator: usualAllocator(pdPools.map((range) => ({ range }))),
  }
}
