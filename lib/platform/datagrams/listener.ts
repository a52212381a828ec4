// One interface that is served: its sockets, what arrives on them, and its counters. What a
// datagram is handed over with differs by family (listener4, listener6).
//
// Node reports the first waiting datagram; the rest of the kernel's queue is then taken with
// recvmmsg, 64 a call, which costs less than half of Node's own way. After GROUP_MAX datagrams the
// rest waits for the next turn of the event loop, so that timers and the journal are heard. Where
// the thread is the server's own, turns have a pace (turn-pace.ts).

import type dgram from 'node:dgram'
import type { Traffic } from '../../ports/datagrams.ts'
import { SO_MEMINFO } from '../libc.ts'
import type { Drain } from './drain.ts'
import type { MessageVector } from './message-vector.ts'
import type { BoundSocket } from './open-socket.ts'
import type { Source } from './turn-pace.ts'

/** Most datagrams handed over before the batch is closed. */
export const GROUP_MAX = 256

export interface ListenerDuties {
  /** undefined: every datagram comes by Node. */
  readonly drain: Drain | undefined
  onError(error: Error): void
  /** Whatever the kernel held has been handed over. */
  onBatchEnd(): void
}

export abstract class Listener<Address> {
  readonly name: string
  readonly loopback: boolean
  /** The kernel's index the sockets are bound to. */
  readonly index: number
  /** The UDP port, as the kernel chose it where 0 was asked for. */
  readonly port: number
  /** The socket that hears what no other one does; replies leave by it where they need no other. */
  readonly reply: BoundSocket<Address>
  received = 0
  oversized = 0
  sent = 0
  sendErrors = 0
  undeliverable = 0
  /** Errno names that were logged already. */
  readonly errorsSeen = new Set<string>()
  #sockets: readonly BoundSocket<Address>[]
  readonly #duties: ListenerDuties
  #immediate: NodeJS.Immediate | undefined
  #closed = false

  constructor(
    { name, index }: { readonly name: string; readonly index: number },
    loopback: boolean,
    sockets: readonly BoundSocket<Address>[],
    duties: ListenerDuties,
  ) {
    this.name = name
    this.loopback = loopback
    this.index = index
    this.reply = sockets[0]!
    this.port = this.reply.socket.address().port
    this.#sockets = sockets
    this.#duties = duties
    for (const socket of sockets) this.#listen(socket)
  }

  /** A datagram that Node has read. */
  protected abstract hand(
    by: BoundSocket<Address>,
    bytes: Uint8Array,
    remote: dgram.RemoteInfo,
  ): void

  /** The first `count` of the vector, until this is closed. */
  protected abstract handSlots(by: BoundSocket<Address>, vector: MessageVector, count: number): void

  protected get isClosed(): boolean {
    return this.#closed
  }

  protected get sockets(): readonly BoundSocket<Address>[] {
    return this.#sockets
  }

  /** The addresses that have a socket of their own. */
  abstract get askedApart(): readonly Address[]

  /** Listens by one socket more. */
  add(socket: BoundSocket<Address>): void {
    this.#sockets = [...this.#sockets, socket]
    this.#listen(socket)
  }

  /** Closes the socket of an address. */
  drop(address: Address): void {
    const dropped = this.#sockets.filter((one) => one.address === address)
    this.#sockets = this.#sockets.filter((one) => one.address !== address)
    for (const { socket } of dropped) socket.close()
  }

