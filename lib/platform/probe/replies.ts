// The replies that wait in a socket by which is asked whether somebody has an address.

import { MessageVector } from '../datagrams/message-vector.ts'
import { type Libc, SO_RCVBUF } from '../libc.ts'

const VECTOR_COUNT = 32
/** So many are read at a time; who sends more answers than were asked for is not listened to. */
const READ_MAX = 1024
const BUFFER = 256 * 1024

export class ProbeReplies {
  readonly #libc: Libc
  readonly #fd: number
  readonly #vector: MessageVector

  /** `fd` may be negative: then nothing is ever there. */
  constructor(libc: Libc, fd: number, slotSize: number, nameLength: number) {
    this.#libc = libc
    this.#fd = fd
    this.#vector = new MessageVector(libc, VECTOR_COUNT, slotSize, nameLength)
    if (fd >= 0) libc.setOption(fd, SO_RCVBUF, BUFFER)
  }

  /** Each with the position of the address in `names` that it came from. */
  read(each: (bytes: Uint8Array, names: Uint8Array, nameAt: number) => void): void {
    if (this.#fd < 0) return
    const { slab, slotSize, names, nameSize, count: room } = this.#vector
    for (let read = 0; read < READ_MAX; read += room) {
      const count = this.#libc.receiveMany(this.#fd, this.#vector.addressOf(0), room)
      for (let n = 0; n < count; n++) {
        const start = n * slotSize
        each(slab.subarray(start, start + this.#vector.sizeOf(n)), names, n * nameSize)
      }
      if (count < room) return
    }
  }
}
