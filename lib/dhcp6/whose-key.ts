// Whom pools and reservations give a key to. Whose it is by its row, and whether it may be had now,
// are other questions: rights6.ts and choose6.ts.

import type { Prefix6 } from '../address/prefix6.ts'
import { isInside } from '../address/prefix6.ts'
import type { Reservation6, Subnet6 } from '../config/plan/plan6.ts'
import { isLive } from '../leases/holding.ts'
import { type IaKind, OPTION6 } from '../wire/v6/codes.ts'
import { type Claim6, ownRowAt } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Place6 } from './place6.ts'

const NONE: readonly Prefix6[] = []

/**
 * What is reserved for the client in the place, of the kind of the IA, in the order of the
 * document. An address counts only in its subnet: the reservation may be global.
 */
export function reservedIn({ reservation, subnet }: Place6, kind: IaKind): readonly Prefix6[] {
  if (reservation === undefined) return NONE
  const { addresses, prefixes } = reservation
  if (kind === OPTION6.iaPd) return prefixes.length === 0 ? NONE : prefixes.map((one) => one.prefix)
  if (addresses.length === 0) return NONE
  return addresses.filter((address) => isInside(address, subnet.prefix))
}

export function isReservedIn({ addresses, prefixes }: Reservation6, key: Prefix6): boolean {
  return addresses.includes(key) || prefixes.some(({ prefix }) => prefix === key)
}

/** Whether the key is reserved for the client in the place. */
export function isItsReserved(
  { reservation, subnet }: Place6,
  kind: IaKind,
  key: Prefix6,
): boolean {
  if (reservation === undefined || !isReservedIn(reservation, key)) return false
  return kind === OPTION6.iaPd || isInside(key, subnet.prefix)
}

/** In a pool for this client's classes and not reserved for others, or reserved for this client. */
export function isAllowed(
  exchange: Exchange6,
  claim: Claim6,
  place: Place6,
  key: Prefix6,
): boolean {
  if (isKept(exchange, claim, place, key)) return false
  if (isItsReserved(place, claim.kind, key)) return true
  const { subnet } = place
  return subnet.isDynamic(key, exchange.classes) && !isReserved(exchange, subnet, key)
}

/**
 * Whether the address is kept from this client, as that of a host which the configuration names, or
 * of a server: see whose-address.ts of DHCPv4.
 */
function isKept(exchange: Exchange6, claim: Claim6, place: Place6, key: Prefix6): boolean {
  const kind = exchange.settings.keptFrom?.(key)
  if (kind === undefined) return false
  const isReservedHere = isItsReserved(place, claim.kind, key)
  if (kind === 'named' && isReservedHere) return false
  const row = ownRowAt(exchange, claim, key)
  const isHolder = row !== undefined && isLive(row, exchange.now)
  return !isHolder || (kind === 'own' && !isReservedHere)
}

/** Whether the key is reserved on the link: the pool may be another subnet's. */
export function isReserved({ classes, plan }: Exchange6, subnet: Subnet6, key: Prefix6): boolean {
  if (subnet.network === undefined) return plan.reservations.at(key, subnet).length > 0
  for (const each of subnet.reachFor(classes).subnets)
    if (plan.reservations.at(key, each).length > 0) return true
  return false
}
