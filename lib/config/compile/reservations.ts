// Reservations of one list (a subnet's, or the global one). A wrong one is reported and left out,
// except that its address goes to nobody else: somebody may well use it.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import { ipv4FromText, isUnicast, rangeContains, textFromIpv4 } from '../../address/ipv4.ts'
import type { Octets } from '../../bytes/octets.ts'
import { octetsFromBytes, octetsFromHex } from '../../bytes/octets.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { ReservationDocument } from '../keys/document4.ts'
import { NO_OPTIONS } from '../plan/option-set.ts'
import type { Pool4, Reservation4, ReservationIdentifier } from '../plan/plan4.ts'
import { NO_BOOT_FIELDS, RESERVATION_IDENTIFIERS } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import { compileOptions } from './options.ts'
import { compileBootFields } from './scope.ts'

/** What a list of reservations is judged by. */
export interface ReservationPlace {
  /** Addresses of the subnet and its prefix in text; absent for the global list. */
  readonly subnet: { readonly range: Ipv4Range; readonly text: string } | undefined
  /** The identifiers that are looked up at all. */
  readonly identifiers: readonly ReservationIdentifier[]
  readonly classes: ClassLists
  readonly registry: OptionRegistry
  /** Two reservations of the list may not name one address. */
  readonly unique: boolean
  /** Pools that reservations-out-of-pool promises to be free of reservations. */
  readonly poolsPromisedFree: readonly Pool4[]
}

export function compileReservations(
  documents: readonly ReservationDocument[] | undefined,
  place: ReservationPlace,
  site: Site,
): readonly Reservation4[] {
  const reservations: Reservation4[] = []
  const byIdentifier = new Map<string, number>()
  const byAddress = new Map<Ipv4, number>()
  for (const [index, document] of (documents ?? []).entries()) {
    const at = site.at(index)
    const reservation = compileReservation(document, place, at)
    if (reservation === undefined) continue
    const { identifier, value, address } = reservation
    if (value === '') {
      reservations.push(reservation)
      continue
    }
    const key = `${identifier}/${value}`
    const sameClient = byIdentifier.get(key)
    const sameAddress = place.unique && address !== 0 ? byAddress.get(address) : undefined
    if (sameClient !== undefined) {
      const message = `${identifier} ${document[identifier]} has a reservation here already`
      at.at(identifier).error('duplicate', message, `as reservations[${sameClient}]`)
      if (address !== 0) reservations.push(addressOnly(address))
    } else if (sameAddress !== undefined) {
      const message = `${textFromIpv4(address)} is reserved here already`
      const hint = `by reservations[${sameAddress}]; ip-reservations-unique false allows it`
      at.at('ip-address').error('duplicate', message, hint)
    } else {
      byIdentifier.set(key, index)
      if (address !== 0) byAddress.set(address, index)
      reservations.push(reservation)
    }
  }
  return reservations
}

function addressOnly(address: Ipv4): Reservation4 {
  return {
    identifier: 'hw-address',
    value: '',
    address,
    hostname: '',
    classes: [],
    options: NO_OPTIONS,
    bootFields: NO_BOOT_FIELDS,
  }
}

/**
 * All faults of the reservation are reported; a fault of an option or a boot field costs only that.
 */
function compileReservation(
  document: ReservationDocument,
  place: ReservationPlace,
  site: Site,
): Reservation4 | undefined {
  const identity = parseIdentity(document, place, site)
  const address = parseAddress(document, place, site)
  const hostname = parseHostname(document.hostname, site)
  const bootFields = compileBootFields(document, NO_BOOT_FIELDS, site)
  const options = compileOptions(document['option-data'], site.at('option-data'), place)
  if (address === undefined) return undefined
  if (identity === undefined) return address === 0 ? undefined : addressOnly(address)
  const classes = place.classes.numbers(document['client-classes'])
  return { ...identity, address, hostname, classes, options, bootFields }
}

interface Identity {
  readonly identifier: ReservationIdentifier
  readonly value: Octets
}

const NOT_LOOKED_UP = ['duid', 'circuit-id', 'flex-id'] as const

