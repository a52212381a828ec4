// The body of a request, no longer than it may be. Of a command it ends where its brackets balance:
// a client that counted characters as bytes sends the rest behind the end.

import type { IncomingMessage } from 'node:http'
import { Framer } from './framer.ts'
import type { HttpGuest } from './http-guest.ts'

/** `status`: what to answer instead. */
export type Body =
  | { readonly text: string; readonly status?: undefined }
  | { readonly text?: undefined; readonly status: 400 | 413 }

/** Bytes of all bodies that are under way. */
const TOGETHER_MAX = 128 << 20

let together = 0

export class BodyReader {
  readonly #parts: Buffer[] = []
  readonly #framer = new Framer()
  readonly #max: number
  #size = 0
  #isWhole = false

  constructor(max: number) {
    this.#max = max
  }

  /** Of a command; nobody waits for it where the connection goes before. */
  async read(request: IncomingMessage, guest: HttpGuest): Promise<Body> {
    try {
      // Who sends too much is answered yet.
      for await (const part of request.iterator({ destroyOnReturn: false }))
        if (!this.#take(part as Buffer)) return { status: 413 }
      if (!this.#isWhole && this.#mayBeCut()) await this.#readSurplus(guest)
      return { text: Buffer.concat(this.#parts).toString() }
    } finally {
      together -= this.#size
    }
  }

  #take(part: Buffer): boolean {
    this.#size += part.length
    together += part.length
    if (this.#size > this.#max || together > TOGETHER_MAX) return false
    this.#parts.push(part)
    if (!this.#isWhole) this.#isWhole = this.#framer.take(part) !== 'more'
    return true
  }

  /** Where bytes and characters are as many, nothing was miscounted. */
  #mayBeCut(): boolean {
    return !this.#framer.isBlank && this.#parts.some((part) => part.some((byte) => byte > 0x7f))
  }

  #readSurplus(guest: HttpGuest): Promise<void> {
    return new Promise((resolve) => {
      const leave = (): void => {
        guest.leaveSurplus()
        resolve()
      }
      guest.once('close', leave)
      guest.takeSurplus((bytes) => {
        if (this.#isWhole) return
        const before = this.#framer.end
        const isRoom = bytes.length > 0 && this.#take(bytes)
        if (!isRoom) return leave()
        if (!this.#isWhole) return
        const last = this.#parts.pop()!
        this.#parts.push(last.subarray(0, this.#framer.end - before))
        leave()
      })
    })
  }
}
