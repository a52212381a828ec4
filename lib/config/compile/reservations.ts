// One reservation: by what its client is known, its address, and what it is given. Of lists tells
// reservation-lists.ts.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import {
  ipv4FromText,
  isUnicast,
  rangeContains,
  rangeSize,
  textFromIpv4,
} from '../../address/ipv4.ts'
import { isLegalName, lowerCase, withoutFinalDot } from '../../names/names.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { ReservationDocument } from '../keys/document4.ts'
import { NO_OPTIONS } from '../plan/option-set.ts'
import type { Identifier4, Pool4, Reservation4 } from '../plan/plan4.ts'
import { NO_BOOT_FIELDS } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import { compileOptions } from './options.ts'
import {
  compileIdentity,
  type IdentityPlace,
  type WrittenIdentifier,
} from './reservation-identity.ts'
import { compileBootFields } from './scope.ts'

/** What reservations are judged by. */
export interface ReservationPlace extends IdentityPlace {
  /** Addresses of the subnet and its prefix in text; absent for the global list. */
  readonly subnet: Network | undefined
  readonly classes: ClassLists
  readonly registry: OptionRegistry
  /** Two reservations of the list may not name one address. */
  readonly unique: boolean
  /** Pools that reservations-out-of-pool promises to be free of reservations. */
  readonly poolsPromisedFree: readonly Pool4[]
}

interface Network {
  readonly range: Ipv4Range
  readonly text: string
}

export interface WrittenReservation {
  readonly reservation: Reservation4
  /** Those of the reservation, as they were written. */
  readonly identifiers: readonly WrittenIdentifier[]
}

/** Nothing but an address that nobody else is to get: whose it is was written wrongly. */
export function addressOnly(address: Ipv4): Reservation4 {
  return {
    identifiers: [],
    address,
    hostname: '',
    classes: [],
    options: NO_OPTIONS,
    bootFields: NO_BOOT_FIELDS,
  }
}

/**
 * All faults of the reservation are reported; a fault of an option or a boot field costs only that.
 * Undefined where nothing is left of it.
 */
export function compileReservation(
  document: ReservationDocument,
  place: ReservationPlace,
  site: Site,
): WrittenReservation | undefined {
  const identifiers = compileIdentity(document, place, site)
  for (const identifier of identifiers) warnOfHardware(identifier)
  const address = parseAddress(document, place, site)
  const hostname = parseHostname(document.hostname, site)
  const bootFields = compileBootFields(document, NO_BOOT_FIELDS, site)
  const options = compileOptions(document['option-data'], site.at('option-data'), place)
  if (address === undefined) return undefined
  if (identifiers.length === 0)
    return address === 0 ? undefined : { reservation: addressOnly(address), identifiers }
  const classes = place.classes.numbers(document['client-classes'])
  const bare = bareOf(identifiers)
  const reservation = { identifiers: bare, address, hostname, classes, options, bootFields }
  return { reservation, identifiers }
}

export function bareOf(identifiers: readonly WrittenIdentifier[]): readonly Identifier4[] {
  return identifiers.map(({ kind, value }) => ({ kind, value }))
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
  if (subnet !== undefined) warnOfEdge(address, subnet, at)
  if (place.poolsPromisedFree.some((pool) => rangeContains(pool.range, address))) {
    const message = `${text} is in a pool, so it is not reserved`
    at.warning('reservation-in-pool', message, 'reservations-out-of-pool says so')
    return 0
  }
  return address
}

/** In a subnet with so few addresses all of them may be hosts (RFC 3021). */
const ALL_HOSTS_MAX = 2

function warnOfEdge(address: Ipv4, { range, text }: Network, site: Site): void {
  const { first, last } = range
  if (rangeSize(range) <= ALL_HOSTS_MAX || (address !== first && address !== last)) return
  const which = address === first ? 'network' : 'broadcast'
  const message = `${textFromIpv4(address)} is the ${which} address of ${text}`
  site.warning('reservation-edge', message, 'no host can use it')
}

/**
 * Octets of hardware addresses that clients of DHCPv4 have: of Ethernet and Wi-Fi, EUI-64,
 * InfiniBand's.
 */
const HARDWARE_LENGTHS: ReadonlySet<number> = new Set([6, 8, 16])

function warnOfHardware({ kind, value, text, site }: WrittenIdentifier): void {
  const { length } = value
  if (kind !== 'hw-address' || HARDWARE_LENGTHS.has(length)) return
  const message = `'${text}' has ${length} octet${length === 1 ? '' : 's'}`
  site.warning('hw-address', message, 'that of an Ethernet card has 6')
}

/**
 * RFC 1035 §2.3.4 lengths; letters, digits, hyphen and (Kea allows it) underscore. What else people
 * call their devices is sent as it stands, as by Kea, if it fits into option 12 and disturbs no
 * log.
 */
function parseHostname(text: string | undefined, site: Site): string {
  const whole = (text ?? '').trim()
  const name = withoutFinalDot(whole)
  if (name === '') return ''
  if (/^[a-z0-9._-]+$/i.test(name) && isLegalName(name)) return lowerCase(whole)
  const at = site.at('hostname')
  const hint = 'labels of letters, digits and hyphens, at most 63 each and 253 in all'
  const isText = new TextEncoder().encode(name).length <= 253 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name)
  if (isText) at.warning('hostname', `'${text}' is no host name and is sent so`, hint)
  else at.error('hostname', `${JSON.stringify(text)} is not a host name`, hint)
  return isText ? whole : ''
}
