// How long a lease is given for, and when the client should renew it.

import type { Lifetime, Timers } from '../config/plan/plan4.ts'
import type { Rights } from '../leases/rights.ts'
import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'

/**
 * RFC 2131 §4.3.1: what the client asks for (option 51) within the bounds, else the default. 0 asks
 * for nothing. In a pair not more than the partner knows of.
 */
export function lifetimeFor(query: Query4, lifetime: Lifetime, { longest }: Rights): Seconds {
  return Math.min(wantedFor(query, lifetime), longest ?? INFINITE_LIFETIME)
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
