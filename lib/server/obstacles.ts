// What stands between this server and its partner, as status tells it.

import type { DialFailure } from '../ports/link.ts'

interface Obstacle {
  /** In words, '' where there is none. */
  readonly trouble: string
  /** The partner is there, and one of the two refuses the other. */
  readonly isTurningAway: boolean
}

const NONE: Obstacle = { trouble: '', isTurningAway: false }

export class Obstacles {
  /** Why nobody can connect to this server, '' where they can. */
  listener = ''
  #withPartner = NONE

  get withPartner(): Obstacle {
    return this.#withPartner
  }

  met(): void {
    this.#withPartner = NONE
  }

  dialFailed(failure: DialFailure, trouble: string): void {
    this.#withPartner = { trouble, isTurningAway: failure === 'rejected' }
  }

  /** The connection has ended. */
  lost(trouble: string): void {
    this.#withPartner = { trouble, isTurningAway: false }
  }

  /** A hello of the partner was refused here, or this server's there. */
  refused(trouble: string): void {
    this.#withPartner = { trouble, isTurningAway: true }
  }
}
