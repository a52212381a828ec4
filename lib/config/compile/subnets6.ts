// A list of subnets of DHCPv6, of the global level or of a shared network: see subnets.ts.

import type { Ipv6 } from '../../address/ipv6.ts'
import { type Prefix6, prefix6FromText, textFromPrefix6 } from '../../address/prefix6.ts'
import { isLarger } from '../../address/range6.ts'
import { type Octets, octetsFromBytes, octetsFromHex } from '../../bytes/octets.ts'
import type { Range } from '../../leases/keys/key.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { PlaceDocument6, SubnetDocument6 } from '../keys/document6.ts'
import { CompiledSubnet6 } from '../plan/compiled-subnet6.ts'
import type { Allocator } from '../plan/plan4.ts'
import type { PdPool6, Pool6 } from '../plan/plan6.ts'
import type { Steps } from '../plan/steps.ts'
import type { Site } from '../text/site.ts'
import { compileSubnetLimits } from './limits.ts'
import { compileOptions } from './options.ts'
import { compilePdPools6 } from './pd-pools6.ts'
import { compileInterface, compileRelayAddresses, RELAYS6 } from './places.ts'
import { compilePools6, rangesOfPools6 } from './pools6.ts'
import type { MovingPrefixes } from './prefix-from.ts'
import type { ReservationPlace6, ReservationsMade6 } from './reservations6.ts'
import { compileScope6, type Scope6 } from './scope6.ts'
import { placeMade } from './standing-subnets.ts'
import type { MadeSubnet6, PlacedSubnet6, UpperLevel6 } from './upper-level6.ts'

const { 'rapid-commit': RAPID_COMMIT } = defaultsOf('subnet6', 'rapid-commit')

/** Of the list; see SubnetsForm.place. */
export function* placeSubnet6(
  written: SubnetDocument6,
  level: UpperLevel6,
  prefixes: MovingPrefixes,
  site: Site,
): Steps<PlacedSubnet6 | undefined> {
  const document = prefixes.settled(written, site)
  if (document === undefined) return undefined
  const make = (own: Site) => compileSubnet(document, level, own)
  return yield* placeMade(level.made.subnets, document, site, make)
}

const NO_RELAYS: readonly Ipv6[] = []

/** Undefined where its prefix is none. */
function* compileSubnet(
  document: SubnetDocument6,
  upper: UpperLevel6,
  site: Site,
): Steps<MadeSubnet6 | undefined> {
  const isPrefix = document.subnet.includes('/')
  const prefix = isPrefix ? prefix6FromText(document.subnet.trim()) : undefined
  if (prefix === undefined) {
    const message = `'${document.subnet}' is not a subnet of IPv6`
    site.at('subnet').error('subnet', message, 'such as "2001:db8:1::/64"')
    return undefined
  }
  const scope = compileScope6(document, upper.scope, site)
  const { network, classes, merge, registry } = upper
  const own = compileOptions(document['option-data'], site.entry.at('option-data'), upper)
  const options = merge.over(upper.options, 'subnet', own)
  const above = network?.plan.guard
  const guard = classes.guard(document['client-classes'], [above], site.at('client-classes'))
  const level = { options, merge, scope, registry, classes, guards: [above, guard] }
  const pools = compilePools6(document.pools, prefix, level, site.at('pools'))
  const pdPools = compilePdPools6(document['pd-pools'], level, site.at('pd-pools'))
  const place = compilePlace6(document, upper, site)
  const parts = {
    id: document.id,
    prefix,
    network: network?.plan,
    guard,
    additional: classes.numbers(document['evaluate-additional-classes']),
    interface: place.interface || (network?.plan.interface ?? ''),
    interfaceId: place.interfaceId || (network?.plan.interfaceId ?? ''),
    relayAddresses: place.relayAddresses ?? network?.relayAddresses ?? NO_RELAYS,
    pools,
    pdPools,
    ranges: rangesOfPools6(pools, prefix),
    allocator: scope.allocator ?? usualAllocator(pools),
    pdAllocator: scope.pdAllocator ?? usualAllocator(pdPools),
    rapidCommit: document['rapid-commit'] ?? network?.rapidCommit ?? RAPID_COMMIT,
    limits: compileSubnetLimits(document, upper.keepsLimits, site),
    options,
    scope,
    usesGlobalReservations: scope.reservationsGlobal,
  }
  const reserved = placeOfReservations(parts, upper)
  const list = site.entry.at('reservations')
  const made = yield* compileOwnReservations(document, scope, reserved, upper, list)
  const subnet = new CompiledSubnet6({ ...parts, ownReservations: made?.index })
  const reservationPlace = scope.reservationsInSubnet ? reserved : undefined
  return { subnet, reservations: made, reservationPlace, spans: undefined, doubts: undefined }
}

