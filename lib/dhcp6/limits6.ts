// How much is given at most (libdhcp_limits): addresses and prefixes count for themselves.

import { classesHaveRoom, classesHaveRoomForPrefix } from '../dhcp/class-limits.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Choosing6 } from './choosing6.ts'
import type { Place6 } from './place6.ts'

/**
 * Whether the subnet and the classes of the client may have one lease more of the kind of the IA;
 * those that IAs before it get now count, too.
 */
export function hasRoom({ exchange, allotment, claim }: Choosing6, { subnet }: Place6): boolean {
  const { leases, plan } = exchange
  const { limits } = subnet
  if (limits === undefined && plan.classLimits.addresses.length === 0) return true
  const isPd = claim.kind === OPTION6.iaPd
  const most = isPd ? limits?.prefixes : limits?.addresses
  if (most !== undefined) {
    const { assigned, prefixes } = leases.counts(subnet.id)
    const has = isPd ? prefixes : assigned - prefixes
    if (has + allotment.leasesOf(claim.kind) >= most) return false
  }
  return isPd ? classesHaveRoomForPrefix(exchange) : classesHaveRoom(exchange)
}
