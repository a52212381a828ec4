// The numbers of changes: each change of a lease that others are told of has the next one. On a
// shared database they are versions of rows, which no two servers may use: each has those that
// leave its own number as the remainder, and goes on behind all that it has seen.

import { MEMBERS_MAX } from '../ports/shared-journal.ts'

export class ChangeNumbers {
  #last = 0
  #step = 1
  #member = 0

  /** `stored`: the last one in the journal. */
  begin(stored: number): void {
    this.#last = stored
  }

  /** Of a shared database, `stored` that of any server. */
  beginShared(stored: number, member: number): void {
    this.#step = MEMBERS_MAX
    this.#member = member
    this.#last = this.#ownFrom(stored)
  }

  readonly nextChange = (): number => {
    this.#last += this.#step
    return this.#last
  }

  readonly lastChange = (): number => this.#last

  /** Goes on behind this one at least. */
  readonly countFrom = (change: number): void => {
    if (change > this.#last) this.#last = this.#ownFrom(change)
  }

  /** The lowest own number from there on. */
  #ownFrom(change: number): number {
    if (this.#step === 1) return change
    return Math.ceil((change - this.#member) / this.#step) * this.#step + this.#member
  }
}
