// The longest lease that a plan allows, wherever it says so.

import { INFINITE_LIFETIME, type Seconds } from '../../time/units.ts'
import type { Plan4 } from './plan4.ts'

/** At least `least`; classes count, whoever may be in them. */
export function longestLifetimeOf(
  { subnets, classes, servesBootp }: Plan4,
  least: Seconds,
): Seconds {
  if (servesBootp) return INFINITE_LIFETIME
  let longest = least
  for (const { lifetime } of subnets) longest = Math.max(longest, lifetime.max)
  for (const given of classes.given) longest = Math.max(longest, given?.lifetime?.max ?? 0)
  return longest
}
