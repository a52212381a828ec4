// A host that has an address which nobody gave it: set by hand, and unknown to the server.

import { type Ipv4, ipv4FromText } from '../address/ipv4.ts'
import { octetsFromHex } from '../bytes/octets.ts'
import type { Link, Station } from './network.ts'

export interface HostSettings {
  /** `192.0.2.20`. */
  readonly address: string
  /** `02:fe:00:00:00:01`. */
  readonly hwAddress?: string
  /** The subnet, by id, on whose link it is. Default: the first one. */
  readonly subnet?: number
}

export class VirtualHost {
  readonly address: Ipv4
  readonly #link: Link
  readonly #station: Station

  constructor(link: Link, { address, hwAddress = '02:fe:00:00:00:01' }: HostSettings) {
    const own = ipv4FromText(address)!
    this.address = own
    this.#link = link
    this.#station = {
      name: `host ${address}`,
      hwAddress: octetsFromHex(hwAddress)!,
      holds: (asked) => asked === own,
      receive: () => {},
    }
    this.appear()
  }

  appear(): void {
    this.#link.attach(this.#station)
  }

  leave(): void {
    this.#link.detach(this.#station)
  }
}
