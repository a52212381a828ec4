// Who may come in: judged when a WebSocket is asked for, before a connection is made. Everybody
// else gets a short HTTP answer whose reason phrase says why, for the other end's log.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { HaPeer, HaPlan } from '../../config/plan/ha-plan.ts'
import type { Millis } from '../../time/units.ts'
import { certificateTrouble } from './certificate.ts'
import { type LinkSecret, PROOF_SCHEME } from './secret.ts'
import { SUBPROTOCOL } from './settings.ts'

export interface Refusal {
  readonly status: number
  /** Of the status line. */
  readonly phrase: string
  /** For this server's own log. */
  readonly why: string
  readonly header?: string
  /** Of the answer; the phrase as text where nothing is said. */
  readonly type?: string
  readonly body?: string
}

/** Asked for no WebSocket. To a POST it is answered as Kea answers: then its log has the text. */
function notAWebSocket({ method }: IncomingMessage): Refusal {
  const text = `This is a server of Whio, which talks WebSocket (${SUBPROTOCOL}) here.`
  const isKea = method === 'POST'
  return {
    status: 426,
    phrase: 'Upgrade Required',
    why: 'speaks HTTP but asks for no WebSocket, as Kea or a browser does',
    header: 'Upgrade: websocket',
    type: isKea ? 'application/json' : 'text/plain',
    body: isKea ? JSON.stringify([{ result: 1, text }]) : `${text}\n`,
  }
}

export const BAD_REQUEST: Refusal = {
  status: 400,
  phrase: 'Bad Request',
  why: 'does not speak HTTP',
}

/**
 * Why a request for a WebSocket is turned away, or undefined. `secret`: what the caller must know;
 * without certificates it has shown that by TLS.
 */
export function refusalOf(
  request: IncomingMessage,
  plan: HaPlan,
  secret: LinkSecret | undefined,
): Refusal | undefined {
  const { url } = plan.thisServer
  const socket = request.socket as TLSSocket
  if (url.secure && plan.requireClientCerts && !socket.authorized) {
    const trouble = certificateTrouble(socket)
    return { status: 403, phrase: trouble, why: trouble }
  }
  if (url.secure && secret !== undefined && !isProven(request, secret)) return noProof(request)
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return notAWebSocket(request)
  if (!offered(request).includes(SUBPROTOCOL))
    return {
      status: 400,
      phrase: `Subprotocol ${SUBPROTOCOL} Required`,
      why: `asks for a WebSocket without the subprotocol ${SUBPROTOCOL}`,
    }
  return undefined
}

/**
 * Of a request that came without TLS to a port that has it, by certificates or by a password alone.
 */
export function refusalOfPlain(request: IncomingMessage, { url }: HaPeer): Refusal {
  if (hasBasic(request)) return OLD
  const why = url.secure ? 'speaks HTTP without TLS' : 'no password'
  return { status: 401, phrase: 'Unauthorized', why, header: `WWW-Authenticate: ${PROOF_SCHEME}` }
}

/** The other end of this refusal logs the phrase. */
const OLD: Refusal = {
  status: 426,
  phrase:
    'Upgrade Required: this Whio takes no password as text. Install the same version on both servers',
  why: 'sends its password as text, as an older Whio does: install the same version on both servers',
}

function noProof(request: IncomingMessage): Refusal {
  if (hasBasic(request)) return OLD
  const isMissing = request.headers.authorization === undefined
  return {
    status: 401,
    phrase: 'Unauthorized',
    why: isMissing ? 'no password' : 'wrong user or password',
    header: `WWW-Authenticate: ${PROOF_SCHEME}`,
  }
}

function hasBasic({ headers }: IncomingMessage): boolean {
  return /^basic /i.test(headers.authorization ?? '')
}

function isProven({ headers, socket }: IncomingMessage, secret: LinkSecret): boolean {
  const [scheme, proof = ''] = (headers.authorization ?? '').split(' ')
  return scheme === PROOF_SCHEME && secret.isProof(proof, socket as TLSSocket, 'dials')
}

/** Answers, and ends the connection within `linger`. What still comes is thrown away unread. */
export function answer(socket: Duplex, refusal: Refusal, linger: Millis): void {
  const { status, phrase, header, type = 'text/plain', body = `${phrase}\n` } = refusal
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    'Connection: close',
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(header === undefined ? [] : [header]),
  ]
  socket.on('error', () => {})
  socket.resume()
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), linger)
  socket.once('close', () => clearTimeout(timer))
}

function offered(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
}
