// Memory for recvmmsg and sendmmsg, built once: a vector of mmsghdr with their iovec, socket
// address and a slot for the bytes. Offsets are those of 64-bit little-endian Linux (see libc.ts).
//
//   mmsghdr (64 bytes) 0 name*  8 namelen  16 iov*  24 iovlen  32 control*  40 controllen  48 flags
//                       56 bytes received
//   iovec (16 bytes)    0 base*  8 length

import type { Libc } from '../libc.ts'

const HEADER = 64
/** Room for a socket address of IPv4 or of a device; one of IPv6 is longer. */
const NAME = 20

export class MessageVector {
  readonly count: number
  readonly slotSize: number
  /** The slots one behind the other: message `n` starts at `n * slotSize`. */
  readonly slab: Uint8Array
  /** Socket addresses, `nameSize` bytes each. */
  readonly names: Uint8Array
  readonly nameSize: number
  readonly #headers: Uint32Array
  readonly #vectors: Uint32Array
  readonly #address: number | bigint

  /** Room for `count` messages of `slotSize` bytes, with socket addresses of `nameLength` bytes. */
  constructor(libc: Libc, count: number, slotSize: number, nameLength: number) {
    this.count = count
    this.slotSize = slotSize
    // An ArrayBuffer of its own never moves; V8 may move the bytes of a small bare Uint8Array.
    this.slab = new Uint8Array(new ArrayBuffer(count * slotSize))
    this.nameSize = Math.max(NAME, nameLength)
    this.names = new Uint8Array(new ArrayBuffer(count * this.nameSize))
    this.#headers = new Uint32Array((count * HEADER) / 4)
    this.#vectors = new Uint32Array(count * 4)
    const at = (bytes: Uint8Array): bigint => BigInt(libc.addressOf(bytes))
    const headerBytes = new Uint8Array(this.#headers.buffer)
    const vectorBytes = new Uint8Array(this.#vectors.buffer)
    const headers = new DataView(this.#headers.buffer)
    const vectors = new DataView(this.#vectors.buffer)
    this.#address = libc.addressOf(headerBytes)
    for (let n = 0; n < count; n++) {
      headers.setBigUint64(n * HEADER, at(this.names) + BigInt(n * this.nameSize), true)
      headers.setUint32(n * HEADER + 8, nameLength, true)
      headers.setBigUint64(n * HEADER + 16, at(vectorBytes) + BigInt(n * 16), true)
      headers.setUint32(n * HEADER + 24, 1, true)
      vectors.setBigUint64(n * 16, at(this.slab) + BigInt(n * slotSize), true)
      vectors.setUint32(n * 16 + 8, slotSize, true)
    }
  }

  /** Address of message `n`, for receiveMany and sendMany. */
  addressOf(n: number): number | bigint {
    const at = this.#address
    return typeof at === 'bigint' ? at + BigInt(n * HEADER) : at + n * HEADER
  }

  /** Bytes received into message `n`. */
  sizeOf(n: number): number {
    return this.#headers[n * 16 + 14]!
  }

  /** Whether message `n` was longer than its slot (MSG_TRUNC). */
  isTruncated(n: number): boolean {
    return (this.#headers[n * 16 + 12]! & 0x20) !== 0
  }

  /** How many bytes of slot `n` are to be sent, or may be received. */
  lengthOf(n: number): number {
    return this.#vectors[n * 4 + 2]!
  }

  /** Sets how many bytes of slot `n` are to be sent. */
  setLength(n: number, size: number): void {
    this.#vectors[n * 4 + 2] = size
  }
}
