// How long a server was off, where that is certain: within one boot of the host by its uptime,
// which also counts while the host sleeps, and across boots where the calendar was kept by others
// at both ends. A clock that is moved on by this shows no more than has passed, so what runs by it
// ends late, never early.

import type { Instant, Millis, WallTime } from './units.ts'

/** What the clocks of a host show at one moment. */
export interface HostTimes {
  /** Another one after each start of the host; '' = not known. */
  readonly boot: string
  /** Milliseconds since that start. */
  readonly uptime: Millis
  readonly wall: WallTime
  /** By how much the calendar may be wrong at most; undefined: nobody keeps it. */
  readonly wallError: Millis | undefined
}

/** What they showed when the clock in question showed `stamp`. */
export interface ClockNote extends HostTimes {
  readonly stamp: Instant
}

/** Less than this is not worth a jump. */
const DOWNTIME_MIN: Millis = 60_000

/** Both ends are read a little late or early, and rounded. */
const READ_ERROR: Millis = 100
/** A second may be put in or left out between them. */
const LEAP: Millis = 1000

/** What has certainly passed between the two; 0 where nothing has. */
export function certainlyPassed(then: HostTimes, now: HostTimes): Millis {
  if (then.boot !== '' && then.boot === now.boot)
    return Math.max(0, now.uptime - then.uptime - READ_ERROR)
  if (then.wallError === undefined || now.wallError === undefined) return 0
  const error = then.wallError + now.wallError + LEAP + READ_ERROR
  return Math.max(0, now.wall - then.wall - error)
}

/** So much faster or slower two clocks run, as leases allow for it (leases/grace.ts). */
const DRIFT = 0.005

/** Clocks of hosts that are set from the network differ by less, and are moved by less at once. */
export const JUMP_MIN: Millis = 10_000

/**
 * How far a clock elsewhere, which shows `stamp` now, is ahead of what has passed since the note of
 * it; negative: behind; 0: not more than clocks go wrong; undefined: nobody can tell. Who was there
 * last has seen what was before, so the last note counts of those that can be compared. Which that
 * is the clock elsewhere does not show, as it may have been put back. Of several that may be the
 * last each counts.
 */
export function jumpSince(
  notes: readonly ClockNote[],
  stamp: Instant,
  now: HostTimes,
): Millis | undefined {
  const found = notes.flatMap((note) => {
    const span = spanBetween(note, now)
    return span === undefined ? [] : [{ ...span, shown: stamp - note.stamp }]
  })
  if (found.length === 0) return undefined
  const last = Math.min(...found.map(({ most }) => most))
  return Math.max(...found.filter(({ least }) => least <= last).map(jumpOf))
}

interface Span {
  readonly least: Millis
  readonly most: Millis
}

function jumpOf({ least, most, shown }: Span & { readonly shown: Millis }): Millis {
  if (shown - most > JUMP_MIN) return shown - least
  return least - shown > JUMP_MIN ? shown - most : 0
}

/** The least and the most that has passed between the two; undefined: that is not known. */
function spanBetween(then: HostTimes, now: HostTimes): Span | undefined {
  const isOneBoot = then.boot !== '' && then.boot === now.boot
  if (isOneBoot && now.uptime < then.uptime) return undefined
  if (!isOneBoot && (then.wallError === undefined || now.wallError === undefined)) return undefined
  const passed = Math.max(0, isOneBoot ? now.uptime - then.uptime : now.wall - then.wall)
  const error = isOneBoot ? DRIFT * passed : then.wallError! + now.wallError! + LEAP
  return {
    least: Math.max(0, passed - error - READ_ERROR),
    most: passed + error + READ_ERROR,
  }
}

/** What the clock goes on from: `stamp` is the most that it is known to have shown. */
export function resumedAt(
  stamp: Instant,
  note: ClockNote | undefined,
  now: HostTimes,
  min = DOWNTIME_MIN,
): Instant {
  if (note === undefined) return stamp
  const passed = note.stamp + certainlyPassed(note, now)
  return passed < stamp + min ? stamp : Math.floor(passed)
}
