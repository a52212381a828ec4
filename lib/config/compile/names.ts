// What a level says about names of clients, over what the levels above say. Where a level says
// nothing it shares the rules above by identity.

import type { Octets } from '../../bytes/octets.ts'
import { isLegalName, lowerCase } from '../../names/names.ts'
import type { NameRules } from '../../names/rules.ts'
import { type Sanitizer, sanitizerOf } from '../../names/sanitizer.ts'
import type { NamesDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { Site } from '../text/site.ts'
import { blame } from './lifetimes.ts'

const KEYS = [
  'hostname-char-set',
  'hostname-char-replacement',
  'ddns-replace-client-name',
  'ddns-generated-prefix',
  'ddns-qualifying-suffix',
] as const

const DEFAULTS = defaultsOf('global', ...KEYS)

/** The longest addresses in a name. */
const ADDRESS4 = '255-255-255-255'
const ADDRESS6 = 'ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff'

/** `above`: what is said above, key by key. `upper` is undefined at the global level. */
export function compileNames(
  own: NamesDocument,
  above: NamesDocument,
  upper: NameRules | undefined,
  site: Site,
): NameRules {
  if (upper !== undefined && KEYS.every((key) => own[key] === undefined)) return upper
  const given = { ...above, ...own }
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
    // Whoever is told that this server registers its name does not do it itself, so nobody is told
    // before it is done.
    updates: undefined,
  }
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
