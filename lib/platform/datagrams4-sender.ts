// Sends replies through the interface their query came from (RFC 2131 §4.1):
//
//   frame      to the hardware address of a client that has no address yet, by AF_PACKET
//   datagram   everything else, by the socket of the interface, many in one sendmmsg
//   node       as datagram, by dgram: without the C library, or when the kernel's buffer is full

import { BROADCAST, type Ipv4, readIpv4, textFromIpv4, writeIpv4 } from '../address/ipv4.ts'
import { writeOctets } from '../bytes/octets.ts'
import type { Reply4 } from '../ports/datagrams4.ts'
import type { Listener4 } from './datagrams4-listener.ts'
import { enlargeBuffers } from './datagrams4-sockets.ts'
import { FRAME_HEADER, writeFrameHeader } from './frame4.ts'
import { AF_INET, AF_PACKET, errnoName, type Libc, SOCK_DGRAM } from './libc.ts'
import { SendBatch } from './send-batch.ts'

/** Longest packet that is put into a frame; a longer one is broadcast, where the kernel fragments. */
const FRAME_MAX = 1500

const SLOT_SIZE = 4096
const BATCH_MAX = 64
const ETHERTYPE_IPV4 = 0x0800
const SOCKADDR_LL = 20

/** Directed broadcast of the loopback network: 255.255.255.255 would leave by the default route. */
const LOOPBACK_BROADCAST: Ipv4 = 0x7fffffff

export class Sender4 {
  /** Why no frames can be sent; '' when they can. */
  readonly frameTrouble: string
  readonly #datagrams: SendBatch<Listener4> | undefined
  readonly #frames: SendBatch<Listener4> | undefined
  readonly #packetFd: number
  readonly #libc: Libc | undefined
  readonly #onError: (listener: Listener4, error: string) => void

