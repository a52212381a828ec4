// What became of replies that had left: ICMP's answers "destination unreachable", which routers
// send, and the kernel itself where nobody answered ARP. They are read from a raw socket of their
// own, so that the sockets of the server are not disturbed by errors about what was sent long ago.

import { type Ipv4, readIpv4 } from '../../address/ipv4.ts'
import { readUint16 } from '../../bytes/cursor.ts'
import {
  AF_INET,
  ICMP_FILTER,
  IPPROTO_ICMP,
  type Libc,
  SO_RCVBUF,
  SOCK_RAW,
  SOL_RAW,
} from '../libc.ts'
import { MessageVector } from './message-vector.ts'

export interface Undelivered {
  /** Of the reply. */
  readonly source: Ipv4
  readonly sourcePort: number
  readonly target: Ipv4
  /** In words. */
  readonly why: string
}

const DESTINATION_UNREACHABLE = 3
const PORT_UNREACHABLE = 3
const PROTOCOL_UDP = 17
const CLIENT_PORT = 68
const MESSAGE_MAX = 1024
const VECTOR_COUNT = 16

/**
 * So many are read at a time; what comes beyond them waits, and is thrown away when the buffer is
 * full.
 */
const READ_MAX = 256
const BUFFER = 256 * 1024

/** RFC 792, RFC 1812 §5.2.7.1. */
const WORDS: Readonly<Record<number, string>> = {
  0: 'no router knows a way to its network',
  1: 'the host does not answer',
  2: 'the protocol is not understood',
  3: 'nobody listens on the port',
  4: 'the packet is too long for the way',
  9: 'the network is closed by an administrator',
  10: 'the host is closed by an administrator',
  13: 'a filter forbids it',
}

export class Undeliverable4 {
  readonly #libc: Libc
  readonly #fd: number
  readonly #vector: MessageVector | undefined

  /** Without the right to it (CAP_NET_RAW) nothing is ever read. */
  constructor(libc: Libc) {
    this.#libc = libc
    this.#fd = libc.socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)
    if (this.#fd < 0) return
    this.#vector = new MessageVector(libc, VECTOR_COUNT, MESSAGE_MAX, 16)
    libc.setOption(this.#fd, SO_RCVBUF, BUFFER)
    // The bits of what is filtered out.
    libc.setOption(this.#fd, ICMP_FILTER, ~(1 << DESTINATION_UNREACHABLE), SOL_RAW)
  }

  /** Hands over what has come since the last time. */
  read(tell: (undelivered: Undelivered) => void): void {
    const vector = this.#vector
    if (vector === undefined) return
    for (let read = 0; read < READ_MAX; read += vector.count) {
      const count = this.#libc.receiveMany(this.#fd, vector.addressOf(0), vector.count)
      for (let n = 0; n < count; n++) {
        const start = n * vector.slotSize
        const bytes = vector.slab.subarray(start, start + Math.min(vector.sizeOf(n), MESSAGE_MAX))
        const undelivered = undeliveredIn(bytes)
        if (undelivered !== undefined) tell(undelivered)
      }
      if (count < vector.count) return
    }
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd)
  }
}

/** Which datagram an IPv4 packet with an ICMP message says was not delivered; undefined = none. */
export function undeliveredIn(bytes: Uint8Array): Undelivered | undefined {
  const icmp = headerLength(bytes, 0)
  const inner = icmp + 8
  // RFC 792: the IP header of what was sent, and eight octets behind it, which are the UDP header.
  const udp = inner + headerLength(bytes, inner)
  if (icmp < 20 || udp < inner + 20 || udp + 8 > bytes.length) return undefined
  if (bytes[icmp] !== DESTINATION_UNREACHABLE || bytes[inner + 9] !== PROTOCOL_UDP) return undefined
  const code = bytes[icmp + 1]!
  // A client may read raw packets while its kernel knows of no socket: the reply has arrived.
  const targetPort = readUint16(bytes, udp + 2)
  if (code === PORT_UNREACHABLE && targetPort === CLIENT_PORT) return undefined
  return {
    source: readIpv4(bytes, inner + 12),
    sourcePort: readUint16(bytes, udp),
    target: readIpv4(bytes, inner + 16),
    why: WORDS[code] ?? `ICMP destination unreachable, code ${code}`,
  }
}

function headerLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) & 15) * 4
}
