// A subnet of the plan with its lookups: the pool of an address, the reservations of a client and
// of an address. Called for every query.

import type { Ipv4, Ipv4Prefix, Ipv4Range } from '../../address/ipv4.ts'
import { textFromPrefix } from '../../address/ipv4.ts'
import { ByClasses } from '../../classify/by-classes.ts'
import { admits, type ClassMask, type ClassSet } from '../../classify/class-set.ts'
import type { SubnetLimits } from './limits-plan.ts'
import type { PlaceNames } from './name-tuning.ts'
import type { OptionSet } from './option-set.ts'
import type {
  AddressCheckPlan,
  Allocator,
  BootFields,
  Leasing,
  Lifetime,
  Pool4,
  Reach,
  ReservationList,
  SharedNetwork4,
  Subnet4,
  Timers,
} from './plan4.ts'
import { reachOf } from './reach.ts'

/** What a subnet inherits where it does not say it itself. */
export type SubnetScope = Pick<
  Subnet4,
  | 'allocator'
  | 'authoritative'
  | 'matchClientId'
  | 'lifetime'
  | 'leasing'
  | 'timers'
  | 'bootFields'
  | 'names'
>

export interface SubnetParts {
  readonly id: number
  readonly prefix: Ipv4Prefix
  readonly network: SharedNetwork4 | undefined
  readonly guard: ClassMask
  readonly additional: readonly number[]
  readonly interface: string
  readonly relayAddresses: readonly Ipv4[]
  readonly pools: readonly Pool4[]
  readonly ranges: readonly Ipv4Range[]
  /** With what a client may have that asks for it, though it is not found by a search. */
  readonly dynamicRanges: readonly Ipv4Range[]
  readonly scope: SubnetScope
  readonly addressCheck: AddressCheckPlan | undefined
  readonly limits: SubnetLimits | undefined
  readonly options: OptionSet
  readonly ownReservations: ReservationList | undefined
  readonly usesGlobalReservations: boolean
}

export class CompiledSubnet implements Subnet4 {
  readonly id: number
  readonly prefix: Ipv4Prefix
  readonly text: string
  readonly network: SharedNetwork4 | undefined
  readonly guard: ClassMask
  readonly additional: readonly number[]
  readonly interface: string
  readonly relayAddresses: readonly Ipv4[]
  readonly ownReservations: ReservationList | undefined
  readonly usesGlobalReservations: boolean
  readonly pools: readonly Pool4[]
  readonly ranges: readonly Ipv4Range[]
  readonly allocator: Allocator
  readonly authoritative: boolean
  readonly matchClientId: boolean
  readonly lifetime: Lifetime
  readonly leasing: Leasing
  readonly timers: Timers
  readonly bootFields: BootFields
  readonly names: PlaceNames
  readonly addressCheck: AddressCheckPlan | undefined
  readonly limits: SubnetLimits | undefined
  readonly options: OptionSet
  /** Lowest address first. */
  readonly #poolsSorted: readonly Pool4[]
  readonly #ranges: ByClasses<Ranges>
  /** Undefined until it is asked for: only then is the shared network complete. */
  #reach: ByClasses<Reach> | undefined

  constructor(parts: SubnetParts) {
    this.id = parts.id
    this.prefix = parts.prefix
    this.text = textFromPrefix(parts.prefix)
    this.network = parts.network
    this.guard = parts.guard
    this.additional = parts.additional
    this.interface = parts.interface
    this.relayAddresses = parts.relayAddresses
    this.ownReservations = parts.ownReservations
    this.usesGlobalReservations = parts.usesGlobalReservations
    this.pools = parts.pools
    this.ranges = parts.ranges
    this.allocator = parts.scope.allocator
    this.authoritative = parts.scope.authoritative
    this.matchClientId = parts.scope.matchClientId
    this.lifetime = parts.scope.lifetime
    this.leasing = parts.scope.leasing
    this.timers = parts.scope.timers
    this.bootFields = parts.scope.bootFields
    this.names = parts.scope.names
    this.addressCheck = parts.addressCheck
    this.limits = parts.limits
    this.options = parts.options
    this.#poolsSorted =
      parts.pools.length < 2
        ? parts.pools
        : parts.pools.toSorted((a, b) => a.range.first - b.range.first)
    this.#ranges = rangesOf(this, parts.dynamicRanges)
  }

  rangesFor(classes: ClassSet): readonly Ipv4Range[] {
    return this.#ranges.of(classes).inOrder
  }

  isDynamic(address: Ipv4, classes: ClassSet): boolean {
    const ranges = this.#ranges.of(classes).dynamic
    let low = 0
    let high = ranges.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const range = ranges[middle]!
      if (address < range.first) high = middle - 1
      else if (address > range.last) low = middle + 1
      else return true
    }
    return false
  }

  reachFor(classes: ClassSet): Reach {
    this.#reach ??= reachOf(this)
    return this.#reach.of(classes)
  }

  poolOf(address: Ipv4): Pool4 | undefined {
    let low = 0
    let high = this.#poolsSorted.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const pool = this.#poolsSorted[middle]!
      if (address < pool.range.first) high = middle - 1
      else if (address > pool.range.last) low = middle + 1
      else return pool
    }
    return undefined
  }
}

/** The ranges of the pools that a client may have an address of. */
interface Ranges {
  /** To search in, in document order. */
  readonly inOrder: readonly Ipv4Range[]
  /** Of all that it may have, lowest address first. */
  readonly dynamic: readonly Ipv4Range[]
}

function rangesOf(subnet: Subnet4, dynamicRanges: readonly Ipv4Range[]): ByClasses<Ranges> {
  const { pools, ranges } = subnet
  const guards = pools.map(({ guard }) => guard)
  return new ByClasses(guards, (classes) => {
    const admitted = (all: readonly Ipv4Range[]) => {
      const some = all.filter(({ first }) => admits(subnet.poolOf(first)!.guard, classes))
      return some.length === all.length ? all : some
    }
    const inOrder = admitted(ranges)
    return {
      inOrder,
      dynamic: sorted(dynamicRanges === ranges ? inOrder : admitted(dynamicRanges)),
    }
  })
}

function sorted(ranges: readonly Ipv4Range[]): readonly Ipv4Range[] {
  return ranges.length < 2 ? ranges : ranges.toSorted((a, b) => a.first - b.first)
}
