// A list of subnets, of the global level or of a shared network: each one compiled from its
// document and what the levels above hand down.

import type { Ipv4, Ipv4Prefix } from '../../address/ipv4.ts'
import { prefixFromText, rangeOfPrefix, textFromPrefix } from '../../address/ipv4.ts'
import type { SubnetDocument } from '../keys/document4.ts'
import { CompiledSubnet } from '../plan/compiled-subnet.ts'
import type { Pool4 } from '../plan/plan4.ts'
import type { Steps } from '../plan/steps.ts'
import type { Site } from '../text/site.ts'
import { compileAddressCheck } from './address-check.ts'
import { compileSubnetLimits } from './limits.ts'
import { compileOptions } from './options.ts'
import { compileInterface, compileRelayAddresses, RELAYS4 } from './places.ts'
import { compilePools, rangesOfPools } from './pools.ts'
import { NO_SUMS } from './reservation-sums.ts'
import type { ReservationPlace4, ReservationsMade4 } from './reservations.ts'
import type { Scope } from './scope.ts'
import { compileScope } from './scope.ts'
import { placeMade } from './standing-subnets.ts'
import type { MadeSubnet, PlacedSubnet, UpperLevel } from './upper-level.ts'

/** Of the list; see SubnetsForm.place. */
export function* placeSubnet(
  document: SubnetDocument,
  level: UpperLevel,
  site: Site,
): Steps<PlacedSubnet | undefined> {
  const make = (own: Site) => compileSubnet(document, level, own)
  return yield* placeMade(level.made.subnets, document, site, make)
}

const NO_RELAYS: readonly Ipv4[] = []

/** Undefined where its prefix is none. */
function* compileSubnet(
  document: SubnetDocument,
  upper: UpperLevel,
  site: Site,
): Steps<MadeSubnet | undefined> {
  const prefix = prefixFromText(document.subnet)
  if (prefix === undefined) {
    const message = `'${document.subnet}' is not a subnet`
    site.at('subnet').error('subnet', message, 'such as "192.0.2.0/24"')
    return undefined
  }
  const scope = compileScope(document, upper.scope, site)
  const { network, classes } = upper
  const own = compileOptions(document['option-data'], site.entry.at('option-data'), upper)
  const options = upper.merge.over(upper.options, 'subnet', own)
  const above = network?.plan.guard
  const guard = classes.guard(document['client-classes'], [above], site.at('client-classes'))
  const { merge, registry } = upper
  const poolsLevel = { options, merge, scope, registry, classes, guards: [above, guard] }
  const pools = compilePools(document.pools, prefix, poolsLevel, site.at('pools'))
  const relayAddresses = compileRelayAddresses(document, RELAYS4, site)
  const parts = {
    id: document.id,
    prefix,
    network: network?.plan,
    guard,
    additional: classes.numbers(document['evaluate-additional-classes']),
    interface:
      compileInterface(document, upper.interfaces, site) || (network?.plan.interface ?? ''),
    relayAddresses: relayAddresses ?? network?.relayAddresses ?? NO_RELAYS,
    pools,
    ...rangesOfPools(pools, prefix, upper.excludeFirstLast24),
    scope,
    addressCheck: compileAddressCheck(document, upper.addressChecks, site),
    limits: compileSubnetLimits(document, upper.keepsLimits, site),
    options,
    usesGlobalReservations: scope.reservationsGlobal,
  }
  const place = placeOfReservations(parts, upper)
  const made = yield* compileOwnReservations(
    document,
    scope,
    place,
    upper,
    site.entry.at('reservations'),
  )
  const subnet = new CompiledSubnet({ ...parts, ownReservations: made?.index })
  const reservationPlace = scope.reservationsInSubnet ? place : undefined
  return { subnet, reservations: made?.sums ?? NO_SUMS, reservationPlace, doubts: undefined }
}

function placeOfReservations(
  { prefix, pools, scope }: { prefix: Ipv4Prefix; pools: readonly Pool4[]; scope: Scope },
  upper: UpperLevel,
): ReservationPlace4 {
  return {
    subnet: { range: rangeOfPrefix(prefix), text: textFromPrefix(prefix) },
    identifiers: upper.identifiers,
    hasFlexId: upper.hasFlexId,
    keepsClientId: scope.matchClientId,
    classes: upper.classes,
    registry: upper.registry,
    unique: upper.reservationsUnique,
    poolsPromisedFree: scope.reservationsOutOfPool ? pools : [],
  }
}

/** Those that are looked up. They are checked even where they are switched off. */
function* compileOwnReservations(
  { id, reservations: documents }: SubnetDocument,
  scope: Scope,
  place: ReservationPlace4,
  upper: UpperLevel,
  site: Site,
): Steps<ReservationsMade4 | undefined> {
  if (documents === undefined || documents.length === 0) return undefined
  const made = yield* upper.lists.get(id, documents, place, site)
  if (scope.reservationsInSubnet) return made
  const hint = 'reservations-in-subnet is false'
  site.warning('reservation-unused', 'these reservations are not looked up', hint)
  return undefined
}
