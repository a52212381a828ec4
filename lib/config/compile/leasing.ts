// How a level gives leases, beside to whom and for how long.

import type { LeasingDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { Leasing } from '../plan/plan4.ts'

const DEFAULTS = defaultsOf(
  'global',
  'offer-lifetime',
  'adaptive-lease-time-threshold',
  'store-extended-info',
)

const KEYS = [
  'offer-lifetime',
  'cache-threshold',
  'cache-max-age',
  'adaptive-lease-time-threshold',
  'store-extended-info',
] as const

/** `given`: what counts here, of this level and those above. */
export function compileLeasing(
  own: LeasingDocument,
  given: LeasingDocument,
  upper: Leasing | undefined,
): Leasing {
  if (upper !== undefined && KEYS.every((key) => own[key] === undefined)) return upper
  return {
    offerLifetime: given['offer-lifetime'] ?? DEFAULTS['offer-lifetime'],
    reuse: compileReuse(given),
    adaptiveThreshold:
      given['adaptive-lease-time-threshold'] ?? DEFAULTS['adaptive-lease-time-threshold'],
    keepsRelayInfo: given['store-extended-info'] ?? DEFAULTS['store-extended-info'],
  }
}

/** Kea: either bound alone is enough, and either that is 0 switches it off. */
function compileReuse({
  'cache-threshold': threshold,
  'cache-max-age': maxAge,
}: LeasingDocument): Leasing['reuse'] {
  if (threshold === undefined && maxAge === undefined) return undefined
  if (threshold === 0 || maxAge === 0) return undefined
  return { threshold: threshold ?? 1, maxAge: maxAge ?? Number.POSITIVE_INFINITY }
}
