// The map Dhcp4 -> what DHCPv4 runs: inheritance and defaults filled in, options encoded, lookups
// indexed. Everything that is wrong is reported at once, with its path; nothing here fails.

import { type Ipv4, textFromIpv4 } from '../../address/ipv4.ts'
import { Pieces } from '../../leases/store/pieces.ts'
import type { CompiledHa } from '../ha/compile-ha.ts'
import type { WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompatibilityDocument, Dhcp4Document, SubnetDocument } from '../keys/document4.ts'
import { LIBRARIES4 } from '../keys/library-rows.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HostTable } from '../plan/host-rows.ts'
import type { NamesPlan } from '../plan/names-plan.ts'
import { PlanReservations } from '../plan/plan-reservations.ts'
import type { CompatibilityPlan, Plan4, Subnet4 } from '../plan/plan4.ts'
import type { Steps } from '../plan/steps.ts'
import { SubnetIndex } from '../plan/subnet-index.ts'
import type { Site } from '../text/site.ts'
import { AllKeys } from './all-keys.ts'
import { warnOfClasses } from './class-doubts.ts'
import { warnOfDoubts, warnOfOverlaps } from './doubts4.ts'
import { compileFlexOptions } from './flex-options.ts'
import { type GlobalLevel, globalLevel, globalPlace, globalReservations } from './global-level.ts'
import { warnOfHostDoubts } from './host-doubts.ts'
import { HostLists } from './host-lists.ts'
import { problemOf } from './host-maker.ts'
import { compileLeaseQuery } from './lease-query.ts'
import { findLibrary } from './library.ts'
import { compileClassLimits, warnOfLostLimits } from './limits.ts'
import { hostsOf, warnOfHosts } from './named-hosts.ts'
import { namingOf } from './naming.ts'
import { compileNetworks } from './networks.ts'
import { compileNotices } from './notices.ts'
import { NO_SUMS } from './reservation-sums.ts'
import { FORM4, type ReservationPlace4 } from './reservations.ts'
import { compileExpiry, compileIdentifiers, compileInterfaces } from './server.ts'
import { warnOfSharedPools } from './shared-pools.ts'
import { inOrder, StandingSubnets, type SubnetsForm } from './standing-subnets.ts'
import { SubnetClaims } from './subnet-claims.ts'
import { placeSubnet } from './subnets.ts'
import type { PlacedSubnet, UpperLevel } from './upper-level.ts'

const GLOBAL = defaultsOf(
  'global',
  'decline-probation-period',
  'statistic-default-sample-count',
  'statistic-default-sample-age',
  'echo-client-id',
  'stash-agent-options',
)
const WHIO = defaultsOf('whio', 'strict-option-parsing')
const COMPATIBILITY = defaultsOf(
  'compatibility',
  'lenient-option-parsing',
  'ignore-dhcp-server-identifier',
  'ignore-rai-link-selection',
)

const NO_TABLES: readonly HostTable[] = []
const NO_SUBNETS: readonly SubnetDocument[] = []

/** The library that makes BOOTP clients clients of the server. */
const BOOTP = 'libdhcp_bootp'

export interface Source4 {
  readonly document: Dhcp4Document
  readonly whio: WhioDocument | undefined
  readonly context: CompileContext
  readonly ha: CompiledHa
  readonly names: NamesPlan
}

/**
 * Compiles documents that come one after the other. What a document shares with the one before it
 * is not compiled again: of 10,000 subnets one, where one was edited.
 */
