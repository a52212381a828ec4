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
  /** Asked for in the turn that comes, and left of the one that is. */
  #asked = 0
  #left = 0
  #until = 0
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
    this.#ask()
  }

  /** The same at once, for what others have come to: an error must not be theirs. */
  now(slice: () => void, lost?: () => void): void {
    this.#run({ slice, lost })
  }

  /**
   * One of Node's immediates for each slice: between two of them Node does what the first one has
   * set off (promises, streams), so that this counts as well. Asked for within a turn, it is a turn
   * later.
   */
  #ask(): void {
    this.#asked++
    setImmediate(this.#take)
  }

  #turn(): void {
    const isFirst = this.#left === 0
    if (isFirst) {
      this.#left = this.#asked
      this.#asked = 0
      this.#until = performance.now() + TURN
    }
    this.#left--
    if (!isFirst && performance.now() >= this.#until) return this.#ask()
    const next = this.#waiting.shift()
    if (next !== undefined) this.#run(next)
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
