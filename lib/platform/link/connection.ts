// One WebSocket as a LinkConnection. Everything sent within one turn leaves in one write; the end
// is told once, never from inside a call of the server's; after it nothing is told.

import { strict as assert } from 'node:assert'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { LINK_MESSAGE_MAX, type LinkConnection } from '../../ports/link.ts'
import { oneLine, remoteText } from './address.ts'
import { certificateNames } from './certificate.ts'

/** RFC 6455 §7.4.1. */
const NORMAL = 1000
const NO_CODE = 1005
const NO_CLOSE_FRAME = 1006

/** Who hears of the connection. */
export interface ConnectionOwner {
  onMessage(connection: LinkConnection, message: string | Uint8Array): void
  /** It is over for the server: no more messages in or out. */
  onEnded(connection: LinkConnection, reason: string): void
  /** The socket is closed as well; always after onEnded, unless abandoned. */
  onGone(connection: SocketConnection): void
}

export class SocketConnection implements LinkConnection {
  readonly dialled: string
  readonly remote: string
  readonly certificateNames: readonly string[] | undefined
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #onConfirm: () => void
  #over = false
  #corked = false
  #socketTrouble = ''

  /** For a WebSocket that is open; `dialled` is '' when it came in. */
  constructor(
    ws: WebSocket,
    socket: Socket,
    dialled: string,
    owner: ConnectionOwner,
    onConfirm: () => void,
  ) {
    this.#ws = ws
    this.#socket = socket
    this.#owner = owner
    this.#onConfirm = onConfirm
    this.dialled = dialled
    this.remote = remoteText(socket)
    this.certificateNames = certificateNames(socket as TLSSocket)
    socket.on('error', (error) => {
      this.#socketTrouble = (error as NodeJS.ErrnoException).code ?? oneLine(error.message)
    })
    ws.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    // Signs of life are messages of the pair's own: whoever sends others is no server of it.
    for (const kind of ['ping', 'pong'] as const)
      ws.on(kind, () => this.close(`a ${kind}, which no server of a pair sends`))
    ws.on('error', (error) => this.#end(`a message that is not understood: ${error.message}`))
    ws.on('close', (code, reason) => {
      this.#end(this.#closeReason(code, reason))
      owner.onGone(this)
    })
  }

  get buffered(): number {
    return this.#over ? 0 : this.#ws.bufferedAmount
  }

  send(message: string | Uint8Array): void {
    assert(Buffer.byteLength(message) <= LINK_MESSAGE_MAX, 'a message of the link is too long')
    if (this.#over || this.#ws.readyState !== WebSocket.OPEN) return
    this.#cork()
    this.#ws.send(message)
  }

  confirm(): void {
    this.#onConfirm()
  }

  close(reason: string): void {
    if (this.#over) return
    this.abandon(reason)
    process.nextTick(() => this.#owner.onEnded(this, reason))
  }

  /** Ends it without a word to the server. What was sent before still leaves. */
  abandon(reason: string): void {
    this.#over = true
    // RFC 6455 §5.5: the payload of a control frame has at most 125 bytes, two are the code.
    this.#ws.close(NORMAL, oneLine(reason))
    this.#stopReading()
  }

  /**
   * What still comes is thrown away, not looked at: the other end may send as much of it as it
   * likes.
   */
  #stopReading(): void {
    this.#socket.removeAllListeners('data')
    this.#socket.resume()
    this.#socket.end()
  }

  /** Holds writes back until the present callback is over. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#socket.cork()
    process.nextTick(() => {
      this.#corked = false
      this.#socket.uncork()
    })
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#over) return
    // A plain view, since slice() of a Buffer does not copy and everybody else's does.
    const message = isBinary
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : data.toString('utf8')
    this.#owner.onMessage(this, message)
  }

  #end(reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#owner.onEnded(this, reason)
  }

  #closeReason(code: number, reason: Buffer): string {
    if (code === NO_CLOSE_FRAME)
      return this.#socketTrouble === ''
        ? 'the connection broke'
        : `the connection broke (${this.#socketTrouble})`
    const text = oneLine(reason.toString('utf8'))
    if (text !== '') return `the other end closed it: ${text}`
    return code === NO_CODE ? 'the other end closed it' : `the other end closed it (${code})`
  }
}
