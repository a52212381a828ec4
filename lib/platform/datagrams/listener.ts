// One interface that is served: its sockets, what arrives on them, and its counters.
//
// Node reports the first waiting datagram; the rest of the kernel's queue is then taken with
// recvmmsg, 64 a call, which costs less than half of Node's own way. After GROUP_MAX datagrams the
// rest waits for the next turn of the event loop, so that timers and the journal are heard. Where
// the thread is the server's own, turns have a pace (turn-pace.ts).

import type dgram from 'node:dgram'
import { BROADCAST, type Ipv4, ipv4FromText, maskOfLength, readIpv4 } from '../../address/ipv4.ts'
import { readUint16 } from '../../bytes/cursor.ts'
import type { Traffic } from '../../ports/datagrams.ts'
import type { DatagramSink4, Interface4 } from '../../ports/datagrams4.ts'
import { type Libc, SO_MEMINFO } from '../libc.ts'
import { MessageVector } from './message-vector.ts'
import type { Socket4 } from './sockets.ts'
import type { TurnPace } from './turn-pace.ts'

/** Most datagrams handed over before the batch is closed. */
export const GROUP_MAX = 256

/** Longest datagram that is handed over, bytes; a client has no use for more. */
export const DATAGRAM_MAX = 4096

const VECTOR_COUNT = 64

/** Takes what waits in the kernel, many at once. One for all sockets: a drain never nests. */
export class Drain {
  readonly libc: Libc
  readonly vector: MessageVector
  /** undefined: whatever comes is handed over at once. */
  readonly pace: TurnPace | undefined

  constructor(libc: Libc, pace: TurnPace | undefined) {
    this.libc = libc
    this.pace = pace
    this.vector = new MessageVector(libc, VECTOR_COUNT, DATAGRAM_MAX, 16)
  }
}

export class Listener4 {
  readonly name: string
  readonly loopback: boolean
  /** The kernel's index the sockets are bound to. */
  readonly index: number
  /** The UDP port, as the kernel chose it where 0 was asked for. */
  readonly port: number
  /** The socket that hears what no other one does; replies leave by it where they need no other. */
  readonly reply: Socket4
  /** Where whole packets leave by this device (datagrams4-sender); -1 = they cannot. */
  readonly packetFd: number
  /** What the sink is told; replaced when the addresses change. */
  from: Interface4
  received = 0
  oversized = 0
  sent = 0
  sendErrors = 0
  undeliverable = 0
  /** Each address has a socket of its own, so that `reply` hears what was sent to none of them. */
  hearsApart = false
  /** Errno names that were logged already. */
  readonly errorsSeen = new Set<string>()
  #sockets: readonly Socket4[]
  readonly #onError: (error: Error) => void
  readonly #sink: DatagramSink4
  readonly #drain: Drain | undefined
  #immediate: NodeJS.Immediate | undefined
  #closed = false

  constructor(
    from: Interface4,
    loopback: boolean,
    sockets: readonly Socket4[],
    packetFd: number,
    sink: DatagramSink4,
    drain: Drain | undefined,
    onError: (error: Error) => void,
  ) {
    this.name = from.name
    this.loopback = loopback
    this.index = from.index
    this.from = from
    this.reply = sockets[0]!
    this.port = this.reply.socket.address().port
    this.packetFd = packetFd
    this.#sockets = sockets
    this.#onError = onError
    this.#sink = sink
    this.#drain = drain
    for (const socket of sockets) this.#listen(socket)
  }

  /** The addresses that have a socket of their own. */
  get askedApart(): readonly Ipv4[] {
    return this.#sockets.map(({ address }) => address).filter((address) => address !== 0)
  }

  /** Listens by one socket more. */
  add(socket: Socket4): void {
    this.#sockets = [...this.#sockets, socket]
    this.#listen(socket)
  }

  /** Closes the socket of an address. */
  drop(address: Ipv4): void {
    const dropped = this.#sockets.filter((one) => one.address === address)
    this.#sockets = this.#sockets.filter((one) => one.address !== address)
    for (const { socket } of dropped) socket.close()
  }