export class Compiler4 {
  #former: GlobalLevel | undefined
  readonly #hosts = new HostLists(FORM4)
  readonly #keys = new AllKeys<Ipv4>(FORM4)
  readonly #subnets = new StandingSubnets<SubnetDocument, PlacedSubnet, Subnet4, SubnetIndex>(
    'Dhcp4',
  );

  *compile({ document, whio, context, ha, names }: Source4, site: Site): Steps<Plan4> {
    const interfaces = compileInterfaces(
      document['interfaces-config'],
      site.at('interfaces-config'),
    )
    const order = 'host-reservation-identifiers'
    const identifiers = compileIdentifiers(document[order], site.at(order))
    const parts = {
      document,
      interfaces,
      identifiers,
      guards: ha.guards,
      naming: namingOf(names, 4),
    }
    const global = globalLevel(parts, site, this.#former)
    this.#former = global
    const { level } = global
    const own = yield* globalReservations(document, global, site.entry.at('reservations'))
    yield
    const networks = document['shared-networks']
    const source = { level, networks, parts: document.subnet4 ?? NO_SUBNETS }
    const standing = yield* this.#subnets.of(source, formOf(networks, level))
    const { placed, subnets, index } = standing
    yield
    const isUsed = placed.some(({ subnet }) => subnet.usesGlobalReservations)
    const ownLists = placed.map(({ made }) => made.reservations).filter((one) => one !== NO_SUMS)
    const lists = isUsed ? [own.sums, ...ownLists] : ownLists
    yield
    const written = yield* this.#keys.of(lists)
    yield
    const placeOf = placesOfHosts(standing.accepted, globalPlace(global))
    const tables = context.hostTables?.dhcp4 ?? NO_TABLES
    const stored = yield* this.#hosts.get(tables, placeOf, identifiers)
    const reserved = stored.keys.length === 0 ? written : Pieces.of([...written, ...stored.keys])
    yield
    const { options, registry, scope } = level
    const subnetByAddress = (address: Ipv4) => index.byAddress(address)
    const naming = { interfaces, ha: ha.plan, registry, options, subnets, lists, subnetByAddress }
    const reservationsOf = new PlanReservations(own.index, { order: identifiers, ...stored })
    const hosts = hostsOf(naming)
    yield
    const mention = (name: string) => level.classes.names.mention(name)
    const flexOptions = compileFlexOptions(document, { registry, mention }, site)
    const notices = compileNotices(document, placed, { registry, mention }, site)
    // All that names a class has done so by now.
    const classes = global.classPlans.current()
    warnOfLostLimits(document, site)
    const classLimits = compileClassLimits(document, classes, level.keepsLimits, site)
    if (own.byPosition.length > 0 && !isUsed && !classes.looksUpEarly)
      warnOfUnused(site.entry.at('reservations'))
    yield
    warnOfDoubts(placed)
    yield
    warnOfClasses(document, classes, own.sums, ownLists, site)
    warnOfHostDoubts(document, context, site.entry)
    yield
    warnOfHosts(hosts, context.localAddresses ?? [], placesIn(index, placed), reservationsOf)
    this.#subnets.tell(site)
    yield
    return {
      interfaces,
      subnets,
      overlaps: index.overlaps,
      expiry: compileExpiry(document['expired-leases-processing']),
      samples: {
        count:
          document['statistic-default-sample-count'] ?? GLOBAL['statistic-default-sample-count'],
        age: document['statistic-default-sample-age'] ?? GLOBAL['statistic-default-sample-age'],
      },
      declineProbation: document['decline-probation-period'] ?? GLOBAL['decline-probation-period'],
      servesBootp: findLibrary(document, BOOTP, LIBRARIES4[BOOTP], site) !== undefined,
      echoClientId: document['echo-client-id'] ?? GLOBAL['echo-client-id'],
      stashesRelayInfo: document['stash-agent-options'] ?? GLOBAL['stash-agent-options'],
      reservationIdentifiers: identifiers,
      reservations: reservationsOf,
      skippedHosts: stored.skipped,
      hostProblem: (row) => problemOf(row, placeOf(row.subnetId), FORM4),
      hostsOfSeveral: lists.flatMap(({ several }) => several),
      compatibility: compileCompatibility(document.compatibility, whio),
      classes,
      registry,
      options,
      hosts,
      classLimits,
      flexOptions,
      flexId: global.flexId,
      leaseQuery: compileLeaseQuery(document, site),
      notices,
      authoritative: scope.authoritative,
      reserved,
      written,
      reservedAddresses: () => [...new Set(reserved)],
      writtenAddresses: () => [...written],
      ...lookups(index),
    }
  }
}

