// Asking for an address beyond a router: ICMP echo (RFC 792), by a socket for pings, which takes no
// rights where net.ipv4.ping_group_range allows it, else by a raw one. An answer is known by a
// number that only this process knows.

import { randomBytes } from 'node:crypto'
import { type Ipv4, readIpv4, writeIpv4 } from '../../address/ipv4.ts'
import { readUint16, writeUint16 } from '../../bytes/cursor.ts'
import type { ProbeAnswer } from '../../ports/probe.ts'
import { MessageVector } from '../datagrams/message-vector.ts'
import {
  AF_INET,
  ICMP_FILTER,
  IPPROTO_ICMP,
  type Libc,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_RAW,
} from '../libc.ts'
import { ProbeReplies } from './replies.ts'

const ECHO_REPLY = 0
const ECHO = 8
const HEADER = 8
const SECRET_SIZE = 16
const SIZE = HEADER + SECRET_SIZE
const SOCKADDR_IN = 16
const IP_HEADER_MAX = 60

export class EchoProbe {
  /** Why nobody can be asked, a negative errno; 0 or more: it is possible. */
  readonly fd: number
  readonly #libc: Libc
  readonly #isRaw: boolean
  readonly #secret = randomBytes(SECRET_SIZE)
  readonly #request: MessageVector
  readonly #replies: ProbeReplies
  #sequence = 0

  constructor(libc: Libc) {
    this.#libc = libc
    const plain = libc.socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
    this.#isRaw = plain < 0
    this.fd = plain < 0 ? libc.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) : plain
    this.#request = new MessageVector(libc, 1, SIZE, SOCKADDR_IN)
    this.#replies = new ProbeReplies(libc, this.fd, IP_HEADER_MAX + SIZE, SOCKADDR_IN)
    // The bits of what is filtered out.
    if (this.fd >= 0 && this.#isRaw)
      libc.setOption(this.fd, ICMP_FILTER, ~(1 << ECHO_REPLY), SOL_RAW)
  }

  ask(address: Ipv4): boolean {
    if (this.fd < 0) return false
    this.#sequence = (this.#sequence + 1) & 0xffff
    writeEcho(this.#request.slab, this.#sequence, this.#secret)
    this.#request.setLength(0, SIZE)
    const { names } = this.#request
    names.fill(0)
    names[0] = AF_INET
    writeIpv4(names, 4, address)
    return this.#libc.sendMany(this.fd, this.#request.addressOf(0), 1) === 1
  }

  read(answers: ProbeAnswer[]): void {
    this.#replies.read((bytes, names, nameAt) => {
      // A raw socket hears the header of the packet, too.
      const at = this.#isRaw ? (bytes[0]! & 15) * 4 : 0
      if (isReply(bytes.subarray(at), this.#secret))
        answers.push({ address: readIpv4(names, nameAt + 4), hwAddress: '', index: 0 })
    })
  }

  close(): void {
    if (this.fd >= 0) this.#libc.close(this.fd)
  }
}

/** The kernel puts an identifier of its own, and the sum, where the socket is one for pings. */
export function writeEcho(bytes: Uint8Array, sequence: number, secret: Uint8Array): void {
  bytes.fill(0, 0, HEADER)
  bytes[0] = ECHO
  writeUint16(bytes, 4, readUint16(secret, 0))
  writeUint16(bytes, 6, sequence)
  bytes.set(secret, HEADER)
  writeUint16(bytes, 2, sumOf(bytes))
}

/** Whether the message answers one that carried this secret. */
export function isReply(bytes: Uint8Array, secret: Uint8Array): boolean {
  if (bytes.length < SIZE || bytes[0] !== ECHO_REPLY) return false
  return secret.every((octet, at) => bytes[HEADER + at] === octet)
}

/** RFC 1071, of a message of even length. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < SIZE; at += 2) sum += readUint16(bytes, at)
  sum = (sum & 0xffff) + (sum >>> 16)
  return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff
}
