// What a database was, as it is noted outside of the files that are copied and put back together: a
// database that is older than its witness is an older copy. (lib/ha/README.md, rule 9b)

import type { Instant, Seconds } from '../time/units.ts'
import { hasBeenAt, type Life } from './history.ts'

export interface Witness {
  readonly database: string
  readonly change: number
  readonly stamp: Instant
  /** The last life of a database of a pair in which somebody was met, '' = none. */
  readonly life: string
  /**
   * The longest lifetime of leases of its pair (PairRecord.longestLifetime), of any database in its
   * place; 0 = none.
   */
  readonly longest: Seconds
}

/** What a journal says of itself. */
export interface Testimony extends Omit<Witness, 'life'> {
  readonly lives: readonly Life[]
}

/** What is noted of it. */
export function witnessOf({ lives, ...now }: Testimony): Witness {
  const last = lives.at(-1)
  return { ...now, life: last?.isMet === true ? last.id : '' }
}

/** Whether a database is an older copy of the one that was witnessed. */
export function isOlder(now: Testimony, witness: Witness): boolean {
  if (now.database !== witness.database) return false
  if (now.change < witness.change || now.stamp < witness.stamp) return true
  const point = { life: witness.life, position: witness.change }
  return witness.life !== '' && hasBeenAt(now.lives, now.change, point) === false
}
