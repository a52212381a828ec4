// Document -> plan: inheritance and defaults filled in, options encoded, lookups indexed. Everything
// that is wrong is reported at once, with its path; compile itself never fails.

import type { Ipv4 } from '../../address/ipv4.ts'
import { compileHa } from '../ha/compile-ha.ts'
import type { Guards } from '../ha/guards.ts'
import type { CompatibilityDocument, Dhcp4Document, WhioDocument } from '../keys/document4.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import { fingerprintOf } from '../plan/fingerprint.ts'
import { GlobalReservations } from '../plan/global-reservations.ts'
import { EMPTY_OPTION_SET } from '../plan/option-set.ts'
import type {
  CompatibilityPlan,
  Plan4,
  Reservation4,
  ReservationIdentifier,
} from '../plan/plan4.ts'
import { SubnetIndex } from '../plan/subnet-index.ts'
import type { Problem } from '../text/problem.ts'
import { Problems } from '../text/problem.ts'
import { warnOfDoubts } from './doubts4.ts'
import { warnOfHostDoubts } from './host-doubts.ts'
import { hostsOf, warnOfHosts } from './named-hosts.ts'
import { compileNetworks } from './networks.ts'
import { OptionMerge } from './option-merge.ts'
import { compileOptions } from './options.ts'
import { compileReservations } from './reservations.ts'
import { compileScope } from './scope.ts'
import {
  compileExpiry,
  compileIdentifiers,
  compileInterfaces,
  compileLeaseDatabase,
  compileLoggers,
  compileWitnessFolder,
} from './server.ts'
import { SubnetClaims } from './subnet-claims.ts'
import type { Report, SubnetsSoFar, UpperLevel } from './subnets.ts'
import { byId, compileSubnets } from './subnets.ts'

export interface Compiled {
  /**
   * Undefined where the structure is wrong. An error that costs only a reservation, an option or a
   * field of a reservation leaves a plan without it: whoever wants a faultless document looks for
   * errors among the problems too.
   */
  readonly plan: Plan4 | undefined
  readonly problems: readonly Problem[]
}

/** The document has passed the schema: its types are right, its values may be anything. */
export function compile4(
  document: Dhcp4Document,
  whio: WhioDocument | undefined,
  context: CompileContext,
): Compiled {
  const report: Report = { structure: new Problems(), entries: new Problems() }
  const plan = compilePlan(document, whio, context, report)
  const problems = [...report.structure.list, ...report.entries.list]
  return { plan: report.structure.hasErrors ? undefined : plan, problems }
}

type Lookups = Pick<
  Plan4,
  'subnetById' | 'subnetsAt' | 'subnetByAddress' | 'subnetByRelay' | 'subnetByInterface'
>

function compilePlan(
  document: Dhcp4Document,
  whio: WhioDocument | undefined,
  context: CompileContext,
  report: Report,
): Plan4 {
  const { structure } = report
  const interfaces = compileInterfaces(
    document['interfaces-config'],
    ['Dhcp4', 'interfaces-config'],
    structure,
  )
  const identifiers = compileIdentifiers(document['host-reservation-identifiers'])
  const leaseDatabase = compileLeaseDatabase(document['lease-database'], whio, context)
  const formerly = () => context.knownAs?.(leaseDatabase.path)
  const ha = compileHa(document, whio, { ...context, formerly }, structure)
  const global = compileGlobal(document, interfaces, identifiers, ha.guards, report)
  const reserved = compileGlobalReservations(document, global, report)
  const level = { ...global, reservations: new GlobalReservations(reserved) }
  const sum = compileAllSubnets(document, level, report)
  const subnets = sum.subnets.toSorted(byId)
  const reservedAddresses = uniqueAddresses(
    sum.reservedAddresses,
    sum.globalReservationsUsed ? reserved : [],
  )
  const index = new SubnetIndex(subnets)
  const reservations = [...reserved, ...sum.reservations]
  const { options } = global
  const subnetByAddress = (address: Ipv4) => index.byAddress(address)
  const naming = { interfaces, ha: ha.plan, options, subnets, reservations, subnetByAddress }
  const hosts = hostsOf(naming)
  const placeOf = (address: Ipv4) => {
    const subnet = index.byAddress(address)
    return subnet === undefined ? undefined : ([subnet, sum.paths.get(subnet) ?? []] as const)
  }
  if (reserved.length > 0 && !sum.globalReservationsUsed) warnOfUnused(report.entries)
  warnOfDoubts(document, sum.paths, report.entries)
  warnOfHostDoubts(document, context, report.entries)
  warnOfHosts(hosts, context.localAddresses ?? [], placeOf, report.entries)
  return {
    interfaces,
    subnets,
    overlaps: index.overlaps,
    leaseDatabase,
    witnessFolder: compileWitnessFolder(whio, leaseDatabase, structure),
    loggers: compileLoggers(document.loggers, ['Dhcp4', 'loggers'], structure),
    logsRenewals: whio?.['log-renewals'] ?? false,
    expiry: compileExpiry(document['expired-leases-processing']),
    declineProbation: document['decline-probation-period'] ?? 86400,
    echoClientId: document['echo-client-id'] ?? true,
    reservationIdentifiers: identifiers,
    compatibility: compileCompatibility(document.compatibility, whio),
    options,
    hosts,
    authoritative: global.scope.authoritative,
    ha: ha.plan,
    fingerprint: fingerprintOf(subnets, reservedAddresses),
    reservedAddresses: () => reservedAddresses,
    ...lookups(index),
  }
}

