// The listener of the link on this server's own url: plain or TLS, tried again for ever, closed to
// everybody who is not a WebSocket of ours.

import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { HaPlan } from '../config/ha-plan.ts'
import { endpointText, oneLine, remoteText } from './link-address.ts'
import { answer, NOT_A_WEB_SOCKET, refusalOf } from './link-door.ts'
import { type Guest, Guests } from './link-guests.ts'
import { type Patience, SUBPROTOCOL, webSocketLimits } from './link-settings.ts'
import type { TlsFiles } from './link-tls.ts'

const HEADER_BYTES_MAX = 8192

export interface ListenerEvents {
  onOpen(ws: WebSocket, socket: Socket, guest: Guest): void
  /** '' when listening. */
  onTrouble(trouble: string): void
  onTurnedAway(remote: string, why: string): void
}

export class LinkListener {
  readonly guests: Guests
  readonly #plan: HaPlan
  readonly #tls: TlsFiles | undefined
  readonly #patience: Patience
  readonly #events: ListenerEvents
  readonly #upgrader: WebSocketServer
  #server: Server | undefined
  #retry: NodeJS.Timeout | undefined
  #trouble: string | undefined
  #onClosed: (() => void) | undefined

  constructor(plan: HaPlan, tls: TlsFiles | undefined, patience: Patience, events: ListenerEvents) {
    this.#plan = plan
    this.#tls = tls
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
    const { request } = this.#patience
    const limits = {
      connectionsCheckingInterval: Math.min(request, 1000),
      headersTimeout: request,
      maxHeaderSize: HEADER_BYTES_MAX,
      requestTimeout: request,
    }
    const tls = this.#tls
    if (tls === undefined) return this.#listenTo(createHttpServer(limits))
    // Certificates are judged at the door, where the answer can say what is wrong with them.
    const server = createHttpsServer({
      ...limits,
      ...tls.current().options,
      handshakeTimeout: request,
      rejectUnauthorized: false,
      requestCert: true,
    })
    let material = tls.current()
    server.prependListener('connection', () => {
      if (tls.current() === material) return
      material = tls.current()
      server.setSecureContext(material.options)
    })
    return this.#listenTo(server)
  }

  #listenTo(server: Server): Server {
    server.on('listening', () => {
      if (this.#onClosed === undefined) this.#say('')
      else server.close(this.#onClosed)
    })
    server.on('error', (error) => this.#onError(server, error))
    server.prependListener('connection', (socket) => {
      this.guests.admit(socket)
      this.#say('')
    })
    server.on('clientError', (error, socket) => this.#onClientError(error, socket as Socket))
    server.on('request', (request, response) => {
      this.#events.onTurnedAway(remoteText(request.socket), NOT_A_WEB_SOCKET.why)
      const { type, body } = notice(request)
      response.writeHead(NOT_A_WEB_SOCKET.status, {
        Connection: 'close',
        'Content-Length': body.length,
        'Content-Type': type,
        Upgrade: 'websocket',
      })
      response.end(body)
    })
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
    return server
  }

  #onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const socket = stream as Socket
    const guest = this.guests.find(socket)
    const refusal = refusalOf(request, this.#plan)
    if (guest === undefined || this.#onClosed !== undefined) socket.destroy()
    else if (refusal !== undefined) this.#turnAway(socket, refusal)
    else
      this.#upgrader.handleUpgrade(request, socket, head, (ws) =>
        this.#events.onOpen(ws, socket, guest),
      )
  }

  #turnAway(socket: Socket, refusal: Parameters<typeof answer>[1]): void {
    this.#events.onTurnedAway(remoteText(socket), refusal.why)
    answer(socket, refusal)
  }

  /** Before HTTP was understood: garbage, a failed TLS handshake, nothing within the time. */
  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const { code = '', message } = error
    // Somebody who only connects and goes is not worth a line.
    if (code !== 'ECONNRESET' && code !== 'EPIPE')
      this.#events.onTurnedAway(remoteText(socket), clientTrouble(code, message))
    const answers = code.startsWith('HPE_') && socket.writable
    if (answers) answer(socket, { status: 400, phrase: 'Bad Request', why: '' })
    else socket.destroy()
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

/** For somebody who asks for no WebSocket. To a POST, as Kea answers: then its log has the text. */
function notice({ method }: IncomingMessage): { type: string; body: string } {
  const text = `This is a server of Whio, which talks WebSocket (${SUBPROTOCOL}) here.`
  if (method !== 'POST') return { type: 'text/plain', body: `${text}\n` }
  return { type: 'application/json', body: JSON.stringify([{ result: 1, text }]) }
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

function clientTrouble(code: string, message: string): string {
  if (code === 'ERR_SSL_HTTP_REQUEST') return 'speaks HTTP without TLS'
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return oneLine(`TLS: ${code}`)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'connected but asked for nothing in time'
  if (code.startsWith('HPE_')) return 'does not speak HTTP'
  return oneLine(message)
}
