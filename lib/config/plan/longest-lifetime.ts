// The longest lease that a plan allows, wherever it says so.

import { INFINITE_LIFETIME, type Seconds } from '../../time/units.ts'
import type { Plan } from './plan.ts'
import type { Plan4 } from './plan4.ts'
import type { Plan6 } from './plan6.ts'

/** At least `least`; of either family. */
export function longestLifetimeOf({ dhcp4, dhcp6 }: Plan, least: Seconds): Seconds {
  const of4 = dhcp4 === undefined ? least : longestLifetime4(dhcp4, least)
  return dhcp6 === undefined ? of4 : longestLifetime6(dhcp6, of4)
}

function longestLifetime6({ subnets, classes }: Plan6, least: Seconds): Seconds {
  let longest = least
  for (const { lifetime } of subnets) longest = Math.max(longest, lifetime.valid.max)
  for (const given of classes.given) longest = Math.max(longest, given?.valid?.max ?? 0)
  return longest
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
