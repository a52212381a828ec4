// One reservation of DHCPv4: by what its client is known, its address, and what it is given. Of
// lists tells reservation-lists.ts.

import type { Ipv4, Ipv4Range } from '../../address/ipv4.ts'
import {
  ipv4FromText,
  isUnicast,
  rangeContains,
  rangeSize,
  textFromIpv4,
} from '../../address/ipv4.ts'
import type { ReservationDocument } from '../keys/document4.ts'
import { NO_OPTIONS } from '../plan/option-set.ts'
import { keysOfReservation4 } from '../plan/plan-reservations.ts'
import {
  NO_BOOT_FIELDS,
  type Pool4,
  RESERVATION_IDENTIFIERS,
  type Reservation4,
  type ReservationIdentifier,
} from '../plan/plan4.ts'
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
import { compileBootFields } from './scope.ts'

export type ReservationsMade4 = ReservationsMade<Reservation4, ReservationIdentifier, Ipv4>
export type ReservationSums4 = ReservationSums<Reservation4, Ipv4>

/** What reservations are judged by. */
export interface ReservationPlace4 extends ListPlace<ReservationIdentifier> {
  /** Addresses of the subnet and its prefix in text; absent for the global list. */
  readonly subnet: Network | undefined
  /** Leases tell client identifiers. False where match-client-id is. */
  readonly keepsClientId: boolean
  readonly poolsPromisedFree: readonly Pool4[]
}

interface Network {
  readonly range: Ipv4Range
  readonly text: string
}

const IDENTITY: IdentityForm<ReservationIdentifier, ReservationPlace4> = {
  kinds: RESERVATION_IDENTIFIERS,
  // chaddr (RFC 2131 §2), a DUID (RFC 9915 §11.1), an option.
  lengthMax: { 'hw-address': 16, duid: 130, 'circuit-id': 255, 'client-id': 255, 'flex-id': 255 },
  examples: {
    'hw-address': '02:00:5e:10:00:01',
    duid: '00:01:00:01:2a:b3:c4:d5:02:00:5e:10:00:01',
    'circuit-id': "'eth1/0/7' or 00:04:00:0a",
    'client-id': "01:02:00:5e or 'text'",
    'flex-id': "'text' or 01:02:03",
  },
  unkept(kind, { keepsClientId }) {
    if (kind === 'hw-address') return undefined
    if (kind === 'circuit-id' || kind === 'flex-id') return ''
    return keepsClientId ? undefined : 'match-client-id is false'
  },
}

/** Nothing but an address that nobody else is to get: whose it is was written wrongly. */
function addressOnly(address: Ipv4): Reservation4 {
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
function compileReservation(
  document: ReservationDocument,
  place: ReservationPlace4,
  site: Site,
): WrittenReservation<Reservation4, ReservationIdentifier> | undefined {
  const identifiers = compileIdentity(document, place, IDENTITY, site)
  for (const identifier of identifiers) warnOfHardware(identifier)
  const address = parseAddress(document, place, site)
  const hostname = compileReservedName(document.hostname, site)
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

export const FORM4: ReservationForm<
  ReservationDocument,
  ReservationPlace4,
  Reservation4,
  ReservationIdentifier,
  Ipv4
> = {
  compile: compileReservation,
  keysOf: keysOfReservation4,
  keysOnly: ({ address }) => (address === 0 ? undefined : addressOnly(address)),
  isLikePlace: (one, other) => one.keepsClientId === other.keepsClientId,
  sorted: (addresses) => [...Uint32Array.from(addresses).sort()],
  // Fields of the header name hosts, and so do options.
  isTelling: ({ bootFields, options }) =>
    bootFields !== NO_BOOT_FIELDS || options.options.length > 0,
  keyText: textFromIpv4,
  keyFromText: ipv4FromText,
  ofKey: addressOnly,
  keySite: (_, __, site) => site.at('ip-address'),
}

export class ReservationLists4 extends ReservationLists<
  ReservationDocument,
  ReservationPlace4,
  Reservation4,
  ReservationIdentifier,
  Ipv4
> {
  constructor() {
    super(FORM4)
  }
}

/**
 * 0 where the reservation has no address (or one that does not count), undefined when it is wrong.
 */
function parseAddress(
  document: ReservationDocument,
  place: ReservationPlace4,
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

function warnOfHardware({
  kind,
  value,
  text,
  site,
}: WrittenIdentifier<ReservationIdentifier>): void {
  const { length } = value
  if (kind !== 'hw-address' || HARDWARE_LENGTHS.has(length)) return
  const message = `'${text}' has ${length} octet${length === 1 ? '' : 's'}`
  site.warning('hw-address', message, 'that of an Ethernet card has 6')
}
