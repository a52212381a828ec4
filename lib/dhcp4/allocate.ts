// Which address does a client get? Addresses stick: a client is led back to what it has or had.
// Decisions that count are taken at the REQUEST; an offer is a promise that may fail.

import type { Ipv4, Ipv4Range } from '../address/ipv4.ts'
import type { Subnet4 } from '../config/plan/plan4.ts'
import { classesHaveRoom } from '../dhcp/class-limits.ts'
import { isHeldBy, isLive } from '../leases/holding.ts'
import type { Lease } from '../leases/lease.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Exchange4 } from './exchange4.ts'
import { dropWantingAddress, dropWithout, type Outcome4 } from './outcome4.ts'
import type { Place, Places } from './place.ts'
import { placeOf } from './places.ts'
import { goesOver, isPartners, mayHave } from './rights-verdict.ts'
import type { FoundBy } from './trace4.ts'
import { isAllowed, isKept, reservedAddress } from './whose-address.ts'

/** An address for the client, and the place that it is given in. */
export interface Choice {
  readonly place: Place
  readonly address: Ipv4
}

/** A way to find an address in a place, 0 = none. */
type Way = (exchange: Exchange4, place: Place) => Ipv4

/** The same, of what the client has or had: the row may be of another place. */
type WayBack = (exchange: Exchange4, place: Place, row: Lease) => Ipv4

/**
 * An address for the client in the order of preference, or undefined when there is none. Each way
 * looks at every place before the next one is tried.
 *
 * A client whose reserved address only the partner may give keeps what it holds, or gets nothing:
 * another address would have to be given up again as soon as the partner has handed the reserved
 * one on. While neither server may give it, it gets another one.
 */
export function chooseAddress(exchange: Exchange4, places: Places): Choice | undefined {
  // RFC 2131 §4.3.1: the current address, the former one, the requested one, any free one. The
  // requested address goes before the former one here, and an offer made moments ago before both.
  const kept =
    firstOf(exchange, places, 'reserved', reserved) ??
    firstBack(exchange, places, 'current', current)
  if (kept !== undefined || firstOf(exchange, places, '', partnersReserved) !== undefined)
    return kept
  const found = exchange.checked && firstOf(exchange, places, 'checked', foundFree)
  return (
    found ??
    firstOf(exchange, places, 'offered', offered) ??
    firstOf(exchange, places, 'requested', requested) ??
    firstBack(exchange, places, 'former', former) ??
    firstOf(exchange, places, 'free', free) ??
    (isElsewhere(exchange, places, true) ? undefined : firstOf(exchange, places, 'lent', lent))
  )
}

function firstOf(exchange: Exchange4, places: Places, by: FoundBy, way: Way): Choice | undefined {
  for (const place of places) {
    const address = way(exchange, place)
    if (address === 0) continue
    exchange.foundBy = by
    return { place, address }
  }
  return undefined
}

/**
 * The address of each row is judged where it belongs: it may say one subnet, and a pool by now
 * another one.
 */
function firstBack(
  exchange: Exchange4,
  places: Places,
  by: FoundBy,
  way: WayBack,
): Choice | undefined {
  for (const { row } of places) {
    if (row === undefined) continue
    const place = placeOf(exchange, places, row.address)
    const address = way(exchange, place, row)
    if (address === 0) continue
    exchange.foundBy = by
    return { place, address }
  }
  return undefined
}

/** Whether the client may have the address now, as configuration, rights, row and offers say. */
export function isObtainable(exchange: Exchange4, place: Place, address: Ipv4): boolean {
  const { leases, now } = exchange
  const { client } = place
  if (!isAllowed(exchange, place, address) || !mayHave(exchange, place, address)) return false
  return isOwnLive(exchange, address) || !leases.isOfferedToOther(address, client, now)
}

/** A row that is not over and may yet be had is the client's own. */
function isOwnLive(exchange: Exchange4, address: Ipv4): boolean {
  const row = exchange.rowAt(address)
  return row !== undefined && isLive(row, exchange.now)
}

function reserved(exchange: Exchange4, place: Place): Ipv4 {
  const address = reservedAddress(place)
  if (address === 0) return 0
  if (isObtainable(exchange, place, address)) return address
  const row = exchange.rowAt(address)
  if (!exchange.leases.isOver(row, exchange.now) && !isOwnRow(exchange, place, row))
    exchange.conflict = row
  return 0
}

function isOwnRow({ leases }: Exchange4, { client }: Place, row: Lease | undefined): boolean {
  return row !== undefined && isHeldBy(leases, row, client)
}

function current(exchange: Exchange4, place: Place, row: Lease): Ipv4 {
  if (!isLive(row, exchange.now) || !isAllowed(exchange, place, row.address)) return 0
  return mayHave(exchange, place, row.address) ? row.address : 0
}

