// The single values that a subnet of DHCPv6 inherits from the levels above: see scope.ts.

import { defaultsOf } from '../keys/defaults.ts'
import type { ScopeDocument6 } from '../keys/document6.ts'
import type { Leasing } from '../plan/given.ts'
import type { PlaceNames } from '../plan/name-tuning.ts'
import type { Allocator, Timers } from '../plan/plan4.ts'
import type { Lifetime6 } from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import { compileLeasing } from './leasing.ts'
import { blame, compileLifetime, compileTimers, PREFERRED, TIMER_KEYS, VALID } from './lifetimes.ts'
import { compileNames, type NamingHere } from './names.ts'
import type { Outermost } from './scope.ts'

const DEFAULTS = defaultsOf(
  'global6',
  'reservations-global',
  'reservations-in-subnet',
  'reservations-out-of-pool',
  'valid-lifetime',
  'calculate-tee-times',
  't1-percent',
  't2-percent',
)

export interface Scope6 {
  /** What the document says here and above, merged key by key. */
  readonly given: ScopeDocument6
  readonly lifetime: Lifetime6
  readonly leasing: Leasing
  readonly timers: Timers
  readonly names: PlaceNames
  readonly naming: NamingHere
  /** Undefined where no level names one. */
  readonly allocator: Allocator | undefined
  readonly pdAllocator: Allocator | undefined
  readonly reservationsGlobal: boolean
  readonly reservationsInSubnet: boolean
  readonly reservationsOutOfPool: boolean
}

const VALID_LIFETIME = { ...VALID, byDefault: DEFAULTS['valid-lifetime'] }
const LIFETIME_KEYS = [...VALID.keys, ...PREFERRED.keys]

/** `own` as it stands at `site`, what it leaves out from `upper` (or the defaults). */
export function compileScope6(own: ScopeDocument6, above: Scope6 | Outermost, site: Site): Scope6 {
  const upper = above.names === undefined ? undefined : above
  const given: ScopeDocument6 = upper === undefined ? own : { ...upper.given, ...own }
  const ownLifetime = upper === undefined || LIFETIME_KEYS.some((key) => own[key] !== undefined)
  const ownTimers = upper === undefined || TIMER_KEYS.some((key) => own[key] !== undefined)
  const lifetime = ownLifetime ? compileLifetime6(own, given, site) : upper.lifetime
  const timers = ownTimers ? compileTimers(own, given, DEFAULTS, site) : upper.timers
  if (ownLifetime || ownTimers) checkTimers(timers, lifetime, own, site)
  return {
    given,
    lifetime,
    leasing: compileLeasing(own, given, upper?.leasing),
    timers,
    names: compileNames(own, above, site),
    naming: above.naming,
    allocator: given.allocator,
    pdAllocator: given['pd-allocator'],
    reservationsGlobal: given['reservations-global'] ?? DEFAULTS['reservations-global'],
    reservationsInSubnet: given['reservations-in-subnet'] ?? DEFAULTS['reservations-in-subnet'],
    reservationsOutOfPool:
      given['reservations-out-of-pool'] ?? DEFAULTS['reservations-out-of-pool'],
  }
}

function compileLifetime6(own: ScopeDocument6, given: ScopeDocument6, site: Site): Lifetime6 {
  const valid = compileLifetime(own, given, VALID_LIFETIME, site)
  const usual =
    given['preferred-lifetime'] ||
    given['min-preferred-lifetime'] ||
    given['max-preferred-lifetime']
  // Kea takes 0 for what is not said.
  if (usual === undefined || usual === 0) return { valid, preferred: undefined }
  const form = { ...PREFERRED, byDefault: usual }
  const preferred = compileLifetime(own, { ...given, 'preferred-lifetime': usual }, form, site)
  if (preferred.default > valid.default) {
    const at = blame(own, ['preferred-lifetime', 'valid-lifetime'], site)
    const message = `preferred-lifetime ${preferred.default} is above valid-lifetime ${valid.default}`
    at.warning('lifetime-preferred', message, 'clients are told 5/8 of the valid lifetime')
  }
  return { valid, preferred }
}

/** Legal, but seldom meant. */
function checkTimers(
  { renew, rebind }: Timers,
  { valid }: Lifetime6,
  own: ScopeDocument6,
  site: Site,
): void {
  if (rebind !== undefined && rebind >= valid.default) {
    const at = blame(own, ['rebind-timer', 'valid-lifetime'], site)
    const message = `rebind-timer ${rebind} is not below valid-lifetime ${valid.default}`
    at.warning('timer-late', message, 'clients ask other servers when their leases are over')
  }
  if (renew === undefined) return
  if (rebind !== undefined && renew >= rebind) {
    const at = blame(own, ['renew-timer', 'rebind-timer'], site)
    const message = `renew-timer ${renew} is not below rebind-timer ${rebind}`
    at.warning('timer-not-sent', message, 'it is left to the client')
  } else if (renew >= valid.default) {
    const at = blame(own, ['renew-timer', 'valid-lifetime'], site)
    const message = `renew-timer ${renew} is not below valid-lifetime ${valid.default}`
    at.warning('timer-late', message, 'clients renew their leases when they are over')
  }
}
