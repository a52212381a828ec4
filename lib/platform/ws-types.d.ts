// The part of the package ws that the link uses; the package carries no types of its own.

declare module 'ws' {
  import type { EventEmitter } from 'node:events'
  import type { ClientRequest, IncomingMessage } from 'node:http'
  import type { Socket } from 'node:net'
  import type { Duplex } from 'node:stream'

  export interface WebSocketOptions {
    readonly allowSynchronousEvents?: boolean
    readonly autoPong?: boolean
    readonly closeTimeout?: number
    readonly createConnection?: () => Socket
    readonly finishRequest?: (request: ClientRequest) => void
    readonly followRedirects?: boolean
    readonly headers?: Readonly<Record<string, string>>
    readonly maxBufferedChunks?: number
    readonly maxFragments?: number
    readonly maxPayload?: number
    readonly perMessageDeflate?: boolean
  }

  interface WebSocketEvents {
    open: []
    message: [data: Buffer, isBinary: boolean]
    error: [error: Error]
    close: [code: number, reason: Buffer]
    ping: [data: Buffer]
    pong: [data: Buffer]
    upgrade: [response: IncomingMessage]
    'unexpected-response': [request: ClientRequest, response: IncomingMessage]
  }

  export class WebSocket extends EventEmitter<WebSocketEvents> {
    static readonly OPEN: 1
    constructor(address: string, protocols: readonly string[], options: WebSocketOptions)
    readonly bufferedAmount: number
    readonly readyState: number
    close(code: number, reason: string): void
    send(data: string | Uint8Array): void
    terminate(): void
  }

  export interface WebSocketServerOptions extends WebSocketOptions {
    readonly clientTracking?: boolean
    readonly handleProtocols?: (offered: Set<string>) => string | false
    readonly noServer: true
  }

  interface WebSocketServerEvents {
    headers: [headers: string[], request: IncomingMessage]
    wsClientError: [error: Error, socket: Duplex, request: IncomingMessage]
  }

  export class WebSocketServer extends EventEmitter<WebSocketServerEvents> {
    constructor(options: WebSocketServerOptions)
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (socket: WebSocket) => void,
    ): void
  }
}
