// Finds subnets by id, address, relay and interface in constant time, however many there are. By
// address: one map a prefix length that occurs, at most 33.

import type { Ipv4 } from '../../address/ipv4.ts'
import { maskOfLength } from '../../address/ipv4.ts'
import type { ClassSet } from '../../classify/class-set.ts'
import { admittedSubnet, append, firstAdmitted, replaceIn } from './admitted-subnet.ts'
import type { Subnet4 } from './plan4.ts'

/**
 * Where several subnets fit, the one with the lowest id is found whose guard admits the classes of
 * the client; without classes the lowest of all. So does Kea, and files are written for it. A
 * subnet of a shared network stands for those beside it.
 */
export class SubnetIndex {
  #byId = new Map<number, Subnet4>()
  readonly #byRelay = new Map<Ipv4, Subnet4[]>()
  readonly #byInterface = new Map<string, Subnet4[]>()
  /** Some address lies in several prefixes. */
  readonly overlaps: boolean
  #lengths: { readonly mask: Ipv4; readonly byPrefix: Map<Ipv4, Subnet4> }[] = []

  /** Each one has an id and a prefix for itself. */
  readonly isEachOnce: boolean

  /** Lowest id first. `like`: an index of subnets with the same ids and prefixes. */
  constructor(subnets: readonly Subnet4[], like?: SubnetIndex) {
    const byLength = new Map<number, Map<Ipv4, Subnet4>>()
    for (const subnet of subnets) {
      this.#byId.set(subnet.id, subnet)
      for (const relay of subnet.relayAddresses) append(this.#byRelay, relay, subnet)
      if (subnet.interface !== '') append(this.#byInterface, subnet.interface, subnet)
      const { address, length } = subnet.prefix
      const byPrefix = byLength.get(length) ?? new Map<Ipv4, Subnet4>()
      byLength.set(length, byPrefix.set(address, subnet))
    }
    for (const [length, byPrefix] of byLength)
      this.#lengths.push({ mask: maskOfLength(length), byPrefix })
    const prefixes = this.#lengths.reduce((sum, one) => sum + one.byPrefix.size, 0)
    this.isEachOnce =
      like?.isEachOnce ?? (prefixes === subnets.length && this.#byId.size === subnets.length)
    this.overlaps =
      like?.overlaps ??
      (this.#lengths.length > 1 &&
        subnets.some(({ prefix }) => this.allAt(prefix.address).length > 1))
  }

  /** The same, with other subnets in the place of some that have the same id, prefix and place. */
  replaced(others: ReadonlyMap<Subnet4, Subnet4>): SubnetIndex {
    const index = new SubnetIndex([], this)
    index.#byId = new Map(this.#byId)
    index.#lengths = this.#lengths.map(({ mask, byPrefix }) => ({
      mask,
      byPrefix: new Map(byPrefix),
    }))
    for (const other of others.values()) {
      index.#byId.set(other.id, other)
      const mask = maskOfLength(other.prefix.length)
      index.#lengths.find((one) => one.mask === mask)!.byPrefix.set(other.prefix.address, other)
    }
    replaceIn(this.#byRelay, index.#byRelay, others)
    replaceIn(this.#byInterface, index.#byInterface, others)
    return index
  }

  byId(id: number): Subnet4 | undefined {
    return this.#byId.get(id)
  }

  /** Every subnet whose prefix contains the address, lowest id first. */
  allAt(address: Ipv4): readonly Subnet4[] {
    const found: Subnet4[] = []
    for (const { mask, byPrefix } of this.#lengths) {
      const subnet = byPrefix.get((address & mask) >>> 0)
      if (subnet !== undefined) found.push(subnet)
    }
    return found.sort((a, b) => a.id - b.id)
  }

  byAddress(address: Ipv4, classes?: ClassSet): Subnet4 | undefined {
    let lowest: Subnet4 | undefined
    let found: Subnet4 | undefined
    for (const { mask, byPrefix } of this.#lengths) {
      const subnet = byPrefix.get((address & mask) >>> 0)
      if (subnet === undefined || (lowest !== undefined && lowest.id < subnet.id)) continue
      const admitted = admittedSubnet(subnet, classes)
      if (admitted === undefined) continue
      lowest = subnet
      found = admitted
    }
    return found
  }

  byRelay(giaddr: Ipv4, classes?: ClassSet): Subnet4 | undefined {
    return firstAdmitted(this.#byRelay.get(giaddr), classes)
  }

  byInterface(name: string, classes?: ClassSet): Subnet4 | undefined {
    return firstAdmitted(this.#byInterface.get(name), classes)
  }
}
