// Which address or prefix does an IA get? As in DHCPv4 they stick: a client is led back to what it
// has or had. Decisions that count are taken when leases are written; an offer is a promise that
// may fail.

import { UNSPECIFIED6 } from '../address/ipv6.ts'
import { addressOf, lengthOf, type Prefix6, prefix6 } from '../address/prefix6.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { isLive } from '../leases/holding.ts'
import type { Range } from '../leases/keys/key.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Choosing6 } from './choosing6.ts'
import { type Claim6, ownRowAt } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import { formerLeases } from './former-leases.ts'
import { hasRoom } from './limits6.ts'
import type { Place6, Places6 } from './place6.ts'
import { placeOf } from './places6.ts'
import { goesOver, isPartners, mayHave } from './rights6.ts'
import { successorsOf } from './successors6.ts'
import { isAllowed, isItsReserved, reservedIn } from './whose-key.ts'

/** A key for the IA, and the place that it is given in. */
export interface Choice6 {
  readonly place: Place6
  readonly key: Prefix6
  /** The IA has it by a running lease. */
  readonly isCurrent: boolean
}

/** Finds a key in a place. */
type Way = (choosing: Choosing6, place: Place6) => Prefix6 | undefined

/** What the IA has, or is to have as soon as that is free. */
export interface Kept6 {
  readonly choice: Choice6 | undefined
  /**
   * Reserved for the client, and only the partner may give it: the client keeps what it holds, or
   * gets nothing, rather than move twice. See chooseAddress of DHCPv4.
   */
  readonly awaited: Prefix6 | undefined
}

export function chooseKept(choosing: Choosing6): Kept6 {
  const choice = reserved(choosing) ?? current(choosing)
  const awaited =
    choice !== undefined && isReservedChoice(choosing, choice)
      ? undefined
      : firstOf(choosing, partnersReserved)?.key
  return { choice, awaited }
}

/**
 * A key that the IA does not have yet, in the order of preference. Each way looks at every place
 * before the next one is tried.
 */
export function chooseNew(choosing: Choosing6): Choice6 | undefined {
  return (
    firstOf(choosing, offered) ??
    named(choosing) ??
    former(choosing) ??
    succeeding(choosing) ??
    ofFormerBinding(choosing) ??
    free(choosing) ??
    (isElsewhere(choosing, true) ? undefined : lent(choosing))
  )
}

function firstOf(choosing: Choosing6, way: Way): Choice6 | undefined {
  for (const place of choosing.places) {
    const key = way(choosing, place)
    if (key !== undefined) return { place, key, isCurrent: false }
  }
  return undefined
}

/** The key in the place that it belongs to, if it may be had there now. */
function obtained(choosing: Choosing6, key: Prefix6): Choice6 | undefined {
  const { exchange, places, claim } = choosing
  const place = placeOf(exchange, places, claim, key)
  return isObtainable(choosing, place, key) ? { place, key, isCurrent: false } : undefined
}

/** Whether the IA may have the key now, as configuration, rights, rows and offers say. */
function isObtainable(choosing: Choosing6, place: Place6, key: Prefix6): boolean {
  const { exchange, allotment, claim } = choosing
  if (allotment.overlaps(key) || !isAllowed(exchange, claim, place, key)) return false
  if (!mayHave(choosing, place, key)) return false
  if (isOwnLive(exchange, claim, key)) return true
  const { leases, now } = exchange
  return hasRoom(choosing, place) && !leases.isOfferedToOther(key, claim.client, now)
}

function isOwnLive(exchange: Exchange6, claim: Claim6, key: Prefix6): boolean {
  const row = ownRowAt(exchange, claim, key)
  return row !== undefined && isLive(row, exchange.now)
}

/**
 * The reserved key that the IA has, else the first one that can be had: of several, each IA gets
 * one. Who has a lease is not moved to one that a former binding of its host has.
 */
function reserved(choosing: Choosing6): Choice6 | undefined {
  const { exchange, places, claim } = choosing
  let first: Choice6 | undefined
  for (const place of places) {
    for (const key of reservedIn(place, claim.kind)) {
      if (!isObtainable(choosing, place, key)) continue
      if (isOwnLive(exchange, claim, key)) return { place, key, isCurrent: true }
      first ??= { place, key, isCurrent: false }
    }
  }
  if (first === undefined || !goesOver(choosing, first.place, first.key)) return first
  return current(choosing) ?? first
}

