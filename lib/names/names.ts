// Names of clients: what becomes of a name that a client says, a name that is made up, a name with
// its domain. Names are octets, as they go on the wire; a final dot says that a name is whole.
// Whatever is returned here is empty or has labels of 1 to 63 octets and at most 253 in all.

import { type Octets, octetsFromBytes } from '../bytes/octets.ts'
import type { NameRules, Replace } from './rules.ts'

/** RFC 1035 §2.3.4. */
const NAME_MAX = 253
const LABEL_MAX = 63

/** Whether the name, without a final dot, can be a name of DNS. */
export function isLegalName(name: Octets): boolean {
  if (name.length > NAME_MAX) return false
  let start = 0
  for (;;) {
    const dot = name.indexOf('.', start)
    const length = (dot < 0 ? name.length : dot) - start
    if (length === 0 || length > LABEL_MAX) return false
    if (dot < 0) return true
    start = dot + 1
  }
}

export function withoutFinalDot(name: Octets): Octets {
  return name.endsWith('.') ? name.slice(0, -1) : name
}

/** With ASCII letters in lower case: what else an octet may mean is not known. */
export function lowerCase(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (part) => part.toLowerCase()) : name
}

/**
 * The name with the domain, which may be empty; not where it ends so already, nor where it ends in
 * a dot.
 */
export function qualified(name: Octets, suffix: Octets): Octets {
  if (suffix === '' || name.endsWith('.')) return name
  const isThere = name === suffix || name.endsWith(`.${suffix}`)
  return isThere ? name : `${name}.${suffix}`
}

/** Whether a client gets a name that is made up, which says a name itself or not. */
export function isMadeUp(replace: Replace, isPresent: boolean): boolean {
  return replace === 'always' || replace === (isPresent ? 'when-present' : 'when-not-present')
}

/**
 * A name that an operator's expression has found, '' = nothing that could be one. What it is for is
 * for the operator to say: nothing is taken out of it.
 */
export function tunedName(found: Octets | undefined, rules: NameRules): Octets {
  if (found === undefined || found === '') return ''
  const whole = qualified(lowerCase(found), rules.suffix)
  return isOfHost(withoutFinalDot(whole), rules) ? whole : ''
}

/** A name that is made up from an address in text: `myhost-192-0-2-100.example.org`. */
export function generatedName(address: string, { prefix, suffix }: NameRules): Octets {
  const name = address.replace(/[.:]/g, '-').replace(/-$/, '-0')
  return qualified(prefix === '' ? name : `${prefix}-${name}`, suffix)
}

/**
 * What a client says its host is called (RFC 2132 §3.14), '' = nothing, '.' = that the server shall
 * find a name for it.
 */
export function saidHostName(value: Octets): Octets {
  // RFC 2132 §2: a text may end with zero octets.
  return value.replace(/^[ \t]+|[ \t\0]+$/g, '')
}

/**
 * Of a host name that a client said: in lower case, without what the rules take out. A single label
 * gets the domain; a name of several keeps its final dot. '' = nothing that could be a name.
 */
export function hostNameOf(said: Octets, rules: NameRules): Octets {
  const name = cleaned(said, rules)
  const bare = withoutFinalDot(name)
  if (bare.includes('.')) return isOfHost(bare, rules) ? name : ''
  const whole = isLegalName(bare) ? qualified(bare, rules.suffix) : ''
  return isOfHost(whole, rules) ? whole : ''
}

/** A zone is no host: whoever said its name would get what stands in it for all. */
function isOfHost(name: Octets, { suffix, zones }: NameRules): boolean {
  return isLegalName(name) && name !== suffix && !zones.has(name)
}

/**
 * Of a domain name that a client said, labels joined by dots, cleaned label by label. Where it is
 * not `complete`, it gets the domain. '' = nothing that could be a name.
 */
export function domainNameOf(said: Octets, complete: boolean, rules: NameRules): Octets {
  const labels = withoutFinalDot(said).split('.')
  const name = labels.map((label) => cleaned(label, rules)).join('.')
  if (!isLegalName(name)) return ''
  const whole = complete ? name : qualified(name, rules.suffix)
  return isOfHost(whole, rules) ? whole : ''
}

/**
 * A name that an operator wrote, with the domain. It may hold any character, and
 * stays as it is where the domain makes it too long.
 */
export function reservedNameOf(name: Octets, { suffix }: NameRules): Octets {
  const whole = withoutFinalDot(qualified(name, suffix))
  return whole.length <= NAME_MAX ? whole : withoutFinalDot(name)
}

/**
 * Control characters are never let through, nor what is no UTF-8: names stand in logs and files.
 */
function cleaned(said: Octets, { sanitizer }: NameRules): Octets {
  const name = lowerCase(sanitizer === undefined ? said : sanitizer.clean(said))
  if (/^[ -~]*$/.test(name)) return name
  return octetsOfName(textOfName(name).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ''))
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The name for people; what is no UTF-8 is read without the octets beyond ASCII. */
export function textOfName(name: Octets): string {
  if (/^[ -~]*$/.test(name)) return name
  try {
    return UTF8.decode(Uint8Array.from(name, (octet) => octet.charCodeAt(0)))
  } catch {
    return name.replace(/[\x80-\xff]+/g, '')
  }
}

/** A text as a name, in UTF-8. */
export function octetsOfName(text: string): Octets {
  if (/^[ -~]*$/.test(text)) return text
  return octetsFromBytes(new TextEncoder().encode(text))
}
