// The list of subnets: each one compiled from its document, the global level and itself.

import type { Ipv4, Ipv4Prefix } from '../address/ipv4.ts'
import { ipv4FromText, prefixFromText, rangeOfPrefix, textFromPrefix } from '../address/ipv4.ts'
import { compileOptions } from './compile-options.ts'
import { compilePools, searchRanges } from './compile-pools.ts'
import type { ReservationPlace } from './compile-reservations.ts'
import { compileReservations } from './compile-reservations.ts'
import type { Scope } from './compile-scope.ts'
import { compileScope } from './compile-scope.ts'
import { CompiledSubnet } from './compiled-subnet.ts'
import type { SubnetDocument } from './document4.ts'
import type { GlobalReservations } from './global-reservations.ts'
import { UNGUARDED } from './ha-plan.ts'
import type { OptionMerge } from './option-merge.ts'
import type { InterfacesPlan, OptionSet, Pool4, ReservationIdentifier, Subnet4 } from './plan4.ts'
import type { Path, Problems } from './problem.ts'
import { ReservationIndex } from './reservation-index.ts'
import { SubnetClaims } from './subnet-claims.ts'

/** Where the problems of compile go. */
export interface Report {
  /** Errors here mean that there is no plan. */
  readonly structure: Problems
  /** Errors here cost one reservation, one option or one field; the rest can be served. */
  readonly entries: Problems
}

/** What the global level hands down. */
export interface GlobalLevel {
  readonly scope: Scope
  readonly options: OptionSet
  readonly merge: OptionMerge
  readonly reservations: GlobalReservations
  readonly identifiers: readonly ReservationIdentifier[]
  readonly reservationsUnique: boolean
  readonly excludeFirstLast24: boolean
  readonly interfaces: InterfacesPlan
}

export interface CompiledSubnets {
  readonly subnets: readonly Subnet4[]
  /** Every address that a subnet's own reservations name. */
  readonly reservedAddresses: readonly Ipv4[]
  /** Some subnet looks into the global reservations. */
  readonly globalReservationsUsed: boolean
}

export function compileSubnets(
  documents: readonly SubnetDocument[] | undefined,
  global: GlobalLevel,
  path: Path,
  report: Report,
): CompiledSubnets {
  const claims = new SubnetClaims(path, report.structure)
  const subnets: Subnet4[] = []
  const reservedAddresses: Ipv4[] = []
  let globalReservationsUsed = false
  for (const [index, document] of (documents ?? []).entries()) {
    const at = [...path, index]
    const prefix = prefixFromText(document.subnet)
    if (prefix === undefined) {
      const message = `'${document.subnet}' is not a subnet`
      report.structure.error([...at, 'subnet'], 'subnet', message, 'such as "192.0.2.0/24"')
      continue
    }
    const scope = compileScope(document, global.scope, at, report.structure)
    const subnet = compileSubnet(document, prefix, scope, global, at, report, reservedAddresses)
    globalReservationsUsed ||= scope.reservationsGlobal
    if (claims.accept(subnet, index)) subnets.push(subnet)
  }
  claims.warnOfSharedPools()
  return { subnets, reservedAddresses, globalReservationsUsed }
}

function compileSubnet(
  document: SubnetDocument,
  prefix: Ipv4Prefix,
  scope: Scope,
  global: GlobalLevel,
  path: Path,
  report: Report,
  reservedAddresses: Ipv4[],
): Subnet4 {
  const level = compileOptions(document['option-data'], [...path, 'option-data'], report.entries)
  const options = global.merge.over(global.options, level)
  const poolOptions = { upper: options, merge: global.merge }
  const pools = compilePools(document.pools, prefix, poolOptions, [...path, 'pools'], report)
  return new CompiledSubnet({
    id: document.id,
    prefix,
    network: undefined,
    guard: UNGUARDED,
    interface: compileInterface(document, global.interfaces, path, report),
    relayAddresses: compileRelayAddresses(document, path, report),
    pools,
    ranges: searchRanges(pools, prefix, global.excludeFirstLast24),
    scope,
    options,
    identifiers: global.identifiers,
    reservations: indexReservations(
      document,
      { prefix, pools, scope },
      global,
      path,
      report,
      reservedAddresses,
    ),
    globalReservations: scope.reservationsGlobal ? global.reservations : undefined,
  })
}

/** Reservations are checked even where they are switched off. */
function indexReservations(
  document: SubnetDocument,
  subnet: { readonly prefix: Ipv4Prefix; readonly pools: readonly Pool4[]; readonly scope: Scope },
  global: GlobalLevel,
  subnetPath: Path,
  report: Report,
  reservedAddresses: Ipv4[],
): ReservationIndex | undefined {
  const { reservations: documents } = document
  if (documents === undefined || documents.length === 0) return undefined
  const path = [...subnetPath, 'reservations']
  const place: ReservationPlace = {
    subnet: { range: rangeOfPrefix(subnet.prefix), text: textFromPrefix(subnet.prefix) },
    identifiers: global.identifiers,
    unique: global.reservationsUnique,
    poolsPromisedFree: subnet.scope.reservationsOutOfPool ? subnet.pools : [],
  }
  const reservations = compileReservations(documents, place, path, report.entries)
  if (!subnet.scope.reservationsInSubnet) {
    const hint = 'reservations-in-subnet is false'
    const message = 'these reservations are not looked up'
    report.entries.warning(path, 'reservation-unused', message, hint)
    return undefined
  }
  for (const { address } of reservations) if (address !== 0) reservedAddresses.push(address)
  return new ReservationIndex(reservations)
}

function compileInterface(
  document: SubnetDocument,
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

function compileRelayAddresses(
  document: SubnetDocument,
  path: Path,
  report: Report,
): readonly Ipv4[] {
  const texts = document.relay?.['ip-addresses']
  if (texts === undefined || texts.length === 0) return NO_ADDRESSES
  const addresses: Ipv4[] = []
  for (const [index, text] of texts.entries()) {
    const at = [...path, 'relay', 'ip-addresses', index]
    const address = ipv4FromText(text.trim())
    if (address === undefined || address === 0) {
      const message = `'${text}' is not the address of a relay`
      report.structure.error(at, 'address', message, 'such as 192.0.2.1')
    } else if (addresses.includes(address)) {
      report.structure.error(at, 'duplicate', `${text} stands here a second time`, 'remove it')
    } else addresses.push(address)
  }
  return addresses
}