function lookups(index: SubnetIndex): Lookups {
  return {
    subnetById: (id) => index.byId(id),
    subnetsAt: (address) => index.allAt(address),
    subnetByAddress: (address, owner) => index.byAddress(address, owner),
    subnetByRelay: (giaddr, owner) => index.byRelay(giaddr, owner),
    subnetByInterface: (name, owner) => index.byInterface(name, owner),
  }
}

/** Those of shared networks, then the others. */
function compileAllSubnets(
  document: Dhcp4Document,
  level: UpperLevel,
  report: Report,
): SubnetsSoFar {
  const sum: SubnetsSoFar = {
    claims: new SubnetClaims(report.structure),
    subnets: [],
    reservedAddresses: [],
    reservations: [],
    paths: new Map(),
    globalReservationsUsed: false,
  }
  compileNetworks(document['shared-networks'], level, ['Dhcp4', 'shared-networks'], report, sum)
  compileSubnets(document.subnet4, level, ['Dhcp4', 'subnet4'], report, sum)
  sum.claims.warn()
  return sum
}

function warnOfUnused(problems: Problems): void {
  const message = 'no subnet looks up the global reservations'
  const path = ['Dhcp4', 'reservations']
  problems.warning(path, 'reservation-unused', message, 'set reservations-global to true')
}

function compileGlobal(
  document: Dhcp4Document,
  interfaces: UpperLevel['interfaces'],
  identifiers: readonly ReservationIdentifier[],
  guards: Guards,
  report: Report,
): Omit<UpperLevel, 'reservations'> {
  const merge = new OptionMerge()
  const path = ['Dhcp4']
  const options = compileOptions(document['option-data'], [...path, 'option-data'], report.entries)
  return {
    scope: compileScope(document, undefined, path, report.structure),
    options: merge.over(EMPTY_OPTION_SET, options),
    merge,
    guards,
    identifiers,
    reservationsUnique: document['ip-reservations-unique'] ?? true,
    excludeFirstLast24: document.compatibility?.['exclude-first-last-24'] ?? false,
    interfaces,
    network: undefined,
  }
}

function compileGlobalReservations(
  document: Dhcp4Document,
  { identifiers, reservationsUnique }: Omit<UpperLevel, 'reservations'>,
  report: Report,
): readonly Reservation4[] {
  const unique = reservationsUnique
  const place = { subnet: undefined, identifiers, unique, poolsPromisedFree: [] }
  const path = ['Dhcp4', 'reservations']
  return compileReservations(document.reservations, place, path, report.entries)
}

function uniqueAddresses(own: readonly Ipv4[], global: readonly Reservation4[]): readonly Ipv4[] {
  const addresses = new Set(own)
  for (const { address } of global) if (address !== 0) addresses.add(address)
  return [...addresses]
}

function compileCompatibility(
  document: CompatibilityDocument | undefined,
  whio: WhioDocument | undefined,
): CompatibilityPlan {
  const isLenient = document?.['lenient-option-parsing'] ?? false
  const isStrict = whio?.['strict-option-parsing'] ?? false
  return {
    optionParsing: isStrict ? 'strict' : isLenient ? 'lenient' : 'usual',
    ignoreServerIdentifier: document?.['ignore-dhcp-server-identifier'] ?? false,
    ignoreRaiLinkSelection: document?.['ignore-rai-link-selection'] ?? false,
  }
}
