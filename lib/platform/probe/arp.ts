// Asking for an address on the link of an interface: an ARP probe (RFC 5227 §2.1.1), whose sender
// address of 0 neither enters the caches of neighbours nor makes a proxy answer. Whoever has the
// address must answer it, also a host that drops pings.

import { type Ipv4, readIpv4, writeIpv4 } from '../../address/ipv4.ts'
import { readUint16, writeUint16 } from '../../bytes/cursor.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import type { Interface4 } from '../../ports/datagrams4.ts'
import type { ProbeAnswer } from '../../ports/probe.ts'
import { MessageVector } from '../datagrams/message-vector.ts'
import { AF_PACKET, type FilterStep, type Libc, SOCK_DGRAM } from '../libc.ts'
import { ProbeReplies } from './replies.ts'

const ETHERTYPE_ARP = 0x0806
/** As the C library has it: in network order. */
const PROTOCOL_ARP = 0x0608
const ETHERNET = 1
const ETHERTYPE_IPV4 = 0x0800
const REQUEST = 1
const REPLY = 2
/** Ethernet and IPv4. */
const SIZE = 28
const SOCKADDR_LL = 20

/** Only replies: load the operation, let the packet pass if it is one. */
const REPLIES: readonly FilterStep[] = [
  [0x28, 0, 0, 6],
  [0x15, 0, 1, REPLY],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
]

export class ArpProbe {
  /** Why nobody can be asked, a negative errno; 0 or more: it is possible. */
  readonly fd: number
  readonly #libc: Libc
  readonly #request: MessageVector
  readonly #replies: ProbeReplies

  /** Needs CAP_NET_RAW. */
  constructor(libc: Libc) {
    this.#libc = libc
    this.fd = libc.socket(AF_PACKET, SOCK_DGRAM, PROTOCOL_ARP)
    this.#request = new MessageVector(libc, 1, SIZE, SOCKADDR_LL)
    this.#replies = new ProbeReplies(libc, this.fd, SIZE, SOCKADDR_LL)
    if (this.fd >= 0) libc.attachFilter(this.fd, REPLIES)
  }

  ask(address: Ipv4, { name, index }: Interface4): boolean {
    if (this.fd < 0) return false
    const own = this.#libc.hwAddressOfDevice(this.fd, name)
    if (own === undefined) return false
    writeProbe(this.#request.slab, own, address)
    this.#request.setLength(0, SIZE)
    writeBroadcast(this.#request.names, index)
    return this.#libc.sendMany(this.fd, this.#request.addressOf(0), 1) === 1
  }

  read(answers: ProbeAnswer[]): void {
    this.#replies.read((bytes, names, nameAt) => {
      const answer = replyIn(bytes, indexIn(names, nameAt))
      if (answer !== undefined) answers.push(answer)
    })
  }

  close(): void {
    if (this.fd >= 0) this.#libc.close(this.fd)
  }
}

/** Whether somebody has `address`, by a host with the hardware address `own`. */
export function writeProbe(bytes: Uint8Array, own: Uint8Array, address: Ipv4): void {
  bytes.fill(0, 0, SIZE)
  writeUint16(bytes, 0, ETHERNET)
  writeUint16(bytes, 2, ETHERTYPE_IPV4)
  bytes[4] = 6
  bytes[5] = 4
  writeUint16(bytes, 6, REQUEST)
  bytes.set(own, 8)
  writeIpv4(bytes, 24, address)
}

/** What a packet of ARP answers; undefined: nothing, or not of this kind. */
export function replyIn(bytes: Uint8Array, index: number): ProbeAnswer | undefined {
  const isWhole = bytes.length >= SIZE && bytes[4] === 6 && bytes[5] === 4
  if (!isWhole || readUint16(bytes, 0) !== ETHERNET || readUint16(bytes, 2) !== ETHERTYPE_IPV4)
    return undefined
  if (readUint16(bytes, 6) !== REPLY) return undefined
  return { address: readIpv4(bytes, 14), hwAddress: octetsFromBytes(bytes, 8, 14), index }
}

/** sockaddr_ll: to all of the link. */
function writeBroadcast(name: Uint8Array, index: number): void {
  name.fill(0)
  name[0] = AF_PACKET
  writeUint16(name, 2, ETHERTYPE_ARP)
  name[4] = index & 255
  name[5] = (index >>> 8) & 255
  name[6] = (index >>> 16) & 255
  name[7] = index >>> 24
  name[11] = 6
  name.fill(0xff, 12, 18)
}

function indexIn(names: Uint8Array, at: number): number {
  return (
    (names[at + 4]! | (names[at + 5]! << 8) | (names[at + 6]! << 16)) + names[at + 7]! * 2 ** 24
  )
}
