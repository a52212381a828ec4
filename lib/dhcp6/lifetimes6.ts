// How long an address or prefix is given for (RFC 9915 §21.6, §21.22).

import type { Prefix6 } from '../address/prefix6.ts'
import type { Lifetime } from '../config/plan/given.ts'
import type { Lifetime6, Subnet6 } from '../config/plan/plan6.ts'
import { isLive, toldLeft } from '../leases/holding.ts'
import type { Lease6 } from '../leases/lease.ts'
import { INFINITE_LIFETIME, type Instant, type Seconds } from '../time/units.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { type Claim6, entryOf, ownRowAt } from './claim6.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Place6 } from './place6.ts'

export interface Lifetimes6 {
  readonly preferred: Seconds
  readonly valid: Seconds
}

/** Of the valid lifetime, where the document does not say how much is preferred, as in Kea. */
const PREFERRED_PART = 5 / 8

/**
 * For a key that is given to the IA. Where the pools that are open to the client are nearly full,
 * it is the shortest one, but not less than is left of a lease that goes on. In a pair not more
 * than the partner knows of.
 */
export function lifetimesFor(
  exchange: Exchange6,
  claim: Claim6,
  { subnet }: Place6,
  key: Prefix6,
): Lifetimes6 {
  const bounds = boundsOf(exchange, subnet)
  const hint = entryOf(claim, key) ?? claim.entries[0]
  const longest = exchange.leases.rights.longest ?? INFINITE_LIFETIME
  const isShort = isCrowded(exchange, claim, subnet, key)
  const usual = within(bounds.valid, hint?.valid ?? 0)
  const valid = Math.min(
    isShort ? Math.min(usual, Math.max(bounds.valid.min, leftOf(exchange, claim, key))) : usual,
    longest,
  )
  const wished = bounds.preferred === undefined ? 0 : within(bounds.preferred, hint?.preferred ?? 0)
  return { valid, preferred: wished === 0 || wished > valid ? partOf(valid) : wished }
}

/** The first of the client's classes that says one goes before the subnet. */
function boundsOf({ classes, plan }: Exchange6, { lifetime }: Subnet6): Lifetime6 {
  const { given } = plan.classes
  let valid: Lifetime | undefined
  let preferred: Lifetime | undefined
  for (let at = 0; at < classes.count; at++) {
    const own = given[classes.order[at]!]
    valid ??= own?.valid
    preferred ??= own?.preferred
  }
  if (valid === undefined && preferred === undefined) return lifetime
  return { valid: valid ?? lifetime.valid, preferred: preferred ?? lifetime.preferred }
}

/**
 * What the client wishes for within the bounds, else the default. RFC 9915 §18.3 has servers ignore
 * the wish, and so they do where no range is given. Some clients always wish for ever: that is no
 * wish.
 */
function within({ min, default: usual, max }: Lifetime, wished: Seconds): Seconds {
  if (min === max || wished === 0 || wished === INFINITE_LIFETIME) return usual
  return Math.min(Math.max(wished, min), max)
}

function partOf(valid: Seconds): Seconds {
  return valid === INFINITE_LIFETIME ? INFINITE_LIFETIME : Math.floor(valid * PREFERRED_PART)
}

/** A key outside of the pools, which a reservation gives, takes nothing from them. */
function isCrowded(exchange: Exchange6, { kind }: Claim6, subnet: Subnet6, key: Prefix6): boolean {
  const { adaptiveThreshold } = subnet.leasing
  const { leases, settings, classes, now } = exchange
  if (adaptiveThreshold >= 1 || !subnet.isDynamic(key, classes)) return false
  const isPd = kind === OPTION6.iaPd
  const ranges = isPd ? subnet.prefixRangesFor(classes) : subnet.rangesFor(classes)
  return leases.occupancy(ranges, key, settings.draw, now) >= adaptiveThreshold
}

/** What the client was told that is left of its lease, 0 = it has none. */
function leftOf(exchange: Exchange6, claim: Claim6, key: Prefix6): Seconds {
  const row = ownRowAt(exchange, claim, key)
  return row === undefined || !isLive(row, exchange.now) ? 0 : toldLeft(row, exchange.now)
}

/** Whole seconds of preference that are left by what the client was told last. */
export function preferredLeft({ start, preferredLifetime }: Lease6, now: Instant): Seconds {
  if (preferredLifetime === INFINITE_LIFETIME) return INFINITE_LIFETIME
  return Math.max(0, Math.floor((start + preferredLifetime * 1000 - now) / 1000))
}
