// For how long a client says that it has been waiting: the field `secs`.

import type { Millis } from '../time/units.ts'

/** Some clients write `secs` with its bytes swapped: above 255 with a low byte of 0 shows that. */
export function waitedOf(secs: number): Millis {
  return (secs > 0xff && (secs & 0xff) === 0 ? secs >>> 8 : secs) * 1000
}
