// What the service of DHCPv6 says of itself.

import { textFromIpv6 } from '../address/ipv6.ts'
import { ADDRESS_BITS, lengthOf, type Prefix6 } from '../address/prefix6.ts'
import type { Plan6, Subnet6 } from '../config/plan/plan6.ts'
import { family6 } from '../leases/keys/family6.ts'
import { LEASE_STATE } from '../leases/lease.ts'
import type { LeaseTable } from '../leases/table/lease-table.ts'
import type { Datagrams6 } from '../ports/datagrams6.ts'
import type { Instant } from '../time/units.ts'
import { misfits6 } from './interface-fit.ts'
import type { Measured6 } from './measures.ts'
import { type HasOthers, type ServiceStatus, type SubnetStatus, servedInterface } from './status.ts'

export function status6(
  plan: Plan6,
  { counters, table }: Measured6,
  datagrams: Datagrams6,
  { others }: HasOthers,
  waiting: number,
  now: Instant,
): ServiceStatus {
  const interfaces = datagrams.status()
  const unfit = misfits6(plan, interfaces, counters.relayed > 0)
  return {
    interfaces: interfaces.map((one) => servedInterface(6, one, textFromIpv6, unfit)),
    traffic: datagrams.traffic().map((one) => ({ ...one, family: 6 })),
    leases: table.size,
    waiting,
    get subnets() {
      const outside = outsideBySubnet(plan, table)
      return plan.subnets.map((subnet) => subnetStatus6(subnet, table, outside))
    },
    refusedLately: counters.refusals.lately(now),
    otherServers: others.status(now),
    statistics: counters.statistics(),
  }
}

/** Pools are mostly so large that reserved addresses in them do not matter. */
function subnetStatus6(
  subnet: Subnet6,
  table: LeaseTable<Prefix6>,
  outside: ReadonlyMap<number, Outside>,
): SubnetStatus {
  const { id, text, network, ranges, prefixRanges } = subnet
  const { assigned, prefixes, declined, expired, released, registered } = table.counts(id)
  const isSpent = (keys: typeof ranges) => keys.length > 0 && table.free.isExhausted(keys)
  return {
    ...{ family: 6, id, subnet: text, network: network?.name ?? '' },
    addresses: sizeOf(ranges),
    prefixes: sizeOf(prefixRanges),
    ...{ assigned: assigned - prefixes, assignedPrefixes: prefixes },
    outside: outside.get(id)?.addresses ?? 0,
    outsidePrefixes: outside.get(id)?.prefixes ?? 0,
    ...{ registered, declined, ended: expired + released },
    isExhausted: isSpent(ranges),
    arePrefixesExhausted: isSpent(prefixRanges),
  }
}

interface Outside {
  addresses: number
  prefixes: number
}

/** Leases of reserved keys that lie in no pool of their subnet, by its id. */
function outsideBySubnet(plan: Plan6, table: LeaseTable<Prefix6>): Map<number, Outside> {
  const found = new Map<number, Outside>()
  for (const key of plan.reservedKeys()) {
    const lease = table.byAddress(key)
    if (lease?.state !== LEASE_STATE.assigned) continue
    const subnet = plan.subnetById(lease.subnetId)
    const isAddress = lengthOf(key) === ADDRESS_BITS
    const ranges = isAddress ? subnet?.ranges : subnet?.prefixRanges
    if (ranges?.some(({ first, last }) => first <= key && key <= last) !== false) continue
    const counts = found.get(lease.subnetId) ?? { addresses: 0, prefixes: 0 }
    found.set(lease.subnetId, counts)
    if (isAddress) counts.addresses++
    else counts.prefixes++
  }
  return found
}

/** Rounded where they are many. */
function sizeOf(ranges: Subnet6['ranges']): number {
  return ranges.reduce((sum, range) => sum + family6.sizeOf(range), 0)
}
