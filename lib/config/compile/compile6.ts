// The map Dhcp6 -> what DHCPv6 runs: see compile4.ts.

import { type Ipv6, textFromIpv6 } from '../../address/ipv6.ts'
import type { Prefix6 } from '../../address/prefix6.ts'
import { Pieces } from '../../leases/store/pieces.ts'
import type { CompiledHa } from '../ha/compile-ha.ts'
import type { WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { CompatibilityDocument6, Dhcp6Document, SubnetDocument6 } from '../keys/document6.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { HostTable } from '../plan/host-rows.ts'
import type { NamesPlan } from '../plan/names-plan.ts'
import { PlanReservations6 } from '../plan/plan-reservations6.ts'
import type { Compatibility6Plan, Plan6, Subnet6 } from '../plan/plan6.ts'
import type { Steps } from '../plan/steps.ts'
import { SubnetIndex6 } from '../plan/subnet-index6.ts'
import type { Site } from '../text/site.ts'
import { AllKeys } from './all-keys.ts'
import { warnOfClasses } from './class-doubts.ts'
import { warnOfDoubts6, warnOfOverlaps6 } from './doubts6.ts'
import { compileFlexOptions } from './flex-options.ts'
import {
  type GlobalLevel6,
  globalLevel6,
  globalPlace6,
  globalReservations6,
} from './global-level6.ts'
import { warnOfHostDoubts } from './host-doubts.ts'
import { HostLists } from './host-lists.ts'
import { problemOf } from './host-maker.ts'
import { compileClassLimits, warnOfLostLimits } from './limits.ts'
import { hostsOf6, warnOfHosts6 } from './named-hosts6.ts'
import { namingOf } from './naming.ts'
import { compileNetworks6 } from './networks6.ts'
import { compileNotices } from './notices.ts'
import { refusePoolOverlaps } from './pool-overlaps6.ts'
import { MovingPrefixes } from './prefix-from.ts'
import { FORM6, type ReservationPlace6, type ReservationsMade6 } from './reservations6.ts'
import { type PlacedReservations6, refuseOverlaps6 } from './reserved-overlaps6.ts'
import { compileExpiry } from './server.ts'
import {
  compileIdentifiers6,
  compileInterfaces6,
  compileMacSources,
  compileRelaySupplied,
  compileServerId,
} from './server6.ts'
import { inOrder, StandingSubnets, type SubnetsForm } from './standing-subnets.ts'
import { SubnetClaims } from './subnet-claims.ts'
import { placeSubnet6 } from './subnets6.ts'
import type { PlacedSubnet6, UpperLevel6 } from './upper-level6.ts'

const GLOBAL = defaultsOf(
  'global6',
  'decline-probation-period',
  'allow-address-registration',
  'statistic-default-sample-count',
  'statistic-default-sample-age',
)
const WHIO = defaultsOf(
  'whio',
  'strict-option-parsing',
  'reconfigure-accept',
  'max-leases-per-client6',
  'verify-source',
)
const COMPATIBILITY = defaultsOf('compatibility6', 'lenient-option-parsing')

export interface Source6 {
  readonly document: Dhcp6Document
  readonly whio: WhioDocument | undefined
  readonly context: CompileContext
  readonly ha: CompiledHa
  readonly names: NamesPlan
}

const NO_TABLES: readonly HostTable[] = []
const NO_SUBNETS: readonly SubnetDocument6[] = []

/** Compiles documents that come one after the other: see Compiler4. */
export class Compiler6 {
  #former: GlobalLevel6 | undefined
  readonly #hosts = new HostLists(FORM6)
  readonly #keys = new AllKeys<Prefix6>(FORM6)
  readonly #subnets = new StandingSubnets<SubnetDocument6, PlacedSubnet6, Subnet6, SubnetIndex6>(
    'Dhcp6',
  );

  *compile({ document, whio, context, ha, names }: Source6, site: Site): Steps<Plan6> {
    const interfaces = compileInterfaces6(
      document['interfaces-config'],
      site.at('interfaces-config'),
    )
    const order = 'host-reservation-identifiers'
    const identifiers = compileIdentifiers6(document[order], site.at(order))
    const parts = {
      document,
      interfaces,
      identifiers,
      guards: ha.guards,
      naming: namingOf(names, 6),
    }
    const global = globalLevel6(parts, site, this.#former)
    this.#former = global
    const { level } = global
    const own = yield* globalReservations6(document, global, site.entry.at('reservations'))
    const prefixes = new MovingPrefixes(context)
    yield
    const networks = document['shared-networks']
    const source = { level, networks, parts: document.subnet6 ?? NO_SUBNETS }
    const standing = yield* this.#subnets.of(source, formOf(networks, level, prefixes))
    const { placed, subnets, index } = standing
    const { options, registry } = level
    yield
    const isUsed = placed.some(({ subnet }) => subnet.usesGlobalReservations)
    const placedLists = listsOf(placed)
    const ownLists = placedLists.map(({ sums }) => sums)
    const lists = isUsed ? [own.sums, ...ownLists] : ownLists
    yield
    const placeOf = placesOfHosts(standing.accepted, globalPlace6(global))
    const tables = context.hostTables?.dhcp6 ?? NO_TABLES
    const stored = yield* this.#hosts.get(tables, placeOf, identifiers)
    yield
    const subnetByAddress = (address: Ipv6) => index.byAddress(address)
    const naming = { interfaces, ha: ha.plan, registry, options, subnets, lists, subnetByAddress }
    const hosts = hostsOf6(naming)
    const reservations = new PlanReservations6(own.index, { order: identifiers, ...stored })
    yield
    const globalList = { ...own, site: () => site.entry.at('reservations') }
    const written = yield* this.#keys.of(lists)
    const reserved = stored.keys.length === 0 ? written : Pieces.of([...written, ...stored.keys])
    yield
    refuseOverlaps6(written, subnets, isUsed ? [globalList, ...placedLists] : placedLists)
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
    warnOfDoubts6(placed)
    yield
    warnOfClasses(document, classes, own.sums, ownLists, site)
    warnOfHostDoubts(document, context, site.entry)
    yield
    const places = placesIn(index, placed)
    warnOfHosts6(hosts, context.localAddresses ?? [], places, reservations)
    this.#subnets.tell(site)
    yield
    return {
      interfaces,
      serverId: compileServerId(document['server-id'], site.at('server-id')),
      subnets,
      overlaps: index.overlaps,
      expiry: compileExpiry(document['expired-leases-processing']),
      samples: {
        count:
          document['statistic-default-sample-count'] ?? GLOBAL['statistic-default-sample-count'],
        age: document['statistic-default-sample-age'] ?? GLOBAL['statistic-default-sample-age'],
      },
      declineProbation: document['decline-probation-period'] ?? GLOBAL['decline-probation-period'],
      reservationIdentifiers: identifiers,
      reservations,
      compatibility: compileCompatibility(document.compatibility, whio),
      classes,
      registry,
      options,
      macSources: compileMacSources(document['mac-sources'], site.at('mac-sources')),
      relaySupplied: compileRelaySupplied(
        document['relay-supplied-options'],
        registry,
        site.at('relay-supplied-options'),
      ),
      allowsRegistration:
        document['allow-address-registration'] ?? GLOBAL['allow-address-registration'],
      acceptsReconfigure: whio?.['reconfigure-accept'] ?? WHIO['reconfigure-accept'],
      leasesPerClient: whio?.['max-leases-per-client6'] ?? WHIO['max-leases-per-client6'],
      verifiesSource: whio?.['verify-source'] ?? WHIO['verify-source'],
      dataDirectory: document['data-directory'] || undefined,
      hosts,
      notices,
      flexOptions,
      classLimits,
      flexId: global.flexId,
      prefixSources: prefixes.sources,
      skippedHosts: stored.skipped,
      hostProblem: (row) => problemOf(row, placeOf(row.subnetId), FORM6),
      reserved,
      written,
      reservedKeys: () => [...new Set(reserved)],
      writtenKeys: () => [...written],
      ...lookups(index),
    }
  }
}

type Lookups = Pick<
  Plan6,
  | 'subnetById'
  | 'subnetsAt'
  | 'subnetByAddress'
  | 'subnetByRelay'
  | 'subnetByInterface'
  | 'subnetByInterfaceId'
  | 'subnetOfPool'
>

function lookups(index: SubnetIndex6): Lookups {
  return {
    subnetById: (id) => index.byId(id),
    subnetsAt: (address) => index.allAt(address),
    subnetByAddress: (address, classes) => index.byAddress(address, classes),
    subnetByRelay: (linkAddress, classes) => index.byRelay(linkAddress, classes),
    subnetByInterface: (name, classes) => index.byInterface(name, classes),
    subnetByInterfaceId: (interfaceId, classes) => index.byInterfaceId(interfaceId, classes),
    subnetOfPool: (key) => index.ofPool(key),
  }
}

/** Reservations of subnets. */
function listsOf(placed: readonly PlacedSubnet6[]) {
  const lists: (PlacedReservations6 & Pick<ReservationsMade6, 'sums'>)[] = []
  for (const { made, site } of placed) {
    if (made.reservations === undefined) continue
    const { byPosition, sums } = made.reservations
    lists.push({ byPosition, sums, site: () => site.entry.at('reservations') })
  }
  return lists
}

function formOf(
  networks: Dhcp6Document['shared-networks'],
  level: UpperLevel6,
  prefixes: MovingPrefixes,
): SubnetsForm<SubnetDocument6, PlacedSubnet6, Subnet6, SubnetIndex6> {
  return {
    key: 'subnet6',
    networks: (site, placed) =>
      compileNetworks6(networks, level, site.at('shared-networks'), prefixes, placed),
    place: (part, site) => placeSubnet6(part, level, prefixes, site),
    judge,
    isMoving: () => prefixes.sources.length > 0,
  }
}

function* judge(placed: readonly PlacedSubnet6[]) {
  const claims = new SubnetClaims(textFromIpv6)
  let accepted = placed
  let subnets = inOrder(accepted)
  yield
  let index = yield* SubnetIndex6.soon(subnets)
  if (!index.isEachOnce) {
    accepted = claims.accept(placed)
    subnets = inOrder(accepted)
    index = yield* SubnetIndex6.soon(subnets)
  }
  yield
  claims.warn(accepted)
  yield
  refusePoolOverlaps(accepted)
  yield
  if (index.overlaps || accepted.length < placed.length) warnOfOverlaps6(placed)
  return { accepted, subnets, index }
}

/** What rows of databases are judged by. Where no reservation of the subnet counts, none does. */
function placesOfHosts(
  accepted: readonly PlacedSubnet6[],
  global: ReservationPlace6,
): (subnetId: number) => ReservationPlace6 | undefined {
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
  index: SubnetIndex6,
  placed: readonly PlacedSubnet6[],
): (address: Ipv6) => PlacedSubnet6 | undefined {
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
  document: CompatibilityDocument6 | undefined,
  whio: WhioDocument | undefined,
): Compatibility6Plan {
  const isLenient = document?.['lenient-option-parsing'] ?? COMPATIBILITY['lenient-option-parsing']
  const isStrict = whio?.['strict-option-parsing'] ?? WHIO['strict-option-parsing']
  return { optionParsing: isStrict ? 'strict' : isLenient ? 'lenient' : 'usual' }
}