type Lookups = Pick<
  Plan4,
  'subnetById' | 'subnetsAt' | 'subnetByAddress' | 'subnetByRelay' | 'subnetByInterface'
>

function lookups(index: SubnetIndex): Lookups {
  return {
    subnetById: (id) => index.byId(id),
    subnetsAt: (address) => index.allAt(address),
    subnetByAddress: (address, classes) => index.byAddress(address, classes),
    subnetByRelay: (giaddr, classes) => index.byRelay(giaddr, classes),
    subnetByInterface: (name, classes) => index.byInterface(name, classes),
  }
}

function formOf(
  networks: Dhcp4Document['shared-networks'],
  level: UpperLevel,
): SubnetsForm<SubnetDocument, PlacedSubnet, Subnet4, SubnetIndex> {
  return {
    key: 'subnet4',
    networks: (site, placed) =>
      compileNetworks(networks, level, site.at('shared-networks'), placed),
    place: (part, site) => placeSubnet(part, level, site),
    judge,
    isMoving: () => false,
  }
}

function* judge(placed: readonly PlacedSubnet[]) {
  const claims = new SubnetClaims(textFromIpv4)
  let accepted = placed
  let subnets = inOrder(accepted)
  yield
  let index = new SubnetIndex(subnets)
  if (!index.isEachOnce) {
    accepted = claims.accept(placed)
    subnets = inOrder(accepted)
    index = new SubnetIndex(subnets)
  }
  yield
  claims.warn(accepted)
  yield
  // Pools lie in their subnets.
  if (index.overlaps) warnOfSharedPools(accepted)
  if (index.overlaps || accepted.length < placed.length) warnOfOverlaps(placed)
  return { accepted, subnets, index }
}

/** What rows of databases are judged by. Where no reservation of the subnet counts, none does. */
function placesOfHosts(
  accepted: readonly PlacedSubnet[],
  global: ReservationPlace4,
): (subnetId: number) => ReservationPlace4 | undefined {
  const indexed = () =>
    new Map(accepted.map(({ subnet, made }) => [subnet.id, made.reservationPlace]))
  let places: ReturnType<typeof indexed> | undefined
  return (subnetId) => {
    if (subnetId === 0) return global
    places ??= indexed()
    return places.get(subnetId)
  }
}

/** Where the subnet stands that an address is looked up in. */
function placesIn(
  index: SubnetIndex,
  placed: readonly PlacedSubnet[],
): (address: Ipv4) => PlacedSubnet | undefined {
  const indexed = () => new Map(placed.map((place) => [place.subnet, place]))
  let places: ReturnType<typeof indexed> | undefined
  return (address) => {
    const subnet = index.byAddress(address)
    if (subnet === undefined) return undefined
    places ??= indexed()
    return places.get(subnet)
  }
}

function warnOfUnused(site: Site): void {
  const message = 'no subnet looks up the global reservations'
  site.warning('reservation-unused', message, 'set reservations-global to true')
}

function compileCompatibility(
  document: CompatibilityDocument | undefined,
  whio: WhioDocument | undefined,
): CompatibilityPlan {
  const isLenient = document?.['lenient-option-parsing'] ?? COMPATIBILITY['lenient-option-parsing']
  const isStrict = whio?.['strict-option-parsing'] ?? WHIO['strict-option-parsing']
  return {
    optionParsing: isStrict ? 'strict' : isLenient ? 'lenient' : 'usual',
    ignoreServerIdentifier:
      document?.['ignore-dhcp-server-identifier'] ?? COMPATIBILITY['ignore-dhcp-server-identifier'],
    ignoreRaiLinkSelection:
      document?.['ignore-rai-link-selection'] ?? COMPATIBILITY['ignore-rai-link-selection'],
  }
}