/** Nobody answers for it, so that the client need not wait for another one to be asked for. */
function foundFree(exchange: Exchange4, place: Place): Ipv4 {
  const address = exchange.checked?.free ?? 0
  return isObtainable(exchange, place, address) ? address : 0
}

function offered(exchange: Exchange4, place: Place): Ipv4 {
  const { leases, now } = exchange
  const address = leases.offerOf(place.client, place.subnet.id, now)
  return address !== undefined && isObtainable(exchange, place, address) ? address : 0
}

function requested(exchange: Exchange4, place: Place): Ipv4 {
  const address = exchange.query.uint(OPTION4.requestedAddress) ?? 0
  return isObtainable(exchange, place, address) ? address : 0
}

function former(exchange: Exchange4, place: Place, row: Lease): Ipv4 {
  return isObtainable(exchange, place, row.address) ? row.address : 0
}

function free(exchange: Exchange4, place: Place): Ipv4 {
  const { leases, settings, now, classes } = exchange
  const { subnet } = place
  const ranges = subnet.rangesFor(classes)
  if (ranges.length === 0) return 0
  const search = { order: subnet.allocator, draw: settings.draw }
  const address = leases.findFree(ranges, search, now)
  return address !== undefined && isAllowed(exchange, place, address) ? address : 0
}

/**
 * An address that was offered to somebody else, where nothing else is left: the first REQUEST wins.
 */
function lent(exchange: Exchange4, place: Place): Ipv4 {
  const { leases, now, classes } = exchange
  const address = leases.findLent(place.subnet.rangesFor(classes), now)
  return address !== undefined && isAllowed(exchange, place, address) ? address : 0
}

/** The reserved address if it is the partner's to give, else 0. */
function partnersReserved(exchange: Exchange4, place: Place): Ipv4 {
  const address = reservedAddress(place)
  if (address === 0 || !isPartners(exchange, place, address)) return 0
  return isKept(exchange, place, address) ? 0 : address
}

/**
 * The reserved address that another identifier of the client's host has, while only keys are
 * missing here: it can be offered, since the partner is asked and the REQUEST comes later.
 */
export function chooseAwaited(exchange: Exchange4, places: Places): Choice | undefined {
  return firstOf(exchange, places, 'reserved', (_, place) => {
    const address = partnersReserved(exchange, place)
    return address !== 0 && goesOver(exchange, place, address) ? address : 0
  })
}

/** The drop after chooseAddress found none. */
export function dropWithoutAddress(exchange: Exchange4, places: Places): Outcome4 {
  const missing = firstOf(exchange, places, '', partnersReserved)
  if (missing !== undefined) return dropWantingAddress('no-right', missing.address)
  const selected = selectedOf(places)
  const open = places.filter((place) => !isFull(exchange, place))
  if (open.length === 0 || !classesHaveRoom(exchange)) return dropWithout('address-limit', selected)
  const isLimited = open.length < places.length
  const none = isLimited ? 'address-limit' : 'no-free-address'
  const { ranges, wanted } = selected.reachFor(exchange.classes)
  if (ranges.length === 0) return dropWithout('no-pool', selected)
  if (exchange.leases.rights.kind !== 'keys') return dropWithout(none, selected)
  const inOpen = isLimited ? rangesOf(exchange, open) : undefined
  return dropWithout(
    isElsewhere(exchange, places, false) ? 'no-own-address' : none,
    selected,
    wanted.filter(
      (range) =>
        !isOneReserved(exchange, places, range) && (inOpen === undefined || inOpen.has(range)),
    ),
  )
}

function rangesOf({ classes }: Exchange4, places: Places): ReadonlySet<Ipv4Range> {
  return new Set(places.flatMap(({ subnet }) => subnet.rangesFor(classes)))
}

/**
 * A pool of one address that the global list reserves: only its client could have it. (Of the
 * reservations of subnets Reach knows.)
 */
function isOneReserved({ plan }: Exchange4, places: Places, { first, last }: Ipv4Range): boolean {
  if (first !== last) return false
  return places.some(({ subnet }) => plan.reservations.at(first, subnet).length > 0)
}

/** The subnet that the query selects. */
export function selectedOf(places: Places): Subnet4 {
  return places[0]!.subnet
}

/**
 * Whether the partner has or may have an address that the client could get from here: `soon`, or at
 * all.
 */
function isElsewhere(exchange: Exchange4, places: Places, soon: boolean): boolean {
  const { leases, settings, now, classes } = exchange
  for (const place of places) {
    if (isFull(exchange, place)) continue
    const ranges = place.subnet.rangesFor(classes)
    const elsewhere = leases.elsewhere(ranges, settings.draw, now)
    if (elsewhere === 'soon' || (!soon && elsewhere === 'some')) return true
  }
  return false
}

/** Whether a place has as many leases as it may. */
function isFull({ leases }: Exchange4, { subnet: { id, limits } }: Place): boolean {
  return limits?.addresses !== undefined && leases.counts(id).assigned >= limits.addresses
}
