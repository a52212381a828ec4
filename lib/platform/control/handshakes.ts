// Connections on their way into TLS. What a handshake costs falls due with the first bytes of the
// other end, some hundred times as much as a datagram: so they begin one a turn of the loop, and
// few are under way. Who keeps others waiting goes.

import type { Socket } from 'node:net'
import type { TLSSocket, Server as TlsServer } from 'node:tls'
import type { Millis } from '../../time/units.ts'
import { remoteText } from '../link/address.ts'
import { rawReply } from './raw-reply.ts'
import type { Slices } from './slices.ts'

/** RFC 8446 §5.1: how a connection begins that is to have TLS. */
const TLS_HANDSHAKE = 0x16
const UNDER_WAY_MAX = 8
/** So long a handshake may take while others wait. */
const ROUND: Millis = 500

interface Stranger {
  readonly socket: Socket
  readonly tls: TlsServer
  readonly timer: NodeJS.Timeout
  state: 'silent' | 'waiting' | 'begun'
  since: number
}

export class Handshakes {
  readonly #slices: Slices
  readonly #patience: Millis
  readonly #onSecure: (socket: TLSSocket) => void
  /** By where they come from; the oldest first. */
  readonly #strangers = new Map<string, Stranger>()
  #isScheduled = false

  constructor(slices: Slices, patience: Millis, onSecure: (socket: TLSSocket) => void) {
    this.#slices = slices
    this.#patience = patience
    this.#onSecure = onSecure
  }

  get size(): number {
    return this.#strangers.size
  }

  /** Before connections are given to it. */
  watch(tls: TlsServer): void {
    tls.on('secureConnection', (socket) => {
      this.#forget(remoteText(socket))
      socket.pause()
      this.#onSecure(socket)
    })
    tls.on('tlsClientError', (_, socket) => socket.destroy())
  }

  begin(socket: Socket, tls: TlsServer): void {
    const timer = setTimeout(() => socket.destroy(), this.#patience)
    const stranger: Stranger = { socket, tls, timer, state: 'silent', since: 0 }
    const from = remoteText(socket)
    this.#strangers.set(from, stranger)
    socket.once('close', () => this.#forget(from))
    socket.once('data', (bytes: Buffer) => {
      socket.pause()
      socket.unshift(bytes)
      if (bytes[0] !== TLS_HANDSHAKE) return this.#refuse(from, socket)
      stranger.state = 'waiting'
      this.#schedule()
    })
    socket.resume()
  }

  endOldest(): boolean {
    const [oldest] = this.#strangers.values()
    oldest?.socket.destroy()
    return oldest !== undefined
  }

  close(): void {
    for (const { socket } of this.#strangers.values()) socket.destroy()
  }

  /** Somebody who speaks without TLS gets an answer that can be read. */
  #refuse(from: string, socket: Socket): void {
    this.#forget(from)
    socket.resume()
    socket.end(rawReply(400, 'Bad Request'), () => socket.destroy())
  }

  #forget(from: string): void {
    clearTimeout(this.#strangers.get(from)?.timer)
    this.#strangers.delete(from)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#slices.add(() => {
      this.#isScheduled = false
      this.#turn()
    })
  }

  #turn(): void {
    const strangers = [...this.#strangers.values()]
    // Where many wait, most of them will never get on: who came last is the likeliest to.
    const next = strangers.findLast(({ state }) => state === 'waiting')
    if (next === undefined) return
    const begun = strangers.filter(({ state }) => state === 'begun')
    const now = performance.now()
    if (begun.length >= UNDER_WAY_MAX) {
      const slow = begun.find(({ since }) => now - since > ROUND)
      if (slow !== undefined) slow.socket.destroy()
      else next.socket.setTimeout(ROUND, () => this.#schedule())
      return
    }
    next.state = 'begun'
    next.since = now
    next.socket.setTimeout(0)
    next.tls.emit('connection', next.socket)
    this.#schedule()
  }
}
