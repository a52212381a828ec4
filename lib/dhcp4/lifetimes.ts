// How long a lease is given for, and when the client should renew it.

import type { Ipv4 } from '../address/ipv4.ts'
import type { Lifetime, Timers } from '../config/plan/plan4.ts'
import { isLive, toldLeft } from '../leases/holding.ts'
import type { Rights } from '../leases/rights.ts'
import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import { lifetimeOf } from './class-terms.ts'
import type { Exchange4 } from './exchange4.ts'
import { formerLease } from './grant.ts'
import type { Place } from './place.ts'

const ENDLESS: Lifetime = {
  min: INFINITE_LIFETIME,
  default: INFINITE_LIFETIME,
  max: INFINITE_LIFETIME,
}

/**
 * The lifetime of a lease of this address. Where the pools that are open to the client are nearly
 * full, it is the shortest one, but not less than is left of a lease that goes on.
 */
export function lifetimeFor(exchange: Exchange4, place: Place, address: Ipv4): Seconds {
  if (exchange.isBootp) return endless(exchange)
  const { query, leases } = exchange
  const bounds = lifetimeOf(exchange, place.subnet)
  exchange.bounds = bounds
  exchange.isCrowded = isCrowded(exchange, place, address)
  const usual = lifetimeWithin(query, bounds, leases.rights)
  if (!exchange.isCrowded) return usual
  return Math.min(usual, Math.max(bounds.min, leftOf(exchange, place, address)))
}

/** A BOOTP client never renews its address, whatever the configuration says of lifetimes. */
function endless(exchange: Exchange4): Seconds {
  exchange.bounds = ENDLESS
  exchange.isCrowded = false
  return INFINITE_LIFETIME
}

/** An address outside of the pools, which a reservation gives, takes nothing from them. */
function isCrowded(exchange: Exchange4, { subnet }: Place, address: Ipv4): boolean {
  const { adaptiveThreshold } = subnet.leasing
  const { leases, settings, classes, now } = exchange
  if (adaptiveThreshold >= 1 || !subnet.isDynamic(address, classes)) return false
  const ranges = subnet.rangesFor(classes)
  return leases.occupancy(ranges, address, settings.draw, now) >= adaptiveThreshold
}

/** What the client was told that is left of its lease, 0 = it has none. */
function leftOf(exchange: Exchange4, place: Place, address: Ipv4): Seconds {
  const row = formerLease(exchange, place, address)
  return row === undefined || !isLive(row, exchange.now) ? 0 : toldLeft(row, exchange.now)
}

/**
 * RFC 2131 §4.3.1: what the client asks for (option 51) within the bounds, else the default. 0 asks
 * for nothing. In a pair not more than the partner knows of.
 */
export function lifetimeWithin(query: Query4, bounds: Lifetime, { longest }: Rights): Seconds {
  return Math.min(wantedFor(query, bounds), longest ?? INFINITE_LIFETIME)
}

function wantedFor(query: Query4, lifetime: Lifetime): Seconds {
  if (lifetime.min === lifetime.max) return lifetime.default
  const requested = query.uint(OPTION4.leaseTime) ?? 0
  if (requested === 0) return lifetime.default
  return Math.min(Math.max(requested, lifetime.min), lifetime.max)
}

/** T2 (option 59) for a lifetime, 0 = not sent. It must lie before the end of the lease. */
export function rebindTimeFor(timers: Timers, lifetime: Seconds): Seconds {
  const time = timers.rebind ?? calculated(timers.calculate, timers.t2, lifetime)
  return time < lifetime ? time : 0
}

/**
 * T1 (option 58), 0 = not sent. RFC 2131 §4.4.5: T1 MUST be earlier than T2, and T2 than the end.
 */
export function renewTimeFor(timers: Timers, lifetime: Seconds, rebindTime: Seconds): Seconds {
  const time = timers.renew ?? calculated(timers.calculate, timers.t1, lifetime)
  return time < (rebindTime === 0 ? lifetime : rebindTime) ? time : 0
}

function calculated(calculate: boolean, fraction: number, lifetime: Seconds): Seconds {
  return calculate && lifetime !== INFINITE_LIFETIME ? Math.round(lifetime * fraction) : 0
}
