// Work of the management side in slices, some of them in each turn of the loop: between them the
// loop listens, so that datagrams never wait for more than a slice and what began before it.

import type { Millis } from '../../time/units.ts'

/** What slices of one turn may take together; the one that is running ends first. */
export const TURN: Millis = 2

export class Slices {
  readonly #onError: (error: Error) => void
  readonly #waiting: (() => void)[] = []
  #isScheduled = false
  readonly #take = (): void => this.#turn()

  /** An error of ours costs the slice in which it came up, and whom that was for. */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError
  }

  /** Runs it in a later turn, in the order in which it was asked for. */
  add(slice: () => void): void {
    this.#waiting.push(slice)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // Asked for within a turn, this is a turn later.
    setImmediate(this.#take)
  }

  #turn(): void {
    this.#isScheduled = false
    const until = performance.now() + TURN
    // What comes meanwhile waits for another turn.
    let left = this.#waiting.length
    do {
      this.#run(this.#waiting.shift())
      left--
    } while (left > 0 && performance.now() < until)
    if (this.#waiting.length > 0) this.#schedule()
  }
  #run(slice: (() => void) | undefined): void {
    try {
      slice?.()
    } catch (error) {
      this.#onError(error as Error)
    }
  }
}
