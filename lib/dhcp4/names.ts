// What a client is called by its reply and its lease: options 12 (RFC 2132 §3.14) and 81 (RFC 4702)
// of the query, the name of its reservation, names that are made up. Names come from strangers:
// whatever is malformed counts as absent.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import type { Octets } from '../bytes/octets.ts'
import { type Text, textFor } from '../classify/expression.ts'
import type { PlaceNames } from '../config/plan/name-tuning.ts'
import {
  domainNameOf,
  generatedName,
  hostNameOf,
  isLegalName,
  isMadeUp,
  octetsOfName,
  reservedNameOf,
  saidHostName,
  textOfName,
  tunedName,
  withoutFinalDot,
} from '../names/names.ts'
import type { NameRules, UpdateRules } from '../names/rules.ts'
import { answeredFlags, FLAG_N, FLAG_S } from '../names/update-flags.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import type { Query4 } from '../wire/v4/message.ts'
import type { Exchange4 } from './exchange4.ts'
import { decodeFqdn, encodeFqdnReply, type Fqdn } from './fqdn.ts'
import type { Place } from './place.ts'

export interface ClientNames {
  /** As the lease has it, '' = unknown. */
  readonly hostname: string
  /** Option 12 of the reply, '' = none. */
  readonly option12: Octets
  /**
   * When option 12 is sent. reserved: to who asks for it, or says one, in place of a configured
   * one. said: the same where none is configured. unasked: wherever none is configured.
   */
  readonly source: 'reserved' | 'said' | 'unasked'
  /** Option 81 of the reply, '' = none. */
  readonly option81: Octets
  /** What the server registers in DNS. */
  readonly fqdnFwd: boolean
  readonly fqdnRev: boolean
}

const NO_NAMES: ClientNames = {
  hostname: '',
  option12: '',
  source: 'said',
  option81: '',
  fqdnFwd: false,
  fqdnRev: false,
}

/** Of a client that gets this address: what its pool says of names counts. */
export function namesOf(exchange: Exchange4, place: Place, address: Ipv4): ClientNames {
  const { query } = exchange
  const { subnet } = place
  const rules = subnet.poolOf(address)?.names ?? subnet.names
  const { tuning } = rules
  const updates = updatesOf(exchange, rules)
  const fqdn = query.has(OPTION4.fqdn) ? decodeFqdn(query.octets(OPTION4.fqdn)!) : undefined
  if (tuning?.expression !== undefined) {
    const tuned = tunedName(valueFor(tuning.expression, exchange), rules)
    if (tuned !== '') return namesFrom(tuned, 'unasked', fqdn, updates)
  }
  const reserved = place.reservation?.hostname ?? ''
  if (reserved !== '')
    return namesFrom(reservedNameOf(octetsOfName(reserved), rules), 'reserved', fqdn, updates)
  const domainName = fqdn === undefined ? '' : domainNameFrom(fqdn, rules, address)
  if (domainName !== '') return namesFrom(domainName, 'said', fqdn, updates)
  const said = query.has(OPTION4.hostName) ? saidHostName(query.octets(OPTION4.hostName)!) : ''
  const name = hostNameFrom(said, rules, address)
  if (name === '') return NO_NAMES
  return namesFrom(name, said === '' ? 'unasked' : 'said', undefined, updates)
}

/** Undefined where no name of the client is registered. */
function updatesOf({ classes }: Exchange4, { tuning, updates }: PlaceNames) {
  return tuning !== undefined && classes.has(tuning.skipClass) ? undefined : updates
}

function valueFor(expression: Text, { arrival, classes, facts, query }: Exchange4) {
  facts.begin(query, arrival, classes)
  facts.decode()
  return textFor(expression, facts)
}

/** The same of a client that a hook calls so; '' = it has no name. */
export function namesCalled(
  exchange: Exchange4,
  { subnet }: Place,
  address: Ipv4,
  hostname: string,
): ClientNames {
  if (hostname === '') return NO_NAMES
  const { query } = exchange
  const rules = subnet.poolOf(address)?.names ?? subnet.names
  const fqdn = query.has(OPTION4.fqdn) ? decodeFqdn(query.octets(OPTION4.fqdn)!) : undefined
  return namesFrom(octetsOfName(hostname), 'reserved', fqdn, updatesOf(exchange, rules))
}

/** Whether the reply has option 12 of these names. */
export function sendsHostName(
  { option12, source }: ClientNames,
  query: Query4,
  isAsked: boolean,
  isConfigured: boolean,
): boolean {
  if (option12 === '' || (isConfigured && source !== 'reserved')) return false
  return source === 'unasked' || isAsked || query.has(OPTION4.hostName)
}

/** What becomes of option 81; '' = nothing usable. */
function domainNameFrom({ name, complete }: Fqdn, rules: NameRules, address: Ipv4): Octets {
  if (isNameless(name) || isMadeUp(rules.replace, true))
    return generatedName(textFromIpv4(address), rules)
  return domainNameOf(name, complete, rules)
}

/** What becomes of option 12, or of none; '' = nothing usable. */
function hostNameFrom(said: Octets, rules: NameRules, address: Ipv4): Octets {
  if (said === '.' || isMadeUp(rules.replace, said !== ''))
    return generatedName(textFromIpv4(address), rules)
  return said === '' ? '' : hostNameOf(said, rules)
}

/** RFC 4702 §3.3: the client wants the server to find a name. */
function isNameless(name: Octets): boolean {
  return name === '' || name === '.'
}

/** `fqdn` is the option 81 that is answered. */
function namesFrom(
  name: Octets,
  source: ClientNames['source'],
  fqdn: Fqdn | undefined,
  updates: UpdateRules | undefined,
): ClientNames {
  const bare = withoutFinalDot(name)
  // Who says nothing of DNS leaves it to the server.
  const flags = answeredFlags(fqdn?.flags ?? FLAG_S, updates)
  const isLegal = isLegalName(bare)
  return {
    hostname: textOfName(bare),
    option12: fqdn === undefined ? name : bare,
    source,
    option81: fqdn !== undefined && isLegal ? encodeFqdnReply(fqdn, flags, bare) : '',
    fqdnFwd: isLegal && (flags & FLAG_S) !== 0,
    fqdnRev: isLegal && (flags & FLAG_N) === 0,
  }
}
