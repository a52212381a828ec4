// Finds subnets of DHCPv6 by id, relay, interface and interface-id in constant time, by address and
// by pool with the logarithm of how many there are: no part of an address is made for it.

import type { Ipv6 } from '../../address/ipv6.ts'
import { addressOf, isInside, type Prefix6 } from '../../address/prefix6.ts'
import { lastAddressOf } from '../../address/range6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ClassSet } from '../../classify/class-set.ts'
import type { Range } from '../../leases/keys/key.ts'
import { admittedSubnet, append, firstAdmitted, replaceIn } from './admitted-subnet.ts'
import { foundIn, inOrderOfKeys } from './key-ranges.ts'
import type { Subnet6 } from './plan6.ts'
import type { Steps } from './steps.ts'

/** A prefix with the addresses that it begins and ends with. */
interface Span {
  readonly first: Ipv6
  readonly last: Ipv6
  readonly subnet: Subnet6
  /** The smallest one around it, by its place among them. */
  readonly around: number
}

const NONE = -1

interface PooledRange {
  readonly range: Range<Prefix6>
  readonly subnet: Subnet6
}

/** The rules are those of SubnetIndex. */
export class SubnetIndex6 {
  #byId = new Map<number, Subnet6>()
  readonly #byRelay = new Map<Ipv6, Subnet6[]>()
  readonly #byInterface = new Map<string, Subnet6[]>()
  readonly #byInterfaceId = new Map<Octets, Subnet6[]>()
  readonly #spans: readonly Span[]
  readonly #pools: readonly PooledRange[]
  /** Some address lies in several prefixes. */
  readonly overlaps: boolean

  /** Lowest id first. */
  static *soon(subnets: readonly Subnet6[]): Steps<SubnetIndex6> {
    const spans = spansOf(subnets)
    yield
    const pools = poolsOf(subnets)
    yield
    return new SubnetIndex6(subnets, spans, pools)
  }

  private constructor(
    subnets: readonly Subnet6[],
    spans: readonly Span[],
    pools: readonly PooledRange[],
  ) {
    for (const subnet of subnets) {
      this.#byId.set(subnet.id, subnet)
      for (const relay of subnet.relayAddresses) append(this.#byRelay, relay, subnet)
      if (subnet.interface !== '') append(this.#byInterface, subnet.interface, subnet)
      if (subnet.interfaceId !== '') append(this.#byInterfaceId, subnet.interfaceId, subnet)
    }
    this.#spans = spans
    this.overlaps = spans.some(({ around }) => around !== NONE)
    this.#pools = pools
  }

  /** Each one has an id and a prefix for itself. */
  get isEachOnce(): boolean {
    const spans = this.#spans
    if (this.#byId.size < spans.length) return false
    return spans.every(({ subnet }, at) => subnet.prefix !== spans[at - 1]?.subnet.prefix)
  }

  /** The same, with others in the place of some that have the same id, place and pools. */
  replaced(others: ReadonlyMap<Subnet6, Subnet6>): SubnetIndex6 {
    const index = new SubnetIndex6([], inPlace(this.#spans, others), inPlace(this.#pools, others))
    index.#byId = new Map(this.#byId)
    for (const other of others.values()) index.#byId.set(other.id, other)
    replaceIn(this.#byRelay, index.#byRelay, others)
    replaceIn(this.#byInterface, index.#byInterface, others)
    replaceIn(this.#byInterfaceId, index.#byInterfaceId, others)
    return index
  }

  byId(id: number): Subnet6 | undefined {
    return this.#byId.get(id)
  }

  /** Every subnet whose prefix contains the address, lowest id first. */
  allAt(address: Ipv6): readonly Subnet6[] {
    const found: Subnet6[] = []
    for (let at = this.#spanAt(address); at !== NONE; at = this.#spans[at]!.around) {
      const { last, subnet } = this.#spans[at]!
      if (address <= last) found.push(subnet)
    }
    return found.sort((a, b) => a.id - b.id)
  }

  byAddress(address: Ipv6, classes?: ClassSet): Subnet6 | undefined {
    let lowest: Subnet6 | undefined
    let found: Subnet6 | undefined
    for (let at = this.#spanAt(address); at !== NONE; at = this.#spans[at]!.around) {
      const { last, subnet } = this.#spans[at]!
      if (address > last || (lowest !== undefined && lowest.id < subnet.id)) continue
      const admitted = admittedSubnet(subnet, classes)
      if (admitted === undefined) continue
      lowest = subnet
      found = admitted
    }
    return found
  }

  byRelay(linkAddress: Ipv6, classes?: ClassSet): Subnet6 | undefined {
    return firstAdmitted(this.#byRelay.get(linkAddress), classes)
  }

  byInterface(name: string, classes?: ClassSet): Subnet6 | undefined {
    return firstAdmitted(this.#byInterface.get(name), classes)
  }

  byInterfaceId(interfaceId: Octets, classes?: ClassSet): Subnet6 | undefined {
    return firstAdmitted(this.#byInterfaceId.get(interfaceId), classes)
  }

  ofPool(key: Prefix6): Subnet6 | undefined {
    return foundIn(this.#pools, key)?.subnet
  }

  /** The last one that begins at or before the address: what contains it is this, or around it. */
  #spanAt(address: Ipv6): number {
    let low = 0
    let high = this.#spans.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      if (this.#spans[middle]!.first <= address) low = middle + 1
      else high = middle - 1
    }
    return high
  }
}

/** Others are few, so that a look through the list for each costs less than a look at each. */
function inPlace<T extends { readonly subnet: Subnet6 }>(
  list: readonly T[],
  others: ReadonlyMap<Subnet6, Subnet6>,
): readonly T[] {
  const copy = [...list]
  for (const [former, subnet] of others)
    for (let at = 0; at < copy.length; at++)
      if (copy[at]!.subnet === former) copy[at] = { ...copy[at]!, subnet }
  return copy
}

function poolsOf(subnets: readonly Subnet6[]): readonly PooledRange[] {
  const pools: PooledRange[] = []
  for (const subnet of subnets) {
    for (const { range } of subnet.pools) pools.push({ range, subnet })
    for (const { range } of subnet.pdPools) pools.push({ range, subnet })
  }
  return inOrderOfKeys(pools)
}

/** By their first addresses, of two that begin together the larger one first. */
function spansOf(subnets: readonly Subnet6[]): readonly Span[] {
  const spans: Span[] = []
  let around = NONE
  for (const subnet of subnets.toSorted(byPlace)) {
    while (around !== NONE && !isInside(subnet.prefix, spans[around]!.subnet.prefix))
      around = spans[around]!.around
    const { prefix } = subnet
    spans.push({ first: addressOf(prefix), last: lastAddressOf(prefix), subnet, around })
    around = spans.length - 1
  }
  return spans
}

/** A prefix begins with its address. */
function byPlace({ prefix: a }: Subnet6, { prefix: b }: Subnet6): number {
  return a < b ? -1 : 1
}
