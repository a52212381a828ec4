// What became of replies that had left: ICMP's answers "destination unreachable", which routers
// send, and the kernel itself where no neighbour answered. They are read from a raw socket of their
// own, so that the sockets of the server are not disturbed by errors about what was sent long ago.

import { type Libc, SO_RCVBUF } from '../libc.ts'
import { MessageVector } from './message-vector.ts'

export interface Undelivered<Address> {
  /** Of the reply. */
  readonly source: Address
  readonly sourcePort: number
  readonly target: Address
  /** In words. */
  readonly why: string
}

const MESSAGE_MAX = 1024
const VECTOR_COUNT = 16

/**
 * So many are read at a time; what comes beyond them waits, and is thrown away when the buffer is
 * full.
 */
const READ_MAX = 256
const BUFFER = 256 * 1024

export class Undeliverable<Address> {
  readonly #libc: Libc
  readonly #fd: number
  readonly #vector: MessageVector | undefined
  readonly #read: (bytes: Uint8Array) => Undelivered<Address> | undefined

  /** `fd`: of a socket that hears ICMP; negative where there is no right to it (CAP_NET_RAW). */
  constructor(
    libc: Libc,
    fd: number,
    nameLength: number,
    read: (bytes: Uint8Array) => Undelivered<Address> | undefined,
  ) {
    this.#libc = libc
    this.#fd = fd
    this.#read = read
    if (fd < 0) return
    this.#vector = new MessageVector(libc, VECTOR_COUNT, MESSAGE_MAX, nameLength)
    libc.setOption(fd, SO_RCVBUF, BUFFER)
  }

  /** Hands over what has come since the last time. */
  read(tell: (undelivered: Undelivered<Address>) => void): void {
    const vector = this.#vector
    if (vector === undefined) return
    for (let read = 0; read < READ_MAX; read += vector.count) {
      const count = this.#libc.receiveMany(this.#fd, vector.addressOf(0), vector.count)
      for (let n = 0; n < count; n++) {
        const start = n * vector.slotSize
        const bytes = vector.slab.subarray(start, start + Math.min(vector.sizeOf(n), MESSAGE_MAX))
        const undelivered = this.#read(bytes)
        if (undelivered !== undefined) tell(undelivered)
      }
      if (count < vector.count) return
    }
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd)
  }
}