/** Longest identifiers that can ever match: chaddr (RFC 2131 §2) and an option value. */
const LENGTH_MAX = { 'hw-address': 16, 'client-id': 255 } as const

function parseIdentity(
  document: ReservationDocument,
  place: ReservationPlace,
  site: Site,
): Identity | undefined {
  const given = RESERVATION_IDENTIFIERS.filter((name) => document[name] !== undefined)
  const identifier = given[0]
  if (identifier === undefined && NOT_LOOKED_UP.some((name) => document[name] !== undefined))
    return undefined
  if (identifier === undefined || given.length > 1) {
    const message = identifier === undefined ? 'no identifier' : `both ${given.join(' and ')}`
    const hint = 'exactly one of hw-address, client-id'
    site.gap('reservation-identifier', message, hint)
    return undefined
  }
  const at = site.at(identifier)
  const text = document[identifier] ?? ''
  const value = identifierFromText(text)
  const lengthMax = LENGTH_MAX[identifier]
  if (value === undefined || value.length === 0 || value.length > lengthMax) {
    const example = identifier === 'hw-address' ? '02:00:5e:10:00:01' : "01:02:00:5e or 'text'"
    const hint = `1 to ${lengthMax} bytes, such as ${example}`
    at.error('reservation-identifier', `'${text}' is not a ${identifier}`, hint)
    return undefined
  }
  if (!place.identifiers.includes(identifier)) {
    const message = `${identifier} is not looked up, so this reservation is never found`
    at.warning('reservation-unused', message, 'see host-reservation-identifiers')
  }
  return { identifier, value }
}

/**
 * Kea's notations: 'text', 0x02005e, 02005e (an odd first digit stands alone), 02:00:5e, 02 00 5e.
 */
export function identifierFromText(text: string): Octets | undefined {
  const trimmed = text.trim()
  const quoted = /^'(.*)'$/s.exec(trimmed)
  if (quoted !== null) return octetsFromBytes(new TextEncoder().encode(quoted[1]!.trim()))
  const digits = /^0x/i.test(trimmed) ? trimmed.slice(2) : trimmed
  const odd = digits.length % 2 === 1 && /^[0-9a-f]+$/i.test(digits)
  return octetsFromHex(odd ? `0${digits}` : digits)
}

/**
 * 0 where the reservation has no address (or one that does not count), undefined when it is wrong.
 */
function parseAddress(
  document: ReservationDocument,
  place: ReservationPlace,
  site: Site,
): Ipv4 | undefined {
  const text = document['ip-address']
  if (text === undefined) return 0
  const at = site.at('ip-address')
  const address = ipv4FromText(text.trim())
  if (address === undefined || !isUnicast(address)) {
    at.error('address', `'${text}' is not an address of a host`, 'such as 192.0.2.10')
    return undefined
  }
  const { subnet } = place
  if (subnet !== undefined && !rangeContains(subnet.range, address)) {
    at.error('outside-subnet', `${text} is not in the subnet`, `inside ${subnet.text}`)
    return undefined
  }
  if (place.poolsPromisedFree.some((pool) => rangeContains(pool.range, address))) {
    const message = `${text} is in a pool, so it is not reserved`
    at.warning('reservation-in-pool', message, 'reservations-out-of-pool says so')
    return 0
  }
  return address
}

/**
 * RFC 1035 §2.3.4 lengths; letters, digits, hyphen and (Kea allows it) underscore. What else people
 * call their devices is sent as it stands, as by Kea, if it fits into option 12 and disturbs no
 * log.
 */
function parseHostname(text: string | undefined, site: Site): string {
  const name = (text ?? '').trim().replace(/\.$/, '')
  if (name === '') return ''
  if (name.length <= 253 && /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/i.test(name)) return name
  const at = site.at('hostname')
  const hint = 'labels of letters, digits and hyphens, at most 63 each and 253 in all'
  const isText = new TextEncoder().encode(name).length <= 253 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name)
  if (isText) at.warning('hostname', `'${text}' is no host name and is sent so`, hint)
  else at.error('hostname', `${JSON.stringify(text)} is not a host name`, hint)
  return isText ? name : ''
}
