// The listener of the link on this server's own url: plain or TLS, tried again for ever, closed to
// everybody who is not a WebSocket of ours.

import type { IncomingMessage } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import type { HaPlan } from '../../config/plan/ha-plan.ts'
import { endpointText, oneLine, remoteText } from './address.ts'
import { answer, BAD_REQUEST, type Refusal, refusalOf, refusalOfPlain } from './door.ts'
import { type Guest, Guests } from './guests.ts'
import { readRequest } from './request.ts'
import { type LinkSecret, PROOF_HEADER } from './secret.ts'
import { type Patience, SUBPROTOCOL, webSocketLimits } from './settings.ts'
import type { TlsFiles } from './tls.ts'

/** RFC 8446 §5.1: how a connection begins that is to have TLS. */
const TLS_HANDSHAKE = 0x16

export interface ListenerEvents {
  onOpen(ws: WebSocket, socket: Socket, guest: Guest): void
  /** '' when listening. */
  onTrouble(trouble: string): void
  onTurnedAway(remote: string, why: string): void
}

export class LinkListener {
  readonly guests: Guests
  readonly #plan: HaPlan
  readonly #files: TlsFiles | undefined
  readonly #secret: LinkSecret | undefined
  readonly #patience: Patience
  readonly #events: ListenerEvents
  readonly #upgrader: WebSocketServer
  #server: Server | undefined
  #retry: NodeJS.Timeout | undefined
  #trouble: string | undefined
  #onClosed: (() => void) | undefined

