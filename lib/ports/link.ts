// The links to the other servers of a pair as the server sees them: connections that carry messages
// in order, text (control) or bytes (rows). Who the other end is, the hello says; the port vouches
// only for what TLS and passwords show.

/** The largest message, bytes; a longer one ends the connection. */
export const LINK_MESSAGE_MAX = 1 << 20

export interface LinkConnection {
  /** Name of the peer that was dialled; '' for a connection that came in. */
  readonly dialled: string
  /** `192.0.2.1:8000`, for the log. */
  readonly remote: string
  /**
   * Common names, DNS names and addresses of the other end's certificate; undefined where it has
   * shown none.
   */
  readonly certificateNames: readonly string[] | undefined
  /** Messages leave in order. Bytes are given away. Does nothing on a closed connection. */
  send(message: string | Uint8Array): void
  /** Bytes handed to send that the kernel has not taken yet. */
  readonly buffered: number
  /** The hello was good: the port keeps this connection when it must drop idle strangers. */
  confirm(): void
  /** Ends it at once; onLinkClosed follows later. */
  close(reason: string): void
}

/**
 * refused: the host answered and nobody listens there (its process is gone, or a firewall says so).
 * rejected: somebody answered and did not want us (password, certificate, no WebSocket).
 * unreachable: no answer, no route, a timeout.
 */
export type DialFailure = 'refused' | 'rejected' | 'unreachable'

export interface LinkSink {
  onLinkOpened(connection: LinkConnection): void
  onLinkMessage(connection: LinkConnection, message: string | Uint8Array): void
  onLinkClosed(connection: LinkConnection, reason: string): void
  /** An attempt to dial ended without a connection. */
  onDialFailed(peer: string, failure: DialFailure, detail: string): void
  /** The listener opened (trouble ''), or cannot: it is tried again for ever. */
  onListener(trouble: string): void
  /**
   * A stranger was turned away before a connection was made: bad password, no certificate, not a
   * WebSocket.
   */
  onStranger(remote: string, why: string): void
}

export interface Link {
  /** Begins to listen on this server's own url. */
  open(sink: LinkSink): void
  /** One attempt to reach a peer, by name; nothing while one is under way. */
  dial(peer: string): void
  /** Ends all connections and the listener. */
  close(done: () => void): void
}