function isReservedChoice({ claim }: Choosing6, { place, key }: Choice6): boolean {
  return isItsReserved(place, claim.kind, key)
}

/** What the IA has: what the client names goes before what it may not know of. */
function current(choosing: Choosing6): Choice6 | undefined {
  const { exchange, claim } = choosing
  if (claim.rows.length === 0 && claim.entries.length === 0) return undefined
  for (const { key } of claim.entries)
    if (isOwnLive(exchange, claim, key)) {
      const choice = stayed(choosing, key)
      if (choice !== undefined) return choice
    }
  for (const { row } of claim.rows)
    if (isLive(row, exchange.now)) {
      const choice = stayed(choosing, row.address)
      if (choice !== undefined) return choice
    }
  return undefined
}

/** The row may say one subnet, and a pool by now another one. */
function stayed(choosing: Choosing6, key: Prefix6): Choice6 | undefined {
  const { exchange, allotment, places, claim } = choosing
  const place = placeOf(exchange, places, claim, key)
  if (allotment.overlaps(key) || !isAllowed(exchange, claim, place, key)) return undefined
  if (!mayHave(choosing, place, key)) return undefined
  return { place, key, isCurrent: true }
}

function offered(choosing: Choosing6, place: Place6): Prefix6 | undefined {
  const { leases, now } = choosing.exchange
  const key = leases.offerOf(choosing.claim.client, place.subnet.id, now)
  return key !== undefined && isObtainable(choosing, place, key) ? key : undefined
}

/** What the client names; of prefixes also the one of a pool's length that begins there. */
function named(choosing: Choosing6): Choice6 | undefined {
  for (const { key } of choosing.claim.entries) {
    const address = addressOf(key)
    if (address === UNSPECIFIED6) continue
    const exact = obtained(choosing, key)
    if (exact !== undefined || choosing.claim.kind === OPTION6.iaNa) {
      if (exact !== undefined) return exact
      continue
    }
    for (const { subnet } of choosing.places)
      for (const length of delegatedLengths(subnet)) {
        if (length === lengthOf(key)) continue
        const choice = obtained(choosing, prefix6(address, length))
        if (choice !== undefined) return choice
      }
  }
  return undefined
}

const lengthsOfSubnets = new WeakMap<Subnet6, readonly number[]>()

/** Of the pd-pools of the subnet, each once. */
function delegatedLengths(subnet: Subnet6): readonly number[] {
  let lengths = lengthsOfSubnets.get(subnet)
  if (lengths === undefined) {
    lengths = [...new Set(subnet.pdPools.map(({ delegatedLength }) => delegatedLength))]
    lengthsOfSubnets.set(subnet, lengths)
  }
  return lengths
}

function former(choosing: Choosing6): Choice6 | undefined {
  for (const { row } of choosing.claim.rows) {
    const choice = obtained(choosing, row.address)
    if (choice !== undefined) return choice
  }
  return undefined
}

/** What it had before the subnet got another prefix, behind the new one. */
function succeeding(choosing: Choosing6): Choice6 | undefined {
  const { kind, rows } = choosing.claim
  for (const { place, row } of rows)
    for (const key of successorsOf(place.subnet, kind, row.address)) {
      const choice = obtained(choosing, key)
      if (choice !== undefined) return choice
    }
  return undefined
}

/** What the same host had in an IA that it has no more. */
function ofFormerBinding(choosing: Choosing6): Choice6 | undefined {
  const { exchange, allotment, places, claim } = choosing
  for (const row of formerLeases(exchange, allotment, places, claim)) {
    const choice = obtained(choosing, row.address)
    if (choice !== undefined) return choice
  }
  return undefined
}

/** Lists of ranges that are searched one after the other. */
type Lists = readonly (readonly Range<Prefix6>[])[]

/** The length of prefixes that the client wishes for, 0 = none. */
export function wishedLength({ entries }: Claim6): number {
  for (const { key } of entries) {
    const length = lengthOf(key)
    if (length > 0 && length < 128) return length
  }
  return 0
}

