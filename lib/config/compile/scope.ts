// The single values that a subnet inherits from the global level: lifetimes, timers, boot fields
// and switches, with Kea's defaults. What a subnet does not touch it shares with the global level
// by identity, so ten thousand subnets hold one object, and a global mistake is reported once.

import type { Ipv4 } from '../../address/ipv4.ts'
import { ipv4FromText } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes } from '../../bytes/octets.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { BootDocument, ScopeDocument } from '../keys/document4.ts'
import type { PlaceNames } from '../plan/name-tuning.ts'
import type { Allocator, BootFields, Leasing, Lifetime, Timers } from '../plan/plan4.ts'
import { NO_BOOT_FIELDS } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import { compileLeasing } from './leasing.ts'
import { checkTimersSent, compileLifetime, compileTimers, TIMER_KEYS, VALID } from './lifetimes.ts'
import { compileNames, type NamingHere } from './names.ts'

/**
 * A network or a subnet that says nothing has what the global level has, so these are the only
 * ones.
 */
const DEFAULTS = defaultsOf(
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
  readonly names: PlaceNames
  readonly naming: NamingHere
  readonly allocator: Allocator
  readonly authoritative: boolean
  readonly matchClientId: boolean
  readonly reservationsGlobal: boolean
  readonly reservationsInSubnet: boolean
  readonly reservationsOutOfPool: boolean
}

const LIFETIME = { ...VALID, byDefault: DEFAULTS['valid-lifetime'] }

/** What the global level is told, which has none above it. */
export interface Outermost {
  readonly given: Readonly<Record<string, never>>
  readonly names: undefined
  readonly naming: NamingHere
}

export function outermost(naming: NamingHere): Outermost {
  return { given: {}, names: undefined, naming }
}

/**
 * The scope of a level: `own` as it stands at `site`, what it leaves out from `above` (or Kea's
 * defaults).
 */
export function compileScope(own: ScopeDocument, above: Scope | Outermost, site: Site): Scope {
  const upper = above.names === undefined ? undefined : above
  const given: ScopeDocument = upper === undefined ? own : { ...upper.given, ...own }
  const ownLifetime = upper === undefined || LIFETIME.keys.some((key) => own[key] !== undefined)
  const ownTimers = upper === undefined || TIMER_KEYS.some((key) => own[key] !== undefined)
  const lifetime = ownLifetime ? compileLifetime(own, given, LIFETIME, site) : upper.lifetime
  const timers = ownTimers ? compileTimers(own, given, DEFAULTS, site) : upper.timers
  if (ownLifetime || ownTimers) checkTimersSent(timers, lifetime, own, site)
  return {
    given,
    lifetime,
    leasing: compileLeasing(own, given, upper?.leasing),
    timers,
    bootFields: compileBootFields(own, upper?.bootFields ?? NO_BOOT_FIELDS, site),
    names: compileNames(own, above, site),
    naming: above.naming,
    allocator: given.allocator ?? DEFAULTS.allocator,
    authoritative: given.authoritative ?? DEFAULTS.authoritative,
    matchClientId: given['match-client-id'] ?? DEFAULTS['match-client-id'],
    reservationsGlobal: given['reservations-global'] ?? DEFAULTS['reservations-global'],
    reservationsInSubnet: given['reservations-in-subnet'] ?? DEFAULTS['reservations-in-subnet'],
    reservationsOutOfPool:
      given['reservations-out-of-pool'] ?? DEFAULTS['reservations-out-of-pool'],
  }
}

/** The boot fields of a level. Kea: an empty text says nothing, `0.0.0.0` says "no server". */
export function compileBootFields(own: BootDocument, upper: BootFields, site: Site): BootFields {
  const nextServer = own['next-server'] ?? ''
  const serverHostname = own['server-hostname'] ?? ''
  const bootFileName = own['boot-file-name'] ?? ''
  if (nextServer === '' && serverHostname === '' && bootFileName === '') return upper
  const fields = {
    nextServer: nextServer === '' ? upper.nextServer : address(nextServer, site),
    serverHostname: field('server-hostname', serverHostname, 63, site) ?? upper.serverHostname,
    bootFileName: field('boot-file-name', bootFileName, 127, site) ?? upper.bootFileName,
  }
  // Kea writes such fields into each reservation and class.
  return isSame(fields, upper) ? upper : fields
}

function isSame(one: BootFields, other: BootFields): boolean {
  return (
    one.nextServer === other.nextServer &&
    one.serverHostname === other.serverHostname &&
    one.bootFileName === other.bootFileName
  )
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
