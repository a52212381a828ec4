// Under load turns of the event loop are a little apart, so that more than one datagram shares the
// wake-up, the calls into C, the commit and its wake-up: at some thousand datagrams a second each
// came alone otherwise, and its turn cost several times what was done in it. Node cannot be told to
// wait before it listens again, so the thread sleeps.
//
// Who comes alone is handed over at once: only after a row of near turns the loop sleeps. While
// turns take longer than the pace, or datagrams come so densely that turns have company anyway, it
// does not.

import type { Millis } from '../../time/units.ts'

/** From the beginning of a turn to that of the next, at most: no client notices it. */
export const TURN_PACE: Millis = 10

/** Datagrams that make a turn cheap for each: no pace is longer than it takes them to come. */
export const COMPANY = 32

/** Turns so near are a row; farther apart there is nobody to wait for. */
export const TURNS_NEAR: Millis = 2 * TURN_PACE

/**
 * So many near turns in a row are load. A client on its own makes two, with DISCOVER and REQUEST.
 */
export const TURNS_ROW = 4

/**
 * Datagrams of a millisecond, on average over a window, with which each turn has company enough.
 * Who sleeps then lets the sockets overflow: they hold some two hundred.
 */
export const DENSE = 8
export const WINDOW: Millis = 100

/** What the pace stands on; tests replace it. */
export interface PaceSource {
  monotonic(): Millis
  /** Sleeps; the thread does nothing else meanwhile. */
  sleep(wait: Millis): void
  /** Calls once, when everything that this turn of the loop found is handed over. */
  atEndOfTurn(run: () => void): void
}

/** Nobody ever wakes who waits for this. */
const SLEEP = new Int32Array(new SharedArrayBuffer(4))

const NODE_SOURCE: PaceSource = {
  monotonic: () => performance.now(),
  sleep: (wait) => Atomics.wait(SLEEP, 0, 0, wait),
  atEndOfTurn: (run) => setImmediate(run),
}

export class TurnPace {
  readonly #source: PaceSource
  #began: Millis = Number.NEGATIVE_INFINITY
  #row = 0
  #isTurn = false
  #windowBegan: Millis = Number.NEGATIVE_INFINITY
  /** Datagrams since then. */
  #found = 0
  /** By the window before; 0: nobody sleeps. */
  #pace: Millis = TURN_PACE
  readonly #endTurn = (): void => this.#end()

  constructor(source: PaceSource = NODE_SOURCE) {
    this.#source = source
  }

  /** A datagram has woken the loop. */
  begin(): void {
    // By another socket it has been woken in this turn before.
    if (this.#isTurn) return this.found(1)
    const now = this.#source.monotonic()
    this.#row = now - this.#began < TURNS_NEAR ? this.#row + 1 : 0
    this.#began = now
    this.#isTurn = true
    if (now - this.#windowBegan >= WINDOW) this.#openWindow(now)
    this.#found++
    this.#source.atEndOfTurn(this.#endTurn)
  }

  #openWindow(now: Millis): void {
    const length = now - this.#windowBegan
    const isDense = this.#found >= DENSE * length
    this.#pace = isDense ? 0 : Math.min(TURN_PACE, (COMPANY * length) / this.#found)
    this.#windowBegan = now
    this.#found = 0
  }

  /** So many more were there. */
  found(count: number): void {
    this.#found += count
  }

  /**
   * Sleeps before the loop listens again, so that it finds datagrams and the journal's answer
   * together.
   */
  #end(): void {
    this.#isTurn = false
    if (this.#row < TURNS_ROW) return
    const left = this.#began + this.#pace - this.#source.monotonic()
    if (left > 0) this.#source.sleep(left)
  }
}
