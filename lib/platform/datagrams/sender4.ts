// Sends replies through the interface their query came from (RFC 2131 §4.1):
//
//   frame      to the hardware address of a client that has no address yet, by AF_PACKET
//   packet     everything else, with headers of ours by a raw socket: the kernel leaves the UDP sum
//              of a datagram to the device, where a veth, tap or bridge never writes it, and
//              clients that read raw packets drop such a reply
//   datagram   without the right to do so, too long for a packet, or on loopback: by the UDP socket
//   node       as datagram, by dgram: without the C library, or when the kernel's buffer is full
//
// Frames, packets and datagrams leave many in one sendmmsg. Where a reply goes that no route of the
// interface leads to, `#addByRoute` decides.

import type { Socket } from 'node:dgram'
import { BROADCAST, type Ipv4, readIpv4, textFromIpv4, writeIpv4 } from '../../address/ipv4.ts'
import { readUint16, writeUint16 } from '../../bytes/cursor.ts'
import { writeOctets } from '../../bytes/octets.ts'
import type { Reply4 } from '../../ports/datagrams4.ts'
import { AF_INET, AF_PACKET, errnoName, type Libc, SOCK_DGRAM } from '../libc.ts'
import { FRAME_HEADER, writeFrameHeader } from './frame4.ts'
import type { Listener4 } from './listener4.ts'
import { isFull, sendByNode } from './node-send.ts'
import { enlargeBuffers } from './open-socket.ts'
import { Routes4 } from './routes4.ts'
import { SendBatch } from './send-batch.ts'
import { openPackets4 } from './sockets4.ts'

/** Longest packet that is written here; a longer one is a datagram, which the kernel fragments. */
const FRAME_MAX = 1500

const SLOT_SIZE = 4096
const BATCH_MAX = 64
const ETHERTYPE_IPV4 = 0x0800
const SOCKADDR_LL = 20

/** An address that no route is made for (RFC 5737). */
const NOWHERE_SPECIAL: Ipv4 = 0xcb007101

/** Directed broadcast of the loopback network: 255.255.255.255 would leave by the default route. */
const LOOPBACK_BROADCAST: Ipv4 = 0x7fffffff

