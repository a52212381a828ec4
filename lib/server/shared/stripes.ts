// Which of several servers on one database does what all could do: an address belongs to one of the
// living members, by a hash. That is a preference. Two that count members differently meet at the
// database, which decides.

import { rowOverAt } from '../../leases/grace.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Lease } from '../../leases/lease.ts'
import { hashOctets, scramble } from '../../leases/store/octets-hash.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Draw } from '../../time/draw.ts'
import type { Instant, Millis } from '../../time/units.ts'

/** What another member has not reclaimed by then, anybody does. */
const RECLAIM_WAIT: Millis = 30_000

/** While addresses are scattered, about one in so many is as good as preferred. */
const SCATTER = 16

/** No seed: all members share the hash. */
const SEED = 0x5eed

export class Stripes {
  readonly #tables: LeaseTables
  readonly #draw: Draw
  #rank = 0
  #members = 1

  constructor(tables: LeaseTables, draw: Draw) {
    this.#tables = tables
    this.#draw = draw
  }

  get members(): number {
    return this.#members
  }

  /** Which of how many living members this server is. */
  set(rank: number, members: number): void {
    this.#rank = rank
    this.#members = Math.max(1, members)
    this.#prefer()
  }

  #prefer(): void {
    const preference = this.#members === 1 ? undefined : this.#isMine
    for (const table of this.#tables.all) table.preference = preference
  }

  readonly #isMine = (key: Key): boolean => {
    const hash = typeof key === 'number' ? scramble(key) : hashOctets(key, SEED)
    return (hash >>> 0) % this.#members === this.#rank
  }

  /** Free addresses are taken from anywhere while it runs. */
  scattered(step: () => void): void {
    const any = () => this.#draw(SCATTER) === 0
    for (const table of this.#tables.all) table.preference = any
    step()
    this.#prefer()
  }

  /**
   * Whether another member stores that this lease has ended. In doubt nobody knows whether it has.
   */
  leaves(former: Lease<Key>, now: Instant): boolean {
    if (now < this.#tables.of(former.address).rights.doubtUntil) return true
    return !this.#isMine(former.address) && now < rowOverAt(former) + RECLAIM_WAIT
  }
}
