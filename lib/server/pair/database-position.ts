// Which database this is, and up to where in its history everything is durable here: what others
// may hear of it.

import { type Life, type Point, pointOf } from '../../ha/history.ts'
import type { PairRecord } from '../../ha/pair-record.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import type { JournalInfo } from '../../ports/journal.ts'

export class DatabasePosition {
  #name = ''
  #position = 0
  /** The history as far as it is durable. */
  #lives: readonly Life[] = []

  /** The journal has been read. */
  begin({ database, change, shared }: JournalInfo): void {
    this.#name = database
    // Of one that others write, too, nobody is told how far it is.
    this.#position = shared === undefined ? change : 0
  }

  /** Its name, which it has got when it was made. */
  get name(): string {
    return this.#name
  }

  /** Change number up to which everything is durable here. */
  get position(): number {
    return this.#position
  }

  /**
   * Where this database is in its history, as others may hear it; undefined: nobody was told of the
   * life yet.
   */
  get point(): Point | undefined {
    return pointOf(this.#lives, this.#position)
  }

  /** A record is durable; whether another life has begun with it. */
  stored({ lives }: PairRecord): boolean {
    if (lives === this.#lives) return false
    this.#lives = lives
    return true
  }

  /** Rows are durable. */
  storedRows(rows: readonly Lease<Key>[]): void {
    // Not the last one's: a key that was given back between a number and its change comes first.
    for (const { change } of rows) this.#position = Math.max(this.#position, change)
  }
}
