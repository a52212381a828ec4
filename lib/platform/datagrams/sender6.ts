// Sends replies of DHCPv6 by the socket of the address that was asked, else by one whose source the
// kernel chooses: link-local for the link, global beyond it. Many leave in one sendmmsg.
//
// The sockets are bound to the interface of the query. Where no route of it leads to a relay, the
// reply leaves as a packet of ours by whatever interface the routes say.

import type { Ipv6 } from '../../address/ipv6.ts'
import { readUint16, writeUint16 } from '../../bytes/cursor.ts'
import { octetsFromBytes, writeOctets } from '../../bytes/octets.ts'
import type { Reply6 } from '../../ports/datagrams6.ts'
import { isLinkLocal } from '../devices6.ts'
import { AF_INET6, errnoName, IPPROTO_RAW, type Libc, SOCK_RAW, SOCKADDR_IN6 } from '../libc.ts'
import { nodeFromIpv6 } from '../node-address.ts'
import { FRAME_HEADER6, writeFrameHeader6 } from './frame6.ts'
import type { Listener6 } from './listener6.ts'
import { isFull, sendByNode } from './node-send.ts'
import { SendBatch } from './send-batch.ts'

const SLOT_SIZE = 4096
const BATCH_MAX = 64

/** The longest packet that every link takes (RFC 8200 §5). */
const PACKET_MAX = 1280

export class Sender6 {
  readonly #datagrams: SendBatch<Listener6> | undefined
  readonly #packets: SendBatch<Listener6> | undefined
  /** Packets by whatever device the routes say; -1 = none. */
  readonly #anywhereFd: number
  readonly #libc: Libc | undefined
  readonly #onError: (listener: Listener6, error: string) => void

  /** `batched` false: datagrams go by Node, one a call. */
  constructor(
    libc: Libc | undefined,
    batched: boolean,
    onError: (listener: Listener6, error: string) => void,
  ) {
    this.#libc = libc
    this.#onError = onError
    this.#anywhereFd = libc?.socket(AF_INET6, SOCK_RAW, IPPROTO_RAW) ?? -1
    if (libc === undefined) return
    if (this.#anywhereFd >= 0)
      this.#packets = new SendBatch(libc, 1, PACKET_MAX, SOCKADDR_IN6, (listener, _n, result) =>
        this.#count(listener, result),
      )
    if (batched)
      this.#datagrams = new SendBatch(
        libc,
        BATCH_MAX,
        SLOT_SIZE,
        SOCKADDR_IN6,
        (listener, n, got) => this.#onDatagram(listener, n, got),
      )
  }

  /** Takes one reply; it leaves at the latest with `flush`. */
  add(reply: Reply6, listener: Listener6): void {
    const { bytes, start, end, address, port } = reply
    const { socket, fd } = listener.socketOf(reply.source)
    const scope = isLinkLocal(address) ? listener.index : 0
    if (this.#datagrams === undefined || fd < 0 || end - start > SLOT_SIZE) {
      const text = nodeFromIpv6(address, scope === 0 ? '' : listener.name)
      sendByNode(socket, bytes, start, end, text, port, (error) => this.#settle(listener, error))
    } else this.#addDatagram(this.#datagrams, reply, listener, scope, fd)
  }

  flush(): void {
    this.#datagrams?.flush()
  }

  close(): void {
    if (this.#anywhereFd >= 0) this.#libc?.close(this.#anywhereFd)
  }

  #addDatagram(
    batch: SendBatch<Listener6>,
    { bytes, start, end, address, port }: Reply6,
    listener: Listener6,
    scope: number,
    fd: number,
  ): void {
    const n = batch.begin(fd)
    const { slab, slotSize, names, nameSize } = batch.vector
    slab.set(bytes.subarray(start, end), n * slotSize)
    const name = n * nameSize
    names[name] = AF_INET6
    names[name + 1] = 0
    writeUint16(names, name + 2, port)
    writeOctets(address, names, name + 8)
    writeScope(names, name, scope)
    batch.commit(listener, end - start)
  }

  /** A full socket buffer is left to Node, which waits until there is room. */
  #onDatagram(listener: Listener6, n: number, result: number): void {
    if (result === 0) return void listener.sent++
    const { slab, slotSize, names, nameSize } = this.#datagrams!.vector
    const name = n * nameSize
    const start = n * slotSize
    const end = start + this.#datagrams!.vector.lengthOf(n)
    const port = readUint16(names, name + 2)
    const address = octetsFromBytes(names, name + 8, name + 24)
    if (isFull(result)) {
      const text = nodeFromIpv6(address, isLinkLocal(address) ? listener.name : '')
      const { socket } = listener.reply
      return sendByNode(socket, slab, start, end, text, port, (error) =>
        this.#settle(listener, error),
      )
    }
    const isElsewhere = errnoName(result) === 'ENETUNREACH' && !isLinkLocal(address)
    if (isElsewhere && this.#packets !== undefined && end - start + FRAME_HEADER6 <= PACKET_MAX)
      this.#sendAnywhere(this.#packets, listener, slab.subarray(start, end), address, port)
    else this.#count(listener, result)
  }

  #sendAnywhere(
    packets: SendBatch<Listener6>,
    listener: Listener6,
    bytes: Uint8Array,
    address: Ipv6,
    port: number,
  ): void {
    const { addresses, linkLocal } = listener.from
    const source = addresses.find((own) => !isLinkLocal(own.address))?.address ?? linkLocal
    packets.begin(this.#anywhereFd)
    const { slab, names } = packets.vector
    slab.set(bytes, FRAME_HEADER6)
    writeFrameHeader6(slab, 0, bytes.length, source, listener.port, address, port)
    names[0] = AF_INET6
    // The kernel wants no port of a packet.
    writeUint16(names, 2, 0)
    writeOctets(address, names, 8)
    writeScope(names, 0, 0)
    packets.commit(listener, FRAME_HEADER6 + bytes.length)
    packets.flush()
  }

  #count(listener: Listener6, result: number): void {
    this.#settle(listener, result < 0 ? errnoName(result) : '')
  }

  /** `error`: '' for a reply that has left. */
  #settle(listener: Listener6, error: string): void {
    if (error === '') {
      listener.sent++
      return
    }
    listener.sendErrors++
    this.#onError(listener, error)
  }
}

/** sin6_scope_id is in the order of the machine, which is little-endian. */
function writeScope(names: Uint8Array, name: number, scope: number): void {
  names[name + 24] = scope & 255
  names[name + 25] = (scope >>> 8) & 255
  names[name + 26] = (scope >>> 16) & 255
  names[name + 27] = scope >>> 24
}
