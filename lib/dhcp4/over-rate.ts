// Whether a subnet takes no more messages for now.

import type { Subnet4 } from '../config/plan/plan4.ts'
import type { Exchange4 } from './exchange4.ts'

/** Who waited until an address was asked for was counted before. */
export function isOverRate({ checked, now, rateLimits }: Exchange4, subnet: Subnet4): boolean {
  return rateLimits !== undefined && checked === undefined && !rateLimits.takesIn(subnet, now)
}
