// Finds subnets of DHCPv6 by id, relay, interface and interface-id in constant time, by address and
// by pool with the logarithm of how many there are: no part of an address is made for it.

import type { Ipv6 } from '../../address/ipv6.ts'
import { addressOf, isInside, type Prefix6 } from '../../address/prefix6.ts'
import { lastAddressOf } from '../../address/range6.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { ClassSet } from '../../classify/class-set.ts'
import type { Range } from '../../leases/keys/key.ts'
import { admittedSubnet, append, firstAdmitted } from './admitted-subnet.ts'
import { foundIn, inOrderOfKeys } from './key-ranges.ts'
import type { Subnet6 } from './plan6.ts'

/** A prefix with the addresses that it begins and ends with. */
interface Span {
  readonly first: Ipv6
  readonly last: Ipv6
  readonly subnet: Subnet6
  /** The smallest one around it. */
  readonly around: Span | undefined
}

interface PooledRange {
  readonly range: Range<Prefix6>
  readonly subnet: Subnet6
}

/** The rules are those of SubnetIndex. */
export class SubnetIndex6 {
  readonly #byId = new Map<number, Subnet6>()
  readonly #byRelay = new Map<Ipv6, Subnet6[]>()
  readonly #byInterface = new Map<string, Subnet6[]>()
  readonly #byInterfaceId = new Map<Octets, Subnet6[]>()
  readonly #spans: readonly Span[]
  readonly #pools: readonly PooledRange[]
  /** Some address lies in several prefixes. */
  readonly overlaps: boolean

  /** Lowest id first. */
  constructor(subnets: readonly Subnet6[]) {
    for (const subnet of subnets) {
      this.#byId.set(subnet.id, subnet)
      for (const relay of subnet.relayAddresses) append(this.#byRelay, relay, subnet)
      if (subnet.interface !== '') append(this.#byInterface, subnet.interface, subnet)
      if (subnet.interfaceId !== '') append(this.#byInterfaceId, subnet.interfaceId, subnet)
    }
    this.#spans = spansOf(subnets)
    this.overlaps = this.#spans.some(({ around }) => around !== undefined)
    this.#pools = inOrderOfKeys(
      subnets.flatMap((subnet) =>
        [...subnet.pools, ...subnet.pdPools].map(({ range }) => ({ range, subnet })),
      ),
    )
  }

  byId(id: number): Subnet6 | undefined {
    return this.#byId.get(id)
  }

  /** Every subnet whose prefix contains the address, lowest id first. */
  allAt(address: Ipv6): readonly Subnet6[] {
    const found: Subnet6[] = []
    for (let span = this.#spanAt(address); span !== undefined; span = span.around)
      if (address <= span.last) found.push(span.subnet)
    return found.sort((a, b) => a.id - b.id)
  }

  byAddress(address: Ipv6, classes?: ClassSet): Subnet6 | undefined {
    let lowest: Subnet6 | undefined
    let found: Subnet6 | undefined
    for (let span = this.#spanAt(address); span !== undefined; span = span.around) {
      const { subnet } = span
      if (address > span.last || (lowest !== undefined && lowest.id < subnet.id)) continue
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
  #spanAt(address: Ipv6): Span | undefined {
    let low = 0
    let high = this.#spans.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      if (this.#spans[middle]!.first <= address) low = middle + 1
      else high = middle - 1
    }
    return this.#spans[high]
  }
}

/** By their first addresses, of two that begin together the larger one first. */
function spansOf(subnets: readonly Subnet6[]): readonly Span[] {
  const spans: Span[] = []
  let around: Span | undefined
  for (const subnet of subnets.toSorted(byPlace)) {
    while (around !== undefined && !isInside(subnet.prefix, around.subnet.prefix))
      around = around.around
    const { prefix } = subnet
    around = { first: addressOf(prefix), last: lastAddressOf(prefix), subnet, around }
    spans.push(around)
  }
  return spans
}

function byPlace({ prefix: a }: Subnet6, { prefix: b }: Subnet6): number {
  const [first, second] = [addressOf(a), addressOf(b)]
  if (first !== second) return first < second ? -1 : 1
  return a < b ? -1 : 1
}
