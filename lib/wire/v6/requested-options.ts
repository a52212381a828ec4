// The option request option (RFC 9915 §21.7) as a set: one bit for each code.

import { readUint16 } from '../../bytes/cursor.ts'

const CODES = 0x1_0000

export class RequestedOptions {
  readonly #words = new Int32Array(CODES / 32)
  /** Words before this one may have bits. */
  #used = 0

  /** Forgets what was asked for before; of an odd number of octets the last one does not count. */
  read(bytes: Uint8Array, start: number, length: number): void {
    this.#words.fill(0, 0, this.#used)
    this.#used = 0
    const end = start + (length & ~1)
    for (let at = start; at < end; at += 2) {
      const code = readUint16(bytes, at)
      const word = code >>> 5
      this.#words[word]! |= 1 << (code & 31)
      if (word >= this.#used) this.#used = word + 1
    }
  }

  has(code: number): boolean {
    return code < CODES && (this.#words[code >>> 5]! & (1 << (code & 31))) !== 0
  }
}
