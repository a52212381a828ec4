// What a seed decides about a simulated world before it begins. Swarm testing: each fault is on in
// some worlds and off in others, since faults that always come together hide each other. Worlds are
// small (few addresses, short lifetimes, idle clients): there two clients meet at one address most
// often.

import { hexFromOctets } from '../../lib/bytes/octets.ts'
import type {
  Dhcp4Document,
  ReservationDocument,
  SubnetDocument,
} from '../../lib/config/keys/document4.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { LabClientSettings, LabSettings } from '../../lib/lab/lab.ts'
import { FAULTLESS, type NetworkFaults } from '../../lib/lab/network.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { checksOf } from './address-checks.ts'
import type { Admission } from './admission.ts'
import { CLIENT_FAULT_KINDS } from './client-faults.ts'
import { givesNames } from './hooks.ts'
import { type Named, namedOf } from './named.ts'
import { peopled } from './peopled.ts'
import { planOf, planOfBoth } from './plans.ts'
import { countsFromReply, hasRelay6, longest6, type Six, sixOf } from './six.ts'
import { type Stored, withStoredHosts } from './stored-hosts.ts'

export interface ChaosRates {
  /** Milliseconds between two faults, at most. */
  readonly pauseMax: number
  /** Weight of each kind of fault; 0 = never. */
  readonly weights: Readonly<Record<FaultKind, number>>
}

