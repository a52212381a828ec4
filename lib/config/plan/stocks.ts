// What a plan has to give, as the two servers of a pair look at it: of which family it is plays no
// part there.

import type { Ipv4 } from '../../address/ipv4.ts'
import type { Key, Range } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import { isOfSeveral } from './one-host.ts'
import type { Plan } from './plan.ts'
import type { Plan4 } from './plan4.ts'

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
export function stocksOf({ dhcp4 }: Plan): readonly Stocks[] {
  return dhcp4 === undefined ? [] : [stocks4(dhcp4)]
}

/** Those of a plan, made once. */
const MADE = new WeakMap<object, Stocks>()

function stocks4(plan: Plan4): Stocks {
  const made = MADE.get(plan) ?? stocksOf4(plan)
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
