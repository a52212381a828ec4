// What the server says of itself: a plain value for people, metrics and tests.

import { textFromIpv4 } from '../address/ipv4.ts'
import type { Plan4 } from '../config/plan/plan4.ts'
import type { InterfaceStatus, Traffic } from '../ports/datagrams.ts'
import type { Datagrams4 } from '../ports/datagrams4.ts'
import type { HookStatus } from '../ports/hooks.ts'
import type { Instant } from '../time/units.ts'
import type { Delivery } from './delivery.ts'
import type { OtherServer, ServerState } from './events.ts'
import type { HostDatabaseStatus } from './hosts/host-status.ts'
import { misfits } from './interface-fit.ts'
import type { Measured4 } from './measures.ts'
import type { NamesStatus } from './names/names-status.ts'
import type { FormerPairStatus } from './pair/former-pair.ts'
import type { PairStatus } from './pair/pair-status.ts'
import type { SharedStatus } from './shared/shared-status.ts'
import { type SubnetStatus, subnetStatuses } from './subnet-status.ts'

export type { SubnetStatus } from './subnet-status.ts'

export interface ServerStatus {
  readonly state: ServerState
  /** Why leases cannot be stored, '' when they can. */
  readonly journalTrouble: string
  /**
   * An older copy of the database was put back before the last start, as this host has noted:
   * leases of a server on its own that were given after the copy was made are not known.
   */
  readonly hasOlderDatabase: boolean
  /** Families whose service is switched off by command. */
  readonly switchedOff: readonly (4 | 6)[]
  /** Databases of reservations. */
  readonly hosts?: readonly HostDatabaseStatus[] | undefined
  readonly interfaces: readonly ServedInterface[]
  /** What went through each interface that is served, as its sockets count it. */
  readonly traffic: readonly ServedTraffic[]
  /** Rows of the lease table, in whatever state. */
  readonly leases: number
  /** Replies waiting for the disk. */
  readonly parked: number
  /** Messages waiting for an answer of hooks, of a database of reservations, or of the wire. */
  readonly waiting: number
  /** How many waited together, in the mean of the last 10, 100 and 1000. */
  readonly parkedMeans: readonly number[]
  /** Counted when it is asked for: with many subnets and reservations that takes milliseconds. */
  readonly subnets: readonly SubnetStatus[]
  /** Servers that clients have named within a day, and that are none of this configuration. */
  readonly otherServers: readonly OtherServer[]
  /** Messages that found no address free within the last five to ten minutes. */
  readonly refusedLately: number
  /** Kea's names, and one `pkt4-drop-<reason>` for each drop reason. */
  readonly statistics: Readonly<Record<string, number>>
  /** Names of clients in DNS; undefined: none is registered, and none was. */
  readonly names?: NamesStatus | undefined
  /** Modules of the operator; undefined where there are none. */
  readonly hooks?: readonly HookStatus[] | undefined
  /** The lease database; undefined: no other server writes it. */
  readonly database?: SharedStatus | undefined
  /** High availability; undefined for a server on its own. */
  readonly ha?: PairStatus | undefined
  /** The file names no pair, and the database belongs to one. */
  readonly formerPair?: FormerPairStatus | undefined
}

export interface ServedInterface extends Omit<InterfaceStatus<never>, 'addresses'> {
  readonly family: 4 | 6
  /** As people write them. */
  readonly addresses?: readonly string[]
  /** DHCPv4: see InterfaceStatus4. */
  readonly unicast?: boolean
  /** Why clients on its link get nothing, '' where they may. */
  readonly misfit: string
}

export interface ServedTraffic extends Traffic {
  readonly family: 4 | 6
}

/** `unfit`: interfaces on whose links clients get nothing, and why. */
export function servedInterface<Address>(
  family: 4 | 6,
  { addresses, ...interfaceStatus }: InterfaceStatus<Address>,
  textOf: (address: Address) => string,
  unfit: ReadonlyMap<string, string>,
): ServedInterface {
  const misfit = unfit.get(interfaceStatus.name) ?? ''
  const own = addresses === undefined ? {} : { addresses: addresses.map(textOf) }
  return { ...interfaceStatus, ...own, family, misfit }
}

/** Who has noted what became of messages. */
export interface HasOthers {
  readonly others: { status(now: Instant): readonly OtherServer[] }
}

/** What a family says of itself. */
export type ServiceStatus = Pick<
  ServerStatus,
  | 'interfaces'
  | 'traffic'
  | 'leases'
  | 'waiting'
  | 'otherServers'
  | 'subnets'
  | 'refusedLately'
  | 'statistics'
  | 'hosts'
>

export function status4(
  plan: Plan4,
  { counters, table }: Measured4,
  datagrams: Datagrams4,
  { others }: HasOthers,
  waiting: number,
  now: Instant,
): ServiceStatus {
  const interfaces = datagrams.status()
  const unfit = misfits(plan, interfaces, counters.relayed > 0)
  return {
    interfaces: interfaces.map((one) => servedInterface(4, one, textFromIpv4, unfit)),
    traffic: datagrams.traffic().map((one) => ({ ...one, family: 4 })),
    leases: table.size,
    waiting,
    get subnets() {
      return subnetStatuses(plan, table)
    },
    refusedLately: counters.refusals.lately(now),
    otherServers: others.status(now),
    statistics: counters.statistics(),
  }
}

export function statusOf(
  state: ServerState,
  own: Pick<ServerStatus, 'database' | 'hasOlderDatabase' | 'switchedOff'>,
  services: readonly ServiceStatus[],
  delivery: Delivery,
  beside: Pick<ServerStatus, 'ha' | 'formerPair' | 'hooks' | 'names'>,
): ServerStatus {
  const { commits, failures } = delivery
  return {
    ...together(services),
    state,
    journalTrouble: delivery.trouble || (beside.ha?.isAway ? 'the disk does not answer' : ''),
    ...own,
    parked: delivery.parked,
    parkedMeans: delivery.queue.means,
    get subnets() {
      return services.flatMap(({ subnets }) => subnets)
    },
    statistics: {
      ...sumOf(services.map(({ statistics }) => statistics)),
      'journal-commits': commits,
      'journal-commit-failures': failures,
    },
    ...beside,
  }
}

function together(
  services: readonly ServiceStatus[],
): Omit<ServiceStatus, 'statistics' | 'subnets'> {
  return {
    interfaces: services.flatMap(({ interfaces }) => interfaces),
    traffic: services.flatMap(({ traffic }) => traffic),
    otherServers: services.flatMap(({ otherServers }) => otherServers),
    hosts: services.flatMap(({ hosts = [] }) => hosts),
    leases: services.reduce((sum, { leases }) => sum + leases, 0),
    waiting: services.reduce((sum, { waiting }) => sum + waiting, 0),
    refusedLately: services.reduce((sum, { refusedLately }) => sum + refusedLately, 0),
  }
}

/** Most names say which family they are of; what both count is of both. */
function sumOf(all: readonly ServiceStatus['statistics'][]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const statistics of all)
    for (const [name, value] of Object.entries(statistics)) sum[name] = (sum[name] ?? 0) + value
  return sum
}
