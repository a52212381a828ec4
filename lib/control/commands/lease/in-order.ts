// Leases in the order of their addresses, whatever the lengths of prefixes: pages are asked for by
// the last address of the page before.

import { BROADCAST, type Ipv4 } from '../../../address/ipv4.ts'
import { addressOf, lengthOf, type Prefix6, prefix6 } from '../../../address/prefix6.ts'
import type { Key } from '../../../leases/keys/key.ts'
import type { Lease } from '../../../leases/lease.ts'
import type { AnyTable } from '../../../leases/table/lease-tables.ts'
import type { Walk } from '../../../leases/table/walk.ts'

const FIRST6 = '\0'.repeat(16)
const LAST6 = '\xff'.repeat(16)

/** The next ones, at most so many; none when there are no more. */
export type Next = (limit: number) => readonly Lease<Key>[]

/** `behind`: it begins with the address after this one; undefined: with the first. */
export function inOrder(table: AnyTable, behind: Key | undefined): Next {
  if (table.version === 4) return inOrder4(table, behind as Ipv4 | undefined)
  return inOrder6(table, behind === undefined ? undefined : addressOf(behind as Prefix6))
}

function inOrder4(table: AnyTable, behind: Ipv4 | undefined): Next {
  if (behind === BROADCAST) return () => []
  const walk = table.walk('leases', undefined, behind)
  return (limit) => walk.next(limit)
}

/** A length of which there are leases: where it is, and the lease that comes next. */
interface Lane {
  readonly walk: Walk<Key>
  lease: Lease<Key> | undefined
}

/** Keys are ordered by their length first: each length is a walk of its own. */
function inOrder6(table: AnyTable, behind: string | undefined): Next {
  const lanes = lengthsIn(table).map((length): Lane => {
    const range = { first: prefix6(FIRST6, length), last: prefix6(LAST6, length) }
    const from = behind === undefined ? undefined : prefix6(behind, length)
    if (from === range.last) return { walk: table.walk('leases', range), lease: undefined }
    const walk = table.walk('leases', range, from)
    return { walk, lease: walk.next(1)[0] }
  })
  return (limit) => {
    const leases: Lease<Key>[] = []
    while (leases.length < limit) {
      const lane = lowest(lanes)
      if (lane?.lease === undefined) break
      leases.push(lane.lease)
      lane.lease = lane.walk.next(1)[0]
    }
    return leases
  }
}

function lowest(lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes) {
    if (lane.lease === undefined) continue
    if (best?.lease === undefined || addressIn(lane.lease) < addressIn(best.lease)) best = lane
  }
  return best
}

function addressIn({ address }: Lease<Key>): string {
  return addressOf(address as Prefix6)
}

function lengthsIn(table: AnyTable): readonly number[] {
  const lengths: number[] = []
  for (let length = 0; length <= 128; ) {
    const range = { first: prefix6(FIRST6, length), last: prefix6(LAST6, 128) }
    const [lease] = table.walk('leases', range).next(1)
    if (lease === undefined) break
    lengths.push(lengthOf(lease.address as Prefix6))
    length = lengths.at(-1)! + 1
  }
  return lengths
}
