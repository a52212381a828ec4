// Work of the management side in slices, some of them in each turn of the loop: between them the
// loop listens, so that datagrams never wait for more than a slice and what began before it.

import type { Millis } from '../../time/units.ts'

/** What slices of one turn may take together; the one that is running ends first. */
export const TURN: Millis = 2

interface Waiting {
  readonly slice: () => void
  readonly lost: (() => void) | undefined
}

export class Slices {
  readonly #onError: (error: Error) => void
  readonly #waiting: Waiting[] = []
  #isScheduled = false
  readonly #take = (): void => this.#turn()

  /** An error of ours costs the slice in which it came up. */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError
  }

  /**
   * Runs it in a later turn, in the order in which it was asked for. `lost` is for who waits for
   * it: it met an error of ours.
   */
  add(slice: () => void, lost?: () => void): void {
    this.#waiting.push({ slice, lost })
    this.#schedule()
  }

  /** The same at once, for what others have come to: an error must not be theirs. */
  now(slice: () => void, lost?: () => void): void {
    this.#run({ slice, lost })
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
      const next = this.#waiting.shift()
      if (next !== undefined) this.#run(next)
      left--
    } while (left > 0 && performance.now() < until)
    if (this.#waiting.length > 0) this.#schedule()
  }

  #run({ slice, lost }: Waiting): void {
    try {
      slice()
    } catch (error) {
      this.#onError(error as Error)
      if (lost !== undefined) this.#run({ slice: lost, lost: undefined })
    }
  }
}
