// What the network says of itself, whichever family of addresses is served.

/** What went through an interface since its sockets were opened. */
export interface Traffic {
  readonly name: string
  /** The UDP port really bound. */
  readonly port: number
  readonly received: number
  readonly sent: number
  /** Replies that the kernel refused to send. */
  readonly sendErrors: number
  /**
   * Sent, and reported afterwards as not delivered: no neighbour answered, or a router refused it.
   */
  readonly undeliverable: number
  /** Received but not handed over: longer than any DHCP message. */
  readonly oversized: number
  /** Thrown away by the kernel because the receive buffer was full; 0 where it does not tell. */
  readonly overrun: number
}

export interface InterfaceStatus<Address> {
  readonly name: string
  readonly serving: boolean
  /** Why not serving, in a sentence for the operator; '' when serving without trouble. */
  readonly trouble: string
  /** errno name where the interface is there and its port cannot be opened, `EADDRINUSE`. */
  readonly refused?: string
  /** Those that are served; nothing where the interface is not, or nobody says. */
  readonly addresses?: readonly Address[]
}
