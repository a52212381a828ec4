// The numbers of changes: each change of a lease that others are told of has the next one.

export class ChangeNumbers {
  #last = 0

  /** `stored`: the last one in the journal. */
  begin(stored: number): void {
    this.#last = stored
  }

  readonly nextChange = (): number => ++this.#last

  readonly lastChange = (): number => this.#last

  /** Goes on behind this one at least. */
  readonly countFrom = (change: number): void => {
    this.#last = Math.max(this.#last, change)
  }
}
