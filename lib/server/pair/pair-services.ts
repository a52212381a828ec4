// What the server gives its pair: the leases, the order of delivery, numbers, time, the plan in
// force. Each part takes what it needs of it.

import type { Octets } from '../../bytes/octets.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { LeaseTables } from '../../leases/table/lease-tables.ts'
import type { Link } from '../../ports/link.ts'
import type { Draw } from '../../time/draw.ts'
import type { Instant } from '../../time/units.ts'
import type { Delivery } from '../delivery.ts'
import type { ServerEvent } from '../events.ts'
import type { KeptKeys } from '../kept-keys.ts'
import type { Names } from '../names/names.ts'
import type { Reporter } from '../reporter.ts'
import type { SharedEdits } from './shared-edits.ts'

export interface PairServices {
  readonly link: Link
  readonly tables: LeaseTables
  /** Of the families that are served. */
  readonly kept: ReadonlyMap<4 | 6, KeptKeys>
  /** By which clients of DHCPv6 know this server; '' where they do not. */
  readonly serverDuid: () => Octets
  readonly delivery: Delivery
  readonly names: Names
  readonly reporter: Reporter
  readonly draw: Draw
  readonly now: () => Instant
  /** For how long this database has been served: what other servers hear of its clock. */
  readonly served: () => Instant
  readonly nextChange: () => number
  /** The last number that was used. */
  readonly lastChange: () => number
  /** The next change has a higher number than this. */
  readonly countFrom: (change: number) => void
  /** Edits of the configuration; undefined where there can be none. */
  readonly edits: () => SharedEdits | undefined
  /** Digest of the hooks in force, '' where there are none. */
  readonly hooks: () => string
  /** The plan in force: it changes with a reload. */
  readonly plan: () => Plan
  readonly tell: (event: ServerEvent) => void
  /** Something has come that may have to be stored, sent or waited for. */
  readonly proceed: () => void
}
