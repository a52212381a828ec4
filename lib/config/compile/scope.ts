// The single values that a subnet inherits from the global level: lifetimes, timers, boot fields
// and switches, with Kea's defaults. What a subnet does not touch it shares with the global level
// by identity, so ten thousand subnets hold one object, and a global mistake is reported once.

import type { Ipv4 } from '../../address/ipv4.ts'
import { ipv4FromText } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import type { NameRules } from '../../names/rules.ts'
import type { LifetimeDocument, TimersDocument } from '../keys/common-document.ts'
import { defaults4 } from '../keys/defaults.ts'
import type { BootDocument, ScopeDocument } from '../keys/document4.ts'
import type { Allocator, BootFields, Leasing, Lifetime, Timers } from '../plan/plan4.ts'
import { NO_BOOT_FIELDS } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import { compileLeasing } from './leasing.ts'
import { compileNames } from './names.ts'

/**
 * A network or a subnet that says nothing has what the global level has, so these are the only
 * ones.
 */
const DEFAULTS = defaults4(
  'global',
  'allocator',
  'authoritative',
  'match-client-id',
  'reservations-global',
  'reservations-in-subnet',
  'reservations-out-of-pool',
  'valid-lifetime',
  'calculate-tee-times',
  't1-percent',
  't2-percent',
)

export interface Scope {
  /** What the document says here and above, merged key by key. */
  readonly given: ScopeDocument
  readonly lifetime: Lifetime
  readonly leasing: Leasing
  readonly timers: Timers
  readonly bootFields: BootFields
  readonly names: NameRules
  readonly allocator: Allocator
  readonly authoritative: boolean
  readonly matchClientId: boolean
  readonly reservationsGlobal: boolean
  readonly reservationsInSubnet: boolean
  readonly reservationsOutOfPool: boolean
}

const LIFETIME_KEYS = ['valid-lifetime', 'min-valid-lifetime', 'max-valid-lifetime'] as const
const TIMER_KEYS = [
  'renew-timer',
  'rebind-timer',
  'calculate-tee-times',
  't1-percent',
  't2-percent',
] as const

/**
 * The scope of a level: `own` as it stands at `site`, what it leaves out from `upper` (or Kea's
 * defaults).
 */
export function compileScope(own: ScopeDocument, upper: Scope | undefined, site: Site): Scope {
  const given: ScopeDocument = upper === undefined ? own : { ...upper.given, ...own }
  const ownLifetime = upper === undefined || LIFETIME_KEYS.some((key) => own[key] !== undefined)
  const ownTimers = upper === undefined || TIMER_KEYS.some((key) => own[key] !== undefined)
  const lifetime = ownLifetime ? compileLifetime(own, given, site) : upper.lifetime
  const timers = ownTimers ? compileTimers(own, given, site) : upper.timers
  if (ownLifetime || ownTimers) checkTimersSent(timers, lifetime, own, site)
  return {
    given,
    lifetime,
    leasing: compileLeasing(own, given, upper?.leasing),
    timers,
    bootFields: compileBootFields(own, upper?.bootFields ?? NO_BOOT_FIELDS, site),
    names: compileNames(own, upper?.given ?? {}, upper?.names, site),
    allocator: given.allocator ?? DEFAULTS.allocator,
    authoritative: given.authoritative ?? DEFAULTS.authoritative,
    matchClientId: given['match-client-id'] ?? DEFAULTS['match-client-id'],
    reservationsGlobal: given['reservations-global'] ?? DEFAULTS['reservations-global'],
    reservationsInSubnet: given['reservations-in-subnet'] ?? DEFAULTS['reservations-in-subnet'],
    reservationsOutOfPool:
      given['reservations-out-of-pool'] ?? DEFAULTS['reservations-out-of-pool'],
  }
}

const BOUNDS_HINT =
  'min, valid and max in this order; bounds of the global level count in subnets too'

