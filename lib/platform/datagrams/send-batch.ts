// Datagrams collected for one sendmmsg. The bytes are copied in, so the caller may reuse its own.

import type { Libc } from '../libc.ts'
import { MessageVector } from './message-vector.ts'

export class SendBatch<Owner> {
  readonly vector: MessageVector
  readonly #libc: Libc
  readonly #owners: (Owner | undefined)[]
  /**
   * Told of each message that could not be sent: its owner, its number in the vector, the errno.
   */
  readonly #onResult: (owner: Owner, n: number, result: number) => void
  #fd = -1
  #count = 0

  constructor(
    libc: Libc,
    count: number,
    slotSize: number,
    nameLength: number,
    onResult: (owner: Owner, n: number, result: number) => void,
  ) {
    this.vector = new MessageVector(libc, count, slotSize, nameLength)
    this.#libc = libc
    this.#owners = new Array<Owner | undefined>(count).fill(undefined)
    this.#onResult = onResult
  }

  /** The number of a free message that will leave by `fd`; sends what is in the way first. */
  begin(fd: number): number {
    if (fd !== this.#fd || this.#count === this.vector.count) this.flush()
    this.#fd = fd
    return this.#count
  }

  /** The message of the last `begin` is written: `size` bytes. */
  commit(owner: Owner, size: number): void {
    this.vector.setLength(this.#count, size)
    this.#owners[this.#count] = owner
    this.#count++
  }

  /** Sends everything. A message that fails does not hold up those behind it. */
  flush(): void {
    for (let next = 0; next < this.#count; ) {
      const result = this.#libc.sendMany(this.#fd, this.vector.addressOf(next), this.#count - next)
      for (let n = next; n < next + Math.max(result, 0); n++) this.#report(n, 0)
      if (result <= 0) this.#report(next, result)
      next += Math.max(result, 1)
    }
    this.#count = 0
  }

  #report(n: number, result: number): void {
    const owner = this.#owners[n]
    this.#owners[n] = undefined
    if (owner !== undefined) this.#onResult(owner, n, result)
  }
}
