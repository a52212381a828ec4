// What a client is called by its leases, and option 39 of its reply (RFC 4704): the name that it
// says, the name of its reservation, names that are made up. Names come from strangers: whatever is
// malformed counts as absent.
//
//   octet 0  flags: 0 0 0 0 0 N O S     then the name, whole or its first labels

import { textFromIpv6 } from '../address/ipv6.ts'
import { addressOf, type Prefix6 } from '../address/prefix6.ts'
import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { textFor } from '../classify/expression.ts'
import type { PlaceNames } from '../config/plan/name-tuning.ts'
import type { Subnet6 } from '../config/plan/plan6.ts'
import { labelsOfName, nameInLabels } from '../names/labels.ts'
import {
  domainNameOf,
  generatedName,
  isLegalName,
  isMadeUp,
  octetsOfName,
  reservedNameOf,
  textOfName,
  tunedName,
  withoutFinalDot,
} from '../names/names.ts'
import type { NameRules, UpdateRules } from '../names/rules.ts'
import { answeredFlags, FLAG_N, FLAG_O, FLAG_S } from '../names/update-flags.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Query6 } from '../wire/v6/message.ts'
import type { Exchange6 } from './exchange6.ts'
import type { Place6 } from './place6.ts'

export interface ClientNames6 {
  /** As the leases have it, '' = unknown. */
  readonly hostname: string
  /** What the server registers in DNS. */
  readonly fqdnFwd: boolean
  readonly fqdnRev: boolean
  /** Option 39 of the reply, '' = none. */
  readonly option39: Octets
}

export const NO_NAMES6: ClientNames6 = {
  hostname: '',
  fqdnFwd: false,
  fqdnRev: false,
  option39: '',
}

interface Fqdn6 {
  readonly flags: number
  readonly name: Octets
  readonly complete: boolean
}

/** Of a client that gets this address: what its pool says of names counts. */
export function namesOf(exchange: Exchange6, place: Place6, address: Prefix6): ClientNames6 {
  const { reservation, subnet } = place
  const rules = rulesOf(subnet, address)
  const { tuning } = rules
  const updates = updatesOf(exchange, rules)
  const fqdn = fqdnOf(exchange.query)
  if (tuning?.expression !== undefined) {
    const tuned = tunedName(textFor(tuning.expression, exchange.facts), rules)
    if (tuned !== '') return named(tuned, fqdn, updates)
  }
  const reserved = reservation?.hostname ?? ''
  if (reserved !== '') return named(reservedNameOf(octetsOfName(reserved), rules), fqdn, updates)
  const said = fqdn === undefined ? '' : nameFrom(fqdn, rules, address)
  if (said !== '') return named(said, fqdn, updates)
  if (!isMadeUp(rules.replace, false)) return NO_NAMES6
  return named(madeUp(address, rules), ASKED_OF_NOBODY, updates)
}

/** Undefined where no name of the client is registered. */
function updatesOf({ classes }: Exchange6, { tuning, updates }: PlaceNames) {
  return tuning !== undefined && classes.has(tuning.skipClass) ? undefined : updates
}

function rulesOf(subnet: Subnet6, address: Prefix6): PlaceNames {
  return subnet.poolOf(address)?.names ?? subnet.names
}

/** The same of a client that a hook calls so; '' = it has no name. */
export function namesCalled(
  exchange: Exchange6,
  { subnet }: Place6,
  address: Prefix6,
  hostname: string,
): ClientNames6 {
  if (hostname === '') return NO_NAMES6
  const updates = updatesOf(exchange, rulesOf(subnet, address))
  return named(octetsOfName(hostname), fqdnOf(exchange.query), updates)
}

/** A client that says nothing of names is told what it is called where the server makes it up. */
const ASKED_OF_NOBODY: Fqdn6 = { flags: FLAG_S, name: '', complete: true }

/** RFC 4704 §4.1: the client wants the server to update DNS, and it wants nobody to. */
export function isContradictory(query: Query6): boolean {
  const value = query.option(OPTION6.fqdn)
  if (value === undefined || value === '') return false
  return (value.charCodeAt(0) & (N_HERE | FLAG_S)) === (N_HERE | FLAG_S)
}

/** N of this option is another bit than that of DHCPv4, by which flags are reckoned. */
const N_HERE = 4

function flagsRead(flags: number): number {
  return (flags & FLAG_S) | ((flags & N_HERE) === 0 ? 0 : FLAG_N)
}

function flagsToWrite(flags: number): number {
  return (flags & (FLAG_S | FLAG_O)) | ((flags & FLAG_N) === 0 ? 0 : N_HERE)
}

/** What the client says; undefined where it says nothing, or nothing that can be read. */
function fqdnOf(query: Query6): Fqdn6 | undefined {
  const value = query.has(OPTION6.fqdn) ? query.option(OPTION6.fqdn) : undefined
  if (value === undefined || value === '') return undefined
  const encoded = nameInLabels(value, 1)
  if (encoded === undefined) return undefined
  const said = flagsRead(value.charCodeAt(0))
  // Who contradicts itself is here only where that is forgiven: S counts then.
  const flags = (said & FLAG_S) !== 0 ? FLAG_S : said
  return { flags, name: encoded.name, complete: encoded.complete }
}

/** What becomes of the name that the client says; '' = nothing usable. */
function nameFrom({ name, complete }: Fqdn6, rules: NameRules, address: Prefix6): Octets {
  // RFC 4704 §4.2: with no name the client wants the server to find one.
  if (name === '' || isMadeUp(rules.replace, true)) return madeUp(address, rules)
  return domainNameOf(name, complete, rules)
}

function madeUp(address: Prefix6, rules: NameRules): Octets {
  return generatedName(textFromIpv6(addressOf(address)), rules)
}

/** `fqdn` is the option that is answered. */
function named(
  name: Octets,
  fqdn: Fqdn6 | undefined,
  updates: UpdateRules | undefined,
): ClientNames6 {
  const bare = withoutFinalDot(name)
  // Who says nothing of DNS leaves it to the server.
  const flags = answeredFlags(fqdn?.flags ?? FLAG_S, updates)
  const isLegal = isLegalName(bare)
  return {
    hostname: textOfName(bare),
    fqdnFwd: isLegal && (flags & FLAG_S) !== 0,
    fqdnRev: isLegal && (flags & FLAG_N) === 0,
    option39:
      fqdn !== undefined && isLegal
        ? octetsFromUint(flagsToWrite(flags), 1) + labelsOfName(bare)
        : '',
  }
}
