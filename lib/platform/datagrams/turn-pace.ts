// Under load turns of the event loop are a little apart, so that more than one datagram shares the
// wake-up, the calls into C, the commit and its wake-up: at some thousand datagrams a second each
// came alone otherwise, and its turn cost several times what was done in it. Node cannot be told to
// wait before it listens again, so the thread sleeps.
//
// Who comes alone is handed over at once: only after a row of near turns the loop sleeps. While
// turns take longer than the pace, as at full load, it does not, nor where the sockets might
// overflow meanwhile. Below that many datagrams are no company by themselves: where turns are
// short, as of a standby that hears all clients and answers none, each came alone again.

import type { Millis } from '../../time/units.ts'
import type { Bell } from '../bell.ts'

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
 * Datagrams of a millisecond, on average over a window, beyond which nobody sleeps: sockets hold
 * some two hundred, and who is woken a few milliseconds late would let them overflow.
 */
export const DENSE = 32
export const WINDOW: Millis = 100

/** Sockets that are read after a rest without a word of Node's; it sees to all others. */
export const SOURCES_MAX = 4

/** What the pace stands on; tests replace it. */
export interface PaceSource {
  monotonic(): Millis
  /** Sleeps, at most so long; the thread does hardly anything else meanwhile. */
  sleep(wait: Millis): void
  /** Calls once, when everything that this turn of the loop found is handed over. */
  atEndOfTurn(run: () => void): void
}

/** Whoever rings the bell is heard while the thread sleeps. */
export function paceOfNode(bell: Bell): PaceSource {
  return {
    monotonic: () => performance.now(),
    sleep: (wait) => bell.sleep(wait),
    atEndOfTurn: (run) => setImmediate(run),
  }
}

/**
 * Reads what has come by a socket, carries it out, and with it whatever waited for this turn.
 * Returns whether anything came.
 */
export type Source = () => boolean

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
  /** Sockets by which something has come in each of the last turns. */
  readonly #sources: Source[] = []
  readonly #endTurn = (): void => this.#end()

  constructor(source: PaceSource) {
    this.#source = source
  }

  /** How far away from this turn the next one is; 0: nobody waits for company. */
  get apart(): Millis {
    return this.#isTurn && this.#row >= TURNS_ROW ? this.#pace : 0
  }

  /** A datagram has woken the loop; what comes later is read from its source. */
  heard(source: Source): void {
    this.found(1)
    const sources = this.#sources
    if (sources.length < SOURCES_MAX && !sources.includes(source)) sources.push(source)
  }

  /** So many more were there. */
  found(count: number): void {
    if (!this.#isTurn) this.#begin()
    this.#found += count
  }

  #begin(): void {
    const now = this.#source.monotonic()
    this.#row = now - this.#began < TURNS_NEAR ? this.#row + 1 : 0
    this.#began = now
    this.#isTurn = true
    if (now - this.#windowBegan >= WINDOW) this.#openWindow(now)
    this.#source.atEndOfTurn(this.#endTurn)
  }

  #openWindow(now: Millis): void {
    const length = now - this.#windowBegan
    const isDense = this.#found >= DENSE * length
    this.#pace = isDense ? 0 : Math.min(TURN_PACE, (COMPANY * length) / this.#found)
    this.#windowBegan = now
    this.#found = 0
  }

  /**
   * Sleeps before the loop listens again. What has come meanwhile is read at once: by way of Node
   * the first datagram costs as much as ten others.
   */
  #end(): void {
    const { apart } = this
    if (apart > 0) this.#rest(this.#began + apart)
    this.#isTurn = false
    if (apart === 0) this.#sources.length = 0
    for (let at = this.#sources.length - 1; at >= 0; at--)
      if (!this.#sources[at]!()) this.#sources.splice(at, 1)
  }

  /** Who is woken by the journal's answer sleeps on. */
  #rest(until: Millis): void {
    let now = this.#source.monotonic()
    while (now < until) {
      this.#source.sleep(until - now)
      now = this.#source.monotonic()
    }
  }
}
