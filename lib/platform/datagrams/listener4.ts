// What arrives on an interface of DHCPv4: where it came from, and which address was asked.

import type dgram from 'node:dgram'
import { BROADCAST, type Ipv4, ipv4FromText, maskOfLength, readIpv4 } from '../../address/ipv4.ts'
import { readUint16 } from '../../bytes/cursor.ts'
import type { DatagramSink4, Interface4 } from '../../ports/datagrams4.ts'
import { DATAGRAM_MAX, type Drain } from './drain.ts'
import { Listener } from './listener.ts'
import type { MessageVector } from './message-vector.ts'
import type { Socket4 } from './sockets4.ts'

export class Listener4 extends Listener<Ipv4> {
  /** Where whole packets leave by this device (sender4); -1 = they cannot. */
  readonly packetFd: number
  /** What the sink is told; replaced when the addresses change. */
  from: Interface4
  /** Each address has a socket of its own, so that `reply` hears what was sent to none of them. */
  hearsApart = false
  readonly #sink: DatagramSink4

  constructor(
    from: Interface4,
    loopback: boolean,
    sockets: readonly Socket4[],
    packetFd: number,
    sink: DatagramSink4,
    drain: Drain | undefined,
    onError: (error: Error) => void,
  ) {
    super(from, loopback, sockets, { drain, onError, onBatchEnd: () => sink.onBatchEnd() })
    this.from = from
    this.packetFd = packetFd
    this.#sink = sink
  }

  override get askedApart(): readonly Ipv4[] {
    return this.sockets.map(({ address }) => address).filter((address) => address !== 0)
  }

  /**
   * Whether an address belongs to a prefix of the interface, so that its neighbours are asked for
   * it.
   */
  isOnLink(address: Ipv4): boolean {
    for (const own of this.from.addresses)
      if (((own.address ^ address) & maskOfLength(own.length)) === 0) return true
    return false
  }

  /** What datagrams that the socket hears were sent to: see DatagramSink4. */
  #addressOf(by: Socket4): Ipv4 {
    if (by.address !== 0) return by.address
    return by !== this.reply || this.hearsApart ? BROADCAST : 0
  }

  protected override hand(by: Socket4, bytes: Uint8Array, remote: dgram.RemoteInfo): void {
    const source = ipv4FromText(remote.address) ?? 0
    this.#handOver(bytes, 0, bytes.length, source, remote.port, this.#addressOf(by))
  }

  protected override handSlots(by: Socket4, vector: MessageVector, count: number): void {
    const address = this.#addressOf(by)
    for (let n = 0; n < count && !this.isClosed; n++) this.#handSlot(vector, n, address)
  }

  #handSlot(vector: MessageVector, n: number, to: Ipv4): void {
    const start = n * vector.slotSize
    const name = n * vector.nameSize
    const address = readIpv4(vector.names, name + 4)
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
    address: Ipv4,
    port: number,
    to: Ipv4,
  ): void {
    this.received++
    if (end - start > DATAGRAM_MAX) this.#refuse(address)
    else this.#sink.onDatagram(this.from, bytes, start, end, address, port, to)
  }

  #refuse(address: Ipv4): void {
    this.oversized++
    this.#sink.onOversized(this.from, address)
  }
}