  /** The socket whose datagrams come from `source`, as far as there is one. */
  socketOf(source: Address): BoundSocket<Address> {
    if (this.#sockets.length > 1)
      for (const one of this.#sockets) if (one.address === source) return one
    return this.reply
  }

  #listen(one: BoundSocket<Address>): void {
    one.socket.on('error', (error) => this.#duties.onError(error))
    const source = () => this.#receive(one)
    one.socket.on('message', (bytes, remote) => this.#onMessage(one, source, bytes, remote))
  }

  /**
   * Ends, and leaves the sockets open that were there from the start. What they hear is lost until
   * another listener has them.
   */
  release(): void {
    for (const address of this.askedApart) this.drop(address)
    this.#stop()
    for (const { socket } of this.#sockets) {
      socket.removeAllListeners('message').removeAllListeners('error')
      socket.on('error', () => {})
    }
  }

  /** Calls `done` when every socket is closed. Nothing is handed over any more. */
  close(done: () => void): void {
    this.#stop()
    let open = this.#sockets.length
    for (const { socket } of this.#sockets)
      socket.close(() => {
        open--
        if (open === 0) done()
      })
  }

  #stop(): void {
    this.#closed = true
    clearImmediate(this.#immediate)
  }

  traffic(): Traffic {
    const { name, port, received, sent, sendErrors, undeliverable, oversized } = this
    const overrun = this.#overrun()
    return { name, port, received, sent, sendErrors, undeliverable, oversized, overrun }
  }

  /** SO_MEMINFO: nine counters, the last is what was dropped. */
  #overrun(): number {
    const counters = Buffer.alloc(36)
    let dropped = 0
    for (const { fd } of this.#sockets)
      if (fd >= 0 && this.#duties.drain?.libc.readOption(fd, SO_MEMINFO, counters) === 36)
        dropped += counters.readUInt32LE(32)
    return dropped
  }

  #onMessage(
    by: BoundSocket<Address>,
    source: Source,
    bytes: Uint8Array,
    remote: dgram.RemoteInfo,
  ): void {
    if (this.#closed) return
    const { drain } = this.#duties
    if (this.#immediate === undefined) drain?.pace?.heard(source)
    this.hand(by, bytes, remote)
    // While a turn is due, Node goes on reading one by one and that turn ends the batch.
    if (this.#immediate !== undefined) return
    if (drain === undefined || by.fd < 0) this.#endNextTurn()
    else this.#takeRest(drain, by, GROUP_MAX - 1)
  }

  /** What has come while the loop rested, before Node looks. */
  #receive(by: BoundSocket<Address>): boolean {
    const { drain } = this.#duties
    // A turn that is due reads it; who was dropped hears nothing any more.
    if (drain === undefined || this.#immediate !== undefined || !this.#isOpen(by)) return false
    const before = this.received
    this.#endBatch(by, this.#take(drain, by, GROUP_MAX))
    return this.received > before
  }

  #isOpen(by: BoundSocket<Address>): boolean {
    return !this.#closed && by.fd >= 0 && this.#sockets.includes(by)
  }

  /** Empties the queue of a socket as far as `limit` allows and closes the batch. */
  #takeRest(drain: Drain, by: BoundSocket<Address>, limit: number): void {
    this.#endBatch(by, this.#take(drain, by, limit))
  }

  #endBatch(by: BoundSocket<Address>, emptied: boolean): void {
    if (this.#closed) return
    this.#duties.onBatchEnd()
    if (!emptied) this.#endNextTurn(by)
  }

  /**
   * Closes the batch in the next turn of the event loop, after emptying `by` where that is given.
   */
  #endNextTurn(by?: BoundSocket<Address>): void {
    if (this.#closed) return
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined
      // The socket may have been dropped meanwhile.
      const isOpen = by !== undefined && this.#sockets.includes(by)
      const { drain } = this.#duties
      if (!isOpen || drain === undefined) this.#duties.onBatchEnd()
      else this.#takeRest(drain, by, GROUP_MAX)
    })
  }

  /** True when the kernel has nothing left. */
  #take({ libc, vector, pace }: Drain, by: BoundSocket<Address>, limit: number): boolean {
    for (let taken = 0; taken < limit; ) {
      const wish = Math.min(vector.count, limit - taken)
      const count = libc.receiveMany(by.fd, vector.addressOf(0), wish)
      if (count > 0) {
        pace?.found(count)
        this.handSlots(by, vector, count)
      }
      if (count < wish || this.#closed) return true
      taken += count
    }
    return false
  }
}
