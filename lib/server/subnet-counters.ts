// What is counted of each subnet and of its pools, and of all of them together, as Kea counts it. A
// subnet that is another one since a reload begins anew; one that a reload has left alone goes on.
// What leases there are now the lease table itself counts (leases/table/lease-counts.ts).

import { BINDING_KIND, kindOf } from '../leases/binding.ts'
import { familyOf } from '../leases/keys/families.ts'
import { isPrefix } from '../leases/keys/family.ts'
import { type Key, versionOf } from '../leases/keys/key.ts'
import { type Change, LEASE_STATE, type Lease } from '../leases/lease.ts'

/** What happened to leases of one kind, addresses or prefixes. */
export class LeaseEvents {
  /** Given to somebody who did not have them. */
  given = 0
  /** Ended, declined ones among them, and the declined ones alone. */
  reclaimed = 0
  reclaimedDeclined = 0
  /** By id of the pool, but for 0: what is left is that pool's. */
  readonly pools = new Map<number, LeaseEvents>()

  /** Of one pool; what is of none counts in 0. */
  ofPool(poolId: number): LeaseEvents | undefined {
    if (poolId !== 0 || this.pools.size === 0) return poolId === 0 ? this : this.pools.get(poolId)
    const rest = new LeaseEvents()
    rest.given = this.given
    rest.reclaimed = this.reclaimed
    rest.reclaimedDeclined = this.reclaimedDeclined
    for (const other of this.pools.values()) {
      rest.given -= other.given
      rest.reclaimed -= other.reclaimed
      rest.reclaimedDeclined -= other.reclaimedDeclined
    }
    return rest
  }

  gave(poolId: number): void {
    this.given++
    if (poolId !== 0) this.#pool(poolId).given++
  }

  reclaim(poolId: number, wasDeclined: boolean): void {
    this.#reclaim(wasDeclined)
    if (poolId !== 0) this.#pool(poolId).#reclaim(wasDeclined)
  }

  #reclaim(wasDeclined: boolean): void {
    this.reclaimed++
    if (wasDeclined) this.reclaimedDeclined++
  }

  #pool(poolId: number): LeaseEvents {
    const known = this.pools.get(poolId)
    if (known !== undefined) return known
    const events = new LeaseEvents()
    this.pools.set(poolId, events)
    return events
  }
}

/** Clients, or IAs, for which there was nothing: Kea's names behind `v4-allocation-fail`. */
export class Unserved {
  /** Something was tried. */
  tried = 0
  noPools = 0
  network = 0
  subnet = 0

  count(isOfNetwork: boolean, isWithoutPools: boolean): void {
    if (isOfNetwork) this.network++
    else this.subnet++
    if (isWithoutPools) this.noPools++
    else this.tried++
  }

  /** Each of them: whatever a client is, it is in the class ALL. */
  get classes(): number {
    return this.network + this.subnet
  }

  /** With the part of the name that follows `v4-allocation-fail`. */
  byName(): readonly (readonly [string, number])[] {
    return UNSERVED_KINDS.map(([kind, read]) => [kind, read(this)])
  }
}

export const UNSERVED_KINDS: readonly (readonly [string, (unserved: Unserved) => number])[] = [
  ['', ({ tried }) => tried],
  ['-shared-network', ({ network }) => network],
  ['-subnet', ({ subnet }) => subnet],
  ['-no-pools', ({ noPools }) => noPools],
  ['-classes', ({ classes }) => classes],
]

/** Of one subnet, or of all. */
export class SubnetCounters {
  readonly addresses = new LeaseEvents()
  /** Only of DHCPv6, as are registered addresses. */
  readonly prefixes = new LeaseEvents()
  registered = 0
  /** DISCOVERs of clients whose reserved address another client has. */
  conflicts = 0
  /** Leases, or IAs, that clients were told of anew without a write. */
  reuses = 0
  prefixReuses = 0
  readonly unserved = new Unserved()

  /** Somebody got a lease who did not have it. */
  gave(lease: Lease<Key>): void {
    if (isRegistered(lease)) this.registered++
    else this.#eventsOf(lease).gave(lease.poolId)
  }

  /** The lease has ended: this is the row before. */
  ended(row: Lease<Key>): void {
    this.#eventsOf(row).reclaim(row.poolId, row.state === LEASE_STATE.declined)
  }

  #eventsOf({ address }: Lease<Key>): LeaseEvents {
    return isPrefix(familyOf(address), address) ? this.prefixes : this.addresses
  }
}

function isRegistered(lease: Lease<Key>): boolean {
  return versionOf(lease.address) === 6 && kindOf(lease) === BINDING_KIND.registered
}

interface Place {
  readonly id: number
}

interface Counted {
  /** As the plan had it when counting began. */
  readonly subnet: Place | undefined
  readonly counters: SubnetCounters
}

/** Those of all subnets, and of each where something happened. */
export class PlaceCounters {
  /** Never begin anew. */
  readonly all = new SubnetCounters()
  readonly #bySubnet = new Map<number, Counted>()
  readonly #subnetById: (id: number) => Place | undefined
  /** What was asked for last: leases of one subnet mostly follow each other. */
  #lastId = -1
  #last: SubnetCounters = this.all

  constructor(subnetById: (id: number) => Place | undefined) {
    this.#subnetById = subnetById
  }

  /** To count in. */
  in(subnetId: number): SubnetCounters {
    if (subnetId === this.#lastId) return this.#last
    const known = this.#bySubnet.get(subnetId)
    const counted = known ?? { subnet: this.#subnetById(subnetId), counters: new SubnetCounters() }
    if (known === undefined) this.#bySubnet.set(subnetId, counted)
    this.#lastId = subnetId
    this.#last = counted.counters
    return counted.counters
  }

  /** To read; undefined where nothing has happened. */
  of(subnetId: number): SubnetCounters | undefined {
    return this.#bySubnet.get(subnetId)?.counters
  }

  /**
   * Somebody got a lease who did not have it. `before`: the row as it was, which had lapsed where
   * it still says that it is assigned; `isHandedOver`: somebody gave it up for this.
   */
  gave(change: Change<Key>, before: Lease<Key> | undefined, isHandedOver: boolean): void {
    if (change.kind === 'remove') return
    if (before?.state === LEASE_STATE.assigned && !isHandedOver) this.#ended(before)
    this.all.gave(change.lease)
    this.in(change.lease.subnetId).gave(change.lease)
  }

  /** Time has done something to this row, which shows it as it was. */
  lapsed(row: Lease<Key>): void {
    const { assigned, declined } = LEASE_STATE
    if (row.state === assigned || row.state === declined) this.#ended(row)
  }

  #ended(row: Lease<Key>): void {
    this.all.ended(row)
    this.in(row.subnetId).ended(row)
  }

  /** Each subnet is counted from 0 again. */
  beginAnew(): void {
    this.#lastId = -1
    this.#bySubnet.clear()
  }

  /** A new plan is in force. */
  planChanged(): void {
    this.#lastId = -1
    for (const [id, { subnet }] of this.#bySubnet)
      if (this.#subnetById(id) !== subnet) this.#bySubnet.delete(id)
  }
}
