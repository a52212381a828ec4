// What the server says of itself: a plain value for people, metrics and tests.

import type { Plan4 } from '../config/plan/plan4.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Traffic } from '../ports/datagrams.ts'
import type { Datagrams4, InterfaceStatus4 } from '../ports/datagrams4.ts'
import type { Instant } from '../time/units.ts'
import type { Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import type { ServerState } from './events.ts'
import { misfits } from './interface-fit.ts'
import type { FormerPairStatus } from './pair/former-pair.ts'
import type { PairStatus } from './pair/pair-status.ts'
import { type SubnetStatus, subnetStatuses } from './subnet-status.ts'

export type { SubnetStatus } from './subnet-status.ts'

export interface ServerStatus {
  readonly state: ServerState
  /** Why leases cannot be stored, '' when they can. */
  readonly journalTrouble: string
  /**
   * An older copy of the database was put back before the last start, as this host has noted:
   * leases of a server on its own that were given after the copy was made are not known.
   */
  readonly hasOlderDatabase: boolean
  readonly interfaces: readonly ServedInterface[]
  /** What went through each interface that is served, as its sockets count it. */
  readonly traffic: readonly Traffic[]
  /** Rows of the lease table, in whatever state. */
  readonly leases: number
  /** Replies waiting for the disk. */
  readonly parked: number
  readonly subnets: readonly SubnetStatus[]
  /** Messages that found no address free within the last five to ten minutes. */
  readonly refusedLately: number
  /** Kea's names, and one `pkt4-drop-<reason>` for each drop reason. */
  readonly statistics: Readonly<Record<string, number>>
  /** High availability; undefined for a server on its own. */
  readonly ha?: PairStatus | undefined
  /** The file names no pair, and the database belongs to one. */
  readonly formerPair?: FormerPairStatus | undefined
}

export interface ServedInterface extends InterfaceStatus4 {
  /** Why clients on its link get nothing, '' where they may. */
  readonly misfit: string
}

/** What a family says of itself. */
export type ServiceStatus = Pick<
  ServerStatus,
  'interfaces' | 'traffic' | 'leases' | 'subnets' | 'refusedLately' | 'statistics'
>

export function status4(
  plan: Plan4,
  table: LeaseTable,
  counters: Counters,
  datagrams: Datagrams4,
  now: Instant,
): ServiceStatus {
  const interfaces = datagrams.status()
  const unfit = misfits(plan, interfaces, counters.relayed > 0)
  return {
    interfaces: interfaces.map((one) => ({ ...one, misfit: unfit.get(one.name) ?? '' })),
    traffic: datagrams.traffic(),
    leases: table.size,
    subnets: subnetStatuses(plan, table),
    refusedLately: counters.refusedLately(now),
    statistics: counters.statistics(),
  }
}

export function statusOf(
  state: ServerState,
  hasOlderDatabase: boolean,
  service: ServiceStatus,
  delivery: Delivery,
  pairing: Pick<ServerStatus, 'ha' | 'formerPair'>,
): ServerStatus {
  const { commits, failures } = delivery
  return {
    ...service,
    state,
    journalTrouble: delivery.trouble || (pairing.ha?.isAway ? 'the disk does not answer' : ''),
    hasOlderDatabase,
    parked: delivery.parked,
    statistics: {
      ...service.statistics,
      'journal-commits': commits,
      'journal-commit-failures': failures,
    },
    ...pairing,
  }
}
