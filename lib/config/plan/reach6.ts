// Where a client may get an address or a prefix, once a subnet is selected for it: see Reach6.

import { lengthOf, type Prefix6 } from '../../address/prefix6.ts'
import { ByClasses } from '../../classify/by-classes.ts'
import type { ClassSet } from '../../classify/class-set.ts'
import type { Range } from '../../leases/keys/key.ts'
import type { Reach6, Subnet6 } from './plan6.ts'
import { membersFor } from './reach.ts'

type Ranges = readonly Range<Prefix6>[]

/** The network of the subnet must be complete. */
export function reachOf6(selected: Subnet6): ByClasses<Reach6> {
  const members = selected.network?.subnets ?? [selected]
  const guards = members.flatMap(({ guard, pools, pdPools }) => [
    guard,
    ...[...pools, ...pdPools].map((pool) => pool.guard),
  ])
  return new ByClasses(guards, (classes) => reachIn(selected, members, classes))
}

function reachIn(selected: Subnet6, members: readonly Subnet6[], classes: ClassSet): Reach6 {
  const subnets = membersFor(selected, members, classes)
  const ranges = subnets.flatMap((subnet) => subnet.rangesFor(classes))
  const prefixes = new PrefixRanges(subnets.flatMap((subnet) => subnet.prefixRangesFor(classes)))
  return {
    subnets,
    ranges,
    wanted: ranges.filter((range) => !isOneReserved(range, subnets)),
    prefixRanges: (wished) => prefixes.for(wished),
  }
}

function isOneReserved({ first, last }: Range<Prefix6>, subnets: readonly Subnet6[]): boolean {
  return (
    first === last && subnets.some((subnet) => (subnet.ownReservations?.at(first).length ?? 0) > 0)
  )
}

/** No length that a client can wish for: that of an address. */
const ADDRESS_LENGTH = 128

class PrefixRanges {
  readonly #all: readonly Ranges[]
  /** Largest prefixes first. */
  readonly #byLength: readonly { readonly length: number; readonly ranges: Ranges }[]
  readonly #byWish = new Map<number, readonly Ranges[]>()

  constructor(all: Ranges) {
    this.#all = [all]
    const byLength = Map.groupBy(all, ({ first }) => lengthOf(first))
    this.#byLength = [...byLength]
      .map(([length, ranges]) => ({ length, ranges }))
      .sort((a, b) => a.length - b.length)
  }

  for(wished: number): readonly Ranges[] {
    if (wished === 0 || wished === ADDRESS_LENGTH || this.#byLength.length < 2) return this.#all
    let found = this.#byWish.get(wished)
    if (found === undefined) {
      const larger = this.#byLength.filter(({ length }) => length <= wished).reverse()
      const smaller = this.#byLength.filter(({ length }) => length > wished)
      found = [...larger, ...smaller].map(({ ranges }) => ranges)
      this.#byWish.set(wished, found)
    }
    return found
  }
}
