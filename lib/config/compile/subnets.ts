// A list of subnets, of the global level or of a shared network: each one compiled from its document and
// what the levels above hand down.

import type { Ipv4, Ipv4Prefix } from '../../address/ipv4.ts'
import { ipv4FromText, prefixFromText, rangeOfPrefix, textFromPrefix } from '../../address/ipv4.ts'
import type { Guards } from '../ha/guards.ts'
import type { PlaceDocument, SubnetDocument } from '../keys/document4.ts'
import { CompiledSubnet } from '../plan/compiled-subnet.ts'
import type { GlobalReservations } from '../plan/global-reservations.ts'
import { UNGUARDED } from '../plan/ha-plan.ts'
import type {
  InterfacesPlan,
  OptionSet,
  Pool4,
  Reservation4,
  ReservationIdentifier,
  SharedNetwork4,
  Subnet4,
} from '../plan/plan4.ts'
import { ReservationIndex } from '../plan/reservation-index.ts'
import type { Path, Problems } from '../text/problem.ts'
import type { OptionMerge } from './option-merge.ts'
import { compileOptions } from './options.ts'
import { compilePools, searchRanges } from './pools.ts'
import type { ReservationPlace } from './reservations.ts'
import { compileReservations } from './reservations.ts'
import type { Scope } from './scope.ts'
import { compileScope } from './scope.ts'
import type { SubnetClaims } from './subnet-claims.ts'

/** Where the problems of compile go. */
export interface Report {
  /** Errors here mean that there is no plan. */
  readonly structure: Problems
  /** Errors here cost one reservation, one option or one field; the rest can be served. */
  readonly entries: Problems
}

/** What the level above, global or shared network, hands down. */
export interface UpperLevel {
  readonly scope: Scope
  readonly options: OptionSet
  readonly merge: OptionMerge
  readonly guards: Guards
  readonly reservations: GlobalReservations
  readonly identifiers: readonly ReservationIdentifier[]
  readonly reservationsUnique: boolean
  readonly excludeFirstLast24: boolean
  readonly interfaces: InterfacesPlan
  readonly network: UpperNetwork | undefined
}

/** The shared network that the subnets of a list belong to. */
export interface UpperNetwork {
  readonly plan: SharedNetwork4
  readonly relayAddresses: readonly Ipv4[]
}

/** What all lists of subnets add up to. */
export interface SubnetsSoFar {
  readonly claims: SubnetClaims
  readonly subnets: Subnet4[]
  /** Every address that a subnet's own reservations name. */
  readonly reservedAddresses: Ipv4[]
  /** Their own reservations. */
  readonly reservations: Reservation4[]
  /** Where each subnet stands. */
  readonly paths: Map<Subnet4, Path>
  /** Some subnet looks into the global reservations. */
  globalReservationsUsed: boolean
}

/** The order in which subnets are tried (Kea's): that of the document plays no part. */
export function byId(a: Subnet4, b: Subnet4): number {
  return a.id - b.id
}

/** Adds the subnets of the list, and returns them. */
export function compileSubnets(
  documents: readonly SubnetDocument[] | undefined,
  upper: UpperLevel,
  path: Path,
  report: Report,
  sum: SubnetsSoFar,
): readonly Subnet4[] {
  const subnets: Subnet4[] = []
  for (const [index, document] of (documents ?? []).entries()) {
    const at = [...path, index]
    const prefix = prefixFromText(document.subnet)
    if (prefix === undefined) {
      const message = `'${document.subnet}' is not a subnet`
      report.structure.error([...at, 'subnet'], 'subnet', message, 'such as "192.0.2.0/24"')
      continue
    }
    const scope = compileScope(document, upper.scope, at, report.structure)
    const subnet = compileSubnet(document, prefix, scope, upper, at, report, sum)
    sum.globalReservationsUsed ||= scope.reservationsGlobal
    sum.paths.set(subnet, at)
    if (sum.claims.accept(subnet, at)) subnets.push(subnet)
  }
  sum.subnets.push(...subnets)
  return subnets
}

