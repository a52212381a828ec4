// The addresses of this server on all its interfaces, learned from what arrives: a RELEASE may name one
// of them and come in by another interface.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Interface4 } from '../ports/datagrams4.ts'

export class OwnAddresses {
  #last: Interface4 | undefined
  readonly #byInterface = new Map<string, readonly Ipv4[]>()

  /** An interface object is replaced whenever its addresses change, so the same one says nothing new. */
  learn(from: Interface4): void {
    if (from === this.#last) return
    this.#last = from
    this.#byInterface.set(
      from.name,
      from.addresses.map(({ address }) => address),
    )
  }

  has(address: Ipv4): boolean {
    for (const addresses of this.#byInterface.values()) if (addresses.includes(address)) return true
    return false
  }
}