  /** The socket whose datagrams come from `source`, as far as there is one. */
  socketOf(source: Ipv4): Socket4 {
    if (this.#sockets.length > 1)
      for (const one of this.#sockets) if (one.address === source) return one
    return this.reply
  }

  /**
   * Whether an address belongs to a prefix of the interface, so that its neighbours are asked for
   * it.
   */
  isOnLink(address: Ipv4): boolean {
    for (const own of this.from.addresses)
      if (((own.address ^ address) & maskOfLength(own.length)) === 0) return true
    return false
  }

  /** What datagrams that the socket hears were sent to: see DatagramSink4. */
  #addressOf(by: Socket4): Ipv4 {
    if (by.address !== 0) return by.address
    return by !== this.reply || this.hearsApart ? BROADCAST : 0
  }

  #listen(one: Socket4): void {
    one.socket.on('error', this.#onError)
    one.socket.on('message', (bytes, remote) => this.#onMessage(one, bytes, remote))
  }

  /**
   * Ends, and leaves the first socket open. What it hears is lost until another listener has it.
   */
  release(): void {
    this.#stop()
    for (const address of this.askedApart) this.drop(address)
    const { socket } = this.reply
    socket.removeAllListeners('message').removeAllListeners('error')
    socket.on('error', () => {})
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
      if (fd >= 0 && this.#drain?.libc.readOption(fd, SO_MEMINFO, counters) === 36)
        dropped += counters.readUInt32LE(32)
    return dropped
  }

  #onMessage(by: Socket4, bytes: Uint8Array, remote: dgram.RemoteInfo): void {
    if (this.#closed) return
    if (this.#immediate === undefined) this.#drain?.pace?.begin()
    const source = ipv4FromText(remote.address) ?? 0
    this.#hand(bytes, 0, bytes.length, source, remote.port, this.#addressOf(by))
    // While a turn is due, Node goes on reading one by one and that turn ends the batch.
    if (this.#immediate !== undefined) return
    if (this.#drain === undefined || by.fd < 0) this.#endNextTurn()
    else this.#takeRest(this.#drain, by, GROUP_MAX - 1)
  }

  /** Empties the queue of a socket as far as `limit` allows and closes the batch. */
  #takeRest(drain: Drain, by: Socket4, limit: number): void {
    const emptied = this.#take(drain, by, limit)
    if (this.#closed) return
    this.#sink.onBatchEnd()
    if (!emptied) this.#endNextTurn(by)
  }

  /**
   * Closes the batch in the next turn of the event loop, after emptying `by` where that is given.
   */
  #endNextTurn(by?: Socket4): void {
    if (this.#closed) return
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined
      // The socket may have been dropped meanwhile.
      const isOpen = by !== undefined && this.#sockets.includes(by)
      if (!isOpen || this.#drain === undefined) this.#sink.onBatchEnd()
      else this.#takeRest(this.#drain, by, GROUP_MAX)
    })
  }

  /** True when the kernel has nothing left. */
  #take(drain: Drain, by: Socket4, limit: number): boolean {
    const { libc, vector } = drain
    const { fd } = by
    const address = this.#addressOf(by)
    for (let taken = 0; taken < limit; ) {
      const wish = Math.min(vector.count, limit - taken)
      const count = libc.receiveMany(fd, vector.addressOf(0), wish)
      if (count > 0) drain.pace?.found(count)
      for (let n = 0; n < count && !this.#closed; n++) this.#handSlot(vector, n, address)
      if (count < wish || this.#closed) return true
      taken += count
    }
    return false
  }

  #handSlot(vector: MessageVector, n: number, to: Ipv4): void {
    const start = n * vector.slotSize
    const name = n * vector.nameSize
    const address = readIpv4(vector.names, name + 4)
    if (vector.isTruncated(n)) {
      this.received++
      this.#refuse(address)
      return
    }
    const port = readUint16(vector.names, name + 2)
    this.#hand(vector.slab, start, start + vector.sizeOf(n), address, port, to)
  }

  #hand(
    bytes: Uint8Array,
    start: number,
    end: number,
    address: number,
    port: number,
    to: Ipv4,
  ): void {
    this.received++
    if (end - start > DATAGRAM_MAX) this.#refuse(address)
    else this.#sink.onDatagram(this.from, bytes, start, end, address, port, to)
  }

  #refuse(address: Ipv4): void {
    this.oversized++
    this.#sink.onOversized(this.from, address)
  }
}
