// What a seed decides about a simulated pair before it begins; see scenario.ts. Two servers,
// sometimes a backup, on one network with few addresses and clients that come and go.

import type { WhioDocument } from '../../lib/config/keys/common-document.ts'
import type { Dhcp4Document, SubnetDocument } from '../../lib/config/keys/document4.ts'
import type { HaMode } from '../../lib/config/plan/ha-plan.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { PairSettings } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { checksOf } from './address-checks.ts'
import type { Admission } from './admission.ts'
import { CLIENT_FAULT_KINDS } from './client-faults.ts'
import { givesNames } from './hooks.ts'
import { type Named, type NamedCast, namedOf } from './named.ts'
import { PROTECTIONS } from './pair-impostor.ts'
import { type FileOfPair, GUARDABLE, MODES, plansUnder } from './pair-modes.ts'
import { OPERATOR_KINDS, type OperatorKind } from './pair-operator.ts'
import { peopled } from './peopled.ts'
import { clientsOf, driftOf, longest, networkOf, reservationsOf } from './scenario.ts'
import { countsFromReply, hasRelay6, longest6, type Six, sixOf } from './six.ts'
import { type Stored, withStoredHosts } from './stored-hosts.ts'

export const SERVER_FAULT_KINDS = [
  'crash',
  'kill',
  'stop',
  'pause',
  'freeze',
  'disk-trouble',
  'disk-slow',
  'wall-jump',
  'interface-down',
  'cut-client',
  'cut-clients',
  'reload-one',
  'reload-both',
] as const

export const LINK_FAULT_KINDS = [
  'link-cut',
  'link-one-way',
  'link-reset',
  'link-dark',
  'link-slow',
  'reject',
  'block',
  'unplug',
] as const

/** Off unless asked for: each costs its clients a wait of one longest lifetime. */
export const RARE_FAULT_KINDS = ['new-disk', 'lost-lifetimes'] as const

/** In how many worlds somebody poses as one of the servers, for a while. */
const IMPOSTOR_CHANCE = 0.15

/** In how many worlds an operator does such things. */
const OPERATOR_CHANCES = {
  maintenance: 0.2,
  'partner-off': 0.1,
  'old-disk': 0.1,
  'mode-change': 0.1,
} as const

export const FAULT_KINDS = [...CLIENT_FAULT_KINDS, ...SERVER_FAULT_KINDS, ...LINK_FAULT_KINDS]

export type PairFaultKind =
  | (typeof FAULT_KINDS)[number]
  | (typeof RARE_FAULT_KINDS)[number]
  | OperatorKind
  | 'impostor'

export interface PairScenario {
  readonly lab: PairSettings
  /**
   * Versions of the configuration, each a plan for every server; the first is the one at the
   * beginning.
   */
  readonly versions: readonly (readonly Plan[])[]
  /** A version with far longer lifetimes that a server has only while it is cut off. */
  readonly longer: readonly Plan[]
  /** Milliseconds between two faults, at most. */
  readonly pauseMax: number
  /** Each as often as it happens; a kind that is not there never does. */
  readonly kinds: readonly PairFaultKind[]
  /** Other files of the pair, each with a plan for its two servers. */
  readonly files: ReadonlyMap<FileOfPair, readonly Plan[]>
  /** An operator changes leases by command. */
  readonly hasOrders: boolean
  /** The service is switched off and on by command. */
  readonly hasSwitches: boolean
  /** The servers cannot meet at the beginning, and one of them is told to serve alone. */
  readonly startsApart: boolean
  /**
   * One server serves without a pair first; then both begin as a pair with its leases, and cannot
   * meet for a while.
   */
  readonly startsImported: boolean
  /** How long faults go on, milliseconds. */
  readonly duration: number
  /** The longest lifetime of any plan, seconds. */
  readonly lifetimeMax: number
  readonly probation: number
  readonly guarded: boolean
  /**
   * Who hears nothing of its partner gives everything, as in Kea: then two clients may get one
   * address.
   */
  readonly isAvailable: boolean
  /** Who may have what by the document of each version. */
  readonly admissions: readonly Admission[]
  /** Every client may have every address that is not another one's by a reservation. */
  readonly isPlain: boolean
  /** Undefined: no DHCPv6. */
  readonly six: Six | undefined
  /** Reservations in a database. */
  readonly stored: Stored<Partial<Dhcp4Document>>
  /** Undefined: no names in DNS. */
  readonly named: Named | undefined
}

