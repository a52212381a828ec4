// Messages on a stream (RFC 6926 §6.1): two octets of length before each. Whatever comes is
// bounded: nothing is kept beyond one message, and no message is longer than a requester may send.

import { readUint16, writeUint16 } from '../bytes/cursor.ts'

const LENGTH_SIZE = 2

/** A query has a handful of options; as much as is taken of any datagram. */
export const FRAME_MAX = 4096

export class Frames {
  /** What has come and was not taken yet. */
  #bytes: Uint8Array = new Uint8Array(0)

  /** Whether a message has begun and is not whole. */
  get isHalf(): boolean {
    return this.#bytes.length > 0
  }

  add(bytes: Uint8Array): void {
    if (this.#bytes.length === 0) {
      this.#bytes = bytes
      return
    }
    const joined = new Uint8Array(this.#bytes.length + bytes.length)
    joined.set(this.#bytes)
    joined.set(bytes, this.#bytes.length)
    this.#bytes = joined
  }

  /** The next message that is whole; undefined: more must come; 'too-long': it is none. */
  next(): Uint8Array | 'too-long' | undefined {
    if (this.#bytes.length < LENGTH_SIZE) return undefined
    const length = readUint16(this.#bytes, 0)
    if (length > FRAME_MAX) return 'too-long'
    const end = LENGTH_SIZE + length
    if (this.#bytes.length < end) return undefined
    const message = this.#bytes.subarray(LENGTH_SIZE, end)
    this.#bytes = this.#bytes.subarray(end)
    return message
  }
}

/** The message with its length before it. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_SIZE + message.length)
  writeUint16(frame, 0, message.length)
  frame.set(message, LENGTH_SIZE)
  return frame
}