export const FAULT_KINDS = [
  ...CLIENT_FAULT_KINDS,
  'crash',
  'pause',
  'disk-trouble',
  'disk-slow',
  'wall-jump',
  'cut',
  'interface-down',
  'reload',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

export interface Scenario {
  readonly lab: LabSettings
  /** Plans that a reload may put in force; the first is the one in force at the beginning. */
  readonly plans: readonly Plan[]
  readonly chaos: ChaosRates
  /** How long faults go on, milliseconds. */
  readonly duration: number
  /** The longest lifetime of any plan, seconds. */
  readonly lifetimeMax: number
  /** How long a declined address stays out of use, seconds. */
  readonly probation: number
  /** Who may have what by the document of each plan. */
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

export interface ScenarioOptions {
  readonly trace?: boolean
  /** DHCPv6 is served in every world, not in some. */
  readonly six?: boolean
  /** Names are registered in every world, not in some. */
  readonly names?: boolean
}

export function scenarioOf(seed: number, options: ScenarioOptions = {}): Scenario {
  const draw = chance(seed, 'scenario')
  const drawnClients = clientsOf(draw)
  const shape = shapeOf(draw)
  const drawn = [0, 1, 2].map((version) => ({
    ...documentOf(draw, shape, drawnClients.length, version),
    ...checksOf(seed),
  }))
  const stored = withStoredHosts(seed, peopled(seed, { documents: drawn, clients: drawnClients }))
  const { admissions, isPlain, whio } = stored
  const cast = { ...stored, six: sixOf(seed, options.six) }
  const { clients, documents, named, six } = namedOf(seed, cast, options.names, givesNames(seed))
  const around = { ...named?.document, Whio: whio }
  const plans = documents.map((document, version) =>
    six === undefined
      ? planOf(document, around)
      : planOfBoth(document, six.documents[version]!, around),
  )
  const counting =
    clients.some((client) => client.countsFrom === 'ack') ||
    (six !== undefined && countsFromReply(six))
  return {
    lab: {
      plan: plans[0]!,
      clients: clients.map((client) => ({ ...client, subnet: oneOf(draw, shape.subnets) })),
      clients6: six?.clients ?? [],
      seed,
      network: networkOf(draw, counting, shape.relayed || hasRelay6(six)),
      disk: { commitMin: 0.2, commitMax: oneOf(draw, [1, 1, 20, 200]) },
      nodes: [{ drift: driftOf(draw) }],
      busyMax: oneOf(draw, [0, 0, 5, 100]),
      unicast: !happens(draw, 0.3),
      trace: options.trace === true,
    },
    plans,
    chaos: chaosOf(draw),
    duration: 1000 * between(draw, 600, 2400),
    lifetimeMax: Math.max(...documents.map(longest), six === undefined ? 0 : longest6(six)),
    probation: shape.probation,
    admissions,
    isPlain,
    six,
    stored,
    named,
  }
}

interface Shape {
  readonly subnets: readonly number[]
  readonly relayed: boolean
  readonly poolSize: number
  readonly probation: number
  readonly allocator: 'iterative' | 'random'
  readonly authoritative: boolean
  readonly matchClientId: boolean
}

function shapeOf(draw: Draw): Shape {
  return {
    subnets: happens(draw, 0.3) ? [1, 2] : [1],
    relayed: happens(draw, 0.3),
    poolSize: 1 + draw(oneOf(draw, [2, 6, 14])),
    probation: 30 + draw(300),
    allocator: oneOf(draw, ['iterative', 'random'] as const),
    authoritative: happens(draw, 0.5),
    matchClientId: happens(draw, 0.8),
  }
}

/** Versions of one network: lifetimes, pool ends and reservations differ. */
function documentOf(draw: Draw, shape: Shape, clients: number, version: number): Dhcp4Document {
  const lifetime = oneOf(draw, [40, 60, 120, 300, 600])
  return {
    'valid-lifetime': lifetime,
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
    subnet4: shape.subnets.map((id) => subnetOf(draw, shape, id, clients, version)),
  }
}

function subnetOf(
  draw: Draw,
  shape: Shape,
  id: number,
  clients: number,
  version: number,
): SubnetDocument {
  const net = `10.0.${id}`
  const size = Math.max(1, shape.poolSize - (version > 0 ? draw(2) : 0))
  return {
    id,
    subnet: `${net}.0/24`,
    pools: [{ pool: `${net}.100 - ${net}.${99 + size}` }],
    reservations: reservationsOf(draw, net, clients),
    ...(shape.relayed && id === shape.subnets.at(-1)
      ? { relay: { 'ip-addresses': [`${net}.1`] } }
      : {}),
  }
}

/** Up to two clients have a reserved address: inside or outside of the pool. */
export function reservationsOf(draw: Draw, net: string, clients: number): ReservationDocument[] {
  const reserved: ReservationDocument[] = []
  const owners = new Set<number>()
  for (const host of [100, 50]) {
    const owner = 1 + draw(clients)
    if (!happens(draw, 0.3) || owners.has(owner)) continue
    owners.add(owner)
    const hwAddress = `02:00:00:00:00:${owner.toString(16).padStart(2, '0')}`
    reserved.push({ 'hw-address': hwAddress, 'ip-address': `${net}.${host}` })
  }
  return reserved
}

export function clientsOf(draw: Draw): LabClientSettings[] {
  const count = 2 + draw(oneOf(draw, [3, 8, 12]))
  const counting = happens(draw, 0.3)
  const thirst = oneOf(draw, [4000, 64_000])
  return Array.from({ length: count }, (_, index) => ({
    broadcast: happens(draw, 0.3),
    ...(happens(draw, 0.4) ? { clientId: hexFromOctets(`\x01client${index}`) } : {}),
    probes: happens(draw, 0.3),
    renews: happens(draw, 0.8),
    countsFrom: counting ? 'ack' : 'request',
    trustsMemory: happens(draw, 0.3),
    lifetime: happens(draw, 0.3) ? 20 + draw(600) : 0,
    startDelayMax: 10_000,
    renewPauseMin: oneOf(draw, [5000, 60_000]),
    backoffMax: thirst,
    node: { drift: driftOf(draw), skew: between(draw, -1e9, 1e9) },
  }))
}

/** Two clocks differ by less than half a per cent, so each is wrong by less than a quarter. */
export function driftOf(draw: Draw): number {
  return between(draw, -2.4, 2.4) / 1000
}

/**
 * A datagram lives less than 10 s; where clients count from the ACK, it is there within 4.5 s (with
 * 5 s parked), relays included: `isRelayed`.
 */
export function networkOf(draw: Draw, counting: boolean, isRelayed = false): NetworkFaults {
  return {
    ...FAULTLESS,
    loss: oneOf(draw, [0, 0.05, 0.3]),
    duplicate: oneOf(draw, [0, 0.05, 0.3]),
    delayMax: oneOf(draw, [0.1, 5, 500]),
    late: oneOf(draw, [0, 0.02, 0.2]),
    lateMax: !counting ? 9900 : isRelayed ? 2250 : 4500,
  }
}

function chaosOf(draw: Draw): ChaosRates {
  const weights = Object.fromEntries(
    FAULT_KINDS.map((kind) => [kind, happens(draw, 0.5) ? 1 + draw(4) : 0]),
  ) as Record<FaultKind, number>
  return { pauseMax: oneOf(draw, [5000, 20_000, 60_000, 300_000]), weights }
}

/** Classes count, whoever may be in them. */
export function longest(document: Partial<Dhcp4Document>): number {
  const all = [document, ...(document['client-classes'] ?? [])]
  return Math.max(
    ...all.flatMap((one) => [one['valid-lifetime'] ?? 0, one['max-valid-lifetime'] ?? 0]),
  )
}
