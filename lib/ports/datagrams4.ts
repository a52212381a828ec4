// The network as the server sees it: interfaces, datagrams in, replies out.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import type { InterfacesPlan } from '../config/plan/plan4.ts'
import type { InterfaceStatus, Traffic } from './datagrams.ts'

/** A local interface that DHCPv4 is served on. Replaced by a new object whenever it changes. */
export interface Interface4 {
  readonly name: string
  /** The kernel's index; 0 where there is none. */
  readonly index: number
  /** Its addresses; the first one is the default server identifier. Never empty. */
  readonly addresses: readonly { readonly address: Ipv4; readonly length: number }[]
}

export interface DatagramSink4 {
  /**
   * One datagram: bytes `start` to `end` of `bytes`, which are reused after the call returns. It
   * came from `address` and `port`; `to` is the address of `from` that it was sent to, BROADCAST
   * where it was sent to all of the link, 0 where neither is known.
   */
  onDatagram(
    from: Interface4,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv4,
    port: number,
    to: Ipv4,
  ): void
  /** A datagram longer than any DHCP message came and is not handed over. */
  onOversized(from: Interface4, address: Ipv4): void
  /** A reply that had left through `through` did not reach `address`: why, in words. */
  onUndelivered(through: Interface4, address: Ipv4, why: string): void
  /** Whatever the kernel held has been handed over: a batch may be closed. */
  onBatchEnd(): void
  /**
   * All addresses of this host, also of interfaces that are not served: at first, and when they
   * have changed.
   */
  onAddresses(addresses: readonly Ipv4[]): void
  /** An interface started or stopped being served, or its trouble changed. */
  onInterface(status: InterfaceStatus4): void
}

export interface InterfaceStatus4 extends InterfaceStatus<Ipv4> {
  /** Whether replies to clients without an address go by frame, or only by broadcast. */
  readonly unicast: boolean
}

export interface Reply4 {
  readonly through: Interface4
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly address: Ipv4
  readonly port: number
  /** See Destination4. */
  readonly hwAddress: Octets
  readonly source: Ipv4
  readonly lastHop: Ipv4
}

export interface Datagrams4 {
  /**
   * Starts to receive. Opening never fails: what cannot be served is retried for ever and reported.
   */
  open(sink: DatagramSink4): void
  /**
   * Sends replies. Their bytes may be reused when the call returns. Errors are counted, not thrown.
   */
  send(replies: readonly Reply4[]): void
  /** Serves these interfaces from now on, after a reload. Those that stay are not disturbed. */
  select(interfaces: InterfacesPlan): void
  /** One entry for each interface that is configured or served. */
  status(): readonly InterfaceStatus4[]
  /** One entry for each interface that is served; nothing where nobody counts. */
  traffic(): readonly Traffic[]
  /** Stops receiving; `done` is called when the sockets are closed. */
  close(done: () => void): void
}
