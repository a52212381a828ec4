// Option 54 where the configuration sets it.

import { type Ipv4, ipv4FromOctets } from '../address/ipv4.ts'
import type { OptionValues } from '../config/plan/option-set.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'

/** The value of option 54 in a set of options, 0 = none. */
export function configuredServerId(options: OptionValues): Ipv4 {
  return ipv4FromOctets(options.values.get(OPTION4.serverIdentifier)?.data)
}

/** Every server identifier that some level of the plan configures. */
export function configuredServerIds(plan: Plan4): Set<Ipv4> {
  const ids = new Set<Ipv4>([configuredServerId(plan.options)])
  for (const subnet of plan.subnets) {
    ids.add(configuredServerId(subnet.options))
    for (const pool of subnet.pools) ids.add(configuredServerId(pool.options))
  }
  ids.delete(0)
  return ids
}
