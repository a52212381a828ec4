// One attempt to reach a peer, from the first packet to an open WebSocket or a verdict.

import type { ClientRequest, IncomingMessage } from 'node:http'
import { isIP, connect as netConnect, type Socket } from 'node:net'
import { type PeerCertificate, type TLSSocket, connect as tlsConnect } from 'node:tls'
import { WebSocket } from 'ws'
import type { HaPeer } from '../../config/plan/ha-plan.ts'
import { namesPeer, wrongName } from '../../ha/certificate-names.ts'
import type { DialFailure } from '../../ports/link.ts'
import type { Millis } from '../../time/units.ts'
import { isUnspecified, oneLine, webSocketUrl } from './address.ts'
import { namesOf } from './certificate.ts'
import { type LinkSecret, PROOF_HEADER, PROOF_SCHEME } from './secret.ts'
import { KEEPALIVE, type Patience, SUBPROTOCOL, webSocketLimits } from './settings.ts'
import type { TlsMaterial } from './tls.ts'

/**
 * A process that is killed closes its connections before its listener, or the other way round:
 * whoever dials at that instant is reset, and refused a moment later. So a reset is looked at
 * again, after:
 */
const RESET_RETRIES: readonly Millis[] = [20, 80, 200]

export interface DialWish {
  readonly peer: HaPeer
  /** This server's own address: firewalls and the partner see the one that is configured. */
  readonly from: string
  /** Undefined without TLS. */
  readonly tls: TlsMaterial | undefined
  /** What both must know; undefined where the peer has no user. */
  readonly secret: LinkSecret | undefined
  /** Whether the certificate must name the peer. */
  readonly checksName: boolean
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
    const { peer, tls, secret, patience } = this.#wish
    const isEncrypted = tls !== undefined || secret !== undefined
    const ws = new WebSocket(webSocketUrl(peer.url, isEncrypted), [SUBPROTOCOL], {
      ...webSocketLimits(patience),
      createConnection: () => this.#connect(from),
      followRedirects: false,
      ...(tls !== undefined && secret !== undefined
        ? { finishRequest: (request) => finishWithProof(request, secret) }
        : {}),
    })
    this.#ws = ws
    ws.on('open', () => this.#onOpen(ws))
    ws.on('error', (error) => {
      if (this.#ws === ws && !this.#over) this.#onError(error, from)
    })
    ws.on('upgrade', (response) => this.#onUpgrade(response))
    ws.on('unexpected-response', (_, response) => {
      const { statusCode = 0, statusMessage = '', headers } = response
      if (statusCode === 401) this.#fail(refusedPassword(headers['www-authenticate'] ?? ''))
      else this.#fail(answerVerdict(statusCode, statusMessage, headers['content-type'] ?? ''))
    })
  }

  #onError(error: NodeJS.ErrnoException, from: string | undefined): void {
    const wait = error.code === 'ECONNRESET' ? RESET_RETRIES[this.#resets++] : undefined
    if (from !== undefined && isAboutOwnAddress(error)) this.#start(undefined)
    else if (wait !== undefined) this.#retry = setTimeout(() => this.#start(from), wait)
    else this.#fail(verdictOf(error))
  }

  #connect(from: string | undefined): Socket {
    const { url } = this.#wish.peer
    const target = {
      host: url.host,
      port: url.port,
      ...(from === undefined ? {} : { localAddress: from }),
    }
    const socket = this.#open(target)
    socket.setKeepAlive(true, KEEPALIVE)
    socket.once('connect', () => this.#onConnect(socket))
    this.#socket = socket
    return socket
  }

  #open(target: { host: string; port: number; localAddress?: string }): Socket {
    const { peer, tls, secret, checksName } = this.#wish
    if (tls !== undefined)
      return tlsConnect({
        ...target,
        secureContext: tls.context,
        checkServerIdentity: (_, certificate) =>
          checksName ? nameTrouble(peer, certificate) : undefined,
      })
    return secret === undefined ? netConnect(target) : tlsConnect({ ...target, ...secret.dialling })
  }

  /** It says that it agrees; with certificates and a password it must know the latter, too. */
  #onUpgrade({ headers }: IncomingMessage): void {
    const { tls, secret } = this.#wish
    if (tls === undefined || secret === undefined || this.#over) return
    const proof = String(headers[PROOF_HEADER.toLowerCase()] ?? '')
    if (secret.isProof(proof, this.#socket as TLSSocket, 'is dialled')) return
    this.#fail({ failure: 'rejected', detail: 'it does not prove that it knows the password' })
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
  if (tlsReason !== undefined) return { failure: 'rejected', detail: tlsTrouble(tlsReason) }
  const detail = DIAL_TROUBLE[code] ?? oneLine(error.message)
  if (syscall !== undefined && code !== 'EPROTO') return { failure: 'unreachable', detail }
  // What is left: certificates that are not accepted, answers that are no WebSocket's.
  return { failure: 'rejected', detail }
}

/** What the system's codes mean here. */
const DIAL_TROUBLE: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'its host does not answer on the network between the two',
  EHOSTDOWN: 'its host does not answer on the network between the two',
  ENETUNREACH: 'no route leads to its address: look at the interface of the link',
  ENETDOWN: 'the interface of the link is down',
  ETIMEDOUT: 'no answer',
  EINVAL:
    'its url cannot be reached from here: look whether one of the two urls has a loopback address',
  EADDRNOTAVAIL: 'its url cannot be reached from an address of this host',
  EACCES: 'this host forbids the connection: look at its firewall',
  EPERM: 'this host forbids the connection: look at its firewall',
  EMFILE: 'this process has no file descriptor left',
}

function tlsTrouble(reason: string): string {
  const known = TLS_TROUBLE.find(([words]) => reason.includes(words))
  return known?.[1] ?? oneLine(`TLS: ${reason}`)
}

/** Words of OpenSSL, and what they mean here. */
const TLS_TROUBLE = [
  ['alert bad record mac', 'password refused'],
  ['alert decrypt error', 'password refused'],
  ['bad record mac', 'password refused'],
  ['alert unknown psk identity', 'user or name refused'],
  ['alert handshake failure', 'TLS of another kind there: certificates, or a password alone'],
  [
    'wrong version number',
    'it answers without TLS: no password or certificates in its configuration, or an older Whio',
  ],
] as const

/** An older Whio wants to be told the password itself, which is told to nobody. */
function refusedPassword(challenge: string): Verdict {
  const isOld = /^basic/i.test(challenge)
  const detail = isOld
    ? 'it asks for the password as text, as an older Whio does: install the same version there'
    : 'password refused (401)'
  return { failure: 'rejected', detail }
}

/** Waits for TLS, since the proof is good for one connection only. */
function finishWithProof(request: ClientRequest, secret: LinkSecret): void {
  request.once('socket', (socket) => {
    const finish = () => {
      const proof = secret.proof(socket as TLSSocket, 'dials')
      request.setHeader('Authorization', `${PROOF_SCHEME} ${proof}`)
      request.end()
    }
    socket.once('secureConnect', finish)
  })
}

/** The certificate of somebody else of the same authority proves nothing. */
function nameTrouble(
  peer: HaPeer,
  { subject, subjectaltname }: PeerCertificate,
): Error | undefined {
  const names = namesOf(subject, subjectaltname ?? '')
  return namesPeer(names, peer) ? undefined : new Error(wrongName(names, peer))
}

/** What an HTTP answer other than 101 says. */
function answerVerdict(status: number, phrase: string, contentType: string): Verdict {
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
