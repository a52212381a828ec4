// Messages to a DNS server by TCP (RFC 7766): one connection for all of them, answers in any order,
// each known by its id.

import { createConnection, type Socket } from 'node:net'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import type { Millis } from '../../time/units.ts'
import type { Hearing, Sent } from './hearing.ts'

/** For the next message. */
const KEPT: Millis = 10_000
const LENGTH_OCTETS = 2

export class TcpConnection {
  readonly #socket: Socket
  readonly #asked = new Map<number, Hearing>()
  readonly #onClosed: (connection: TcpConnection) => void
  #received: Buffer = Buffer.alloc(0)
  #idle: NodeJS.Timeout | undefined
  #isRetired = false

  constructor(server: NameServerPlan, onClosed: (connection: TcpConnection) => void) {
    this.#onClosed = onClosed
    this.#socket = createConnection({ host: server.address, port: server.port, noDelay: true })
    this.#socket.on('data', (bytes) => this.#receive(bytes))
    this.#socket.on('error', (error) => this.#end(error))
    this.#socket.on('close', () => this.#end(new Error('it closed the connection')))
  }

  isFree(id: number): boolean {
    return !this.#asked.has(id)
  }

  /** The message has this id, which is free. */
  ask(id: number, message: Uint8Array, hearing: Hearing): Sent {
    clearTimeout(this.#idle)
    this.#asked.set(id, hearing)
    const length = Buffer.alloc(LENGTH_OCTETS)
    length.writeUInt16BE(message.length)
    this.#socket.write(Buffer.concat([length, message]))
    return {
      close: () => {
        this.#asked.delete(id)
        if (this.#asked.size === 0) this.#rest()
      },
    }
  }

  /** It seems dead: nothing is asked by it any more, and it ends with what was asked. */
  retire(): void {
    this.#isRetired = true
    this.#onClosed(this)
    if (this.#asked.size === 0) this.close()
  }

  close(): void {
    clearTimeout(this.#idle)
    this.#socket.destroy()
  }

  #rest(): void {
    if (this.#isRetired) this.close()
    else this.#idle = setTimeout(() => this.close(), KEPT)
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      const received = this.#received
      if (received.length < LENGTH_OCTETS) return
      const end = LENGTH_OCTETS + received.readUInt16BE()
      if (received.length < end) return
      this.#received = received.subarray(end)
      const message = received.subarray(LENGTH_OCTETS, end)
      if (message.length >= 2) this.#asked.get(message.readUInt16BE())?.onMessage(message)
    }
  }

  #end(error: Error): void {
    this.#isRetired = true
    clearTimeout(this.#idle)
    this.#onClosed(this)
    const asked = [...this.#asked.values()]
    this.#asked.clear()
    for (const hearing of asked) hearing.onTrouble(error)
  }
}