/** Nothing else in these worlds has such lifetimes. */
const LONGER = {
  'valid-lifetime': 5000,
  'min-valid-lifetime': 5000,
  'max-valid-lifetime': 5000,
} as const

interface Shape {
  readonly mode: HaMode
  readonly backup: boolean
  readonly guarded: boolean
  readonly relayed: boolean
  readonly poolSize: number
  readonly probation: number
  readonly allocator: 'iterative' | 'random'
  readonly authoritative: boolean
  readonly matchClientId: boolean
  readonly heartbeat: number
  readonly silence: number
  readonly unackedClients: number
  readonly whenSilent: 'safe' | 'available'
  readonly waitsForBackups: boolean
}

export interface PairScenarioOptions {
  readonly trace?: boolean
  /** Disks die too, one at a time. */
  readonly newDisks?: boolean
  /** An operator is at work in every world, not in some. */
  readonly operator?: boolean
  /** Somebody poses as one of the servers in every world, not in some. */
  readonly impostor?: boolean
  /** DHCPv6 is served in every world, not in some. */
  readonly six?: boolean
  /** Names are registered in every world, not in some. */
  readonly names?: boolean
  /** Leases are changed by command in every world, or in none; undefined: as an operator is. */
  readonly orders?: boolean
  /** The service is switched off and on by command. */
  readonly switches?: boolean
}

export function pairScenarioOf(seed: number, options: PairScenarioOptions = {}): PairScenario {
  const draw = chance(seed, 'pair-scenario')
  const drawnClients = clientsOf(draw)
  const shape = otherwise(shapeOf(draw), chance(seed, 'pair-mode'))
  const drawn = [0, 1, 2].map((version) => ({
    ...documentOf(draw, shape, drawnClients.length, version),
    ...checksOf(seed),
  }))
  const stored = withStoredHosts(seed, peopled(seed, { documents: drawn, clients: drawnClients }))
  const { admissions, isPlain, whio } = stored
  const protection = oneOf(chance(seed, 'pair-protection'), PROTECTIONS)
  // What two servers give that give everything is nobody's promise.
  const drawnSix = shape.whenSilent === 'available' ? undefined : sixOf(seed, options.six)
  const cast = namedOf(seed, { ...stored, six: drawnSix }, options.names, givesNames(seed))
  const { clients, documents, named, six } = cast
  const plansFrom = (dhcp4: Partial<Dhcp4Document>, dhcp6 = six?.documents[0]) =>
    pairPlans({
      ...pairConfig({ ...configOf(shape, dhcp4, whio), ...(dhcp6 && { dhcp6 }), protection }),
      ...named?.document,
    })
  const versions = documents.map((document, at) => plansFrom(document, six?.documents[at]))
  const counting =
    clients.some((client) => client.countsFrom === 'ack') ||
    (six !== undefined && countsFromReply(six))
  return {
    lab: {
      plans: versions[0]!,
      clients,
      clients6: six?.clients ?? [],
      seed,
      network: networkOf(draw, counting, shape.relayed || hasRelay6(six)),
      links: linksOf(draw),
      disk: { commitMin: 0.2, commitMax: oneOf(draw, [1, 1, 20, 200]) },
      nodes: versions[0]!.map(() => ({ drift: driftOf(draw), skew: between(draw, -1e9, 1e9) })),
      busyMax: oneOf(draw, [0, 0, 5, 100]),
      unicast: !happens(draw, 0.3),
      trace: options.trace === true,
    },
    versions,
    ...chaosOf(draw, options.newDisks === true, [
      ...operatorKinds(seed, options.operator),
      ...(shape.mode === 'passive-backup' ? [] : impostorKinds(seed, options.impostor)),
    ]),
    files: filesOf(shape, { documents, named, six }, protection),
    hasSwitches:
      options.switches ?? happens(chance(seed, 'service-orders'), options.operator ? 0.5 : 0.1),
    hasOrders: options.orders ?? happens(chance(seed, 'lease-orders'), options.operator ? 1 : 0.1),
    longer: plansFrom({ ...documents[0], ...LONGER }),
    startsApart: happens(chance(seed, 'pair-apart'), 0.05),
    startsImported:
      canBeSingle(shape) && happens(chance(seed, 'pair-import'), options.operator ? 0.2 : 0.06),
    duration: 1000 * between(draw, 600, 1800),
    // Where another fault has ended the cut, the two have met, and it counts.
    lifetimeMax: Math.max(
      ...[...documents, ...(options.newDisks ? [LONGER] : [])].map(longest),
      six === undefined ? 0 : longest6(six),
    ),
    probation: shape.probation,
    guarded: shape.guarded,
    isAvailable: shape.whenSilent === 'available',
    admissions,
    isPlain,
    six,
    stored,
    named,
  }
}

