// What a level says about names of clients, over what the levels above say. Where a level says
// nothing it shares the rules above by identity.

import type { Octets } from '../../bytes/octets.ts'
import { isLegalName, lowerCase } from '../../names/names.ts'
import type { TtlRules, UpdateRules } from '../../names/rules.ts'
import { type Sanitizer, sanitizerOf } from '../../names/sanitizer.ts'
import type { Annotated, NamesDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { NameTuning, PlaceNames } from '../plan/name-tuning.ts'
import type { Site } from '../text/site.ts'
import { blame } from './lifetimes.ts'
import type { Naming, Tuner } from './naming.ts'

const SHAPING_KEYS = [
  'hostname-char-set',
  'hostname-char-replacement',
  'ddns-replace-client-name',
  'ddns-generated-prefix',
  'ddns-qualifying-suffix',
] as const

const UPDATE_KEYS = [
  'ddns-send-updates',
  'ddns-override-no-update',
  'ddns-override-client-update',
  'ddns-update-on-renew',
  'ddns-conflict-resolution-mode',
] as const

const TTL_KEYS = ['ddns-ttl', 'ddns-ttl-percent', 'ddns-ttl-min', 'ddns-ttl-max'] as const

const KEYS = [...SHAPING_KEYS, ...UPDATE_KEYS, ...TTL_KEYS]

const DEFAULTS = defaultsOf('global', ...SHAPING_KEYS, ...UPDATE_KEYS)

/** Kea's, where nothing else is said. */
const TTL_PERCENT = 0.33333
const TTL_MIN = 600

/** The longest addresses in a name. */
const ADDRESS4 = '255-255-255-255'
const ADDRESS6 = 'ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff'

/** What the level above says. */
export interface NamesAbove {
  /** Key by key. */
  readonly given: NamesDocument
  /** Undefined: there is none. */
  readonly names: PlaceNames | undefined
  readonly naming: NamingHere
}

/** Where names are registered nowhere, no place can say that they are. */
export interface NamingHere extends Naming {
  readonly tuner: Tuner | undefined
}

type Own = NamesDocument & Pick<Annotated, 'user-context'>

export function compileNames(own: Own, above: NamesAbove, site: Site): PlaceNames {
  const { names: upper, naming } = above
  const tuning = tuningOf(own, above, site)
  if (upper !== undefined && KEYS.every((key) => own[key] === undefined))
    return tuning === upper.tuning ? upper : { ...upper, tuning }
  const given = { ...above.given, ...own }
  checkTtl(own, site)
  const longest = site.path[0] === 'Dhcp6' ? ADDRESS6 : ADDRESS4
  const prefix = prefixOf(given['ddns-generated-prefix'] ?? DEFAULTS['ddns-generated-prefix'])
  const suffix = suffixOf(given['ddns-qualifying-suffix'] ?? DEFAULTS['ddns-qualifying-suffix'])
  const generated = [`${prefix === '' ? '' : `${prefix}-`}${longest}`, suffix].filter(Boolean)
  if (!isDomain(suffix, true)) {
    const message = `'${given['ddns-qualifying-suffix']}' is not a domain`
    const at = blame(own, ['ddns-qualifying-suffix'], site)
    at.error('name-suffix', message, 'such as example.org')
  } else if (!isDomain(generated.join('.'), false)) {
    const at = blame(own, ['ddns-generated-prefix', 'ddns-qualifying-suffix'], site)
    const message = `'${prefix}-${longest}' and the domain are not the name of a host`
    at.error('name-prefix', message, 'letters, digits and hyphens; labels of at most 63')
  }
  return {
    replace: given['ddns-replace-client-name'] ?? DEFAULTS['ddns-replace-client-name'],
    prefix,
    suffix,
    sanitizer: compileSanitizer(own, given, upper?.sanitizer, site),
    // Whoever is told that this server registers its name does not do it itself.
    keepsName: naming.keepsName,
    zones: naming.zones,
    tuning,
    updates: naming.registers ? updatesOf(given) : undefined,
  }
}

/** A subnet may say its own, which counts in its pools, too. */
function tuningOf(own: Own, { names, naming }: NamesAbove, site: Site): NameTuning | undefined {
  if (naming.tuner === undefined) return undefined
  const isSubnet = 'subnet' in own
  if (isSubnet) return naming.tuner.of(own['user-context'], site)
  return names === undefined ? naming.tuner.global : names.tuning
}

function updatesOf(given: NamesDocument): UpdateRules | undefined {
  if (!(given['ddns-send-updates'] ?? DEFAULTS['ddns-send-updates'])) return undefined
  return {
    overridesClient:
      given['ddns-override-client-update'] ?? DEFAULTS['ddns-override-client-update'],
    overridesNone: given['ddns-override-no-update'] ?? DEFAULTS['ddns-override-no-update'],
    mode: given['ddns-conflict-resolution-mode'] ?? DEFAULTS['ddns-conflict-resolution-mode'],
    updatesOnRenew: given['ddns-update-on-renew'] ?? DEFAULTS['ddns-update-on-renew'],
    ttl: ttlRulesOf(given),
  }
}

/** 0 takes back what is said above. */
function ttlRulesOf(given: NamesDocument): TtlRules {
  return {
    fixed: given['ddns-ttl'] ?? 0,
    percent: given['ddns-ttl-percent'] || TTL_PERCENT,
    min: given['ddns-ttl-min'] || TTL_MIN,
    max: given['ddns-ttl-max'] ?? 0,
  }
}

function checkTtl(own: NamesDocument, site: Site): void {
  const other = TTL_KEYS.find((key) => key !== 'ddns-ttl' && (own[key] ?? 0) > 0)
  if ((own['ddns-ttl'] ?? 0) > 0 && other !== undefined) {
    const message = 'ddns-ttl stands here, too, and says the TTL whatever the lifetime is'
    site.at(other).error('ttl', message, 'leave one of them out')
  }
  const { 'ddns-ttl-min': min = 0, 'ddns-ttl-max': max = 0 } = own
  if (max > 0 && min > max)
    site.at('ddns-ttl-min').error('ttl', `${min} is above ddns-ttl-max`, `at most ${max}`)
}

function prefixOf(text: string): Octets {
  return lowerCase(text.trim())
}

/** Without dots around it. */
function suffixOf(text: string): Octets {
  return lowerCase(text.trim().replace(/^\.|\.$/g, ''))
}

/** Underscores stand in domains of some sites. */
function isDomain(name: string, mayBeEmpty: boolean): boolean {
  return name === '' ? mayBeEmpty : /^[a-z0-9._-]+$/.test(name) && isLegalName(name)
}

function compileSanitizer(
  own: NamesDocument,
  given: NamesDocument,
  upper: Sanitizer | undefined,
  site: Site,
): Sanitizer | undefined {
  const pattern = given['hostname-char-set'] ?? DEFAULTS['hostname-char-set']
  const replacement = given['hostname-char-replacement'] ?? DEFAULTS['hostname-char-replacement']
  if (pattern === '') return undefined
  if (upper?.pattern === pattern && upper.replacement === replacement) return upper
  if (!/^[A-Za-z0-9._-]{0,63}$/.test(replacement)) {
    const at = blame(own, ['hostname-char-replacement'], site)
    const message = `'${replacement}' has characters that no host name has`
    at.error('name-replacement', message, 'letters, digits and hyphens, or nothing')
    return undefined
  }
  const sanitizer = sanitizerOf(pattern, replacement)
  if ('clean' in sanitizer) return sanitizer
  const at = blame(own, ['hostname-char-set'], site)
  const { at: index, message } = sanitizer
  const hint = 'a POSIX extended regular expression, such as [^A-Za-z0-9.-]'
  at.error('name-pattern', `'${pattern}' at character ${index + 1}: ${message}`, hint)
  return undefined
}
