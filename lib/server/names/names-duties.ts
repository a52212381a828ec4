// What names in DNS ask of the server, and of its pair.

import type { Plan } from '../../config/plan/plan.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Draw } from '../../time/draw.ts'
import type { Instant } from '../../time/units.ts'
import type { Delivery } from '../delivery.ts'
import type { ServerEvent } from '../events.ts'
import type { Reporter } from '../reporter.ts'

export interface NamesDuties {
  readonly tables: LeaseTables
  readonly reporter: Reporter
  readonly draw: Draw
  now(): Instant
  plan(): Plan
  delivery(): Pick<Delivery, 'storeName' | 'park' | 'batch'>
  /** Undefined for a server on its own. */
  pair(): NamesPair | undefined
  tell(event: ServerEvent): void
  /** Something has come that may have to be stored or sent. */
  proceed(): void
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
