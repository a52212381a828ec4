// The longest lease that a plan allows, wherever it says so.

import { INFINITE_LIFETIME, type Seconds } from '../../time/units.ts'
import type { Plan } from './plan.ts'
import type { Plan4 } from './plan4.ts'

/** At least `least`; of either family. */
export function longestLifetimeOf({ dhcp4 }: Plan, least: Seconds): Seconds {
  return dhcp4 === undefined ? least : longestLifetime4(dhcp4, least)
}

/** Classes count, whoever may be in them. */
export function longestLifetime4(
  { subnets, classes, servesBootp }: Plan4,
  least: Seconds,
): Seconds {
  if (servesBootp) return INFINITE_LIFETIME
  let longest = least
  for (const { lifetime } of subnets) longest = Math.max(longest, lifetime.max)
  for (const given of classes.given) longest = Math.max(longest, given?.lifetime?.max ?? 0)
  return longest
}