/** With more keys than 2 to the power of this, whoever may guess the next one is not to. */
const GUESSED_BITS = 16

/** RFC 9915 §13.1: what is given in order is easily found by others. */
export function usualAllocator(pools: readonly { readonly range: Range<Prefix6> }[]): Allocator {
  return pools.some(({ range }) => isLarger(range, GUESSED_BITS)) ? 'random' : 'iterative'
}

function placeOfReservations(
  parts: {
    readonly prefix: Prefix6
    readonly pools: readonly Pool6[]
    readonly pdPools: readonly PdPool6[]
    readonly scope: Scope6
  },
  upper: UpperLevel6,
): ReservationPlace6 {
  const { prefix, pools, pdPools, scope } = parts
  return {
    subnet: { prefix, text: textFromPrefix6(prefix) },
    identifiers: upper.identifiers,
    hasFlexId: upper.hasFlexId,
    classes: upper.classes,
    registry: upper.registry,
    unique: upper.reservationsUnique,
    poolsPromisedFree: scope.reservationsOutOfPool ? [...pools, ...pdPools] : [],
  }
}

/** Those that are looked up. They are checked even where they are switched off. */
function* compileOwnReservations(
  { id, reservations: documents }: SubnetDocument6,
  scope: Scope6,
  place: ReservationPlace6,
  upper: UpperLevel6,
  site: Site,
): Steps<ReservationsMade6 | undefined> {
  if (documents === undefined || documents.length === 0) return undefined
  const made = yield* upper.lists.get(id, documents, place, site)
  if (scope.reservationsInSubnet) return made
  const hint = 'reservations-in-subnet is false'
  site.warning('reservation-unused', 'these reservations are not looked up', hint)
  return undefined
}

export interface Place6Parts {
  readonly interface: string
  readonly interfaceId: Octets
  readonly relayAddresses: readonly Ipv6[] | undefined
}

/** Where the clients of a subnet or a shared network are. */
export function compilePlace6(
  document: PlaceDocument6,
  { interfaces }: Pick<UpperLevel6, 'interfaces'>,
  site: Site,
): Place6Parts {
  const name = compileInterface(document, interfaces, site)
  const interfaceId = interfaceIdFromText(document['interface-id'] ?? '')
  if (name !== '' && interfaceId !== '') {
    const message = 'both interface and interface-id'
    const hint = 'clients are on a link of this server, or behind a relay; not both'
    site.at('interface-id').error('interface-id', message, hint)
  }
  return {
    interface: name,
    interfaceId,
    relayAddresses: compileRelayAddresses(document, RELAYS6, site),
  }
}

/** Kea takes the text as it stands; hex digits behind 0x are Whio's. */
function interfaceIdFromText(text: string): Octets {
  const hex = /^0x((?:[0-9a-f]{2})+)$/i.exec(text)?.[1]
  return hex === undefined
    ? octetsFromBytes(new TextEncoder().encode(text))
    : (octetsFromHex(hex) ?? '')
}
