// One reservation of DHCPv6: by what its client is known, its addresses and prefixes, and what it
// is given. Of lists tells reservation-lists.ts.

import { type Ipv6, ipv6FromText, isLinkLocal, isMulticast6 } from '../../address/ipv6.ts'
import {
  ADDRESS_BITS,
  addressOf,
  isInside,
  lengthOf,
  type Prefix6,
  prefix6,
  prefix6FromText,
  textFromPrefix6,
} from '../../address/prefix6.ts'
import type { ReservationDocument6 } from '../keys/document6.ts'
import { NO_OPTIONS } from '../plan/option-set.ts'
import { keysOfReservation6 } from '../plan/plan-reservations6.ts'
import {
  type PdPool6,
  type Pool6,
  RESERVATION_IDENTIFIERS6,
  type Reservation6,
  type ReservationIdentifier6,
  type ReservedPrefix6,
} from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import { compileOptions } from './options.ts'
import {
  compileIdentity,
  type IdentityForm,
  type WrittenIdentifier,
} from './reservation-identity.ts'
import {
  bareOf,
  type ListPlace,
  type ReservationForm,
  ReservationLists,
  type ReservationsMade,
  type WrittenReservation,
} from './reservation-lists.ts'
import type { ReservationSums } from './reservation-sums.ts'
import { compileReservedName } from './reserved-name.ts'

export type ReservationsMade6 = ReservationsMade<Reservation6, ReservationIdentifier6, Prefix6>
export type ReservationSums6 = ReservationSums<Reservation6, Prefix6>

/** What reservations are judged by. */
export interface ReservationPlace6 extends ListPlace<ReservationIdentifier6> {
  /** Undefined for the global list. */
  readonly subnet: { readonly prefix: Prefix6; readonly text: string } | undefined
  readonly poolsPromisedFree: readonly (Pool6 | PdPool6)[]
}

const IDENTITY: IdentityForm<ReservationIdentifier6, ReservationPlace6> = {
  kinds: RESERVATION_IDENTIFIERS6,
  // A hardware address of 20 octets is InfiniBand's; RFC 9915 §11.1 of DUIDs.
  lengthMax: { 'hw-address': 20, duid: 130, 'flex-id': 255 },
  examples: {
    'hw-address': '02:00:5e:10:00:01',
    duid: '00:01:00:01:2a:b3:c4:d5:02:00:5e:10:00:01',
    'flex-id': "'text' or 01:02:03",
  },
  unkept: (kind) => (kind === 'flex-id' ? '' : undefined),
}

/** Undefined: wrong. */
type Reserved<Part> = Part | undefined

/**
 * All faults of the reservation are reported; a fault of an option costs only that. Undefined where
 * nothing is left of it.
 */
function compileReservation(
  document: ReservationDocument6,
  place: ReservationPlace6,
  site: Site,
): WrittenReservation<Reservation6, ReservationIdentifier6> | undefined {
  const identifiers = compileIdentity(document, place, IDENTITY, site)
  for (const identifier of identifiers) warnOfDuid(identifier)
  const addresses = parseAddresses(document, place, site.at('ip-addresses'))
  const prefixes = parsePrefixes(document, place, site)
  const hostname = compileReservedName(document.hostname, site)
  const options = compileOptions(document['option-data'], site.at('option-data'), place)
  if (addresses === undefined || prefixes === undefined) return undefined
  if (identifiers.length === 0) {
    const left = keysOnly(addresses, prefixes)
    return left === undefined ? undefined : { reservation: left, identifiers }
  }
  const classes = place.classes.numbers(document['client-classes'])
  const bare = bareOf(identifiers)
  const reservation = { identifiers: bare, addresses, prefixes, hostname, classes, options }
  return { reservation, identifiers }
}

/** Nothing but what nobody else is to get: whose it is was written wrongly. */
function keysOnly(
  addresses: readonly Prefix6[],
  prefixes: readonly ReservedPrefix6[],
): Reservation6 | undefined {
  if (addresses.length + prefixes.length === 0) return undefined
  return { identifiers: [], addresses, prefixes, hostname: '', classes: [], options: NO_OPTIONS }
}

/** RFC 9915 §11.1: a DUID has a type of two octets, and something behind it. */
const DUID_MIN = 3

function warnOfDuid({ kind, value, text, site }: WrittenIdentifier<ReservationIdentifier6>): void {
  if (kind !== 'duid' || value.length >= DUID_MIN) return
  const message = `'${text}' is too short for a DUID, so it finds nobody`
  site.warning('duid', message, `at least ${DUID_MIN} bytes, the type first`)
}

function parseAddresses(
  { 'ip-addresses': texts = [] }: ReservationDocument6,
  place: ReservationPlace6,
  site: Site,
): Reserved<readonly Prefix6[]> {
  const addresses: Prefix6[] = []
  let isWrong = false
  for (const [index, text] of texts.entries()) {
    const at = site.at(index)
    const key = parseAddress(text, place, at)
    if (key === undefined) isWrong = true
    else if (isNew(key, addresses, at) && isReserved(key, place, at)) addresses.push(key)
  }
  return isWrong ? undefined : addresses
}

function parseAddress(text: string, { subnet }: ReservationPlace6, site: Site): Reserved<Prefix6> {
  const address = ipv6FromText(text.trim())
  if (address === undefined || !isOfHost(address)) {
    const message = `'${text}' is not an address of a host`
    const hint = text.includes('/') ? 'prefixes go into prefixes' : 'such as 2001:db8::10'
    site.error('address', message, hint)
    return undefined
  }
  const key = prefix6(address, ADDRESS_BITS)
  if (subnet === undefined || isInside(key, subnet.prefix)) return key
  site.error('outside-subnet', `${text} is not in the subnet`, `inside ${subnet.text}`)
  return undefined
}