/** Where nothing is limited, prefixes of all subnets are looked at together, length by length. */
export function listsFor(choosing: Choosing6): Lists {
  const { exchange, claim, places } = choosing
  const { classes } = exchange
  const open = openPlaces(choosing)
  if (claim.kind !== OPTION6.iaPd) {
    if (open.length === 1) return [open[0]!.subnet.rangesFor(classes)]
    return open.map(({ subnet }) => subnet.rangesFor(classes))
  }
  const reach = places[0]!.subnet.reachFor(classes)
  if (open.length < reach.subnets.length)
    return open.map(({ subnet }) => subnet.prefixRangesFor(classes))
  return reach.prefixRanges(wishedLength(claim))
}

/** Mostly all of them. */
function openPlaces(choosing: Choosing6): Places6 {
  for (const place of choosing.places)
    if (!hasRoom(choosing, place)) return choosing.places.filter((one) => hasRoom(choosing, one))
  return choosing.places
}

function free(choosing: Choosing6): Choice6 | undefined {
  const { exchange, claim, places } = choosing
  const { leases, now, settings } = exchange
  const isPd = claim.kind === OPTION6.iaPd
  for (const ranges of listsFor(choosing)) {
    const first = ranges[0]?.first
    if (first === undefined) continue
    const { subnet } = placeOf(exchange, places, claim, first)
    const order = isPd ? subnet.pdAllocator : subnet.allocator
    const key = leases.findFree(ranges, { order, draw: settings.draw }, now)
    const choice = key === undefined ? undefined : found(choosing, key)
    if (choice !== undefined) return choice
  }
  return undefined
}

/** What was offered to somebody else, where nothing else is left: the first REQUEST wins. */
function lent(choosing: Choosing6): Choice6 | undefined {
  const { leases, now } = choosing.exchange
  for (const ranges of listsFor(choosing)) {
    const key = leases.findLent(ranges, now)
    const choice = key === undefined ? undefined : found(choosing, key)
    if (choice !== undefined) return choice
  }
  return undefined
}

/**
 * The search looks at neither the list of global reservations nor this message; and whatever it
 * says, nothing is taken from anybody.
 */
function found(choosing: Choosing6, key: Prefix6): Choice6 | undefined {
  const { exchange, allotment, places, claim } = choosing
  const place = placeOf(exchange, places, claim, key)
  if (allotment.overlaps(key) || !isAllowed(exchange, claim, place, key)) return undefined
  return mayHave(choosing, place, key) ? { place, key, isCurrent: false } : undefined
}

/** The reserved key if it is the partner's to give, and no former binding of the host has it. */
function partnersReserved(choosing: Choosing6, place: Place6): Prefix6 | undefined {
  if (place.reservation === undefined) return undefined
  return reservedIn(place, choosing.claim.kind).find(
    (key) => isReservedElsewhere(choosing, place, key) && !goesOver(choosing, place, key),
  )
}

/** The reserved key that a former binding of the host has, while only keys are missing here. */
export function chooseCeded(choosing: Choosing6): Prefix6 | undefined {
  return firstOf(choosing, (_, place) =>
    reservedIn(place, choosing.claim.kind).find(
      (key) => isReservedElsewhere(choosing, place, key) && goesOver(choosing, place, key),
    ),
  )?.key
}

function isReservedElsewhere(choosing: Choosing6, place: Place6, key: Prefix6): boolean {
  const { exchange, allotment, claim } = choosing
  if (allotment.overlaps(key) || !isPartners(choosing, place, key)) return false
  return isAllowed(exchange, claim, place, key)
}

/** Whether the partner may have something that the IA could get from here: `soon`, or at all. */
export function isElsewhere(choosing: Choosing6, soon: boolean): boolean {
  const { leases, now, settings } = choosing.exchange
  for (const ranges of listsFor(choosing)) {
    const elsewhere = leases.elsewhere(ranges, settings.draw, now)
    if (elsewhere === 'soon' || (!soon && elsewhere === 'some')) return true
  }
  return false
}

/** Where the partner should hand keys on, so that the IA can be served. */
export function wantedFor(choosing: Choosing6): readonly Range<Prefix6>[] {
  const { exchange, claim, places } = choosing
  const ranges = listsFor(choosing).flat()
  if (claim.kind === OPTION6.iaPd) return ranges
  const { wanted } = places[0]!.subnet.reachFor(exchange.classes)
  const open = new Set(ranges)
  return wanted.filter((range) => open.has(range))
}
