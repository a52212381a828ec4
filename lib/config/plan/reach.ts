// Where a client may get an address, once a subnet is selected for it: see Reach.

import type { Ipv4Range } from '../../address/ipv4.ts'
import { ByClasses } from '../../classify/by-classes.ts'
import { admits, type ClassMask, type ClassSet } from '../../classify/class-set.ts'
import type { Reach, Subnet4 } from './plan4.ts'

/** The network of the subnet must be complete. */
export function reachOf(selected: Subnet4): ByClasses<Reach> {
  const members = selected.network?.subnets ?? [selected]
  const guards = members.flatMap(({ guard, pools }) => [guard, ...pools.map((pool) => pool.guard)])
  return new ByClasses(guards, (classes) => reachIn(selected, members, classes))
}

function reachIn(selected: Subnet4, members: readonly Subnet4[], classes: ClassSet): Reach {
  const subnets = membersFor(selected, members, classes)
  const ranges = subnets.flatMap((subnet) => subnet.rangesFor(classes))
  return { subnets, ranges, wanted: ranges.filter((range) => !isOneReserved(range, subnets)) }
}

interface Member {
  readonly id: number
  readonly guard: ClassMask
}

/** Of a shared network, those that are open to a client that one of them is selected for. */
export function membersFor<Subnet extends Member>(
  selected: Subnet,
  members: readonly Subnet[],
  classes: ClassSet,
): readonly Subnet[] {
  const others = members.filter(({ guard }) => admits(guard, classes))
  const higher = others.filter(({ id }) => id > selected.id)
  const lower = others.filter(({ id }) => id < selected.id)
  const isAdmitted = admits(selected.guard, classes)
  // Where no other is open, whoever asks sees that the selected one is not either.
  const own = isAdmitted || others.length === 0 ? [selected] : []
  return [...own, ...higher, ...lower]
}

function isOneReserved({ first, last }: Ipv4Range, subnets: readonly Subnet4[]): boolean {
  return (
    first === last && subnets.some((subnet) => (subnet.ownReservations?.at(first).length ?? 0) > 0)
  )
}