/**
 * Few worlds have no partner, or servers that give everything when they hear nothing; the rest stay
 * what they are.
 */
function otherwise(shape: Shape, draw: Draw): Shape {
  const kind = draw(100)
  const waitsForBackups = draw(2) === 0
  if (kind < 4) return { ...shape, mode: 'passive-backup', guarded: false, waitsForBackups }
  return kind < 8 ? { ...shape, whenSilent: 'available' } : shape
}

function shapeOf(draw: Draw): Shape {
  const mode = oneOf(draw, ['load-balancing', 'load-balancing', 'hot-standby'] as const)
  const silence = oneOf(draw, [1000, 3000, 10_000])
  return {
    mode,
    backup: happens(draw, 0.2),
    guarded: mode === 'load-balancing' && happens(draw, 0.3),
    relayed: happens(draw, 0.3),
    poolSize: 2 + draw(oneOf(draw, [2, 6, 14])),
    probation: 30 + draw(300),
    allocator: oneOf(draw, ['iterative', 'random'] as const),
    authoritative: happens(draw, 0.5),
    matchClientId: happens(draw, 0.8),
    heartbeat: oneOf(draw, [300, 500, 900]),
    silence,
    unackedClients: oneOf(draw, [0, 0, 1]),
    whenSilent: 'safe',
    waitsForBackups: false,
  }
}

function configOf(shape: Shape, dhcp4: Partial<Dhcp4Document>, whio: WhioDocument = {}) {
  const { mode, backup, whenSilent, waitsForBackups } = shape
  const ha = {
    ...(waitsForBackups ? { 'wait-backup-ack': true } : {}),
    'heartbeat-delay': shape.heartbeat,
    'max-response-delay': shape.silence,
    'max-ack-delay': 1000,
    'max-unacked-clients': shape.unackedClients,
  }
  return { mode, backup, ha, dhcp4, whio: { ...whio, ha: { 'when-silent': whenSilent } } }
}

/** A mode without a partner stays what it is, and so does one that promises less. */
function filesOf(
  shape: Shape,
  { documents, named, six }: Pick<NamedCast<Partial<Dhcp4Document>>, 'documents' | 'named' | 'six'>,
  protection: (typeof PROTECTIONS)[number],
): PairScenario['files'] {
  const { mode, whenSilent, guarded } = shape
  if (mode === 'passive-backup' || whenSilent === 'available') return new Map()
  const files = MODES.filter((file) => file !== mode && (!guarded || GUARDABLE.includes(file)))
  const [dhcp4, dhcp6] = [documents[0]!, six?.documents[0]]
  const { ha } = configOf(shape, dhcp4)
  const around = named?.document
  return new Map(
    files.map((file) => [file, plansUnder(file, dhcp4, ha, protection, dhcp6, around)]),
  )
}

