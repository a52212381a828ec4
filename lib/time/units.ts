// Units of time. Values are plain numbers that carry their unit in the type: a plain number is
// accepted anywhere, but one unit is never accepted where another is expected.

declare const unit: unique symbol

/** Whole seconds, as DHCP counts them (0 … 4294967295). */
export type Seconds = number & { readonly [unit]?: 'seconds' }

/** A length of time in milliseconds. */
export type Millis = number & { readonly [unit]?: 'millis' }

/**
 * A point on the lease clock, in milliseconds. The lease clock is the time this database has been
 * served, and what has certainly passed while the server was down (downtime.ts): it never jumps
 * while it serves, so leases end late, never early. It has no relation to the calendar.
 */
export type Instant = number & { readonly [unit]?: 'instant' }

/** Calendar time in milliseconds since 1970, for display and for files only. */
export type WallTime = number & { readonly [unit]?: 'wall' }

/** RFC 2131 §3.3: a lifetime of all ones never ends. */
export const INFINITE_LIFETIME: Seconds = 0xffffffff

/** The instant that never comes: the end of an infinite lease. */
export const NEVER: Instant = Number.POSITIVE_INFINITY

/** The instant `seconds` after `from`; an infinite lifetime never ends. */
export function after(from: Instant, seconds: Seconds): Instant {
  return seconds === INFINITE_LIFETIME ? NEVER : from + seconds * 1000
}
