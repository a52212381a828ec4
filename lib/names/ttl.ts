// How long resolvers may keep the records of a lease.

import { INFINITE_LIFETIME, type Seconds } from '../time/units.ts'
import type { TtlRules } from './rules.ts'

/** RFC 2181 §8. */
const TTL_MAX: Seconds = 0x7fff_ffff

/** Of records of a lease that never ends, where nothing else bounds it. */
const OF_INFINITE: Seconds = 86_400

/** The TTL of the records of a lease that is given for so long. */
export function ttlOf({ fixed, percent, min, max }: TtlRules, lifetime: Seconds): Seconds {
  if (fixed > 0) return Math.min(fixed, TTL_MAX)
  if (lifetime === INFINITE_LIFETIME) return Math.min(max > 0 ? max : OF_INFINITE, TTL_MAX)
  const part = Math.max(Math.round(lifetime * percent), min)
  return Math.min(max > 0 ? Math.min(part, max) : part, TTL_MAX)
}
