// What is kept of leases that were: who had what, and when. It is far too much to be looked
// through between two messages, so that it is asked of somebody else.

import type { LeaseDatabasePlan } from '../config/plan/plan.ts'
import type { Seconds, WallTime } from '../time/units.ts'

/** What somebody had, from one time to another. */
export interface Holding {
  readonly from: WallTime
  /** When it was told last. */
  readonly told: WallTime
  /** When it ended; undefined: it has not, as far as is known. */
  readonly until: WallTime | undefined
  readonly what: 'leased' | 'declined' | 'registered'
  readonly address: string
  readonly subnet: number
  /** With colons, '' = none. */
  readonly hwAddress: string
  /** The same; of DHCPv6 the DUID. */
  readonly clientId: string
  readonly hostname: string
  readonly validLifetime: Seconds
}

export type FoundHistory =
  /** The last ones, the oldest first; isCut: there are more before. */
  | { readonly holdings: readonly Holding[]; readonly isCut: boolean; readonly trouble?: undefined }
  | { readonly trouble: string }

export interface LeaseHistory {
  /** Of an address whoever had it, of a client or a name whatever it had, `max` at most. */
  of(
    database: LeaseDatabasePlan,
    about: string,
    max: number,
    done: (found: FoundHistory) => void,
  ): void
}
