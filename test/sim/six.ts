// DHCPv6 in a simulated world: in some worlds, by a chance of its own, the servers speak it beside
// DHCPv4, to clients that want addresses and prefixes. What happens to servers, disks and links
// happens to both families at once; what happens to these clients is here.

import type {
  Dhcp6Document,
  PdPoolDocument,
  SubnetDocument6,
} from '../../lib/config/keys/document6.ts'
import { between, chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { LabClient6Settings, LabIa6 } from '../../lib/lab/lab-clients6.ts'
import type { VirtualClient6 } from '../../lib/lab/virtual-client6.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { driftOf } from './scenario.ts'

/** In how many worlds. */
const SIX_CHANCE = 0.3

const VERSIONS = 3
const IDS = [1, 2]
const PREFIXES = 8

export interface Six {
  /** A version for each of the world's documents. */
  readonly documents: readonly Dhcp6Document[]
  readonly clients: readonly LabClient6Settings[]
}

/** Undefined: the world has DHCPv4 only. `isAlways`: it has both. */
export function sixOf(seed: number, isAlways = false): Six | undefined {
  const draw = chance(seed, 'six')
  if (!happens(draw, SIX_CHANCE) && !isAlways) return undefined
  const shape = shapeOf(draw)
  return {
    documents: Array.from({ length: VERSIONS }, (_, version) => documentOf(draw, shape, version)),
    clients: clientsOf(draw, shape),
  }
}

interface Shape {
  readonly ids: readonly number[]
  readonly poolSize: number
  readonly probation: number
  readonly allocator: 'iterative' | 'random'
  /** How the relay of the last subnet is known, '' = there is none. */
  readonly relayed: '' | 'address' | 'interface-id'
  readonly rapidCommit: boolean
  /** Delegated lengths: where they differ, prefixes of two versions overlap. */
  readonly lengths: readonly number[]
}

function shapeOf(draw: Draw): Shape {
  const lengths = oneOf(draw, [[60], [60], [60, 60, 62], [60, 59, 60], [62, 60, 61]])
  return {
    ids: happens(draw, 0.3) ? IDS : IDS.slice(0, 1),
    poolSize: 1 + draw(oneOf(draw, [2, 6, 14])),
    probation: 30 + draw(300),
    allocator: oneOf(draw, ['iterative', 'random'] as const),
    relayed: oneOf(draw, ['', '', 'address', 'interface-id'] as const),
    rapidCommit: happens(draw, 0.4),
    lengths,
  }
}

/** Versions of one network: lifetimes, pool ends and lengths of prefixes differ. */
function documentOf(draw: Draw, shape: Shape, version: number): Dhcp6Document {
  const valid = oneOf(draw, [60, 120, 300, 600])
  return {
    'valid-lifetime': valid,
    ...(happens(draw, 0.5) ? { 'preferred-lifetime': Math.floor(valid * 0.6) } : {}),
    'calculate-tee-times': happens(draw, 0.7),
    'decline-probation-period': shape.probation,
    allocator: shape.allocator,
    'expired-leases-processing': {
      'reclaim-timer-wait-time': oneOf(draw, [1, 10]),
      'hold-reclaimed-time': oneOf(draw, [0, 60, 3600]),
    },
    subnet6: shape.ids.map((id) => subnetOf(draw, shape, id, version)),
  }
}

function subnetOf(draw: Draw, shape: Shape, id: number, version: number): SubnetDocument6 {
  const net = `2001:db8:${id}:`
  const size = Math.max(1, shape.poolSize - (version > 0 ? draw(2) : 0))
  const last = (0x10 + size - 1).toString(16)
  const isRelayed = id === shape.ids.at(-1)
  const relays = {
    '': {},
    address: { relay: { 'ip-addresses': [`${net}:1`] } },
    'interface-id': { 'interface-id': `port ${id}` },
  }
  return {
    id,
    subnet: `${net}:/64`,
    'rapid-commit': shape.rapidCommit,
    pools: [{ pool: `${net}:10 - ${net}:${last}` }],
    'pd-pools': [pdPoolOf(id, shape.lengths[version] ?? shape.lengths[0]!)],
    ...(isRelayed ? relays[shape.relayed] : {}),
  }
}

/** Eight of length 60, sixteen of 61, four of 59. */
function pdPoolOf(id: number, length: number): PdPoolDocument {
  return { prefix: `2001:db8:8${id}00::`, 'prefix-len': 57, 'delegated-len': length }
}

function clientsOf(draw: Draw, shape: Shape): LabClient6Settings[] {
  const count = 1 + draw(oneOf(draw, [3, 6, 10]))
  const countsFrom = happens(draw, 0.3) ? 'reply' : 'request'
  return Array.from({ length: count }, (_, index) => ({
    ias: iasOf(draw, index),
    subnet: oneOf(draw, shape.ids),
    rapidCommit: happens(draw, 0.4),
    probes: happens(draw, 0.3),
    renews: happens(draw, 0.8),
    countsFrom,
    hostname: happens(draw, 0.3) ? `host-${index}` : '',
    solicitMax: oneOf(draw, [4000, 64_000]),
    startDelayMax: 10_000,
    node: { drift: driftOf(draw), skew: between(draw, -1e9, 1e9) },
  }))
}

/** Most want an address, many a prefix, some several, few nothing but options. */
function iasOf(draw: Draw, index: number): LabIa6[] {
  if (happens(draw, 0.05)) return []
  const ias: LabIa6[] = []
  if (happens(draw, 0.8)) ias.push({ kind: 'na', iaid: index })
  if (happens(draw, 0.2)) ias.push({ kind: 'na', iaid: 1000 + index })
  if (happens(draw, 0.5) || ias.length === 0) {
    const hint = oneOf(draw, [undefined, '::/60', '::/62', '2001:db8:8100::/60'])
    ias.push({ kind: 'pd', iaid: index, ...(hint === undefined ? {} : { hint }) })
  }
  return ias
}

export function longest6({ documents }: Six): number {
  return Math.max(...documents.map((document) => document['valid-lifetime'] ?? 0))
}

export function hasRelay6(six: Six | undefined): boolean {
  const subnets = six?.documents.flatMap(({ subnet6 = [] }) => subnet6) ?? []
  return subnets.some((one) => one.relay !== undefined || one['interface-id'] !== undefined)
}

export function countsFromReply({ clients }: Six): boolean {
  return clients.some(({ countsFrom }) => countsFrom === 'reply')
}

const FAULTS = [
  'reboot',
  'switch-off',
  'forget',
  'release',
  'repeat-release',
  'decline',
  'move',
  'cut',
] as const

const OUTAGE_MAX = 60_000
/** A datagram lives less than this, copies included. */
const DATAGRAM_LIFE = 10_000

/** What happens to clients of DHCPv6, until it ends. */
export class SixFaults {
  /** How often each kind of fault happened. */
  readonly counts: Record<string, number> = {}
  readonly #lab: Lab
  readonly #draw: Draw
  readonly #pauseMax: number
  #ended = false

  constructor(lab: Lab, pauseMax: number) {
    this.#lab = lab
    this.#draw = lab.world.draw('chaos6')
    this.#pauseMax = pauseMax
    if (lab.clients6.length > 0) this.#next()
  }

  /**
   * The network is whole again by now: every client wants what it asks for. Who has asked for words
   * alone in vain would ask once an hour, and a network that loses much loses that, too.
   */
  end(): void {
    this.#ended = true
    for (const client of this.#lab.clients6)
      if (client.state === 'off' || client.state === 'informing') client.start()
  }

  #next(): void {
    this.#lab.world.after(between(this.#draw, 0, this.#pauseMax), () => {
      if (this.#ended) return
      const kind = oneOf(this.#draw, FAULTS)
      this.counts[`${kind}6`] = (this.counts[`${kind}6`] ?? 0) + 1
      this.#lab.world.note('chaos', `${kind}6`)
      this.#happen(kind, oneOf(this.#draw, this.#lab.clients6))
      this.#next()
    })
  }

  #happen(kind: (typeof FAULTS)[number], client: VirtualClient6): void {
    switch (kind) {
      case 'reboot':
        return this.#switchOff(client, 3000)
      case 'switch-off':
        return this.#switchOff(client, 400_000)
      case 'forget':
        client.forget()
        return client.start()
      case 'release':
        return this.#release(client)
      case 'repeat-release':
        return client.repeatRelease(this.#copyAgeMax())
      case 'decline':
        return client.decline()
      case 'move':
        return client.move(oneOf(this.#draw, [...this.#lab.topology6.links.values()]))
      case 'cut': {
        const { network, servers } = this.#lab
        const ends = [oneOf(this.#draw, servers).name, client.name]
        const [from, to] = this.#draw(2) === 0 ? ends : ends.reverse()
        network.cut(from!, to!)
        return this.#heal(() => network.heal(from, to))
      }
      default:
        return kind satisfies never
    }
  }

  /** How old a datagram may be of which a copy sets out now. */
  #copyAgeMax(): number {
    const { late, lateMax, delayMax } = this.#lab.network.faults
    return DATAGRAM_LIFE - (late > 0 ? lateMax : delayMax)
  }

  #switchOff(client: VirtualClient6, durationMax: number): void {
    client.stop()
    this.#heal(() => client.state === 'off' && client.start(), durationMax)
  }

  /** Half of the clients ask again at once; some RELEASEs arrive once more, late. */
  #release(client: VirtualClient6): void {
    client.release()
    const copyAge = between(this.#draw, 0, this.#copyAgeMax())
    if (this.#draw(2) === 0) this.#heal(() => client.repeatRelease(this.#copyAgeMax()), copyAge)
    const atOnce = this.#draw(2) === 0
    this.#heal(() => client.state === 'off' && client.start(), atOnce ? 500 : undefined)
  }

  #heal(heal: () => void, durationMax = OUTAGE_MAX): void {
    this.#lab.world.after(between(this.#draw, 0, durationMax), () => {
      if (!this.#ended) heal()
    })
  }
}

/** What clients lack of what is to be had by the document in force, and where. */
export function unserved6(lab: Lab, document: Dhcp6Document, wait: number): string[] {
  const had = new Set<string>()
  const wanting = () => (document.subnet6 ?? []).flatMap((subnet) => missingIn(lab, subnet, had))
  if (lab.world.advanceUntil(() => wanting().length === 0, wait * 1000)) return []
  return [`${wait} s after the last fault ${wanting().join('; ')}`]
}

/** `had`: who has had something: where the network loses much, not everybody has at one moment. */
function missingIn(lab: Lab, { id, pools = [] }: SubnetDocument6, had: Set<string>): string[] {
  const link = lab.link6(id)
  const here = lab.clients6.filter((client) => client.link === link)
  const size = sizeOf(pools[0]!.pool)
  for (const { isBound, leases, machine, name } of here) {
    for (const { iaid, kind } of leases) had.add(`${name} ${kind} ${iaid}`)
    if (isBound && machine.settings.ias.length === 0) had.add(name)
  }
  return [
    ...missing(here, 3, size, `addresses of subnet ${id}`, had),
    ...missing(here, 25, PREFIXES / 2, `prefixes of subnet ${id}`, had),
    ...here
      .filter((one) => one.machine.settings.ias.length === 0 && !had.has(one.name))
      .map(stateOf),
  ]
}

function missing(
  clients: readonly VirtualClient6[],
  kind: number,
  size: number,
  what: string,
  had: ReadonlySet<string>,
): string[] {
  const asked = clients.flatMap(({ machine, name }) =>
    machine.settings.ias
      .filter((ia) => ia.kind === kind)
      .map(({ iaid }) => `${name} ${kind} ${iaid}`),
  )
  const held = asked.filter((ia) => had.has(ia)).length
  const wanted = Math.min(asked.length, size)
  if (held >= wanted) return []
  return [`${held} of ${wanted} ${what} were had: ${clients.map(stateOf).join(', ')}`]
}

function stateOf({ name, state, addresses }: VirtualClient6): string {
  return `${name} ${state} ${addresses.join(' ')}`
}

function sizeOf(pool: string): number {
  const [first, last] = pool.split(' - ').map((end) => Number.parseInt(end.split('::')[1]!, 16))
  return last! - first! + 1
}