function compileSubnet(
  document: SubnetDocument,
  prefix: Ipv4Prefix,
  scope: Scope,
  upper: UpperLevel,
  path: Path,
  report: Report,
  sum: SubnetsSoFar,
): Subnet4 {
  const { network, guards } = upper
  const level = compileOptions(document['option-data'], [...path, 'option-data'], report.entries)
  const options = upper.merge.over(upper.options, level)
  const above = network?.plan.guard ?? UNGUARDED
  const guard = guards.compile(document['client-classes'], above, [...path, 'client-classes'])
  const poolsLevel = { options, merge: upper.merge, guards, guard: above & guard }
  const pools = compilePools(document.pools, prefix, poolsLevel, [...path, 'pools'], report)
  const relayAddresses = compileRelayAddresses(document, path, report)
  return new CompiledSubnet({
    id: document.id,
    prefix,
    network: network?.plan,
    guard,
    interface:
      compileInterface(document, upper.interfaces, path, report) || (network?.plan.interface ?? ''),
    relayAddresses: relayAddresses ?? network?.relayAddresses ?? NO_ADDRESSES,
    pools,
    ranges: searchRanges(pools, prefix, upper.excludeFirstLast24),
    scope,
    options,
    identifiers: upper.identifiers,
    reservations: indexReservations(document, { prefix, pools, scope }, upper, path, report, sum),
    globalReservations: scope.reservationsGlobal ? upper.reservations : undefined,
  })
}

/** Reservations are checked even where they are switched off. */
function indexReservations(
  document: SubnetDocument,
  subnet: { readonly prefix: Ipv4Prefix; readonly pools: readonly Pool4[]; readonly scope: Scope },
  upper: UpperLevel,
  subnetPath: Path,
  report: Report,
  sum: SubnetsSoFar,
): ReservationIndex | undefined {
  const { reservations: documents } = document
  if (documents === undefined || documents.length === 0) return undefined
  const path = [...subnetPath, 'reservations']
  const place: ReservationPlace = {
    subnet: { range: rangeOfPrefix(subnet.prefix), text: textFromPrefix(subnet.prefix) },
    identifiers: upper.identifiers,
    unique: upper.reservationsUnique,
    poolsPromisedFree: subnet.scope.reservationsOutOfPool ? subnet.pools : [],
  }
  const reservations = compileReservations(documents, place, path, report.entries)
  if (!subnet.scope.reservationsInSubnet) {
    const hint = 'reservations-in-subnet is false'
    const message = 'these reservations are not looked up'
    report.entries.warning(path, 'reservation-unused', message, hint)
    return undefined
  }
  for (const { address } of reservations) if (address !== 0) sum.reservedAddresses.push(address)
  sum.reservations.push(...reservations)
  return new ReservationIndex(reservations)
}

/** '' where none is named. */
export function compileInterface(
  document: PlaceDocument,
  { all, named }: InterfacesPlan,
  path: Path,
  report: Report,
): string {
  const name = document.interface ?? ''
  if (name !== '' && !all && !named.some((served) => served.name === name)) {
    const message = `interface ${name} is not served`
    const hint = 'name it in interfaces-config.interfaces'
    report.structure.warning([...path, 'interface'], 'interface-not-served', message, hint)
  }
  return name
}

const NO_ADDRESSES: readonly Ipv4[] = []

/** Undefined where none is named; Kea writes 0.0.0.0 for that, too. */
export function compileRelayAddresses(
  document: PlaceDocument,
  path: Path,
  report: Report,
): readonly Ipv4[] | undefined {
  const texts = document.relay?.['ip-addresses']
  if (texts === undefined || texts.length === 0) return undefined
  const addresses: Ipv4[] = []
  for (const [index, text] of texts.entries()) {
    const at = [...path, 'relay', 'ip-addresses', index]
    const address = ipv4FromText(text.trim())
    if (address === undefined) {
      const message = `'${text}' is not the address of a relay`
      report.structure.error(at, 'address', message, 'such as 192.0.2.1')
    } else if (addresses.includes(address)) {
      report.structure.error(at, 'duplicate', `${text} stands here a second time`, 'remove it')
    } else addresses.push(address)
  }
  const relays = addresses.filter((address) => address !== 0)
  return relays.length === 0 ? undefined : relays
}
