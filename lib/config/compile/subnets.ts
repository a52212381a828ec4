// A list of subnets, of the global level or of a shared network: each one compiled from its
// document and what the levels above hand down.

import type { Ipv4, Ipv4Prefix } from '../../address/ipv4.ts'
import { prefixFromText, rangeOfPrefix, textFromPrefix } from '../../address/ipv4.ts'
import type { SubnetDocument } from '../keys/document4.ts'
import { CompiledSubnet } from '../plan/compiled-subnet.ts'
import type { Pool4, Subnet4 } from '../plan/plan4.ts'
import { STEP_ELEMENTS, type Steps } from '../plan/steps.ts'
import type { Site } from '../text/site.ts'
import { compileAddressCheck } from './address-check.ts'
import { compileSubnetLimits } from './limits.ts'
import { makeSoon, tellAgain } from './memory.ts'
import { compileOptions } from './options.ts'
import { compileInterface, compileRelayAddresses, RELAYS4 } from './places.ts'
import { compilePools, rangesOfPools } from './pools.ts'
import { NO_SUMS } from './reservation-sums.ts'
import type { ReservationPlace4, ReservationSums4, ReservationsMade4 } from './reservations.ts'
import type { Scope } from './scope.ts'
import { compileScope } from './scope.ts'
import type { SubnetClaims } from './subnet-claims.ts'
import type { MadeSubnet, PlacedSubnet, UpperLevel } from './upper-level.ts'

/** What all lists of subnets add up to. */
export interface SubnetsSoFar {
  readonly claims: SubnetClaims<Ipv4>
  /** Those that have their id and prefix for themselves. */
  readonly accepted: PlacedSubnet[]
  /** Every one. */
  readonly placed: PlacedSubnet[]
  /** Of their own reservations. */
  readonly reservations: ReservationSums4[]
  /** Some subnet looks into the global reservations. */
  globalReservationsUsed: boolean
}

/** The order in which subnets are tried (Kea's): that of the document plays no part. */
export function byId(a: { readonly id: number }, b: { readonly id: number }): number {
  return a.id - b.id
}

/** Adds the subnets of the list, and returns them. */
export function* compileSubnets(
  documents: readonly SubnetDocument[] | undefined,
  level: UpperLevel,
  site: Site,
  sum: SubnetsSoFar,
): Steps<readonly Subnet4[]> {
  const subnets: Subnet4[] = []
  const { subnets: subnetsMade } = level.made
  for (const [index, document] of (documents ?? []).entries()) {
    if (index % STEP_ELEMENTS === STEP_ELEMENTS - 1) yield
    const at = site.at(index)
    const known = subnetsMade.peek(document)
    const made =
      known === undefined
        ? yield* makeSoon(subnetsMade, document, at, (own) => compileSubnet(document, level, own))
        : tellAgain(known, at)
    if (made === undefined) continue
    const { subnet } = made
    subnets.push(subnet)
    add({ subnet, made, document, site: at }, sum)
  }
  return subnets
}

function add(placed: PlacedSubnet, sum: SubnetsSoFar): void {
  const { made } = placed
  sum.globalReservationsUsed ||= placed.subnet.usesGlobalReservations
  sum.placed.push(placed)
  if (made.reservations !== NO_SUMS) sum.reservations.push(made.reservations)
  if (sum.claims.accept(placed.subnet, placed.site)) sum.accepted.push(placed)
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
