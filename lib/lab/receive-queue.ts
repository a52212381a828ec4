// What a kernel does for a server of the lab: datagrams wait while it is busy or paused, as many as
// there is room for, and are handed over together.

import type { Draw } from '../time/draw.ts'
import type { Millis } from '../time/units.ts'
import { between } from './chance.ts'
import type { Datagram } from './network.ts'
import type { Node } from './node.ts'

export interface ReceiveQueueSettings {
  /** The server is busy up to this long before it takes what has arrived. Default 0. */
  readonly busyMax?: Millis
  /** Datagrams the kernel holds; what comes on top is lost. Default 256. */
  readonly queueLengthMax?: number
}

/** Hands one datagram over; nobody may keep its bytes. */
type Take<From> = (from: From, datagram: Datagram, bytes: Uint8Array) => void

export class ReceiveQueue<From> {
  /** Datagrams that found the queue full. */
  overflows = 0
  readonly #node: Node
  readonly #draw: Draw
  readonly #settings: ReceiveQueueSettings
  readonly #take: Take<From>
  readonly #endBatch: () => void
  #waiting: { readonly from: From; readonly datagram: Datagram }[] = []
  #isDraining = false

  /** `chance`: the name of the draws that say how long the server is busy. */
  constructor(
    node: Node,
    chance: string,
    settings: ReceiveQueueSettings,
    take: Take<From>,
    endBatch: () => void,
  ) {
    this.#node = node
    this.#draw = node.world.draw(chance)
    this.#settings = settings
    this.#take = take
    this.#endBatch = endBatch
  }

  add(from: From, datagram: Datagram): void {
    const { busyMax = 0, queueLengthMax = 256 } = this.#settings
    if (this.#waiting.length >= queueLengthMax) {
      this.overflows++
      return
    }
    this.#waiting.push({ from, datagram })
    if (this.#isDraining) return
    this.#isDraining = true
    this.#node.after(between(this.#draw, 0, busyMax), () => this.#drain())
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#waiting = []
  }

  #drain(): void {
    this.#isDraining = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const { from, datagram } of waiting) {
      // Each reader gets a copy that is spoilt when its call returns.
      const bytes = datagram.bytes.slice()
      this.#take(from, datagram, bytes)
      bytes.fill(0xee)
    }
    this.#endBatch()
  }
}