export class Sender4 {
  /** Why no frames can be sent; '' when they can. */
  readonly frameTrouble: string
  readonly #datagrams: SendBatch<Listener4> | undefined
  readonly #frames: SendBatch<Listener4> | undefined
  readonly #packets: SendBatch<Listener4> | undefined
  readonly #routes: Routes4 | undefined
  readonly #frameFd: number
  /** Packets by whatever device the routes say. */
  readonly #anywhereFd: number
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
    this.#frameFd = libc?.socket(AF_PACKET, SOCK_DGRAM, 0) ?? -1
    this.#anywhereFd = libc === undefined ? -1 : openPackets4(libc, '')
    this.frameTrouble = this.#frameFd >= 0 ? '' : errnoName(this.#frameFd)
    if (libc === undefined) return
    this.#routes = new Routes4(libc)
    if (this.#anywhereFd >= 0) {
      const onPacket = (listener: Listener4, n: number, result: number): void =>
        this.#onPacket(listener, n, result)
      this.#packets = new SendBatch(libc, BATCH_MAX, FRAME_MAX, 16, onPacket)
    }
    if (this.#frameFd >= 0) {
      enlargeBuffers(libc, this.#frameFd)
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
    const isNear = address === BROADCAST || listener.loopback || listener.isOnLink(address)
    if (isNear || this.#routes === undefined)
      this.#addTo(address, reply, listener, listener.packetFd)
    else this.#addByRoute(this.#routes, address, reply, listener)
  }

  flush(): void {
    this.#datagrams?.flush()
    this.#packets?.flush()
    this.#frames?.flush()
  }

  /** Routes may have changed: looks for them anew. */
  forgetRoutes(): void {
    this.#routes?.forget()
  }

  /** Whether clients without an address are reached by frame through this listener. */
  canFrame(listener: Listener4): boolean {
    return this.#frames !== undefined && !listener.loopback && listener.index > 0
  }

  /** Whether the default route is by this interface; false where that cannot be learned. */
  leadsAnywhere(listener: Listener4): boolean {
    return this.#routes?.leadsTo(NOWHERE_SPECIAL, listener.index) === true
  }

  close(): void {
    this.#routes?.close()
    for (const fd of [this.#frameFd, this.#anywhereFd]) if (fd >= 0) this.#libc?.close(fd)
  }

  /**
   * To an address beyond a router: by the interface of the query where a route leads there; else
   * back to who sent the query, if a route leads there; else by whatever interface the routes say.
   * Where there is no route at all, the kernel asks the neighbours, and says that nobody answers.
   */
  #addByRoute(routes: Routes4, target: Ipv4, reply: Reply4, listener: Listener4): void {
    const { lastHop } = reply
    const { index, packetFd } = listener
    // Clients that renew from beyond a router are many: one question for 256 neighbours.
    const asked = lastHop === 0 ? (target & 0xffffff00) >>> 0 : target
    if (routes.leadsTo(asked, index)) return this.#addTo(target, reply, listener, packetFd)
    if (lastHop !== 0 && (listener.isOnLink(lastHop) || routes.leadsTo(lastHop, index)))
      return this.#addTo(lastHop, reply, listener, packetFd)
    const isElsewhere = packetFd >= 0 && routes.leadsTo(asked, 0)
    this.#addTo(target, reply, listener, isElsewhere ? this.#anywhereFd : packetFd)
  }

  #addTo(address: Ipv4, reply: Reply4, listener: Listener4, packetFd: number): void {
    const size = reply.end - reply.start
    if (packetFd >= 0 && this.#packets !== undefined && size + FRAME_HEADER <= FRAME_MAX) {
      this.#addPacket(this.#packets, reply, listener, address, packetFd)
      return
    }
    const { socket, fd } = listener.socketOf(reply.source)
    if (this.#datagrams === undefined || fd < 0 || size > SLOT_SIZE)
      this.#sendByNode(listener, socket, reply.bytes, reply.start, reply.end, address, reply.port)
    else this.#addDatagram(this.#datagrams, reply, listener, address, fd)
  }

  #addPacket(
    packets: SendBatch<Listener4>,
    reply: Reply4,
    listener: Listener4,
    address: Ipv4,
    fd: number,
  ): void {
    const n = packets.begin(fd)
    const { slab, slotSize, names, nameSize } = packets.vector
    const at = n * slotSize
    const size = reply.end - reply.start
    slab.set(reply.bytes.subarray(reply.start, reply.end), at + FRAME_HEADER)
    writeFrameHeader(slab, at, size, reply.source, listener.port, address, reply.port)
    // Routers may fragment it; the kernel numbers the packet and sums its header anew.
    slab[at + 6] = 0
    const name = n * nameSize
    names[name] = AF_INET
    writeIpv4(names, name + 4, address)
    packets.commit(listener, FRAME_HEADER + size)
  }

  /**
   * What the kernel has no room for, or what is longer than the device takes, goes by the UDP
   * socket.
   */
  #onPacket(listener: Listener4, n: number, result: number): void {
    if (result === 0 || !(isFull(result) || errnoName(result) === 'EMSGSIZE')) {
      this.#count(listener, result)
      return
    }
    const { slab, slotSize } = this.#packets!.vector
    const at = n * slotSize
    const end = at + this.#packets!.vector.lengthOf(n)
    const { socket } = listener.socketOf(readIpv4(slab, at + 12))
    const port = readUint16(slab, at + 22)
    const target = readIpv4(slab, at + 16)
    this.#sendByNode(listener, socket, slab, at + FRAME_HEADER, end, target, port)
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
    const n = frames.begin(this.#frameFd)
    const { slab, slotSize, names, nameSize } = frames.vector
    const at = n * slotSize
    const size = reply.end - reply.start
    slab.set(reply.bytes.subarray(reply.start, reply.end), at + FRAME_HEADER)
    writeFrameHeader(slab, at, size, reply.source, listener.port, reply.address, reply.port)
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
    fd: number,
  ): void {
    const n = batch.begin(fd)
    const { slab, slotSize, names, nameSize } = batch.vector
    slab.set(reply.bytes.subarray(reply.start, reply.end), n * slotSize)
    const name = n * nameSize
    names[name] = AF_INET
    writeUint16(names, name + 2, reply.port)
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
    const port = readUint16(names, name + 2)
    const { socket } = listener.reply
    this.#sendByNode(listener, socket, slab, start, end, readIpv4(names, name + 4), port)
  }

  #sendByNode(
    listener: Listener4,
    socket: Socket,
    bytes: Uint8Array,
    start: number,
    end: number,
    address: Ipv4,
    port: number,
  ): void {
    sendByNode(socket, bytes, start, end, textFromIpv4(address), port, (error) => {
      if (error === '') listener.sent++
      else this.#fail(listener, error)
    })
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
