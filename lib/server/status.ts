// What the server says of itself: a plain value for people, metrics and tests.

import { rangeSize } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan4.ts'
import type { LeaseTable } from '../leases/lease-table.ts'
import type { Datagrams4, InterfaceStatus4, Traffic4 } from '../ports/datagrams4.ts'
import type { Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import type { ServerState } from './events.ts'
import type { PairStatus } from './pair-status.ts'

export interface ServerStatus {
  readonly state: ServerState
  /** Why leases cannot be stored, '' when they can. */
  readonly journalTrouble: string
  readonly interfaces: readonly InterfaceStatus4[]
  /** What went through each interface that is served, as its sockets count it. */
  readonly traffic: readonly Traffic4[]
  /** Rows of the lease table, in whatever state. */
  readonly leases: number
  /** Replies waiting for the disk. */
  readonly parked: number
  readonly subnets: readonly SubnetStatus[]
  /** Kea's names, and one `pkt4-drop-<reason>` for each drop reason. */
  readonly statistics: Readonly<Record<string, number>>
  /** High availability; undefined for a server on its own. */
  readonly ha?: PairStatus | undefined
}

export interface SubnetStatus {
  readonly id: number
  readonly subnet: string
  /** Addresses in all pools. */
  readonly addresses: number
  readonly assigned: number
  readonly declined: number
  /** Ended leases that are kept for their former clients. */
  readonly ended: number
}

export function statusOf(
  state: ServerState,
  plan: Plan4,
  table: LeaseTable,
  delivery: Delivery,
  counters: Counters,
  datagrams: Datagrams4,
  ha: PairStatus | undefined,
): ServerStatus {
  return {
    state,
    journalTrouble: delivery.trouble || (ha?.isAway ? 'the disk does not answer' : ''),
    interfaces: datagrams.status(),
    traffic: datagrams.traffic(),
    leases: table.size,
    parked: delivery.parked,
    subnets: plan.subnets.map((subnet) => {
      const counts = table.counts(subnet.id)
      return {
        id: subnet.id,
        subnet: subnet.text,
        addresses: subnet.ranges.reduce((sum, range) => sum + rangeSize(range), 0),
        assigned: counts.assigned,
        declined: counts.declined,
        ended: counts.expired + counts.released,
      }
    }),
    statistics: counters.statistics(),
    ha,
  }
}
