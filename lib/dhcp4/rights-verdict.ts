// What a server of a pair may do with an address for a DHCPv4 client: the table is that of
// leases/rights-table.ts. Two more NAKs depend on the configuration only, see mayRefuse and
// request-verdict.ts: for an address in no subnet of either server, and for an own address that is
// meant for somebody else now. The row then stays live until its end.

import type { Ipv4 } from '../address/ipv4.ts'
import { isOneOfSeveral } from '../config/plan/one-host.ts'
import { formerHolders, HOLDERS_MAX } from '../leases/former-holders.ts'
import { isHeldBy } from '../leases/holding.ts'
import type { Lease } from '../leases/lease.ts'
import type { Keys } from '../leases/rights.ts'
import {
  isOfThePast,
  RIGHTS,
  type Right,
  type RightsLine,
  rightsLine,
} from '../leases/rights-table.ts'
import type { Instant } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place } from './place.ts'

/** Who asks for an address. */
export type Asking = Pick<Place, 'client' | 'reservation'>

/** What may be done about the address for the client. */
export function rightTo(exchange: Exchange4, asking: Asking, address: Ipv4): Right {
  const row = exchange.rowAt(address)
  const keys = exchange.leases.keysOf(address, row)
  return rightsIn(exchange, asking, row, keys)[keys]
}

/** The line of the table for the client and an address with this row and so many keys. */
export function rightsIn(
  exchange: Exchange4,
  asking: Asking,
  row: Lease | undefined,
  keys: Keys,
): RightsLine {
  const { leases, now, query } = exchange
  const isOwn = row !== undefined && isHeldBy(leases, row, asking.client)
  const isPast = isOfThePast(leases.rights, row, now)
  if (isPast && !(isOwn && query.ciaddr === row.address)) return RIGHTS.inDoubt
  const line = rightsLine(leases.rights, row, isOwn, leases.isOver(row, now), now)
  if (line !== RIGHTS.inUse) return line
  return isOfItsHost(asking, row!, now) && canGoOver(exchange, keys) ? RIGHTS.ofItsHost : line
}

/**
 * Whether the lease is of another identifier of the host that the address is reserved for, and so
 * are all others who may have the address yet: the reservation may have listed others then.
 */
function isOfItsHost({ reservation }: Asking, row: Lease, now: Instant): boolean {
  if (reservation === undefined || reservation.address !== row.address) return false
  if (!isOneOfSeveral(reservation, row)) return false
  const others = formerHolders(row, now)
  return others.length < HOLDERS_MAX && others.every((one) => isOneOfSeveral(reservation, one))
}

/** Whether both keys are here, or a partner that knows the host by the same identifiers is. */
function canGoOver({ settings }: Exchange4, keys: Keys): boolean {
  return keys === 2 || (settings.isPartnerSharing?.() ?? false)
}

/** Whether the client would take the address over from another identifier of its host. */
export function goesOver(exchange: Exchange4, asking: Asking, address: Ipv4): boolean {
  const row = exchange.rowAt(address)
  const keys = exchange.leases.keysOf(address, row)
  return rightsIn(exchange, asking, row, keys) === RIGHTS.ofItsHost
}

/** Whether this server may give the address to the client, as far as keys and row go. */
export function mayHave(exchange: Exchange4, asking: Asking, address: Ipv4): boolean {
  const right = rightTo(exchange, asking, address)
  return right === 'give' || right === 'renew'
}

/**
 * Whether only keys are missing here, which the partner could hand on. An address that both keys
 * would only let this server refuse (declined, or in use by another client) is nobody's to give at
 * present: nobody waits for it.
 */
export function isPartners(exchange: Exchange4, asking: Asking, address: Ipv4): boolean {
  const row = exchange.rowAt(address)
  const keys = exchange.leases.keysOf(address, row)
  const rights = rightsIn(exchange, asking, row, keys)
  return keys < 2 && rights[keys] === 'nothing' && rights[2] !== 'refuse'
}

/**
 * Whether this server may tell the client that the address is not its own. An address in no subnet
 * of either server can be nobody's lease.
 */
export function mayRefuse(exchange: Exchange4, asking: Asking, address: Ipv4): boolean {
  if (rightTo(exchange, asking, address) !== 'nothing') return true
  const { plan, settings } = exchange
  if (plan.subnetByAddress(address) !== undefined) return false
  return settings.isPartnerConfigKnown === undefined || settings.isPartnerConfigKnown()
}
