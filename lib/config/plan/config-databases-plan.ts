// Databases of configuration, as the file names them.

import type { Millis } from '../../time/units.ts'
import type { ConnectionPlan } from './connection-plan.ts'

export interface ConfigDatabasePlan {
  readonly family: 4 | 6
  readonly connection: ConnectionPlan
  /** What is for this server there, beside what is for all; '': nothing else. */
  readonly serverTag: string
  /** Between two looks; 0: it is looked at when somebody says so. */
  readonly refresh: Millis
}