  /** `batched` false: datagrams go by Node, one a call. */
  constructor(
    libc: Libc | undefined,
    batched: boolean,
    onError: (listener: Listener4, error: string) => void,
  ) {
    this.#libc = libc
    this.#onError = onError
    // Protocol 0 receives nothing.
    this.#packetFd = libc?.socket(AF_PACKET, SOCK_DGRAM, 0) ?? -1
    this.frameTrouble = this.#packetFd >= 0 ? '' : errnoName(this.#packetFd)
    if (libc === undefined) return
    if (this.#packetFd >= 0) {
      enlargeBuffers(libc, this.#packetFd)
      const onFrame = (listener: Listener4, _n: number, result: number): void =>
        this.#count(listener, result)
      this.#frames = new SendBatch(libc, BATCH_MAX, FRAME_MAX, SOCKADDR_LL, onFrame)
      prepareNames(this.#frames)
    }
    if (!batched) return
    const onDatagram = (listener: Listener4, n: number, result: number): void =>
      this.#onDatagram(listener, n, result)
    this.#datagrams = new SendBatch(libc, BATCH_MAX, SLOT_SIZE, 16, onDatagram)
  }

  /** Takes one reply; it leaves at the latest with `flush`. */
  add(reply: Reply4, listener: Listener4): void {
    if (this.#fitsFrame(reply, listener)) {
      this.#addFrame(reply, listener)
      return
    }
    const address = targetOf(reply, listener)
    const fits = reply.end - reply.start <= SLOT_SIZE
    if (this.#datagrams === undefined || listener.reply.fd < 0 || !fits)
      this.#sendByNode(listener, reply.bytes, reply.start, reply.end, address, reply.port)
    else this.#addDatagram(this.#datagrams, reply, listener, address)
  }

  flush(): void {
    this.#datagrams?.flush()
    this.#frames?.flush()
  }

  /** Whether clients without an address are reached by frame through this listener. */
  canFrame(listener: Listener4): boolean {
    return this.#frames !== undefined && !listener.loopback && listener.index > 0
  }

  close(): void {
    if (this.#packetFd >= 0) this.#libc?.close(this.#packetFd)
  }

  #fitsFrame(reply: Reply4, listener: Listener4): boolean {
    // Six octets: Ethernet and what looks like it; others have no place in their header (RFC 4390).
    return (
      reply.hwAddress.length === 6 &&
      reply.end - reply.start + FRAME_HEADER <= FRAME_MAX &&
      this.canFrame(listener)
    )
  }

  #addFrame(reply: Reply4, listener: Listener4): void {
    const frames = this.#frames!
    const n = frames.begin(this.#packetFd)
    const { slab, slotSize, names, nameSize } = frames.vector
    const at = n * slotSize
    const size = reply.end - reply.start
    slab.set(reply.bytes.subarray(reply.start, reply.end), at + FRAME_HEADER)
    const source = listener.from.addresses[0]!.address
    writeFrameHeader(slab, at, size, source, listener.port, reply.address, reply.port)
    const name = n * nameSize
    names[name + 4] = listener.index & 255
    names[name + 5] = (listener.index >>> 8) & 255
    names[name + 6] = (listener.index >>> 16) & 255
    names[name + 7] = listener.index >>> 24
    writeOctets(reply.hwAddress, names, name + 12)
    frames.commit(listener, FRAME_HEADER + size)
  }

  #addDatagram(
    batch: SendBatch<Listener4>,
    reply: Reply4,
    listener: Listener4,
    address: Ipv4,
  ): void {
    const n = batch.begin(listener.reply.fd)
    const { slab, slotSize, names, nameSize } = batch.vector
    slab.set(reply.bytes.subarray(reply.start, reply.end), n * slotSize)
    const name = n * nameSize
    names[name] = AF_INET
    names[name + 2] = reply.port >>> 8
    names[name + 3] = reply.port & 255
    writeIpv4(names, name + 4, address)
    batch.commit(listener, reply.end - reply.start)
  }

  /** A full socket buffer is left to Node, which waits until there is room. */
  #onDatagram(listener: Listener4, n: number, result: number): void {
    if (result === 0 || !isFull(result)) {
      this.#count(listener, result)
      return
    }
    const { slab, slotSize, names, nameSize } = this.#datagrams!.vector
    const name = n * nameSize
    const start = n * slotSize
    const end = start + this.#datagrams!.vector.lengthOf(n)
    const port = (names[name + 2]! << 8) | names[name + 3]!
    this.#sendByNode(listener, slab, start, end, readIpv4(names, name + 4), port)
  }

  #sendByNode(
    listener: Listener4,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv4,
    port: number,
  ): void {
    // A copy: Node may send it after this call has returned.
    const copy = bytes.slice(start, end)
    try {
      listener.reply.socket.send(copy, port, textFromIpv4(address), (error) => {
        if (error === null) listener.sent++
        else this.#fail(listener, (error as NodeJS.ErrnoException).code ?? error.message)
      })
    } catch (error) {
      this.#fail(listener, error instanceof Error ? error.message : String(error))
    }
  }

  #count(listener: Listener4, result: number): void {
    if (result < 0) this.#fail(listener, errnoName(result))
    else listener.sent++
  }

  #fail(listener: Listener4, error: string): void {
    listener.sendErrors++
    this.#onError(listener, error)
  }
}

/** The parts of sockaddr_ll that are the same in every frame. */
function prepareNames(frames: SendBatch<Listener4>): void {
  const { names, nameSize, count } = frames.vector
  for (let at = 0; at < count * nameSize; at += nameSize) {
    names[at] = AF_PACKET
    names[at + 2] = ETHERTYPE_IPV4 >>> 8
    names[at + 3] = ETHERTYPE_IPV4 & 255
    names[at + 11] = 6
  }
}

function targetOf(reply: Reply4, listener: Listener4): Ipv4 {
  const broadcast = reply.hwAddress !== '' || reply.address === BROADCAST
  if (!broadcast) return reply.address
  return listener.loopback ? LOOPBACK_BROADCAST : BROADCAST
}

function isFull(result: number): boolean {
  const name = errnoName(result)
  return name === 'EAGAIN' || name === 'EWOULDBLOCK' || name === 'ENOBUFS'
}
