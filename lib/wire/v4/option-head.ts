// The options that differ from reply to reply: message type, server identifier, lifetimes, client
// identifier, names. They are put here first and copied into the reply by writeReply4. One head is
// reused for every reply.

import { writeUint32 } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import { type EncodedOption4, encodedSize4, writeOption4 } from './option-block.ts'

export class OptionHead4 {
  bytes = new Uint8Array(512)
  /** Bytes in use. */
  length = 0

  clear(): void {
    this.length = 0
  }

  uint8(code: number, value: number): void {
    this.#reserve(3)
    const { bytes, length: at } = this
    bytes[at] = code
    bytes[at + 1] = 1
    bytes[at + 2] = value
    this.length = at + 3
  }

  /** A 32-bit number or an IPv4 address. */
  uint32(code: number, value: number): void {
    this.#reserve(6)
    const { bytes, length: at } = this
    bytes[at] = code
    bytes[at + 1] = 4
    this.length = writeUint32(bytes, at + 2, value)
  }

  octets(code: number, data: Octets): void {
    this.#reserve(encodedSize4(data.length))
    this.length = writeOption4(this.bytes, this.length, code, data)
  }

  #reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return
    const bytes = new Uint8Array(2 * (this.length + size))
    bytes.set(this.bytes)
    this.bytes = bytes
  }
}

/** The head taken apart again; the parts of one split option stay together. */
export function optionsOfHead(head: OptionHead4): EncodedOption4[] {
  const options: EncodedOption4[] = []
  let at = 0
  while (at < head.length) {
    const code = head.bytes[at]!
    let end = at
    while (end < head.length && head.bytes[end] === code) end += 2 + head.bytes[end + 1]!
    options.push({ code, bytes: head.bytes.slice(at, end) })
    at = end
  }
  return options
}
