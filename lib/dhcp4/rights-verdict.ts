// May this server give an address to the client, extend it, or refuse it? What the row of the
// address says and how many of its two keys are here (leases/rights.ts) decide, and nothing else:
// not who is silent, whose client it is, or for whom the address is reserved. A lone server has
// every key.
//
//   keys                       0          1          2
//   untouched                  -          -          give
//   in doubt                   -          -          -
//   own                        -          renew      renew
//   in use by another          -          refuse     refuse
//   another's of its host      -          -          give
//   over, was another's        -          -          give
//   declined                   -          -          refuse
//   declined, over             -          -          give
//
//   give      as a new lease; or a NAK, since nobody can have it from the partner
//   renew     to the client of the row, also after its end or RELEASE; or a NAK where it is moved
//   refuse    a NAK is all there is
//   -         silence: the partner may have given the address to this very client
//
// another's of its host: the address is reserved for the client by one of several identifiers, and
// the lease is of another one. It goes over; with one key here the partner is asked for its own. As
// long as nobody could hand that on, it is in use by another like any other lease.
//
// in doubt: the database is new, its lost one may have given the address, and no row tells; or this
// server took every key while in doubt, and the row is not a lease that this client has; or rows
// are in doubt themselves (Rights.doubtFrom), and the client does not renew. Two more NAKs depend
// on the configuration only, see mayRefuse and request-verdict.ts: for an address in no subnet of
// either server, and for an own address that is meant for somebody else now. The row then stays
// live until its end.

import type { Ipv4 } from '../address/ipv4.ts'
import { isOneOfSeveral } from '../config/plan/one-host.ts'
import { formerHolders, HOLDERS_MAX } from '../leases/former-holders.ts'
import { LEASE_STATE, type Lease } from '../leases/lease.ts'
import type { Keys } from '../leases/rights.ts'
import type { Instant } from '../time/units.ts'
import type { Exchange4 } from './exchange4.ts'
import type { Place } from './place.ts'
import { isHeldBy, isLive } from './whose-address.ts'

export type Right = 'nothing' | 'refuse' | 'renew' | 'give'

/** Who asks for an address. */
export type Asking = Pick<Place, 'client' | 'reservation'>

/** With 0, 1 and 2 keys. */
type Rights = readonly [Right, Right, Right]

/** What each standing of an address allows. */
export const RIGHTS = {
  untouched: ['nothing', 'nothing', 'give'],
  inDoubt: ['nothing', 'nothing', 'nothing'],
  own: ['nothing', 'renew', 'renew'],
  inUse: ['nothing', 'refuse', 'refuse'],
  ofItsHost: ['nothing', 'nothing', 'give'],
  over: ['nothing', 'nothing', 'give'],
  declined: ['nothing', 'nothing', 'refuse'],
  declinedOver: ['nothing', 'nothing', 'give'],
} as const satisfies Record<string, Rights>

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
): Rights {
  const { leases, now, query } = exchange
  const { doubtUntil, doubtFrom = 0, kind } = leases.rights
  const isOwn = row !== undefined && isHeldBy(leases, row, asking.client)
  const isPast = row !== undefined && row.start < doubtFrom && now < doubtUntil
  if (isPast && !(isOwn && query.ciaddr === row.address)) return RIGHTS.inDoubt
  // Every key was taken from a partner that may have given any address: only who has a lease keeps
  // it.
  if (now < doubtUntil && kind === 'all')
    return isOwn && isLive(row, now) ? RIGHTS.own : RIGHTS.inDoubt
  if (row === undefined) return now < doubtUntil ? RIGHTS.inDoubt : RIGHTS.untouched
  if (isOwn) return RIGHTS.own
  const isOver = leases.isOver(row, now)
  if (row.state === LEASE_STATE.free) return isOver ? RIGHTS.untouched : RIGHTS.inDoubt
  if (row.state === LEASE_STATE.declined) return isOver ? RIGHTS.declinedOver : RIGHTS.declined
  if (isOver) return RIGHTS.over
  return isOfItsHost(asking, row, now) && canGoOver(exchange, keys)
    ? RIGHTS.ofItsHost
    : RIGHTS.inUse
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
