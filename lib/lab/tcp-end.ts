// One end of a simulated TCP connection. Messages arrive in order and once. While the path is cut
// they wait, and are repeated when it heals; what is not acknowledged for too long ends the
// connection at the end that waits, and only there. An end whose host has died is found out by
// whoever sends to it.

import type { Millis } from '../time/units.ts'
import type { ScheduledEvent } from './event-heap.ts'
import type { Node } from './node.ts'
import type { World } from './world.ts'

/** A machine as its connections know it. */
export interface TcpHost {
  readonly name: string
  readonly node: Node
  /** Its kernel answers. False: switched off, crashed, or not booted yet. */
  isUp: boolean
  /** The whole machine stands still, its kernel too. */
  isFrozen: boolean
}

/** What a connection asks of the network that it is on. */
export interface TcpNet {
  readonly world: World
  /** Whether what is sent now from one host reaches the kernel of another. */
  reaches(from: TcpHost, to: TcpHost): boolean
  drawDelay(): Millis
  /** How long TCP repeats what is not acknowledged. */
  drawPatience(): Millis
  /** Whether something happens that happens as often as not. */
  drawCoin(): boolean
  addEnd(end: TcpEnd): void
  removeEnd(end: TcpEnd): void
}

export interface TcpUser {
  onMessage(message: string | Uint8Array): void
  onClosed(reason: string): void
}

interface Segment {
  /** Undefined: the end of the stream. */
  readonly message: string | Uint8Array | undefined
  readonly size: number
}

/** Bytes that the two kernels hold before a sender notices that nobody reads. */
const KERNEL_BUFFERS = 16_384

export class TcpEnd {
  readonly net: TcpNet
  readonly host: TcpHost
  /** Set by {@link connect}. */
  other!: TcpEnd
  user: TcpUser | undefined
  /** Nothing that this end sends gets through any more, and nobody says so. */
  isDark = false
  #isOpen = false
  /** Not acknowledged yet, in order. */
  #queue: Segment[] = []
  #queued = 0
  /** Delivered to the other host, but not read by its process: it is paused. */
  #unread = 0
  #lastArrival: Millis = 0
  /** The head of the queue waits for the path. */
  #isStalled = false
  /** Something arrived there, but its acknowledgement did not come back. */
  #lacksAck = false
  #patience: ScheduledEvent | undefined

  constructor(net: TcpNet, host: TcpHost) {
    this.net = net
    this.host = host
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether something waits for an acknowledgement. */
  get isWaiting(): boolean {
    return this.#isStalled || this.#lacksAck
  }

  get buffered(): number {
    return Math.max(0, this.#queued + this.#unread - KERNEL_BUFFERS)
  }

  /** The end that dialled knows of the connection. */
  begin(): void {
    this.#isOpen = true
  }

  /**
   * Tells the end that dialled, before anything else that is sent, unless the way is closed then.
   */
  answer(arrived: () => void): void {
    const { world } = this.net
    this.#isOpen = true
    this.#lastArrival = world.now + this.net.drawDelay()
    world.at(this.#lastArrival, () => this.#reaches() && arrived())
  }

  send(message: string | Uint8Array): void {
    if (this.#isOpen) this.#push({ message, size: message.length })
  }

  /** The process ends it: what was sent before may still arrive, or is thrown away by a reset. */
  close(reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.net.drawCoin()) this.#clear()
    this.#push({ message: undefined, size: 0 })
    this.#tell(reason)
  }

  /** The process is gone and its kernel says so; or the host is gone, and nobody does. */
  die(isHostUp: boolean): void {
    this.user = undefined
    if (isHostUp) return this.close('')
    this.#isOpen = false
    // What is on the wire arrives, and nothing is repeated.
    if (this.isWaiting || this.#queue.length === 0) this.#abandon()
  }

  /** It breaks at this end alone. */
  fail(reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#abandon()
    this.#tell(reason)
  }

  /** A path may be open again: sends all that waits once more. */
  retransmit(): void {
    if (this.#lacksAck && this.#hearsAcks()) this.#progress()
    if (!this.#isStalled) return
    if (!this.#reaches()) return
    this.#isStalled = false
    for (const segment of this.#queue) this.#transmit(segment)
  }

  #push(segment: Segment): void {
    this.#queue.push(segment)
    this.#queued += segment.size
    if (this.#isStalled) return
    if (this.#reaches()) this.#transmit(segment)
    else this.#stall()
  }

  #transmit(segment: Segment): void {
    const { world } = this.net
    this.#lastArrival = Math.max(this.#lastArrival, world.now + this.net.drawDelay())
    world.at(this.#lastArrival, () => this.#arrive(segment))
  }

  #arrive(segment: Segment): void {
    if (this.#isStalled || this.#queue[0] !== segment) return
    // Nobody is there any more to be told: the other end waits, or finds out by itself.
    if (!this.#reaches()) return this.#stall()
    if (!this.other.#isOpen && segment.message !== undefined) return this.#refused()
    this.#queue.shift()
    this.#queued -= segment.size
    if (this.#hearsAcks()) this.#progress()
    else this.#wait(() => (this.#lacksAck = true))
    if (segment.message === undefined) this.other.fail('closed by the other end')
    else this.#deliver(segment.message, segment.size)
    if (!this.#isOpen && this.#queue.length === 0) this.#abandon()
  }

  #deliver(message: string | Uint8Array, size: number): void {
    const { other } = this
    this.#unread += size
    other.host.node.run(() => {
      this.#unread -= size
      if (other.#isOpen) other.user?.onMessage(message)
    })
  }

  /** The other host does not know this connection and says so, if it can be heard. */
  #refused(): void {
    if (!this.#hearsAcks()) return this.#stall()
    this.fail('reset by the other host')
    this.#abandon()
  }

  #stall(): void {
    // A dead host repeats nothing.
    if (!this.host.isUp) return this.#abandon()
    this.#wait(() => (this.#isStalled = true))
  }

  /** Something is not acknowledged: TCP's patience begins to run. */
  #wait(mark: () => void): void {
    mark()
    if (this.#patience !== undefined) return
    this.#patience = this.net.world.after(this.net.drawPatience(), () => {
      this.#patience = undefined
      if (this.#isOpen) this.fail('timed out')
      else this.#abandon()
    })
  }

  #progress(): void {
    this.#lacksAck = false
    if (this.#patience !== undefined) this.#patience.cancelled = true
    this.#patience = undefined
  }

  #reaches(): boolean {
    return !this.isDark && this.net.reaches(this.host, this.other.host)
  }

  #hearsAcks(): boolean {
    return !this.other.isDark && this.net.reaches(this.other.host, this.host)
  }

  #clear(): void {
    this.#queue = []
    this.#queued = 0
  }

  /** Nothing is left to be sent. */
  #abandon(): void {
    this.#clear()
    this.#isStalled = false
    this.#progress()
    this.net.removeEnd(this)
  }

  #tell(reason: string): void {
    const { user } = this
    this.user = undefined
    if (user === undefined) return
    const { world } = this.net
    if (world.tracing)
      world.note(this.host.name, `connection to ${this.other.host.name}: ${reason}`)
    this.host.node.after(0, () => user.onClosed(reason))
  }
}

/** Two ends of a connection that `from` begins; see {@link TcpEnd.answer}. */
export function connect(net: TcpNet, from: TcpHost, to: TcpHost): [TcpEnd, TcpEnd] {
  const [near, far] = [new TcpEnd(net, from), new TcpEnd(net, to)]
  near.other = far
  far.other = near
  net.addEnd(near)
  net.addEnd(far)
  return [near, far]
}
