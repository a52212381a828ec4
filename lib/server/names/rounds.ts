// Addresses that are looked at again, a few a turn.

import type { Key } from '../../leases/keys/key.ts'

/** Some milliseconds. */
const ROUND_MAX = 256

export class Rounds {
  readonly #look: (key: Key) => void
  #keys: Iterator<Key> | undefined

  constructor(look: (key: Key) => void) {
    this.#look = look
  }

  get isUnderWay(): boolean {
    return this.#keys !== undefined
  }

  /** Once more, from the first one. */
  begin(keys: Iterable<Key>): void {
    this.#keys = keys[Symbol.iterator]()
  }

  goOn(): void {
    for (let count = 0; this.#keys !== undefined && count < ROUND_MAX; count++) {
      const next = this.#keys.next()
      if (next.done === true) this.#keys = undefined
      else this.#look(next.value)
    }
  }
}
