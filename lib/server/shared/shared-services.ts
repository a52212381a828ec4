// What one of several servers on a database asks of the rest of the server.

import type { OnFail } from '../../config/plan/connection-plan.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { Key } from '../../leases/keys/key.ts'
import type { Change } from '../../leases/lease.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LeftName } from '../../ports/shared-journal.ts'
import type { Draw } from '../../time/draw.ts'
import type { Instant } from '../../time/units.ts'
import type { ChangeNumbers } from '../change-numbers.ts'
import type { Delivery } from '../delivery.ts'
import type { Reporter } from '../reporter.ts'

export interface SharedServices {
  readonly tables: LeaseTables
  readonly delivery: Delivery
  readonly numbers: ChangeNumbers
  readonly reporter: Reporter
  readonly clock: Pick<Clock, 'wall'>
  readonly draw: Draw
  now(): Instant
  plan(): Plan
  onFail(): OnFail
  /** A row of another server is about to be taken. */
  merging(change: Change<Key>): void
  /** Names that another server has left are this one's. */
  inherit(names: readonly LeftName[]): void
  /** Nobody is served any more, or everybody again. */
  away(trouble: string): void
  back(): void
  proceed(): void
}
