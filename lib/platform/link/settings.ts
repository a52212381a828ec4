// The numbers of the link, in one place.

import type { WebSocketOptions } from 'ws'
import { LINK_MESSAGE_MAX } from '../../ports/link.ts'
import type { Millis } from '../../time/units.ts'

/**
 * Asked for by the one and confirmed by the other, so that neither talks to some other WebSocket.
 */
export const SUBPROTOCOL = 'whio.1'

/**
 * Connections that came in and are open, in all states; beyond it the least wanted one is ended.
 */
export const GUESTS_MAX = 64

/** How long the link waits for what. Tests are less patient. */
export interface Patience {
  /** Between two attempts to listen. */
  readonly listenRetry: Millis
  /** For the hello of a connection that came in. */
  readonly confirm: Millis
  /** For a whole attempt to dial. */
  readonly dial: Millis
  /** For a request, once connected. */
  readonly request: Millis
  /** For the other end's part of an orderly end. */
  readonly close: Millis
  /** Between two looks at the certificate files. */
  readonly files: Millis
}

export const PATIENCE: Patience = {
  listenRetry: 1000,
  confirm: 10_000,
  dial: 2000,
  request: 5000,
  close: 1000,
  files: 1000,
}

/** Silence after which the kernel asks the other end; whether it lives is judged by heartbeats. */
export const KEEPALIVE: Millis = 10_000

/**
 * No message is compressed or sent in fragments, so neither is taken. A message of the largest size
 * may come in many small pieces from the kernel. One frame a turn of the event loop is looked at:
 * however many come in one piece, clients of DHCP are heard between them.
 */
export function webSocketLimits(patience: Patience) {
  return {
    allowSynchronousEvents: false,
    autoPong: false,
    closeTimeout: patience.close,
    maxBufferedChunks: 16_384,
    maxFragments: 1,
    maxPayload: LINK_MESSAGE_MAX,
    perMessageDeflate: false,
  } satisfies WebSocketOptions
}
