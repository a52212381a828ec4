// A network interface of this machine, as whoever lists all of them sees it.

export interface HostInterface {
  readonly name: string
  /** The kernel's; 0 where it is not known. */
  readonly index: number
  /** Octets with colons, '' where it has none. */
  readonly mac: string
  /** The kernel's number of its kind (ARPHRD): 1 is Ethernet. */
  readonly type: number
  readonly isLoopback: boolean
  readonly isUp: boolean
  readonly isRunning: boolean
  readonly takesMulticast: boolean
  readonly takesBroadcast: boolean
  /** Of both families. */
  readonly addresses: readonly string[]
}
