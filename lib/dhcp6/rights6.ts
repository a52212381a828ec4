// What a server of a pair may do with an address or prefix for an IA: the table is that of
// leases/rights-table.ts. A key that a row of another length stands in the way of (rule 1d(b): it
// is not over, or a key of it is at the partner) is in use by another, and the keys of that row
// count.
//
// another's of its host: the key is reserved for the client, and the lease is of another binding of
// the same reservation: a host that boots has a new IAID or DUID at each stage, and its former
// binding is never renewed. Where both have one hardware address the lease goes over at once, else
// when its client should have renewed it long since. That takes both keys, as for anybody new; a
// partner that knows the host is asked for its own.
//
// Without a reservation the same holds for a binding of the same DUID and hardware address whose
// client should have renewed it long since: an upgrade of the host may change IAIDs.

import { addressOf, type Prefix6 } from '../address/prefix6.ts'
import type { Reservation6 } from '../config/plan/plan6.ts'
import { duidOf, kindOf } from '../leases/binding.ts'
import { formerHolders, HOLDERS_MAX } from '../leases/former-holders.ts'
import { isHeldBy } from '../leases/holding.ts'
import type { ClientIdentity, Lease6 } from '../leases/lease.ts'
import type { Keys } from '../leases/rights.ts'
import {
  isOfThePast,
  RIGHTS,
  type Right,
  type RightsLine,
  rightsLine,
} from '../leases/rights-table.ts'
import { MESSAGE_TYPE6 } from '../wire/v6/codes.ts'
import type { Choosing6 } from './choosing6.ts'
import { type Claim6, entryOf, rowAt } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Place6 } from './place6.ts'
import { rebindAt } from './times6.ts'
import { isItsReserved, isReservedIn } from './whose-key.ts'

/** The line of the table, and how many keys of it are here. */
interface Standing {
  readonly line: RightsLine
  readonly keys: Keys
}

function standingOf(choosing: Choosing6, place: Place6 | undefined, key: Prefix6): Standing {
  const { exchange, claim } = choosing
  const { leases, now } = exchange
  const row = rowAt(exchange, claim, key)
  const keys = leases.keysOf(key, row)
  const isOwn = row !== undefined && isHeldBy(leases, row, claim.client)
  const isPast = isOfThePast(leases.rights, row, now)
  if (isPast && !(isOwn && usesIt(exchange, claim, key))) return { line: RIGHTS.inDoubt, keys }
  const isOver = leases.isOver(row, now)
  // While its row runs nobody got a key above or below it; but a database that was put back may say
  // that it runs, of a lease that ended long ago. So only who uses the key is believed.
  if (isOver || (isOwn && !usesIt(exchange, claim, key))) {
    const [other] = leases.around(key, now)
    if (other !== undefined)
      return { line: RIGHTS.inUse, keys: leases.keysOf(other.address, other) }
  }
  const line = rightsLine(leases.rights, row, isOwn, isOver, now)
  const isGoing =
    line === RIGHTS.inUse && place !== undefined && goesOverFrom(choosing, place, row!)
  return { line: isGoing && canGoOver(choosing, place!, key, keys) ? RIGHTS.ofItsHost : line, keys }
}

/** Whether both keys are here, or a partner that knows the host by the same reservation is. */
function canGoOver(
  { exchange: { settings }, claim }: Choosing6,
  place: Place6,
  key: Prefix6,
  keys: Keys,
): boolean {
  if (keys === 2) return true
  return isItsReserved(place, claim.kind, key) && (settings.isPartnerSharing?.() ?? false)
}

/** Whether the client says that it uses the key at present. */
function usesIt({ query }: Exchange6, claim: Claim6, key: Prefix6): boolean {
  const { renew, rebind } = MESSAGE_TYPE6
  return (query.type === renew || query.type === rebind) && entryOf(claim, key) !== undefined
}

/** Whether the running lease is of a former binding of the client's host, as said above. */
function goesOverFrom(
  { exchange, allotment, claim }: Choosing6,
  { subnet, reservation }: Place6,
  row: Lease6,
): boolean {
  const { client, kind } = claim
  if (kindOf(row) !== kind || allotment.isAsked(row.clientId)) return false
  const isSameCard = isSameHardware(row, client)
  const isOverdue = exchange.now >= rebindAt(row, subnet.timers)
  const isReserved = reservation !== undefined && isReservedIn(reservation, row.address)
  if (isReserved ? !isSameCard && !isOverdue : !isSameCard || !isOverdue) return false
  const isOfHost = (one: ClientIdentity) =>
    isReserved ? isKnownTo(reservation, one) : duidOf(one) === duidOf(client)
  const others = formerHolders(row, exchange.now)
  return isOfHost(row) && others.length < HOLDERS_MAX && others.every(isOfHost)
}

function isSameHardware(one: ClientIdentity, other: ClientIdentity): boolean {
  return one.hwAddress !== '' && one.hwAddress === other.hwAddress && one.htype === other.htype
}

/** Whether the reservation is of the client that a lease names. Of a flex-id no lease tells. */
function isKnownTo({ identifiers }: Reservation6, client: ClientIdentity): boolean {
  return identifiers.some(({ kind, value }) => {
    if (kind === 'duid') return value === duidOf(client)
    return kind === 'hw-address' && value === client.hwAddress
  })
}

function rightTo(choosing: Choosing6, place: Place6 | undefined, key: Prefix6): Right {
  const { line, keys } = standingOf(choosing, place, key)
  return line[keys]
}

/** Whether the IA would take the key over from a former binding of its host. */
export function goesOver(choosing: Choosing6, place: Place6 | undefined, key: Prefix6): boolean {
  if (rowAt(choosing.exchange, choosing.claim, key) === undefined) return false
  return standingOf(choosing, place, key).line === RIGHTS.ofItsHost
}

/** Whether this server may give the key to the IA, as far as keys and rows go. */
export function mayHave(choosing: Choosing6, place: Place6 | undefined, key: Prefix6): boolean {
  const right = rightTo(choosing, place, key)
  return right === 'give' || right === 'renew'
}

/**
 * Whether only keys are missing here, which the partner could hand on: see rights-verdict.ts of
 * DHCPv4.
 */
export function isPartners(choosing: Choosing6, place: Place6 | undefined, key: Prefix6): boolean {
  const { line, keys } = standingOf(choosing, place, key)
  return keys < 2 && line[keys] === 'nothing' && line[2] !== 'refuse'
}

/**
 * Whether this server may tell the client that the key is not its own. What is in no subnet, pool
 * or reservation of either server can be nobody's lease.
 */
export function mayRefuse(choosing: Choosing6, place: Place6 | undefined, key: Prefix6): boolean {
  const { exchange } = choosing
  if (rightTo(choosing, place, key) !== 'nothing') return true
  const { plan, settings } = exchange
  if (plan.subnetByAddress(addressOf(key)) !== undefined) return false
  if (plan.subnetOfPool(key) !== undefined) return false
  if (place !== undefined && plan.reservations.at(key, place.subnet).length > 0) return false
  return settings.isPartnerConfigKnown === undefined || settings.isPartnerConfigKnown()
}
