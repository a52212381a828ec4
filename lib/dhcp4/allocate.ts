// Which address does a client get? Addresses stick: a client is led back to what it has or had.
// Decisions that count are taken at the REQUEST; an offer is a promise that may fail.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { drop, dropWanting, dropWantingAddress } from './drop.ts'
import type { Exchange4 } from './exchange4.ts'
import { isLive } from './holder.ts'
import type { Outcome4 } from './outcome4.ts'
import { isAllowed, isKept, reservedAddress } from './reserve.ts'
import { isPartners, mayHave } from './rights-verdict.ts'
import { enter, enterAt } from './shared-network.ts'

/** A way to find an address in a subnet, 0 = none. */
type Choice = (exchange: Exchange4, subnet: Subnet4) => Ipv4

/**
 * An address for the client in the order of preference, or 0 when there is none. In a shared network the
 * exchange is then about the subnet of the address. The client is surveyed already.
 *
 * A client whose reserved address only the partner may give keeps what it holds, or gets nothing: another
 * address would have to be given up again as soon as the partner has handed the reserved one on. While neither
 * server may give it, it gets another one.
 */
export function chooseAddress(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  if (exchange.places.length > 0) return chooseInNetwork(exchange)
  // RFC 2131 §4.3.1: the current address, the former one, the requested one, any free one. The
  // requested address goes before the former one here, and an offer made moments ago before both.
  const kept = reserved(exchange, subnet) || current(exchange, subnet)
  if (kept !== 0 || partnersReserved(exchange) !== 0) return kept
  return (
    offered(exchange, subnet) ||
    requested(exchange, subnet) ||
    former(exchange, subnet) ||
    free(exchange, subnet) ||
    (isElsewhere(exchange, subnet, true) ? 0 : lent(exchange, subnet))
  )
}

/** The same in a shared network: each choice looks at every subnet before the next choice is tried. */
function chooseInNetwork(exchange: Exchange4): Ipv4 {
  const kept = firstOf(exchange, reserved) || firstOfRows(exchange, current)
  if (kept !== 0 || firstOf(exchange, partnersReserved) !== 0) return kept
  return (
    firstOf(exchange, offered) ||
    firstOf(exchange, requested) ||
    firstOfRows(exchange, former) ||
    firstOf(exchange, free) ||
    (isElsewhere(exchange, exchange.places[0]!.subnet, true) ? 0 : firstOf(exchange, lent))
  )
}

function firstOf(exchange: Exchange4, choice: Choice): Ipv4 {
  for (const place of exchange.places) {
    enter(exchange, place)
    const address = choice(exchange, place.subnet)
    if (address !== 0) return address
  }
  return 0
}

/** The same of what the client has or had: a row may say one subnet and a pool by now another one. */
function firstOfRows(exchange: Exchange4, choice: Choice): Ipv4 {
  for (const { row } of exchange.places) {
    if (row === undefined) continue
    enterAt(exchange, row.address)
    exchange.row = row
    const address = choice(exchange, exchange.subnet!)
    if (address !== 0) return address
  }
  return 0
}

/** Whether the client may have the address now, as configuration, rights, row and offers say. */
export function isObtainable(exchange: Exchange4, subnet: Subnet4, address: Ipv4): boolean {
  const { client, leases, now } = exchange
  if (!isAllowed(exchange, subnet, address) || !mayHave(exchange, address)) return false
  return isOwnLive(exchange, address) || !leases.isOfferedToOther(address, client, now)
}

/** A row that is not over and may yet be had is the client's own. */
function isOwnLive(exchange: Exchange4, address: Ipv4): boolean {
  const row = exchange.rowAt(address)
  return row !== undefined && isLive(row, exchange.now)
}

function reserved(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const address = reservedAddress(exchange)
  return address !== 0 && isObtainable(exchange, subnet, address) ? address : 0
}

function current(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const { row, now } = exchange
  if (row === undefined || !isLive(row, now)) return 0
  if (!isAllowed(exchange, subnet, row.address)) return 0
  return mayHave(exchange, row.address) ? row.address : 0
}

function offered(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const { client, leases, now } = exchange
  const address = leases.offerOf(client, subnet.id, now)
  return address !== undefined && isObtainable(exchange, subnet, address) ? address : 0
}

function requested(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const address = exchange.query.uint(OPTION4.requestedAddress) ?? 0
  return isObtainable(exchange, subnet, address) ? address : 0
}

function former(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const { row } = exchange
  return row !== undefined && isObtainable(exchange, subnet, row.address) ? row.address : 0
}

function free(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const { leases, draw, now, classes } = exchange
  const ranges = subnet.rangesFor(classes)
  if (ranges.length === 0) return 0
  const address = leases.findFree(ranges, { order: subnet.allocator, draw }, now)
  return address !== undefined && isAllowed(exchange, subnet, address) ? address : 0
}

/** An address that was offered to somebody else, where nothing else is left: the first REQUEST wins. */
function lent(exchange: Exchange4, subnet: Subnet4): Ipv4 {
  const { leases, now, classes } = exchange
  const address = leases.findLent(subnet.rangesFor(classes), now)
  return address !== undefined && isAllowed(exchange, subnet, address) ? address : 0
}

/** The reserved address if it is the partner's to give, else 0. */
function partnersReserved(exchange: Exchange4): Ipv4 {
  const address = reservedAddress(exchange)
  return address !== 0 && isPartners(exchange, address) && !isKept(exchange, address) ? address : 0
}

/** The drop after chooseAddress found none. `subnet` is the selected one. */
export function dropWithoutAddress(exchange: Exchange4, subnet: Subnet4): Outcome4 {
  const { leases, classes, places } = exchange
  const missing =
    places.length > 0 ? firstOf(exchange, partnersReserved) : partnersReserved(exchange)
  if (missing !== 0) return dropWantingAddress('no-right', missing)
  const reach = subnet.reachFor(classes)
  if (reach.ranges.length === 0) return drop('no-pool')
  if (leases.rights.kind !== 'keys') return drop('no-free-address')
  const reason = isElsewhere(exchange, subnet, false) ? 'no-own-address' : 'no-free-address'
  return dropWanting(reason, reach.wanted)
}

/** Whether the partner has or may have an address that the client could get from here: `soon`, or at all. */
function isElsewhere(exchange: Exchange4, subnet: Subnet4, soon: boolean): boolean {
  const { leases, draw, now, classes } = exchange
  return subnet.reachFor(classes).subnets.some((each) => {
    const elsewhere = leases.elsewhere(each.rangesFor(classes), draw, now)
    return elsewhere === 'soon' || (!soon && elsewhere === 'some')
  })
}
