// The link on the real world: one listener on this server's own url and connections dialled to
// peers, all of them WebSockets (RFC 6455) over TCP or TLS. Whom to dial when, who stays, and
// whether the other end lives is decided above; here is what sockets, passwords and certificates
// show.

import { strict as assert } from 'node:assert'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { HaPeer, HaPlan, HaTls } from '../../config/plan/ha-plan.ts'
import type { Link, LinkConnection, LinkSink } from '../../ports/link.ts'
import { type Log, tell } from '../../ports/log.ts'
import { type ConnectionOwner, SocketConnection } from './connection.ts'
import { DialAttempt } from './dial.ts'
import type { Guest } from './guests.ts'
import { LinkListener } from './listener.ts'
import { LinkSecret } from './secret.ts'
import { PATIENCE, type Patience } from './settings.ts'
import { Strangers } from './strangers.ts'
import { TlsFiles, type TlsMaterial } from './tls.ts'

export interface LinkSettings {
  readonly plan: HaPlan
  readonly log: Log
  readonly patience?: Partial<Patience>
}

export interface WebSocketLink extends Link {
  /** The port really listened to (the url may say 0); 0 while there is none. */
  readonly port: number
}

/** Nothing happens before open(). After close() the sink is not called any more. */
export function openLink({ plan, log, patience = {} }: LinkSettings): WebSocketLink {
  return new SocketLink(plan, log, { ...PATIENCE, ...patience })
}

class SocketLink implements WebSocketLink, ConnectionOwner {
  readonly #plan: HaPlan
  readonly #log: Log
  readonly #patience: Patience
  readonly #listener: LinkListener
  readonly #tlsFiles = new Map<string, TlsFiles>()
  /** What callers must know, and what each peer does, by the name of the server that is dialled. */
  readonly #secrets = new Map<string, LinkSecret>()
  readonly #attempts = new Map<string, DialAttempt>()
  /** Until their sockets are closed. */
  readonly #connections = new Set<SocketConnection>()
  /** Undefined before open() and after close(). */
  #sink: LinkSink | undefined
  #onAllGone: (() => void) | undefined

  constructor(plan: HaPlan, log: Log, patience: Patience) {
    this.#plan = plan
    this.#log = log
    this.#patience = patience
    for (const { name, basicAuth } of plan.peers)
      if (basicAuth !== undefined) this.#secrets.set(name, new LinkSecret(basicAuth, name))
    const strangers = new Strangers((remote, why) => this.#sink?.onStranger(remote, why))
    const { thisServer } = plan
    const secret = this.#secrets.get(thisServer.name)
    this.#listener = new LinkListener(plan, this.#filesOf(thisServer), secret, patience, {
      onOpen: (ws, socket, guest) => this.#onGuest(ws, socket, guest),
      onTrouble: (trouble) => this.#sink?.onListener(trouble),
      onTurnedAway: (remote, why) => strangers.turnedAway(remote, why),
    })
  }

  get port(): number {
    return this.#listener.port
  }

  open(sink: LinkSink): void {
    assert(this.#sink === undefined, 'the link is open')
    this.#sink = sink
    this.#listener.open()
  }

  dial(name: string): void {
    const peer = this.#plan.peers.find((peer) => peer.name === name)
    assert(peer !== undefined && name !== this.#plan.thisServer.name, `${name} cannot be dialled`)
    if (this.#sink === undefined || this.#attempts.has(name)) return
    const tls = this.#materialFor(peer)
    if (typeof tls !== 'string') this.#attempts.set(name, this.#attempt(peer, tls))
    else process.nextTick(() => this.#sink?.onDialFailed(name, 'unreachable', tls))
  }

  close(done: () => void): void {
    this.#sink = undefined
    for (const attempt of this.#attempts.values()) attempt.abort()
    this.#attempts.clear()
    for (const connection of this.#connections) connection.abandon('the server stops')
    this.#listener.close(() => {
      this.#onAllGone = done
      this.#endWhenAllGone()
    })
  }

  onMessage(connection: LinkConnection, message: string | Uint8Array): void {
    this.#sink?.onLinkMessage(connection, message)
  }

  onEnded(connection: LinkConnection, reason: string): void {
    this.#sink?.onLinkClosed(connection, reason)
  }

  onGone(connection: SocketConnection): void {
    this.#connections.delete(connection)
    this.#endWhenAllGone()
  }

  #attempt(peer: HaPeer, tls: TlsMaterial | undefined): DialAttempt {
    const { name } = peer
    const { thisServer, checksCertificateNames: checksName } = this.#plan
    const secret = this.#secrets.get(name)
    return new DialAttempt(
      { peer, from: thisServer.url.host, tls, secret, checksName, patience: this.#patience },
      {
        onOpen: (ws, socket) => {
          this.#attempts.delete(name)
          this.#adopt(new SocketConnection(ws, socket, name, this, () => {}))
        },
        onFailed: (failure, detail) => {
          this.#attempts.delete(name)
          this.#sink?.onDialFailed(name, failure, detail)
        },
      },
    )
  }

  #onGuest(ws: WebSocket, socket: Socket, guest: Guest): void {
    const confirm = () => this.#listener.guests.confirm(guest)
    const connection = new SocketConnection(ws, socket, '', this, confirm)
    guest.onEnding = (reason) => connection.close(reason)
    this.#adopt(connection)
  }

  #adopt(connection: SocketConnection): void {
    this.#connections.add(connection)
    this.#sink?.onLinkOpened(connection)
  }

  /** What to use with TLS, undefined without, or why there is nothing to use. */
  #materialFor(peer: HaPeer): TlsMaterial | undefined | string {
    try {
      return this.#filesOf(peer)?.current()
    } catch (error) {
      return (error as Error).message
    }
  }

  /** Peers mostly share their files. */
  #filesOf({ tls, url }: HaPeer): TlsFiles | undefined {
    if (!url.secure) return undefined
    assert(tls !== undefined, 'https without TLS files')
    const key = JSON.stringify([tls.trustAnchor, tls.certFile, tls.keyFile])
    const files = this.#tlsFiles.get(key) ?? this.#newFiles(tls)
    this.#tlsFiles.set(key, files)
    return files
  }

  #newFiles(tls: HaTls): TlsFiles {
    return new TlsFiles(tls, this.#patience.files, (trouble) => {
      if (trouble === '') tell(this.#log, 'HA_LINK_TLS_RENEWED', { certificate: tls.certFile })
      else tell(this.#log, 'HA_LINK_TLS_KEPT', { trouble })
    })
  }

  #endWhenAllGone(): void {
    if (this.#onAllGone === undefined || this.#connections.size > 0) return
    const done = this.#onAllGone
    this.#onAllGone = undefined
    done()
  }
}
