// Who may come in: judged when a WebSocket is asked for, before a connection is made. Everybody else
// gets a short HTTP answer whose reason phrase says why, for the other end's log.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { HaPlan } from '../config/ha-plan.ts'
import { certificateTrouble } from './link-certificate.ts'
import { SUBPROTOCOL } from './link-settings.ts'

export interface Refusal {
  readonly status: number
  /** Of the status line. */
  readonly phrase: string
  /** For this server's own log. */
  readonly why: string
  readonly header?: string
}

export const NOT_A_WEB_SOCKET: Refusal = {
  status: 426,
  phrase: 'Upgrade Required',
  why: 'speaks HTTP but asks for no WebSocket, as Kea or a browser does',
  header: 'Upgrade: websocket',
}

/** Why a request for a WebSocket is turned away, or undefined. */
export function refusalOf(request: IncomingMessage, plan: HaPlan): Refusal | undefined {
  const { url, basicAuth } = plan.thisServer
  const socket = request.socket as TLSSocket
  if (url.secure && plan.requireClientCerts && !socket.authorized) {
    const trouble = certificateTrouble(socket)
    return { status: 403, phrase: trouble, why: trouble }
  }
  const { authorization } = request.headers
  if (basicAuth !== undefined && !matches(authorization, basicAuth.user, basicAuth.password))
    return {
      status: 401,
      phrase: 'Unauthorized',
      why: authorization === undefined ? 'no password' : 'wrong user or password',
      header: 'WWW-Authenticate: Basic realm="whio"',
    }
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return NOT_A_WEB_SOCKET
  if (!offered(request).includes(SUBPROTOCOL))
    return {
      status: 400,
      phrase: `Subprotocol ${SUBPROTOCOL} Required`,
      why: `asks for a WebSocket without the subprotocol ${SUBPROTOCOL}`,
    }
  return undefined
}

/** Answers and ends the connection; for sockets that are no longer in the hands of the HTTP server. */
export function answer(socket: Duplex, { status, phrase, header }: Refusal): void {
  const body = `${phrase}\n`
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
    ...(header === undefined ? [] : [header]),
  ]
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** What to present to a server that wants a password. */
export function credentials(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Takes the same time whatever is wrong. */
function matches(authorization: string | undefined, user: string, password: string): boolean {
  const [, coded = ''] = /^basic +(\S+)$/i.exec(authorization ?? '') ?? []
  const given = Buffer.from(coded, 'base64')
  return timingSafeEqual(digest(given), digest(Buffer.from(`${user}:${password}`)))
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function offered(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
}
