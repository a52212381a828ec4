// What a plan has to give, as the two servers of a pair look at it: of which family it is plays no
// part there.

import type { Ipv4 } from '../../address/ipv4.ts'
import { ADDRESS_BITS, addressOf, lengthOf, type Prefix6 } from '../../address/prefix6.ts'
import type { Key, Range } from '../../leases/keys/key.ts'
import type { Lease, Lease6 } from '../../leases/lease.ts'
import { isOfSeveral, isOfSeveral6 } from './one-host.ts'
import type { Plan } from './plan.ts'
import type { Plan4 } from './plan4.ts'
import type { Plan6, Subnet6 } from './plan6.ts'

/** What a subnet has to give of one kind. */
export interface Stocked {
  /** Of the subnet. */
  readonly id: number
  readonly text: string
  readonly ranges: readonly Range<Key>[]
}

export interface Stocks {
  readonly family: 4 | 6
  readonly all: readonly Stocked[]
  /** Of the subnet with this id; empty where there is none. */
  ofSubnet(id: number): readonly Stocked[]
  /** Those that the key may be one of; empty for keys that nobody here knows of. */
  at(key: Key): readonly Stocked[]
  /** Whether a reservation that counts here names the key. */
  isReserved(key: Key): boolean
  /** Whether the lease is of one of several identifiers of a host. */
  isOfSeveral(lease: Lease<Key>): boolean
}

/** Those of the families that the plan has. */
export function stocksOf({ dhcp4, dhcp6 }: Plan): readonly Stocks[] {
  const stocks: Stocks[] = []
  if (dhcp4 !== undefined) stocks.push(madeOnce(dhcp4, stocksOf4))
  if (dhcp6 !== undefined) stocks.push(madeOnce(dhcp6, stocksOf6))
  return stocks
}

/** Those of a plan, made once. */
const MADE = new WeakMap<object, Stocks>()

function madeOnce<P extends object>(plan: P, make: (plan: P) => Stocks): Stocks {
  const made = MADE.get(plan) ?? make(plan)
  MADE.set(plan, made)
  return made
}

function stocksOf4(plan: Plan4): Stocks {
  return {
    family: 4,
    all: plan.subnets,
    ofSubnet(id) {
      const subnet = plan.subnetById(id)
      return subnet === undefined ? [] : [subnet]
    },
    at: (key) => plan.subnetsAt(key as Ipv4),
    isReserved: (key) =>
      plan
        .subnetsAt(key as Ipv4)
        .some((subnet) => plan.reservations.at(key as Ipv4, subnet).length > 0),
    isOfSeveral: (lease) => isOfSeveral(plan, lease as Lease),
  }
}

/** A subnet has addresses and prefixes to give, which are searched and counted apart. */
interface Stocked6 {
  readonly addresses: Stocked
  readonly prefixes: Stocked
}

function stocksOf6(plan: Plan6): Stocks {
  const made = new Map(plan.subnets.map((subnet) => [subnet.id, stocked6(subnet)]))
  const of = (subnet: Subnet6): Stocked6 => made.get(subnet.id)!
  return {
    family: 6,
    all: [...made.values()].flatMap(listed),
    ofSubnet(id) {
      const stocked = made.get(id)
      return stocked === undefined ? [] : listed(stocked)
    },
    at(key) {
      const prefix = key as Prefix6
      if (lengthOf(prefix) === ADDRESS_BITS)
        return plan.subnetsAt(addressOf(prefix)).map((subnet) => of(subnet).addresses)
      return subnetsOfPrefix(plan, prefix).map((subnet) => of(subnet).prefixes)
    },
    isReserved: (key) => {
      const prefix = key as Prefix6
      const isAddress = lengthOf(prefix) === ADDRESS_BITS
      const places = isAddress ? plan.subnetsAt(addressOf(prefix)) : subnetsOfPrefix(plan, prefix)
      return places.some((subnet) => plan.reservations.at(prefix, subnet).length > 0)
    },
    isOfSeveral: (lease) => isOfSeveral6(plan, lease as Lease6),
  }
}

function stocked6({ id, text, ranges, prefixRanges }: Subnet6): Stocked6 {
  return { addresses: { id, text, ranges }, prefixes: { id, text, ranges: prefixRanges } }
}

/** A subnet without pd-pools has nothing of that kind. */
function listed({ addresses, prefixes }: Stocked6): readonly Stocked[] {
  return prefixes.ranges.length === 0 ? [addresses] : [addresses, prefixes]
}

/** Where prefixes lie says nothing of their subnet: that of the pd-pool, or of a reservation. */
function subnetsOfPrefix(plan: Plan6, prefix: Prefix6): readonly Subnet6[] {
  const own = plan.subnetOfPool(prefix)
  if (own !== undefined) return [own]
  return plan.subnets.filter((subnet) => plan.reservations.at(prefix, subnet).length > 0)
}
