// A subnet of the DHCPv6 plan with its lookups: see compiled-subnet.ts. Called for every query.

import type { Ipv6 } from '../../address/ipv6.ts'
import { type Prefix6, textFromPrefix6 } from '../../address/prefix6.ts'
import type { Octets } from '../../bytes/octets.ts'
import { ByClasses } from '../../classify/by-classes.ts'
import { admits, type ClassMask, type ClassSet } from '../../classify/class-set.ts'
import type { Range } from '../../leases/keys/key.ts'
import type { Leasing } from './given.ts'
import { foundIn, inOrderOfKeys } from './key-ranges.ts'
import type { SubnetLimits } from './limits-plan.ts'
import type { PlaceNames } from './name-tuning.ts'
import type { OptionSet } from './option-set.ts'
import type { Allocator, Timers } from './plan4.ts'
import type {
  Lifetime6,
  PdPool6,
  Pool6,
  Reach6,
  ReservationList6,
  SharedNetwork6,
  Subnet6,
} from './plan6.ts'
import { reachOf6 } from './reach6.ts'

/** What a subnet inherits where it does not say it itself. */
export type SubnetScope6 = Pick<Subnet6, 'lifetime' | 'leasing' | 'timers' | 'names'>

export interface SubnetParts6
  extends Pick<
    Subnet6,
    | 'id'
    | 'prefix'
    | 'network'
    | 'guard'
    | 'additional'
    | 'interface'
    | 'interfaceId'
    | 'relayAddresses'
    | 'ownReservations'
    | 'usesGlobalReservations'
    | 'pools'
    | 'pdPools'
    | 'ranges'
    | 'allocator'
    | 'pdAllocator'
    | 'rapidCommit'
    | 'limits'
    | 'options'
  > {
  readonly scope: SubnetScope6
}

export class CompiledSubnet6 implements Subnet6 {
  readonly id: number
  readonly prefix: Prefix6
  readonly text: string
  readonly network: SharedNetwork6 | undefined
  readonly guard: ClassMask
  readonly additional: readonly number[]
  readonly interface: string
  readonly interfaceId: Octets
  readonly relayAddresses: readonly Ipv6[]
  readonly ownReservations: ReservationList6 | undefined
  readonly usesGlobalReservations: boolean
  readonly pools: readonly Pool6[]
  readonly pdPools: readonly PdPool6[]
  readonly ranges: readonly Range<Prefix6>[]
  readonly prefixRanges: readonly Range<Prefix6>[]
  readonly allocator: Allocator
  readonly pdAllocator: Allocator
  readonly rapidCommit: boolean
  readonly lifetime: Lifetime6
  readonly leasing: Leasing
  readonly timers: Timers
  readonly names: PlaceNames
  readonly limits: SubnetLimits | undefined
  readonly options: OptionSet
  /** Lowest key first. */
  readonly #poolsInOrder: readonly Pool6[]
  readonly #pdPoolsInOrder: readonly PdPool6[]
  readonly #ranges: ByClasses<Ranges6>
  /** Undefined until it is asked for: only then is the shared network complete. */
  #reach: ByClasses<Reach6> | undefined

  constructor(parts: SubnetParts6) {
    this.id = parts.id
    this.prefix = parts.prefix
    this.text = textFromPrefix6(parts.prefix)
    this.network = parts.network
    this.guard = parts.guard
    this.additional = parts.additional
    this.interface = parts.interface
    this.interfaceId = parts.interfaceId
    this.relayAddresses = parts.relayAddresses
    this.ownReservations = parts.ownReservations
    this.usesGlobalReservations = parts.usesGlobalReservations
    this.pools = parts.pools
    this.pdPools = parts.pdPools
    this.ranges = parts.ranges
    this.prefixRanges = parts.pdPools.map(({ range }) => range)
    this.allocator = parts.allocator
    this.pdAllocator = parts.pdAllocator
    this.rapidCommit = parts.rapidCommit
    this.lifetime = parts.scope.lifetime
    this.leasing = parts.scope.leasing
    this.timers = parts.scope.timers
    this.names = parts.scope.names
    this.limits = parts.limits
    this.options = parts.options
    this.#poolsInOrder = inOrderOfKeys(parts.pools)
    this.#pdPoolsInOrder = inOrderOfKeys(parts.pdPools)
    this.#ranges = rangesOf(this)
  }

  rangesFor(classes: ClassSet): readonly Range<Prefix6>[] {
    return this.#ranges.of(classes).addresses
  }

  prefixRangesFor(classes: ClassSet): readonly Range<Prefix6>[] {
    return this.#ranges.of(classes).prefixes
  }

  isDynamic(key: Prefix6, classes: ClassSet): boolean {
    return foundIn(this.#ranges.of(classes).dynamic, key) !== undefined
  }

  reachFor(classes: ClassSet): Reach6 {
    this.#reach ??= reachOf6(this)
    return this.#reach.of(classes)
  }

  poolOf(address: Prefix6): Pool6 | undefined {
    return foundIn(this.#poolsInOrder, address)
  }

  pdPoolOf(prefix: Prefix6): PdPool6 | undefined {
    return foundIn(this.#pdPoolsInOrder, prefix)
  }
}

/** The ranges of the pools that a client may have something of. */
interface Ranges6 {
  /** To search in, in document order. */
  readonly addresses: readonly Range<Prefix6>[]
  readonly prefixes: readonly Range<Prefix6>[]
  /** Both, lowest key first. */
  readonly dynamic: readonly { readonly range: Range<Prefix6> }[]
}

function rangesOf(subnet: Subnet6): ByClasses<Ranges6> {
  const { pools, pdPools, ranges, prefixRanges } = subnet
  const guards = [...pools, ...pdPools].map(({ guard }) => guard)
  return new ByClasses(guards, (classes) => {
    const addresses = some(ranges, ({ first }) => admits(subnet.poolOf(first)!.guard, classes))
    const prefixes = some(prefixRanges, (_, at) => admits(pdPools[at]!.guard, classes))
    const dynamic = inOrderOfKeys([...addresses, ...prefixes].map((range) => ({ range })))
    return { addresses, prefixes, dynamic }
  })
}

/** The list itself where all of it is meant. */
function some<T>(list: readonly T[], isMeant: (one: T, at: number) => boolean): readonly T[] {
  const meant = list.filter(isMeant)
  return meant.length === list.length ? list : meant
}