/** Neither of a group, nor of a link alone, nor ::, ::1 or one that stands for IPv4. */
function isOfHost(address: Ipv6): boolean {
  if (isMulticast6(address) || isLinkLocal(address)) return false
  return !address.startsWith(ZEROS)
}

/** ::/80, with ::ffff:0:0/96 in it. */
const ZEROS = '\0'.repeat(10)

function parsePrefixes(
  document: ReservationDocument6,
  place: ReservationPlace6,
  site: Site,
): Reserved<readonly ReservedPrefix6[]> {
  const { prefixes: texts = [], 'excluded-prefixes': excluded = [] } = document
  const at = site.at('prefixes')
  const isParallel = excluded.length === 0 || excluded.length === texts.length
  if (!isParallel) {
    const message = `${excluded.length} excluded-prefixes for ${texts.length} prefixes`
    site
      .at('excluded-prefixes')
      .error('excluded-prefix', message, 'one for each, "" where nothing is left out')
  }
  const prefixes: ReservedPrefix6[] = []
  let isWrong = false
  for (const [index, text] of texts.entries()) {
    const prefix = parsePrefix(text, at.at(index))
    if (prefix === undefined) {
      isWrong = true
      continue
    }
    const taken = prefixes.map((one) => one.prefix)
    if (!isNew(prefix, taken, at.at(index)) || !isReserved(prefix, place, at.at(index))) continue
    const left = isParallel ? (excluded[index] ?? '') : ''
    prefixes.push({
      prefix,
      excluded: parseExcluded(left, prefix, site.at('excluded-prefixes').at(index)),
    })
  }
  return isWrong ? undefined : prefixes
}

function parsePrefix(text: string, site: Site): Reserved<Prefix6> {
  const prefix = text.includes('/') ? prefix6FromText(text.trim()) : undefined
  if (prefix === undefined || lengthOf(prefix) === 0 || !isOfHost(addressOf(prefix))) {
    site.error('prefix', `'${text}' is not a prefix`, 'such as 2001:db8:8000::/56')
    return undefined
  }
  if (lengthOf(prefix) === ADDRESS_BITS) {
    site.error('prefix', `'${text}' is an address`, 'addresses go into ip-addresses')
    return undefined
  }
  warnOfHostBits(text, prefix, site)
  return prefix
}

function warnOfHostBits(text: string, prefix: Prefix6, site: Site): void {
  if (ipv6FromText(text.split('/', 1)[0]!.trim()) === addressOf(prefix)) return
  const message = `${text.trim()} has host bits`
  site.warning('host-bits', message, `taken for ${textFromPrefix6(prefix)}`)
}

/** RFC 6603 §4.2: a part of the prefix, and not all of it. One that is wrong is left out. */
function parseExcluded(text: string, prefix: Prefix6, site: Site): Prefix6 | undefined {
  if (text.trim() === '') return undefined
  const excluded = text.includes('/') ? prefix6FromText(text.trim()) : undefined
  const isPart =
    excluded !== undefined && lengthOf(excluded) > lengthOf(prefix) && isInside(excluded, prefix)
  if (isPart) return excluded
  const whole = textFromPrefix6(prefix)
  site.error(
    'excluded-prefix',
    `'${text}' is not a part of ${whole}`,
    `longer, and inside ${whole}`,
  )
  return undefined
}

function isNew(key: Prefix6, others: readonly Prefix6[], site: Site): boolean {
  if (!others.includes(key)) return true
  site.warning('duplicate', `${textFromPrefix6(key)} stands here a second time`, 'once is enough')
  return false
}

/** False where reservations-out-of-pool says that what pools have is not reserved. */
function isReserved(key: Prefix6, { poolsPromisedFree }: ReservationPlace6, site: Site): boolean {
  if (!poolsPromisedFree.some(({ range }) => range.first <= key && key <= range.last)) return true
  const message = `${textFromPrefix6(key)} is in a pool, so it is not reserved`
  site.warning('reservation-in-pool', message, 'reservations-out-of-pool says so')
  return false
}

export const FORM6: ReservationForm<
  ReservationDocument6,
  ReservationPlace6,
  Reservation6,
  ReservationIdentifier6,
  Prefix6
> = {
  compile: compileReservation,
  keysOf: keysOfReservation6,
  keysOnly: ({ addresses, prefixes }) => keysOnly(addresses, prefixes),
  isLikePlace: (one, other) => one.subnet?.prefix === other.subnet?.prefix,
  sorted: (keys) => [...keys].sort(compareKeys),
  isTelling: ({ options }) => options.options.length > 0,
  keyText: textFromPrefix6,
  keyFromText: prefix6FromText,
  ofKey: (key) =>
    lengthOf(key) === ADDRESS_BITS
      ? keysOnly([key], [])!
      : keysOnly([], [{ prefix: key, excluded: undefined }])!,
  keySite: keySite6,
}

/** Where the address or prefix of a reservation stands. */
export function keySite6({ addresses, prefixes }: Reservation6, key: Prefix6, site: Site): Site {
  const index = addresses.indexOf(key)
  if (index >= 0) return site.at('ip-addresses').at(index)
  return site.at('prefixes').at(prefixes.findIndex(({ prefix }) => prefix === key))
}

function compareKeys(one: Prefix6, other: Prefix6): number {
  return one < other ? -1 : one === other ? 0 : 1
}

export class ReservationLists6 extends ReservationLists<
  ReservationDocument6,
  ReservationPlace6,
  Reservation6,
  ReservationIdentifier6,
  Prefix6
> {
  constructor() {
    super(FORM6)
  }
}
