// Option 54 where the configuration sets it.

import { type Ipv4, ipv4FromOctets } from '../address/ipv4.ts'
import type { OptionLevel, OptionSet, OptionValues } from '../config/plan/option-set.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import { OPTION4 } from '../wire/v4/codes.ts'

/** The value of option 54 in a set of options, 0 = none. */
export function configuredServerId(options: OptionValues): Ipv4 {
  return ipv4FromOctets(options.values.get(OPTION4.serverIdentifier)?.data)
}

/** Every server identifier that some level or class of the plan configures. */
export function configuredServerIds(plan: Plan4): Set<Ipv4> {
  const levels = new Set<OptionLevel>()
  const addLevels = (set: OptionSet) => {
    for (const { level } of set.levels) levels.add(level)
  }
  addLevels(plan.options)
  for (const subnet of plan.subnets) {
    addLevels(subnet.options)
    for (const pool of subnet.pools) addLevels(pool.options)
  }
  for (const given of plan.classes.given) if (given !== undefined) levels.add(given.options)
  const ids = new Set<Ipv4>()
  for (const { options } of levels)
    for (const { code, data } of options)
      if (code === OPTION4.serverIdentifier) ids.add(ipv4FromOctets(data))
  ids.delete(0)
  return ids
}
