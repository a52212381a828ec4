// Statistics of DHCPv4, by Kea's names.

import { rangeSize } from '../../address/ipv4.ts'
import { DROP_COUNTERS, DROP_COUNTERS4, reasonsOf } from '../../catalogue/drop-counters.ts'
import type { Plan4, Subnet4 } from '../../config/plan/plan4.ts'
import { LEASE_QUERY_ANSWERS, TYPE_NAMES4 } from '../../server/counters.ts'
import type { Measured4 } from '../../server/measures.ts'
import { UNSERVED_KINDS } from '../../server/subnet-counters.ts'
import { LEASE_QUERY4, MESSAGE_TYPE4 } from '../../wire/v4/message.ts'
import { eventReadings, firstReadings, sumOf } from './readings.ts'
import type { GlobalReading, Place, Reading, Row, Source } from './source.ts'

const SENT = [MESSAGE_TYPE4.offer, MESSAGE_TYPE4.ack, MESSAGE_TYPE4.nak]

export class Source4 implements Source {
  readonly family = 4
  readonly globals: readonly GlobalReading[]
  readonly ofSubnets: ReadonlySet<string>
  readonly columns = [
    ...['subnet-id', 'total-addresses', 'cumulative-assigned-addresses'],
    ...['assigned-addresses', 'declined-addresses'],
  ]
  readonly #measured: Measured4
  readonly #plan: () => Plan4 | undefined

  constructor(measured: Measured4, plan: () => Plan4 | undefined) {
    this.#measured = measured
    this.#plan = plan
    const ofSubnets = ofSubnets4(measured)
    this.globals = [...packets4(measured), ...allocations4(measured), ...ofSubnets]
    this.ofSubnets = new Set(ofSubnets.map(({ name }) => name))
  }

  subnets(): readonly Subnet4[] {
    return this.#plan()?.subnets ?? []
  }

  subnet(id: number): Subnet4 | undefined {
    return this.#plan()?.subnetById(id)
  }

  readings(place: Place): readonly Reading[] {
    const subnet = place as Subnet4
    const { id, pools } = subnet
    const { counters, table } = this.#measured
    const counted = counters.places.of(id)
    const { assigned, declined } = table.counts(id)
    const readings: Reading[] = [
      { name: 'total-addresses', kind: 'state', value: sizeOf(subnet) },
      { name: 'assigned-addresses', kind: 'state', value: assigned + declined },
      { name: 'declined-addresses', kind: 'state', value: declined },
      { name: 'v4-lease-reuses', kind: 'count', value: counted?.reuses ?? 0 },
      { name: 'v4-reservation-conflicts', kind: 'count', value: counted?.conflicts ?? 0 },
      ...eventReadings('cumulative-assigned-addresses', [counted?.addresses]),
      ...firstReadings('v4', counted?.unserved),
    ]
    for (const [poolId, addresses] of sizesByPool(pools)) {
      const state = table.counted.ofPool(id, poolId, false)
      const pool = `pool[${poolId}].`
      readings.push(
        { name: `${pool}total-addresses`, kind: 'state', value: addresses },
        {
          name: `${pool}assigned-addresses`,
          kind: 'state',
          value: state.assigned + state.declined,
        },
        { name: `${pool}declined-addresses`, kind: 'state', value: state.declined },
        ...eventReadings(
          'cumulative-assigned-addresses',
          [counted?.addresses.ofPool(poolId)],
          pool,
        ),
      )
    }
    return readings
  }

  beginAnew(): void {
    this.#measured.counters.places.beginAnew()
  }

  row(place: Place): Row {
    const subnet = place as Subnet4
    const { assigned, declined } = this.#measured.table.counts(subnet.id)
    const given = this.#measured.counters.places.of(subnet.id)?.addresses.given ?? 0
    return [subnet.id, sizeOf(subnet), given, assigned + declined, declined]
  }
}

function packets4({ counters }: Measured4): GlobalReading[] {
  const count = (name: string, read: () => number): GlobalReading => ({
    name: `pkt4-${name}`,
    kind: 'count',
    read,
  })
  return [
    count('received', () => counters.received),
    ...TYPE_NAMES4.map((name, type) =>
      count(`${name}-received`, () => counters.receivedByType[type]!),
    ),
    count('lease-query-received', () => counters.receivedByType[LEASE_QUERY4.query]!),
    count('sent', () => counters.sent),
    ...SENT.map((type) => count(`${TYPE_NAMES4[type]}-sent`, () => counters.sentByType[type]!)),
    ...LEASE_QUERY_ANSWERS.map((kind) =>
      count(`lease-query-response-${kind}-sent`, () => counters.sentByType[LEASE_QUERY4[kind]]!),
    ),
    ...DROP_COUNTERS.map((name) => {
      const reasons = reasonsOf(DROP_COUNTERS4, name)
      return count(name, () => sumOf(counters.dropped, reasons))
    }),
  ]
}

function allocations4({ counters }: Measured4): GlobalReading[] {
  const { all } = counters.places
  const failed = UNSERVED_KINDS.map(
    ([kind, read]): GlobalReading => ({
      ...{ name: `v4-allocation-fail${kind}`, kind: 'count' },
      read: () => read(all.unserved),
    }),
  )
  return [
    ...failed,
    { name: 'v4-reservation-conflicts', kind: 'count', read: () => all.conflicts },
    { name: 'v4-lease-reuses', kind: 'count', read: () => all.reuses },
  ]
}

function ofSubnets4({ counters, table }: Measured4): GlobalReading[] {
  const { addresses } = counters.places.all
  const { counted } = table
  const assigned = () => counted.all.assigned + counted.all.declined
  return [
    { name: 'assigned-addresses', kind: 'state', read: assigned },
    { name: 'cumulative-assigned-addresses', kind: 'count', read: () => addresses.given },
    { name: 'declined-addresses', kind: 'state', read: () => counted.all.declined },
    {
      name: 'reclaimed-declined-addresses',
      kind: 'count',
      read: () => addresses.reclaimedDeclined,
    },
    { name: 'reclaimed-leases', kind: 'count', read: () => addresses.reclaimed },
  ]
}

function sizeOf({ pools }: Subnet4): number {
  return pools.reduce((sum, { range }) => sum + rangeSize(range), 0)
}

/** Pools with the same id count together, and all without one have 0. */
export function sizesByPool(pools: Subnet4['pools']): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>()
  for (const { id, range } of pools) sizes.set(id, (sizes.get(id) ?? 0) + rangeSize(range))
  return sizes
}
