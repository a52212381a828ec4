// How far apart batches go to the journal: each costs a wake-up of its thread and an fsync,
// whatever is in it. A lone change goes at once.

import type { Journal } from '../ports/journal.ts'
import type { Millis } from '../time/units.ts'

/** Under load, unless they are large: a client does not notice it. */
const PACE: Millis = 2

/**
 * Where turns of the loop are apart, a batch goes with every second one: replies leave as soon as
 * it is durable, so clients wait no longer than with a batch a turn whose replies leave with the
 * next turn. That takes a disk that needs less than half of a turn.
 */
const TURNS = 2

/**
 * Who is awake anyway does not wait for the last moment of the pace, which would cost a timer and a
 * wake-up.
 */
const SOON = 0.75

/**
 * Turns come by themselves, so no timer is wanted for the next batch, but one so far away that it
 * is only needed where they do not.
 */
const TURNS_MAX = 10

export class CommitPace {
  readonly #journal: Pick<Journal, 'apart'>
  /** How long the last batch was at the journal. */
  took: Millis = 0

  constructor(journal: Pick<Journal, 'apart'>) {
    this.#journal = journal
  }

  /** From one batch to the next, when the server is awake. */
  get soon(): Millis {
    const isQuick = TURNS * this.took <= this.#turns(1)
    return SOON * this.#turns(isQuick ? TURNS : 1)
  }

  /** The same, when it has to be woken. */
  get latest(): Millis {
    return this.#turns(TURNS_MAX)
  }

  #turns(count: number): Millis {
    return Math.max(PACE, count * (this.#journal.apart ?? 0))
  }
}
