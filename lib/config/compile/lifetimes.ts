// Lifetimes of leases and the timers of their clients, as a level says them over those above it.

import type { TimersDocument } from '../keys/common-document.ts'
import type { Lifetime } from '../plan/given.ts'
import type { Timers } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'

/** The keys of a lifetime: default, least and longest. */
export interface LifetimeKeys<Key extends string> {
  readonly keys: readonly [value: Key, min: Key, max: Key]
}

export const VALID: LifetimeKeys<ValidKey> = {
  keys: ['valid-lifetime', 'min-valid-lifetime', 'max-valid-lifetime'],
}
type ValidKey = 'valid-lifetime' | 'min-valid-lifetime' | 'max-valid-lifetime'

export const PREFERRED: LifetimeKeys<PreferredKey> = {
  keys: ['preferred-lifetime', 'min-preferred-lifetime', 'max-preferred-lifetime'],
}
type PreferredKey = 'preferred-lifetime' | 'min-preferred-lifetime' | 'max-preferred-lifetime'

export const TIMER_KEYS = [
  'renew-timer',
  'rebind-timer',
  'calculate-tee-times',
  't1-percent',
  't2-percent',
] as const

type Given<Key extends string> = { readonly [K in Key]?: number }

const BOUNDS_HINT =
  'min, default and max in this order; bounds of the global level count in subnets too'

/** Bounds that are not given follow the default, each key inherited by itself. */
export function compileLifetime<Key extends string>(
  own: Given<Key>,
  given: Given<Key>,
  { keys, byDefault }: LifetimeKeys<Key> & { readonly byDefault: number },
  site: Site,
): Lifetime {
  const [valueKey, minKey, maxKey] = keys
  const value = given[valueKey] ?? byDefault
  const min = given[minKey] ?? value
  const max = given[maxKey] ?? value
  if (value === 0) {
    const hint = 'at least 1; 4294967295 never ends'
    site.at(valueKey).error('lifetime-zero', 'a lease of 0 seconds', hint)
  } else if (min > max && given[maxKey] !== undefined) {
    const at = blame(own, [minKey, maxKey, valueKey], site)
    at.error('lifetime-bounds', `${minKey} ${min} is above ${maxKey} ${max}`, BOUNDS_HINT)
  } else if (value < min) {
    const at = blame(own, [valueKey, minKey], site)
    at.error('lifetime-bounds', `${valueKey} ${value} is below ${minKey} ${min}`, BOUNDS_HINT)
  } else if (value > max) {
    const at = blame(own, [valueKey, maxKey], site)
    at.error('lifetime-bounds', `${valueKey} ${value} is above ${maxKey} ${max}`, BOUNDS_HINT)
  }
  return { default: value, min, max }
}

/** What holds where no level says anything of timers. */
export type TimerDefaults = Required<
  Pick<TimersDocument, 'calculate-tee-times' | 't1-percent' | 't2-percent'>
>

export function compileTimers(
  own: TimersDocument,
  given: TimersDocument,
  defaults: TimerDefaults,
  site: Site,
): Timers {
  const calculate = given['calculate-tee-times'] ?? defaults['calculate-tee-times']
  const t1 = given['t1-percent'] ?? defaults['t1-percent']
  const t2 = given['t2-percent'] ?? defaults['t2-percent']
  if (calculate && !(0 < t1 && t1 < t2 && t2 < 1)) {
    const at = blame(own, ['t1-percent', 't2-percent', 'calculate-tee-times'], site)
    const message = `t1-percent ${t1} and t2-percent ${t2} do not fit together`
    at.error('timer-fractions', message, '0 < t1-percent < t2-percent < 1')
  }
  return { renew: given['renew-timer'], rebind: given['rebind-timer'], calculate, t1, t2 }
}

/** Kea sends T2 only below the lifetime, and T1 only below T2: legal, but seldom meant. */
export function checkTimersSent(
  timers: Timers,
  lifetime: Lifetime,
  own: TimersDocument & Given<ValidKey>,
  site: Site,
): void {
  const { renew, rebind } = timers
  if (rebind !== undefined && rebind >= lifetime.default) {
    const at = blame(own, ['rebind-timer', 'valid-lifetime'], site)
    const message = `rebind-timer ${rebind} is not below valid-lifetime ${lifetime.default}`
    at.warning('timer-not-sent', message, 'it is not sent with such leases')
  }
  const ceiling = Math.min(rebind ?? lifetime.default, lifetime.default)
  if (renew !== undefined && renew >= ceiling) {
    const at = blame(own, ['renew-timer', 'rebind-timer', 'valid-lifetime'], site)
    const limit = ceiling === rebind ? 'rebind-timer' : 'valid-lifetime'
    const message = `renew-timer ${renew} is not below ${limit} ${ceiling}`
    at.warning('timer-not-sent', message, 'it is not sent with such leases')
  }
}

/** The first of the keys that stands at this level, else the level: there the mistake was made. */
export function blame<Key extends string>(
  own: { readonly [K in Key]?: unknown },
  keys: readonly Key[],
  site: Site,
): Site {
  const key = keys.find((candidate) => own[candidate] !== undefined)
  return key === undefined ? site : site.at(key)
}
