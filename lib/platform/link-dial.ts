// One attempt to reach a peer, from the first packet to an open WebSocket or a verdict.

import { isIP, connect as netConnect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { WebSocket } from 'ws'
import type { HaPeer } from '../config/ha-plan.ts'
import type { DialFailure } from '../ports/link.ts'
import type { Millis } from '../time/units.ts'
import { isUnspecified, oneLine, webSocketUrl } from './link-address.ts'
import { credentials } from './link-door.ts'
import { KEEPALIVE, type Patience, SUBPROTOCOL, webSocketLimits } from './link-settings.ts'
import type { TlsMaterial } from './link-tls.ts'

/**
 * A process that is killed closes its connections before its listener, or the other way round: whoever
 * dials at that instant is reset, and refused a moment later. So a reset is looked at again, after:
 */
const RESET_RETRIES: readonly Millis[] = [20, 80, 200]

export interface DialWish {
  readonly peer: HaPeer
  /** This server's own address: firewalls and the partner see the one that is configured. */
  readonly from: string
  /** Undefined without TLS. */
  readonly tls: TlsMaterial | undefined
  readonly patience: Patience
}

export interface DialEvents {
  onOpen(ws: WebSocket, socket: Socket): void
  onFailed(failure: DialFailure, detail: string): void
}

export interface Verdict {
  readonly failure: DialFailure
  readonly detail: string
}

export class DialAttempt {
  readonly #wish: DialWish
  readonly #events: DialEvents
  readonly #timer: NodeJS.Timeout
  #ws: WebSocket | undefined
  #socket: Socket | undefined
  #retry: NodeJS.Timeout | undefined
  #resets = 0
  #connected = false
  #over = false

  constructor(wish: DialWish, events: DialEvents) {
    this.#wish = wish
    this.#events = events
    this.#timer = setTimeout(() => this.#giveUp(), wish.patience.dial)
    this.#start(ownAddressFor(wish))
  }

  /** Ends the attempt without a word. */
  abort(): void {
    this.#over = true
    clearTimeout(this.#timer)
    clearTimeout(this.#retry)
    this.#ws?.terminate()
    this.#socket?.destroy()
  }

  /** `from` undefined: the kernel chooses the local address. */
  #start(from: string | undefined): void {
    const { basicAuth, url } = this.#wish.peer
    const ws = new WebSocket(webSocketUrl(url), [SUBPROTOCOL], {
      ...webSocketLimits(this.#wish.patience),
      createConnection: () => this.#connect(from),
      followRedirects: false,
      headers:
        basicAuth === undefined
          ? {}
          : { Authorization: credentials(basicAuth.user, basicAuth.password) },
    })
    this.#ws = ws
    ws.on('open', () => this.#onOpen(ws))
    ws.on('error', (error) => {
      if (this.#ws === ws && !this.#over) this.#onError(error, from)
    })
    ws.on('unexpected-response', (_, response) => {
      const { statusCode = 0, statusMessage = '', headers } = response
      this.#fail(answerVerdict(statusCode, statusMessage, headers['content-type'] ?? ''))
    })
  }

  #onError(error: NodeJS.ErrnoException, from: string | undefined): void {
    const wait = error.code === 'ECONNRESET' ? RESET_RETRIES[this.#resets++] : undefined
    if (from !== undefined && isAboutOwnAddress(error)) this.#start(undefined)
    else if (wait !== undefined) this.#retry = setTimeout(() => this.#start(from), wait)
    else this.#fail(verdictOf(error))
  }

  #connect(from: string | undefined): Socket {
    const { peer, tls } = this.#wish
    const target = {
      host: peer.url.host,
      port: peer.url.port,
      ...(from === undefined ? {} : { localAddress: from }),
    }
    // Kea's urls have addresses, not names: a good chain is what counts here.
    const socket =
      tls === undefined
        ? netConnect(target)
        : tlsConnect({
            ...target,
            secureContext: tls.context,
            checkServerIdentity: () => undefined,
          })
    socket.setKeepAlive(true, KEEPALIVE)
    socket.once('connect', () => this.#onConnect(socket))
    this.#socket = socket
    return socket
  }

  #onConnect(socket: Socket): void {
    this.#connected = true
    // TCP opens a connection to itself when both ports happen to be the same: nobody listens there.
    const { localAddress, localPort, remoteAddress, remotePort } = socket
    if (localPort === remotePort && localAddress === remoteAddress)
      this.#fail({ failure: 'refused', detail: 'nobody listens there' })
  }

  #onOpen(ws: WebSocket): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#events.onOpen(ws, this.#socket!)
  }

  #giveUp(): void {
    const seconds = this.#wish.patience.dial / 1000
    const who = this.#connected ? 'it accepts connections but gives no answer' : 'no answer'
    this.#fail({ failure: 'unreachable', detail: `${who} within ${seconds} s` })
  }

  #fail({ failure, detail }: Verdict): void {
    if (this.#over) return
    this.abort()
    this.#events.onFailed(failure, detail)
  }
}

/** What an error of an attempt says about the peer. */
export function verdictOf(error: NodeJS.ErrnoException): Verdict {
  const { code = '', syscall } = error
  if (code === 'ECONNREFUSED') return { failure: 'refused', detail: 'nobody listens there' }
  if (code === 'ECONNRESET')
    return { failure: 'unreachable', detail: 'it ends the connection without an answer' }
  // TLS that fails, be it by an alert or because only one side has it: somebody is there.
  const [, tlsReason] = /:SSL routines:[^:]*:([^:]+)/.exec(error.message) ?? []
  if (tlsReason !== undefined) return { failure: 'rejected', detail: oneLine(`TLS: ${tlsReason}`) }
  const detail = oneLine(error.message)
  if (syscall !== undefined && code !== 'EPROTO') return { failure: 'unreachable', detail }
  // What is left: certificates that are not accepted, answers that are no WebSocket's.
  return { failure: 'rejected', detail }
}

/** What an HTTP answer other than 101 says. */
function answerVerdict(status: number, phrase: string, contentType: string): Verdict {
  if (status === 401) return { failure: 'rejected', detail: 'password refused (401)' }
  const kea = contentType.startsWith('application/json') ? 'answers like Kea: ' : ''
  return { failure: 'rejected', detail: oneLine(`${kea}HTTP ${status} ${phrase}`.trim()) }
}

/** The local address to bind to, where that makes sense at all. */
function ownAddressFor({ from, peer }: DialWish): string | undefined {
  return !isUnspecified(from) && isIP(from) === isIP(peer.url.host) ? from : undefined
}

/** Not on this host at present, or of no use on the way there (a loopback address). */
function isAboutOwnAddress({ code, syscall }: NodeJS.ErrnoException): boolean {
  return syscall === 'bind' || ['EADDRNOTAVAIL', 'EINVAL', 'ENETUNREACH'].includes(code ?? '')
}
