// A subnet of the plan with its lookups: the pool of an address, the reservations of a client and of an
// address. Called for every query.

import type { Ipv4, Ipv4Prefix, Ipv4Range } from '../../address/ipv4.ts'
import { rangeContains, rangeOfPrefix, textFromPrefix } from '../../address/ipv4.ts'
import type { ClientIdentity } from '../../leases/lease.ts'
import type { GlobalReservations } from './global-reservations.ts'
import { admits, type Guard, UNGUARDED } from './ha-plan.ts'
import type {
  BootFields,
  Lifetime,
  OptionSet,
  Pool4,
  Reservation4,
  ReservationIdentifier,
  SharedNetwork4,
  Subnet4,
  Timers,
} from './plan4.ts'
import type { ReservationIndex } from './reservation-index.ts'

/** What a subnet inherits where it does not say it itself. */
export type SubnetScope = Pick<
  Subnet4,
  'allocator' | 'authoritative' | 'matchClientId' | 'lifetime' | 'timers' | 'bootFields'
>

export interface SubnetParts {
  readonly id: number
  readonly prefix: Ipv4Prefix
  readonly network: SharedNetwork4 | undefined
  readonly guard: Guard
  readonly interface: string
  readonly relayAddresses: readonly Ipv4[]
  readonly pools: readonly Pool4[]
  readonly ranges: readonly Ipv4Range[]
  readonly scope: SubnetScope
  readonly options: OptionSet
  readonly identifiers: readonly ReservationIdentifier[]
  /** Absent where the subnet has none, or where they are switched off. */
  readonly reservations: ReservationIndex | undefined
  readonly globalReservations: GlobalReservations | undefined
}

export class CompiledSubnet implements Subnet4 {
  readonly id: number
  readonly prefix: Ipv4Prefix
  readonly text: string
  readonly network: SharedNetwork4 | undefined
  readonly guard: Guard
  readonly interface: string
  readonly relayAddresses: readonly Ipv4[]
  readonly pools: readonly Pool4[]
  readonly ranges: readonly Ipv4Range[]
  readonly allocator: 'iterative' | 'random'
  readonly authoritative: boolean
  readonly matchClientId: boolean
  readonly lifetime: Lifetime
  readonly timers: Timers
  readonly bootFields: BootFields
  readonly options: OptionSet
  /** Lowest address first. */
  readonly #poolsSorted: readonly Pool4[]
  /** By owner; one entry for all of them where no pool has a guard. */
  readonly #rangesByOwner: readonly RangesOfOwner[]
  readonly #range: Ipv4Range
  readonly #identifiers: readonly ReservationIdentifier[]
  readonly #reservations: ReservationIndex | undefined
  readonly #globalReservations: GlobalReservations | undefined

  constructor(parts: SubnetParts) {
    this.id = parts.id
    this.prefix = parts.prefix
    this.text = textFromPrefix(parts.prefix)
    this.network = parts.network
    this.guard = parts.guard
    this.interface = parts.interface
    this.relayAddresses = parts.relayAddresses
    this.pools = parts.pools
    this.ranges = parts.ranges
    this.allocator = parts.scope.allocator
    this.authoritative = parts.scope.authoritative
    this.matchClientId = parts.scope.matchClientId
    this.lifetime = parts.scope.lifetime
    this.timers = parts.scope.timers
    this.bootFields = parts.scope.bootFields
    this.options = parts.options
    this.#poolsSorted =
      parts.pools.length < 2
        ? parts.pools
        : parts.pools.toSorted((a, b) => a.range.first - b.range.first)
    this.#rangesByOwner = rangesByOwner(this)
    this.#range = rangeOfPrefix(parts.prefix)
    this.#identifiers = parts.identifiers
    this.#reservations = parts.reservations
    this.#globalReservations = parts.globalReservations
  }

  rangesFor(owner: number): readonly Ipv4Range[] {
    return this.#ofOwner(owner).ranges
  }

  isDynamic(address: Ipv4, owner: number): boolean {
    const ranges = this.#ofOwner(owner).sorted
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

  #ofOwner(owner: number): RangesOfOwner {
    const all = this.#rangesByOwner
    return all.length === 1 ? all[0]! : (all[owner] ?? NO_RANGES)
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

  reservationOf(client: ClientIdentity): Reservation4 | undefined {
    const own = this.#reservations?.of(client, this.#identifiers)
    if (own !== undefined) return own
    return this.#globalReservations?.of(client, this.#identifiers, this.#range)
  }

  reservationsAt(address: Ipv4): readonly Reservation4[] {
    const own = this.#reservations?.at(address) ?? NONE
    if (this.#globalReservations === undefined || !rangeContains(this.#range, address)) return own
    const global = this.#globalReservations.at(address)
    if (global.length === 0) return own
    return own.length === 0 ? global : [...own, ...global]
  }
}

const NONE: readonly Reservation4[] = []

interface RangesOfOwner {
  /** In document order. */
  readonly ranges: readonly Ipv4Range[]
  /** Lowest address first. */
  readonly sorted: readonly Ipv4Range[]
}

const NO_RANGES: RangesOfOwner = { ranges: [], sorted: [] }

/** Only two servers of a pair own clients. */
const OWNERS = [0, 1]

function rangesByOwner(subnet: Subnet4): readonly RangesOfOwner[] {
  const { pools, ranges } = subnet
  if (pools.every(({ guard }) => guard === UNGUARDED)) return [sorted(ranges)]
  return OWNERS.map((owner) =>
    sorted(ranges.filter(({ first }) => admits(subnet.poolOf(first)!.guard, owner))),
  )
}

function sorted(ranges: readonly Ipv4Range[]): RangesOfOwner {
  const inOrder = ranges.length < 2 ? ranges : ranges.toSorted((a, b) => a.first - b.first)
  return { ranges, sorted: inOrder }
}
