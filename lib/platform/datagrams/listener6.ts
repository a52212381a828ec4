// What arrives on an interface of DHCPv6: where it came from, and which group or address was asked.

import type dgram from 'node:dgram'
import type { Ipv6 } from '../../address/ipv6.ts'
import { readUint16 } from '../../bytes/cursor.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import type { DatagramSink6, Interface6 } from '../../ports/datagrams6.ts'
import { ipv6FromNode } from '../node-address.ts'
import { DATAGRAM_MAX, type Drain } from './drain.ts'
import { Listener } from './listener.ts'
import type { MessageVector } from './message-vector.ts'
import type { Socket6 } from './sockets6.ts'

const MULTICAST = 0xff

export class Listener6 extends Listener<Ipv6> {
  /** What the sink is told; replaced when the addresses change. */
  from: Interface6
  /** Each address has a socket of its own. */
  hearsApart = false
  readonly #sink: DatagramSink6

  constructor(
    from: Interface6,
    loopback: boolean,
    sockets: readonly Socket6[],
    sink: DatagramSink6,
    drain: Drain | undefined,
    onError: (error: Error) => void,
  ) {
    super(from, loopback, sockets, { drain, onError, onBatchEnd: () => sink.onBatchEnd() })
    this.from = from
    this.#sink = sink
  }

  override get askedApart(): readonly Ipv6[] {
    const own = this.sockets.map(({ address }) => address)
    return own.filter((address) => address !== '' && address.charCodeAt(0) !== MULTICAST)
  }

  protected override hand(by: Socket6, bytes: Uint8Array, remote: dgram.RemoteInfo): void {
    const source = ipv6FromNode(remote.address)
    this.#handOver(bytes, 0, bytes.length, source, remote.port, by.address)
  }

  protected override handSlots(by: Socket6, vector: MessageVector, count: number): void {
    for (let n = 0; n < count && !this.isClosed; n++) this.#handSlot(vector, n, by.address)
  }

  #handSlot(vector: MessageVector, n: number, to: Ipv6): void {
    const start = n * vector.slotSize
    const name = n * vector.nameSize
    const address = octetsFromBytes(vector.names, name + 8, name + 24)
    if (vector.isTruncated(n)) {
      this.received++
      this.#refuse(address)
      return
    }
    const port = readUint16(vector.names, name + 2)
    this.#handOver(vector.slab, start, start + vector.sizeOf(n), address, port, to)
  }

  #handOver(
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv6,
    port: number,
    to: Ipv6,
  ): void {
    this.received++
    if (end - start > DATAGRAM_MAX) this.#refuse(address)
    else this.#sink.onDatagram(this.from, bytes, start, end, address, port, to)
  }

  #refuse(address: Ipv6): void {
    this.oversized++
    this.#sink.onOversized(this.from, address)
  }
}
