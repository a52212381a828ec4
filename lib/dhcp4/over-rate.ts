// Whether a subnet takes no more messages for now.

import type { Subnet4 } from '../config/plan/plan4.ts'
import type { Exchange4 } from './exchange4.ts'

/** Who waited for something behind this was counted before. */
export function isOverRate({ heard, now, rateLimits }: Exchange4, subnet: Subnet4): boolean {
  return rateLimits !== undefined && heard?.isCounted !== true && !rateLimits.takesIn(subnet, now)
}
