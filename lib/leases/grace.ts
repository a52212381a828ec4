// How long an ended lease is still left alone. Clients count their lease from the moment they sent
// the REQUEST, with a clock of their own: 10 s cover datagrams under way, 0.5 % cover the clocks'
// drift.

import { INFINITE_LIFETIME, type Instant, type Millis, NEVER, type Seconds } from '../time/units.ts'
import { LEASE_STATE, type Lease } from './lease.ts'

type RowTimes = Pick<Lease, 'state' | 'end' | 'validLifetime'>

/** Longest life of a datagram between client and server. */
export const GRACE_BASE: Millis = 10_000
/** Greatest drift between two clocks, a fraction. */
const GRACE_DRIFT = 0.005

/**
 * So long after a hold of an address has ended, a RELEASE of it may still come: a datagram lives
 * less than 10 s on the wire, and waits less than 2 s in the socket without the server noticing
 * that it was held up (server/stall-watch.ts).
 */
export const RELEASE_GUARD_MS: Millis = 12_000

export function graceOf(lifetime: Seconds): Millis {
  return lifetime === INFINITE_LIFETIME ? GRACE_BASE : GRACE_BASE + lifetime * 1000 * GRACE_DRIFT
}

/**
 * When the address of a lease may be given to somebody new, unless its holder releases it before.
 */
export function overAt(end: Instant, lifetime: Seconds): Instant {
  return end === NEVER ? NEVER : end + graceOf(lifetime)
}

/**
 * The same for a row in whatever state but released. A free one has nobody who could count
 * differently: until its `end` it rests, or it was over for whoever made it free.
 */
export function rowOverAt({ state, end, validLifetime }: RowTimes): Instant {
  return state === LEASE_STATE.free ? end : overAt(end, validLifetime)
}
