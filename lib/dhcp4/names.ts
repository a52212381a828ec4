// What clients are called: options 12 (RFC 2132 §3.14) and 81 (RFC 4702), and the names of
// reservations. Names come from strangers: whatever is malformed counts as absent.

import { type Octets, octetsFromBytes } from '../bytes/octets.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Exchange4 } from './exchange4.ts'
import { decodeFqdn } from './fqdn.ts'
import type { Place } from './place.ts'

/** RFC 1035 §2.3.4. */
const NAME_MAX = 253
const LABEL_MAX = 63

/** The name of the client, '' = unknown. A reserved name wins; option 81 goes before option 12. */
export function hostnameOf(exchange: Exchange4, { reservation }: Place): string {
  const reserved = reservation?.hostname ?? ''
  return reserved !== '' ? reserved : clientHostname(exchange)
}

/** The name as option 12 has it. Names of reservations may hold any character, in UTF-8. */
export function octetsOfName(name: string): Octets {
  // Names of clients are always so.
  if (/^[ -~]*$/.test(name)) return name
  return octetsFromBytes(new TextEncoder().encode(name))
}

/** The same as labels for option 81, '' where it cannot be such. */
export function domainNameOf(octets: Octets): Octets {
  return hasGoodLabels(octets) ? octets : ''
}

/** What the client calls itself, sanitised; '' = nothing usable. */
function clientHostname({ query }: Exchange4): string {
  const fqdn = query.has(OPTION4.fqdn) ? decodeFqdn(query.octets(OPTION4.fqdn)!) : undefined
  if (fqdn !== undefined) {
    const name = sanitizedName(fqdn.name)
    if (name !== '') return name
  }
  return query.has(OPTION4.hostName) ? sanitizedName(query.octets(OPTION4.hostName)!) : ''
}

/**
 * The name in lower case without the characters that no host name has and without a final dot; ''
 * when nothing is left or what is left has an empty or overlong label.
 */
export function sanitizedName(text: Octets): string {
  const clean = text.replace(/[^A-Za-z0-9.-]/g, '').toLowerCase()
  const name = clean.endsWith('.') ? clean.slice(0, -1) : clean
  return name.length <= NAME_MAX && hasGoodLabels(name) ? name : ''
}

/** A name that is empty has an empty label. */
function hasGoodLabels(name: string): boolean {
  for (const label of name.split('.')) if (label === '' || label.length > LABEL_MAX) return false
  return true
}
