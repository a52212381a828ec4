// Databases of reservations, as the configuration names them.

import type { Millis } from '../../time/units.ts'
import type { ConnectionPlan } from './connection-plan.ts'

export interface HostDatabasePlan {
  readonly family: 4 | 6
  /** Its place in the list of its family. */
  readonly index: number
  readonly connection: ConnectionPlan
  /** Between two looks at what has changed. */
  readonly refresh: Millis
  /** With more rows than this each client's are asked for when it comes. */
  readonly loadMax: number
  /** Then so many identifiers are remembered, those that somebody has and those that nobody has. */
  readonly cacheSize: number
}
