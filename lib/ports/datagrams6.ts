// The network of DHCPv6 as the server sees it: interfaces, datagrams in, replies out.

import type { Ipv6 } from '../address/ipv6.ts'
import type { Interfaces6Plan } from '../config/plan/plan6.ts'
import type { InterfaceStatus, Traffic } from './datagrams.ts'

/** A local interface that DHCPv6 is served on. Replaced by a new object whenever it changes. */
export interface Interface6 {
  readonly name: string
  /** The kernel's index, which scopes link-local addresses; 0 where there is none. */
  readonly index: number
  /** What clients on the link know the server by; '' on loopback, which has none. */
  readonly linkLocal: Ipv6
  /** All that others may use by now, the link-local one among them. Never empty. */
  readonly addresses: readonly { readonly address: Ipv6; readonly length: number }[]
}

export interface DatagramSink6 {
  /**
   * One datagram: bytes `start` to `end` of `bytes`, which are reused after the call returns. It
   * came from `address` and `port`; `to` is what it was sent to: a group, an address of `from`, or
   * '' for an address of this host that `from` does not have.
   */
  onDatagram(
    from: Interface6,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv6,
    port: number,
    to: Ipv6,
  ): void
  /** A datagram longer than any DHCP message came and is not handed over. */
  onOversized(from: Interface6, address: Ipv6): void
  /** A reply that had left through `through` did not reach `address`: why, in words. */
  onUndelivered(through: Interface6, address: Ipv6, why: string): void
  /** Whatever the kernel held has been handed over: a batch may be closed. */
  onBatchEnd(): void
  /**
   * All addresses of this host, also of interfaces that are not served: at first, and when they
   * have changed.
   */
  onAddresses(addresses: readonly Ipv6[]): void
  /** An interface started or stopped being served, or its trouble changed. */
  onInterface(status: InterfaceStatus6): void
}

export type InterfaceStatus6 = InterfaceStatus<Ipv6>

export interface Reply6 {
  /** The interface of the query; a link-local `address` is one of its link. */
  readonly through: Interface6
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly address: Ipv6
  readonly port: number
  /** The address of this host that was asked; '' where a group was: the kernel chooses. */
  readonly source: Ipv6
}

export interface Datagrams6 {
  /**
   * Starts to receive. Opening never fails: what cannot be served is retried for ever and reported.
   */
  open(sink: DatagramSink6): void
  /**
   * Sends replies. Their bytes may be reused when the call returns. Errors are counted, not thrown.
   */
  send(replies: readonly Reply6[]): void
  /** Serves these interfaces from now on, after a reload. Those that stay are not disturbed. */
  select(interfaces: Interfaces6Plan): void
  /** Those that are served at present. */
  interfaces(): readonly Interface6[]
  /** One entry for each interface that is configured or served. */
  status(): readonly InterfaceStatus6[]
  /** One entry for each interface that is served; nothing where nobody counts. */
  traffic(): readonly Traffic[]
  /** Stops receiving; `done` is called when the sockets are closed. */
  close(done: () => void): void
}