/** Bounds that are not given follow the default, each key inherited by itself. */
function compileLifetime(own: LifetimeDocument, given: LifetimeDocument, site: Site): Lifetime {
  const value = given['valid-lifetime'] ?? DEFAULTS['valid-lifetime']
  const min = given['min-valid-lifetime'] ?? value
  const max = given['max-valid-lifetime'] ?? value
  if (value === 0) {
    const hint = 'at least 1; 4294967295 never ends'
    site.at('valid-lifetime').error('lifetime-zero', 'a lease of 0 seconds', hint)
  } else if (min > max && given['max-valid-lifetime'] !== undefined) {
    const at = blame(own, ['min-valid-lifetime', 'max-valid-lifetime', 'valid-lifetime'], site)
    const message = `min-valid-lifetime ${min} is above max-valid-lifetime ${max}`
    at.error('lifetime-bounds', message, BOUNDS_HINT)
  } else if (value < min) {
    const at = blame(own, ['valid-lifetime', 'min-valid-lifetime'], site)
    const message = `valid-lifetime ${value} is below min-valid-lifetime ${min}`
    at.error('lifetime-bounds', message, BOUNDS_HINT)
  } else if (value > max) {
    const at = blame(own, ['valid-lifetime', 'max-valid-lifetime'], site)
    const message = `valid-lifetime ${value} is above max-valid-lifetime ${max}`
    at.error('lifetime-bounds', message, BOUNDS_HINT)
  }
  return { default: value, min, max }
}

function compileTimers(own: TimersDocument, given: TimersDocument, site: Site): Timers {
  const calculate = given['calculate-tee-times'] ?? DEFAULTS['calculate-tee-times']
  const t1 = given['t1-percent'] ?? DEFAULTS['t1-percent']
  const t2 = given['t2-percent'] ?? DEFAULTS['t2-percent']
  if (calculate && !(0 < t1 && t1 < t2 && t2 < 1)) {
    const at = blame(own, ['t1-percent', 't2-percent', 'calculate-tee-times'], site)
    const message = `t1-percent ${t1} and t2-percent ${t2} do not fit together`
    at.error('timer-fractions', message, '0 < t1-percent < t2-percent < 1')
  }
  return { renew: given['renew-timer'], rebind: given['rebind-timer'], calculate, t1, t2 }
}

/** Kea sends T2 only below the lifetime, and T1 only below T2: legal, but seldom meant. */
function checkTimersSent(timers: Timers, lifetime: Lifetime, own: ScopeDocument, site: Site): void {
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

/** The boot fields of a level. Kea: an empty text says nothing, `0.0.0.0` says "no server". */
export function compileBootFields(own: BootDocument, upper: BootFields, site: Site): BootFields {
  const nextServer = own['next-server'] ?? ''
  const serverHostname = own['server-hostname'] ?? ''
  const bootFileName = own['boot-file-name'] ?? ''
  if (nextServer === '' && serverHostname === '' && bootFileName === '') return upper
  return {
    nextServer: nextServer === '' ? upper.nextServer : address(nextServer, site),
    serverHostname: field('server-hostname', serverHostname, 63, site) ?? upper.serverHostname,
    bootFileName: field('boot-file-name', bootFileName, 127, site) ?? upper.bootFileName,
  }
}

function address(text: string, site: Site): Ipv4 {
  const parsed = ipv4FromText(text.trim())
  if (parsed === undefined) {
    const message = `'${text}' is not an IPv4 address`
    site.at('next-server').error('address', message, 'such as 192.0.2.1')
  }
  return parsed ?? 0
}

/** A text field of the header, RFC 2131 §2: 64 or 128 bytes, the last one zero. */
function field(key: string, text: string, bytesMax: number, site: Site): Octets | undefined {
  if (text === '') return undefined
  const octets = octetsFromBytes(new TextEncoder().encode(text))
  if (octets.length <= bytesMax) return octets
  const message = `${octets.length} bytes are too many for the field`
  site.at(key).error('too-long', message, `at most ${bytesMax} bytes`)
  return ''
}

/** The first of the keys that stands at this level, else the level: there the mistake was made. */
function blame(own: ScopeDocument, keys: readonly (keyof ScopeDocument)[], site: Site): Site {
  const key = keys.find((candidate) => own[candidate] !== undefined)
  return key === undefined ? site : site.at(key)
}
