// Which address does a client get? Addresses stick: a client is led back to what it has or had.
// Decisions that count are taken at the REQUEST; an offer is a promise that may fail.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan4.ts'
import type { ClientIdentity, Lease } from '../leases/lease.ts'
import { LEASE_STATE } from '../leases/lease.ts'
import type { LeaseView } from '../leases/view.ts'
import type { Instant } from '../time/units.ts'
import type { Reason4 } from '../wire/reasons.ts'
import type { Exchange4 } from './exchange4.ts'
import { OPTION4 } from './option-codes.ts'
import { isAllowed, reservedAddress } from './reserve.ts'

/** An address for the client in the order of preference, or 0 when there is none. */
export function chooseAddress(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const { client, leases, now, query, row } = exchange
  const reserved = reservedAddress(exchange)
  if (reserved !== 0 && isObtainable(exchange, subnet, reserved)) return reserved
  // RFC 2131 §4.3.1: the current address, the former one, the requested one, any free one. The
  // requested address goes before the former one here, and an offer made moments ago before both.
  if (row !== undefined && isLive(row, now) && isAllowed(exchange, subnet, row.address))
    return row.address
  const offered = leases.offerOf(client, subnet.id, now)
  if (offered !== undefined && isObtainable(exchange, subnet, offered)) return offered
  const requested = query.uint(OPTION4.requestedAddress) ?? 0
  if (isObtainable(exchange, subnet, requested)) return requested
  if (row !== undefined && isObtainable(exchange, subnet, row.address)) return row.address
  return freeAddress(exchange, subnet)
}

/** Whether the client may have the address now. */
export function isObtainable(exchange: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  const { client, leases, now } = exchange
  if (!isAllowed(exchange, subnet, address)) return false
  const row = exchange.rowAt(address)
  const own = row !== undefined && isHeldBy(leases, row, client)
  if (own && isLive(row, now)) return true
  if (leases.isOfferedToOther(address, client, now)) return false
  return own || leases.isOver(row, now)
}

/** Whether the row was given to this client; a declined row belongs to nobody. */
export function isHeldBy(leases: LeaseView, row: Lease, client: ClientIdentity): boolean {
  return row.state !== LEASE_STATE.declined && leases.belongsTo(row, client)
}

/** Whether the holder of the row may use the address at this moment. */
export function isLive(row: Lease, now: Instant): boolean {
  return row.state === LEASE_STATE.assigned && now < row.end
}

function freeAddress(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const { leases, draw, now } = exchange
  const ranges = subnet.rangesFor(0)
  if (ranges.length === 0) return 0
  const free = leases.findFree(ranges, { order: subnet.allocator, draw }, now)
  return free !== undefined && isAllowed(exchange, subnet, free) ? free : 0
}

/** Why chooseAddress found none. */
export function whyNoAddress(subnet: Subnet4): Reason4 {
  return subnet.rangesFor(0).length === 0 ? 'no-pool' : 'no-free-address'
}
