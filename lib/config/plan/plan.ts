// The plan of the process: what each family of addresses runs, and what there is once, whatever it
// serves: the database, the log, the pair. A reload makes a new one.

import type { Seconds } from '../../time/units.ts'
import type { ConfigDatabasePlan } from './config-databases-plan.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import type { DoorPlan, RolePlan, WebhookPlan } from './control-plan.ts'
import type { HaPlan } from './ha-plan.ts'
import type { HookPlan } from './hook-plan.ts'
import type { HostDatabasePlan } from './hosts-plan.ts'
import type { NamesPlan } from './names-plan.ts'
import type { Plan4 } from './plan4.ts'
import type { Plan6 } from './plan6.ts'

export interface Plan {
  /** At least one of the two is there: what the file has no map for is not served. */
  readonly dhcp4: Plan4 | undefined
  readonly dhcp6: Plan6 | undefined
  readonly database: LeaseDatabasePlan
  /** Those of DHCPv4, then those of DHCPv6, each in the order in which they are looked into. */
  readonly hostDatabases: readonly HostDatabasePlan[]
  /** What they say is in the plan already, where they were asked before it was made. */
  readonly configDatabases: readonly ConfigDatabasePlan[]
  /** Where this host notes what the database was; undefined = where the platform says. */
  readonly witnessFolder: string | undefined
  readonly loggers: readonly LoggerPlan[]
  /** Renewals are logged as new leases are. */
  readonly logsRenewals: boolean
  /** Percent of a subnet's addresses that are few; 0: nobody is told of it. */
  readonly poolLow: number
  /** The version that clients of Kea are told. */
  readonly keaVersion: string
  /** Where management commands are taken. */
  readonly doors: readonly DoorPlan[]
  /** Empty: whoever comes in may do everything. */
  readonly roles: readonly RolePlan[]
  readonly webhooks: readonly WebhookPlan[]
  /** In the order in which they are asked. */
  readonly hooks: readonly HookPlan[]
  /** Where names of clients are registered. */
  readonly names: NamesPlan
  /** The pair; undefined for a server on its own. */
  readonly ha: HaPlan | undefined
  /**
   * Digest of what both servers of a pair must agree on: subnets, pools, guards and reserved
   * addresses.
   */
  readonly fingerprint: string
}

export interface LeaseDatabasePlan {
  /** False: leases are kept in memory only (`persist: false`). */
  readonly persist: boolean
  /**
   * Path of the SQLite journal. Of a server with `shared` there is none: what stands beside it
   * otherwise has its place by this path.
   */
  readonly path: string
  /** A database that other servers may write, too; undefined: leases are in a file of this host. */
  readonly shared: SharedDatabasePlan | undefined
  /** What the document calls this server among the others; undefined: nothing. */
  readonly serverTag: string | undefined
  /** Kea's CSV file that is read in once when the journal does not exist yet, or undefined. */
  readonly importCsv: string | undefined
  /** The same of DHCPv6. */
  readonly importCsv6: string | undefined
  readonly durability: 'full' | 'normal' | 'off'
  /** Undefined: none is kept. */
  readonly history: HistoryPlan | undefined
}

export interface SharedDatabasePlan {
  readonly connection: ConnectionPlan
  /** The one family of this process, which has the other one served by another process. */
  readonly only: 4 | 6 | undefined
}

/** How much of the history of leases is kept. */
export interface HistoryPlan {
  readonly maxAge: Seconds
  readonly maxRows: number
}

export interface LoggerPlan {
  /** `kea-dhcp4`, `kea-dhcp6`, or a part such as `kea-dhcp4.leases`. */
  readonly name: string
  readonly severity: 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'none'
  /** Of a part, none: those of the whole. */
  readonly outputs: readonly LogOutputPlan[]
}

export interface LogOutputPlan {
  /** `stdout`, `stderr`, `syslog:` with a facility, or the path of a file. */
  readonly to: string
  readonly layout: LogLayout
  /** Bytes after which a new file is begun; 0 = never. */
  readonly rotateAt: number
  /** Former files that are kept, as `.1`, `.2` and so on. */
  readonly keep: number
}

/**
 * What a line looks like. auto: for people on a terminal, else JSON; to syslog as Kea does. A
 * pattern is in the letters of log4cplus.
 */
export type LogLayout = 'auto' | 'json' | 'people' | { readonly pattern: string }
