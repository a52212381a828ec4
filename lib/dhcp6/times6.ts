// T1 and T2 (RFC 9915 §14.2): when clients begin to extend what they have, at the server that gave
// it and then at any. One pair counts for all IAs of a reply, so that a client renews all of them
// at once.

import type { Timers } from '../config/plan/plan4.ts'
import type { Lease6 } from '../leases/lease.ts'
import { INFINITE_LIFETIME, type Instant, NEVER, type Seconds } from '../time/units.ts'

/** Some clients read times as signed numbers, and reject an IA whose T1 or T2 is below 0. */
const TIME_MAX: Seconds = 0x7fffffff

/** Of an address or prefix that a client is told it has. */
export interface Told6 {
  readonly timers: Timers
  readonly preferred: Seconds
  readonly valid: Seconds
}

export interface Times6 {
  readonly t1: Seconds
  readonly t2: Seconds
}

/** What an IA has in which nothing is to be extended. */
export const NO_TIMES: Times6 = { t1: 0, t2: 0 }

/**
 * The pair for these: each the earliest that one of them asks for. What the document says is sent;
 * what is calculated is a part of the preferred lifetime, or of the valid one where nothing is
 * preferred any more. 0 leaves it to the client.
 */
export function timesFor(told: readonly Told6[]): Times6 {
  if (told.length === 0) return NO_TIMES
  const isAnyPreferred = told.some(({ preferred }) => preferred > 0)
  let t1 = INFINITE_LIFETIME
  let t2 = INFINITE_LIFETIME
  for (const { timers, preferred, valid } of told) {
    const basis = isAnyPreferred ? preferred : valid
    t1 = Math.min(t1, timers.renew ?? partOf(timers, timers.t1, basis))
    t2 = Math.min(t2, timers.rebind ?? partOf(timers, timers.t2, basis))
  }
  // As in Kea, T1 is earlier than T2 or left to the client, which would reject the IA otherwise.
  return { t1: t1 < t2 ? Math.min(t1, TIME_MAX) : 0, t2: Math.min(t2, TIME_MAX) }
}

/** What is not preferred any more has no say beside others. */
function partOf({ calculate }: Timers, fraction: number, basis: Seconds): Seconds {
  if (!calculate) return 0
  return basis === 0 ? INFINITE_LIFETIME : Math.round(basis * fraction)
}

/** When the client of the lease, at the latest, asks any server to extend it. */
export function rebindAt(
  { start, preferredLifetime, validLifetime }: Lease6,
  timers: Timers,
): Instant {
  const basis = preferredLifetime === 0 ? validLifetime : preferredLifetime
  if (basis === INFINITE_LIFETIME) return NEVER
  const t2 = timers.rebind ?? basis * timers.t2
  return start + Math.min(t2, validLifetime) * 1000
}