function canBeSingle({ mode, whenSilent, guarded }: Shape): boolean {
  return mode !== 'passive-backup' && whenSilent === 'safe' && !guarded
}

/** Versions of one network: lifetimes, pool ends and reservations differ. */
function documentOf(
  draw: Draw,
  shape: Shape,
  clients: number,
  version: number,
): Partial<Dhcp4Document> {
  return {
    'valid-lifetime': oneOf(draw, [40, 60, 120, 300, 600]),
    ...(happens(draw, 0.5) ? { 'min-valid-lifetime': 30, 'max-valid-lifetime': 900 } : {}),
    'calculate-tee-times': happens(draw, 0.7),
    'decline-probation-period': shape.probation,
    authoritative: shape.authoritative,
    'match-client-id': shape.matchClientId,
    allocator: shape.allocator,
    'expired-leases-processing': {
      'reclaim-timer-wait-time': oneOf(draw, [1, 10]),
      'hold-reclaimed-time': oneOf(draw, [0, 60, 3600]),
    },
    subnet4: [subnetOf(draw, shape, clients, version)],
  }
}

function subnetOf(draw: Draw, shape: Shape, clients: number, version: number): SubnetDocument {
  const net = '192.0.2'
  const size = Math.max(2, shape.poolSize - (version > 0 ? draw(2) : 0))
  const half = size >> 1
  const pools = shape.guarded
    ? [
        { pool: `${net}.100 - ${net}.${99 + half}`, 'client-classes': ['HA_server1'] },
        { pool: `${net}.${100 + half} - ${net}.${99 + size}`, 'client-classes': ['HA_server2'] },
      ]
    : [{ pool: `${net}.100 - ${net}.${99 + size}` }]
  return {
    id: 1,
    subnet: `${net}.0/24`,
    pools,
    reservations: reservationsOf(draw, net, clients),
    ...(shape.relayed ? { relay: { 'ip-addresses': [`${net}.1`] } } : {}),
  }
}

function linksOf(draw: Draw) {
  return { delayMax: oneOf(draw, [0.4, 5, 100]), patience: oneOf(draw, [4000, 15_000]) }
}

function chaosOf(
  draw: Draw,
  newDisks: boolean,
  more: readonly PairFaultKind[],
): Pick<PairScenario, 'pauseMax' | 'kinds'> {
  const kinds = FAULT_KINDS.flatMap((kind) =>
    happens(draw, 0.5) ? Array<PairFaultKind>(1 + draw(4)).fill(kind) : [],
  )
  kinds.push(...more)
  if (newDisks) kinds.push(...RARE_FAULT_KINDS)
  return { pauseMax: oneOf(draw, [5000, 20_000, 60_000, 200_000]), kinds }
}

/** In some worlds only: by a draw of their own, so that the others stay what they are. */
function operatorKinds(seed: number, isAlways = false): OperatorKind[] {
  const draw = chance(seed, 'pair-operator')
  return OPERATOR_KINDS.flatMap((kind) =>
    happens(draw, isAlways ? 1 : OPERATOR_CHANCES[kind])
      ? Array<OperatorKind>(1 + draw(3)).fill(kind)
      : [],
  )
}

function impostorKinds(seed: number, isAlways = false): PairFaultKind[] {
  const draw = chance(seed, 'pair-impostor')
  return happens(draw, isAlways ? 1 : IMPOSTOR_CHANCE) ? Array(1 + draw(4)).fill('impostor') : []
}
