// What names in DNS ask of the server, and of its pair.

import type { Plan } from '../../config/plan/plan.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { NameSinks } from '../../ports/name-sinks.ts'
import type { Resolver } from '../../ports/resolver.ts'
import type { Updater } from '../../ports/updater.ts'
import type { Draw } from '../../time/draw.ts'
import type { Instant, WallTime } from '../../time/units.ts'
import type { Delivery } from '../delivery.ts'
import type { ServerEvent } from '../events.ts'
import type { Reporter } from '../reporter.ts'

export interface NamesDuties {
  readonly tables: LeaseTables
  readonly reporter: Reporter
  readonly draw: Draw
  now(): Instant
  /** The calendar. */
  wall(): WallTime
  plan(): Plan
  delivery(): Pick<Delivery, 'storeName' | 'park' | 'batch'>
  /** Undefined for a server on its own. */
  pair(): NamesPair | undefined
  /** Undefined where no other server writes the database. */
  shared(): NamesShared | undefined
  tell(event: ServerEvent): void
  /** Something has come that may have to be stored or sent. */
  proceed(): void
}

/** Where names go; undefined: nothing does. */
export interface NamesPorts {
  readonly resolver?: Resolver | undefined
  readonly updater?: Updater | undefined
  readonly nameSinks?: NameSinks | undefined
}

/** What names ask of a database that others write, too. */
export interface NamesShared {
  /** What is known of leases here is what they are, or was a moment ago. */
  readonly isFresh: boolean
  /** What others had stored by then is known here. */
  readonly readAt: Instant
  /** How often this server may have been taken for gone, and goes on. */
  readonly gaps: number
}

/** What names ask of the pair. */
export interface NamesPair {
  /** Leases are as they are at the partner, or that plays no part: what is owed may be done. */
  readonly mayAct: boolean
  /** The partner is gone, for so long that what it owes is done here. */
  readonly isAlone: boolean
  /** The partner is there, and does what it owes. */
  readonly isTogether: boolean
}
