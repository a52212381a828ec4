// The connections that came in, in all states, from the first byte to the last. Their number is
// limited: beyond it the least wanted one goes, so that thousands of idle strangers cannot keep the
// partner out.

import type { Socket } from 'node:net'
import { plainAddress, remoteText } from './address.ts'
import { GUESTS_MAX, KEEPALIVE, type Patience } from './settings.ts'

export interface Guest {
  readonly key: string
  readonly socket: Socket
  readonly remote: string
  /** From an address where a peer lives: the last to be ended. */
  readonly known: boolean
  readonly timer: NodeJS.Timeout
  confirmed: boolean
  /** Told why it is about to be ended; set once a connection was made. */
  onEnding: ((reason: string) => void) | undefined
}

export class Guests {
  readonly #guests = new Map<string, Guest>()
  readonly #peers: ReadonlySet<string>
  readonly #patience: Patience
  readonly #onTurnedAway: (remote: string, why: string) => void

  constructor(
    peerHosts: readonly string[],
    patience: Patience,
    onTurnedAway: (remote: string, why: string) => void,
  ) {
    this.#peers = new Set(peerHosts.map(plainAddress))
    this.#patience = patience
    this.#onTurnedAway = onTurnedAway
  }

  get count(): number {
    return this.#guests.size
  }

  /** Takes in a connection that was just accepted; makes room for it where it must. */
  admit(socket: Socket): void {
    socket.on('error', () => {})
    socket.setKeepAlive(true, KEEPALIVE)
    const { remoteAddress } = socket
    if (remoteAddress === undefined || (this.count >= GUESTS_MAX && !this.#makeRoom())) {
      setImmediate(() => socket.destroy())
      return
    }
    const guest: Guest = {
      key: keyOf(socket),
      socket,
      remote: remoteText(socket),
      known: this.#peers.has(plainAddress(remoteAddress)),
      timer: setTimeout(() => this.#giveUp(guest), this.#patience.confirm),
      confirmed: false,
      onEnding: undefined,
    }
    this.#guests.set(guest.key, guest)
    socket.once('close', () => this.#forget(guest))
  }

  /** The guest behind a socket, which may be the TLS layer over the one that was admitted. */
  find(socket: Socket): Guest | undefined {
    return this.#guests.get(keyOf(socket))
  }

  confirm(guest: Guest): void {
    guest.confirmed = true
    clearTimeout(guest.timer)
  }

  /** Ends those that have not become connections. */
  endStrangers(): void {
    for (const guest of this.#guests.values()) {
      clearTimeout(guest.timer)
      if (guest.onEnding === undefined) guest.socket.destroy()
    }
  }

  #giveUp(guest: Guest): void {
    this.#end(guest, 'said nothing that is understood here in time')
  }

  /** False when all are confirmed. */
  #makeRoom(): boolean {
    const strangers = [...this.#guests.values()].filter(({ confirmed }) => !confirmed)
    const last = strangers.find(({ known }) => !known) ?? strangers[0]
    if (last !== undefined) this.#end(last, 'idle, and there are too many connections')
    return last !== undefined
  }

  #end(guest: Guest, why: string): void {
    this.#forget(guest)
    if (guest.onEnding === undefined) this.#onTurnedAway(guest.remote, why)
    else guest.onEnding(why)
    guest.socket.destroy()
  }

  #forget(guest: Guest): void {
    clearTimeout(guest.timer)
    if (this.#guests.get(guest.key) === guest) this.#guests.delete(guest.key)
  }
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}
