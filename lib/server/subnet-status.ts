// What the server says of each subnet: how many addresses there are, how many are leased, whether
// any is left.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import { rangeSize } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { LEASE_STATE } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'

export interface SubnetStatus {
  readonly family: 4 | 6
  readonly id: number
  readonly subnet: string
  /** The shared network that it belongs to, '' = none. */
  readonly network: string
  /** Addresses in all pools. */
  readonly addresses: number
  /** Prefixes of all pd-pools; only DHCPv6 has any. */
  readonly prefixes?: number
  /** Leases of addresses, those of `outside` among them. */
  readonly assigned: number
  /** The same of delegated prefixes. */
  readonly assignedPrefixes?: number
  /** Leases of reserved addresses that lie in no pool. */
  readonly outside: number
  /** The same of delegated prefixes. */
  readonly outsidePrefixes?: number
  /** Addresses that hosts have made themselves and registered; only DHCPv6 has any. */
  readonly registered?: number
  readonly declined: number
  /** Ended leases that are kept for their former clients. */
  readonly ended: number
  /**
   * No address of its pools can be given from here to somebody new, and not since reservations fill
   * them.
   */
  readonly isExhausted: boolean
  /** The same of the prefixes of its pd-pools. */
  readonly arePrefixesExhausted?: boolean
}

export function subnetStatuses(plan: Plan4, table: LeaseTable): SubnetStatus[] {
  const reserved = reservedBySubnet(plan, table)
  return plan.subnets.map((subnet) => {
    const counts = table.counts(subnet.id)
    const addresses = subnet.ranges.reduce((sum, range) => sum + rangeSize(range), 0)
    const { outside = 0, inside = 0 } = reserved.get(subnet.id) ?? {}
    return {
      family: 4,
      id: subnet.id,
      subnet: subnet.text,
      network: subnet.network?.name ?? '',
      addresses,
      assigned: counts.assigned,
      outside,
      declined: counts.declined,
      ended: counts.expired + counts.released,
      isExhausted: inside < addresses && table.free.isExhausted(subnet.ranges),
    }
  })
}

interface Reserved {
  /** Of its pools. */
  inside: number
  /** Leased, and in no pool. */
  outside: number
}

/** By subnet id; subnets without reservations are left out. */
function reservedBySubnet(plan: Plan4, table: LeaseTable): Map<number, Reserved> {
  const found = new Map<number, Reserved>()
  for (const address of plan.reservedAddresses()) {
    for (const { id, ranges } of plan.subnetsAt(address)) {
      const counts = found.get(id) ?? { inside: 0, outside: 0 }
      found.set(id, counts)
      if (isIn(ranges, address)) counts.inside++
      else if (isAssigned(table, address, id)) counts.outside++
    }
  }
  return found
}

function isIn(ranges: readonly Ipv4Range[], address: Ipv4): boolean {
  return ranges.some(({ first, last }) => first <= address && address <= last)
}

function isAssigned(table: LeaseTable, address: Ipv4, subnetId: number): boolean {
  const lease = table.byAddress(address)
  return lease?.state === LEASE_STATE.assigned && lease.subnetId === subnetId
}
