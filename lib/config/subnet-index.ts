// Finds subnets by id, address, relay and interface in constant time, however many there are. By
// address the longest prefix wins, as in routing: one map a prefix length that occurs, at most 33.

import type { Ipv4 } from '../address/ipv4.ts'
import { maskOfLength } from '../address/ipv4.ts'
import type { Subnet4 } from './plan4.ts'

/** Where two subnets claim one relay address or interface, the first in the document has it. */
export class SubnetIndex {
  readonly #byId = new Map<number, Subnet4>()
  readonly #byRelay = new Map<Ipv4, Subnet4>()
  readonly #byInterface = new Map<string, Subnet4>()
  /** Longest prefix first. */
  readonly #lengths: { readonly mask: Ipv4; readonly byPrefix: Map<Ipv4, Subnet4> }[] = []

  constructor(subnets: readonly Subnet4[]) {
    const byLength = new Map<number, Map<Ipv4, Subnet4>>()
    for (const subnet of subnets) {
      this.#byId.set(subnet.id, subnet)
      for (const relay of subnet.relayAddresses) setFirst(this.#byRelay, relay, subnet)
      if (subnet.interface !== '') setFirst(this.#byInterface, subnet.interface, subnet)
      const { address, length } = subnet.prefix
      const byPrefix = byLength.get(length) ?? new Map<Ipv4, Subnet4>()
      byLength.set(length, byPrefix.set(address, subnet))
    }
    for (const [length, byPrefix] of [...byLength].sort(([a], [b]) => b - a)) {
      this.#lengths.push({ mask: maskOfLength(length), byPrefix })
    }
  }

  byId(id: number): Subnet4 | undefined {
    return this.#byId.get(id)
  }

  byAddress(address: Ipv4): Subnet4 | undefined {
    for (const { mask, byPrefix } of this.#lengths) {
      const subnet = byPrefix.get((address & mask) >>> 0)
      if (subnet !== undefined) return subnet
    }
    return undefined
  }

  byRelay(giaddr: Ipv4): Subnet4 | undefined {
    return this.#byRelay.get(giaddr)
  }

  byInterface(name: string): Subnet4 | undefined {
    return this.#byInterface.get(name)
  }
}

function setFirst<Key>(map: Map<Key, Subnet4>, key: Key, subnet: Subnet4): void {
  if (!map.has(key)) map.set(key, subnet)
}
