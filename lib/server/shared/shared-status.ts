// What is told of a database that other servers write, too.

import type { Millis, WallTime } from '../../time/units.ts'

export interface SharedStatus {
  /** Since when it does not answer, calendar time; undefined: it does. */
  readonly awaySince: WallTime | undefined
  readonly trouble: string
  /** Clients that renew are told what is left of their leases. */
  readonly isBridging: boolean
  readonly bridged: number
  /** Queries that were stepped again, since another server was first. */
  readonly conflicts: number
  readonly confirmations: number
  /** Rows that another copy of the database lacked, and that were stored again. */
  readonly restored: number
  /** Of the others, those whose configurations do not say what this one's does. */
  readonly differing: readonly string[]
  /** How long ago all was read that the others had stored by then. */
  readonly behind: Millis
  /** Living servers on the database, this one included. */
  readonly members: number
  /** Seconds for which nothing is given anew yet. */
  readonly doubt: number
  /** An operator may end that, as it is about the database's clock. */
  readonly isClockDoubted: boolean
}
