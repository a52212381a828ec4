// Where a query came from: interface, addresses and port.

import type { Ipv4 } from '../address/ipv4.ts'

export interface Arrival4 {
  /** The local interface that received it. `addresses` is never empty. */
  readonly link: {
    readonly name: string
    readonly addresses: readonly { readonly address: Ipv4; readonly length: number }[]
  }
  /** Source address of the datagram: 0 for a client that has none yet. */
  readonly address: Ipv4
  /** Source port of the datagram. */
  readonly port: number
  /**
   * The address of the link that was asked; BROADCAST = none, all hosts of the link were; 0 = not
   * known.
   */
  readonly to: Ipv4
}