  /** `files` and `secret`: what this server shows and asks of callers. */
  constructor(
    plan: HaPlan,
    files: TlsFiles | undefined,
    secret: LinkSecret | undefined,
    patience: Patience,
    events: ListenerEvents,
  ) {
    this.#plan = plan
    this.#files = files
    this.#secret = secret
    this.#patience = patience
    this.#events = events
    const others = plan.peers.filter(({ name }) => name !== plan.thisServer.name)
    this.guests = new Guests(
      others.map(({ url }) => url.host),
      patience,
      events.onTurnedAway,
    )
    this.#upgrader = new WebSocketServer({
      ...webSocketLimits(patience),
      clientTracking: false,
      handleProtocols: () => SUBPROTOCOL,
      noServer: true,
    })
    this.#upgrader.on('wsClientError', (error, socket) => {
      const phrase = oneLine(error.message)
      this.#turnAway(socket as Socket, { status: 400, phrase, why: phrase })
    })
    if (files !== undefined && secret !== undefined)
      this.#upgrader.on('headers', (headers, { socket }) => {
        headers.push(`${PROOF_HEADER}: ${secret.proof(socket as TLSSocket, 'is dialled')}`)
      })
  }

  /** The bound port; 0 while it does not listen. */
  get port(): number {
    const address = this.#server?.listening ? (this.#server.address() as AddressInfo | null) : null
    return address?.port ?? 0
  }

  open(): void {
    this.#tryIn(0)
  }

  /** Ends what has not become a connection; `done` when the connections are gone as well. */
  close(done: () => void): void {
    clearTimeout(this.#retry)
    this.#onClosed = done
    const server = this.#server
    this.guests.endStrangers()
    if (server === undefined) process.nextTick(done)
    else if (server.listening) server.close(done)
  }

  #tryIn(wait: number): void {
    this.#retry = setTimeout(() => this.#try(), wait)
  }

  #try(): void {
    const { host, port } = this.#plan.thisServer.url
    try {
      this.#server = this.#create()
    } catch (error) {
      this.#failed((error as Error).message)
      return
    }
    // SO_REUSEADDR is set by Node: connections of a former life do not keep the port.
    this.#server.listen({ host, port, exclusive: true })
  }

  #create(): Server {
    const tls = this.#createTls()
    const server = createServer((socket) => {
      this.guests.admit(socket)
      this.#say('')
      if (socket.destroyed) return
      if (tls === undefined) this.#read(socket)
      else this.#begin(socket, tls)
    })
    server.on('listening', () => {
      if (this.#onClosed === undefined) this.#say('')
      else server.close(this.#onClosed)
    })
    server.on('error', (error) => this.#onError(server, error))
    return server
  }

  /** With certificates, by the secret alone, or none. It does not listen itself. */
  #createTls(): TlsServer | undefined {
    const handshakeTimeout = this.#patience.request
    const files = this.#files
    if (files === undefined && this.#secret === undefined) return undefined
    // Certificates are judged at the door, where the answer can say what is wrong with them.
    const server =
      files === undefined
        ? createTlsServer({ handshakeTimeout, ...this.#secret!.listening })
        : createTlsServer({
            handshakeTimeout,
            ...files.current().options,
            rejectUnauthorized: false,
            requestCert: true,
          })
    let material = files?.current()
    server.prependListener('connection', () => {
      if (files === undefined || files.current() === material) return
      material = files.current()
      server.setSecureContext(material.options)
    })
    server.on('secureConnection', (socket) => this.#read(socket))
    server.on('tlsClientError', (error, socket) => this.#onTlsError(error, socket))
    return server
  }

  /** Somebody who speaks without TLS gets an answer that can be read. */
  #begin(socket: Socket, tls: TlsServer): void {
    const done = () => {
      clearTimeout(timer)
      socket.off('close', done)
      socket.off('data', onFirst)
    }
    const onFirst = (bytes: Buffer) => {
      done()
      socket.pause()
      socket.unshift(bytes)
      if (bytes[0] === TLS_HANDSHAKE) tls.emit('connection', socket)
      else this.#readPlain(socket)
    }
    const timer = setTimeout(() => {
      done()
      this.#onLate(socket)
    }, this.#patience.request)
    socket.once('close', done)
    socket.once('data', onFirst)
  }

  #readPlain(socket: Socket): void {
    readRequest(socket, this.#patience.request, {
      onRequest: (request) =>
        this.#turnAway(socket, refusalOfPlain(request, this.#plan.thisServer)),
      onTrouble: (why) =>
        why === 'late' ? this.#onLate(socket) : this.#turnAway(socket, BAD_REQUEST),
    })
  }

  #read(socket: Socket): void {
    readRequest(socket, this.#patience.request, {
      onRequest: (request, rest) => this.#onRequest(request, socket, rest),
      onTrouble: (why) =>
        why === 'late' ? this.#onLate(socket) : this.#turnAway(socket, BAD_REQUEST),
    })
  }

  #onRequest(request: IncomingMessage, socket: Socket, rest: Buffer): void {
    const guest = this.guests.find(socket)
    const refusal = refusalOf(request, this.#plan, this.#secret)
    if (guest === undefined || this.#onClosed !== undefined) socket.destroy()
    else if (refusal !== undefined) this.#turnAway(socket, refusal)
    else {
      this.#upgrader.handleUpgrade(request, socket, rest, (ws) =>
        this.#events.onOpen(ws, socket, guest),
      )
      socket.resume()
    }
  }

  #turnAway(socket: Socket, refusal: Refusal): void {
    this.#events.onTurnedAway(remoteText(socket), refusal.why)
    answer(socket, refusal, this.#patience.close)
  }

  #onLate(socket: Socket): void {
    this.#events.onTurnedAway(remoteText(socket), 'connected but asked for nothing in time')
    socket.destroy()
  }

  #onTlsError(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const { code = '', message } = error
    // Somebody who only connects and goes is not worth a line.
    if (code !== 'ECONNRESET' && code !== 'EPIPE')
      this.#events.onTurnedAway(remoteText(socket), tlsTrouble(code, message))
    socket.destroy()
  }

  #onError(server: Server, error: NodeJS.ErrnoException): void {
    const trouble = listenTrouble(this.#plan.thisServer.url, error.code ?? error.message)
    if (server.listening) this.#say(trouble)
    else this.#failed(trouble)
  }

  #failed(trouble: string): void {
    this.#server = undefined
    if (this.#onClosed !== undefined) {
      this.#onClosed()
      return
    }
    this.#tryIn(this.#patience.listenRetry)
    this.#say(trouble)
  }

  #say(trouble: string): void {
    if (trouble === this.#trouble || this.#onClosed !== undefined) return
    this.#trouble = trouble
    this.#events.onTrouble(trouble)
  }
}

function listenTrouble({ host, port }: { host: string; port: number }, code: string): string {
  const where = endpointText(host, port)
  switch (code) {
    case 'EADDRINUSE':
      return `TCP port ${port} of ${host} is taken by another program`
    case 'EADDRNOTAVAIL':
      return `this host does not have the address ${host} at present`
    case 'EACCES':
      return `TCP port ${port} may not be opened: root or the capability CAP_NET_BIND_SERVICE is needed`
    case 'EMFILE':
    case 'ENFILE':
      return `no connection can be accepted at ${where}: too many open files`
    default:
      return `${where} cannot be listened to (${code})`
  }
}

function tlsTrouble(code: string, message: string): string {
  switch (code) {
    case 'ERR_SSL_PSK_IDENTITY_NOT_FOUND':
      return 'wrong user, or it has another name for this server'
    case 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC':
    case 'ERR_SSL_DIGEST_CHECK_FAILED':
      return 'wrong password'
    case 'ERR_SSL_NO_SHARED_CIPHER':
      return 'TLS of another kind: certificates at one end, a password alone at the other'
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'connected but asked for nothing in time'
    default:
      return oneLine(code === '' ? message : `TLS: ${code}`)
  }
}
