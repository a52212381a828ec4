// Time as the server sees it.

import type { Millis, WallTime } from '../time/units.ts'

export interface Clock {
  /** Milliseconds of a clock that never jumps, from an origin of its own. Fractions allowed. */
  monotonic(): Millis
  /** Calendar time, for logs and display only. */
  wall(): WallTime
  /** Calls `fire` once at or after the given monotonic time, replacing the former wish. */
  wakeAt(when: Millis, fire: () => void): void
  /** Takes the wish back. */
  cancel(): void
}
