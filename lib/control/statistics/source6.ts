// Statistics of DHCPv6, by Kea's names.

import { addressOf, lengthOf, type Prefix6 } from '../../address/prefix6.ts'
import { DROP_COUNTERS, DROP_COUNTERS6, reasonsOf } from '../../catalogue/drop-counters.ts'
import type { Plan6, Subnet6 } from '../../config/plan/plan6.ts'
import type { Range } from '../../leases/keys/key.ts'
import { RECEIVED6, SENT6 } from '../../server/counters6.ts'
import type { Measured6 } from '../../server/measures.ts'
import { UNSERVED_KINDS } from '../../server/subnet-counters.ts'
import { eventReadings, firstReadings, sumOf } from './readings.ts'
import type { GlobalReading, Place, Reading, Row, Source } from './source.ts'

/** Kea knows these types when a message of one has come. */
const LATE: ReadonlySet<string> = new Set(['confirm', 'reconfigure'])
/** What leaves, and what never does. */
const SENT = ['advertise', 'reply', 'addr-reg-reply'] as const
const NEVER_SENT = ['lease-query-reply', 'dhcpv4-response']

export class Source6 implements Source {
  readonly family = 6
  readonly globals: readonly GlobalReading[]
  readonly ofSubnets: ReadonlySet<string>
  readonly columns = [
    ...['subnet-id', 'total-nas', 'cumulative-assigned-nas', 'assigned-nas'],
    ...['declined-addresses', 'total-pds', 'cumulative-assigned-pds', 'assigned-pds'],
  ]
  readonly #measured: Measured6
  readonly #plan: () => Plan6 | undefined

  constructor(measured: Measured6, plan: () => Plan6 | undefined) {
    this.#measured = measured
    this.#plan = plan
    const ofSubnets = ofSubnets6(measured)
    this.globals = [...packets6(measured), ...allocations6(measured), ...ofSubnets]
    this.ofSubnets = new Set(ofSubnets.map(({ name }) => name))
  }

  subnets(): readonly Subnet6[] {
    return this.#plan()?.subnets ?? []
  }

  subnet(id: number): Subnet6 | undefined {
    return this.#plan()?.subnetById(id)
  }

  readings(place: Place): readonly Reading[] {
    const subnet = place as Subnet6
    const { id } = subnet
    const { counters, table } = this.#measured
    const counted = counters.places.of(id)
    const { assigned, declined, prefixes, registered } = table.counts(id)
    const { nas, pds } = sizesOf(subnet)
    return [
      { name: 'total-nas', kind: 'state', value: total(nas) },
      { name: 'total-pds', kind: 'state', value: total(pds) },
      { name: 'assigned-nas', kind: 'state', value: assigned - prefixes + declined },
      { name: 'assigned-pds', kind: 'state', value: prefixes },
      { name: 'declined-addresses', kind: 'state', value: declined },
      { name: 'registered-nas', kind: 'state', value: registered },
      { name: 'cumulative-registered-nas', kind: 'count', value: counted?.registered ?? 0 },
      { name: 'v6-ia-na-lease-reuses', kind: 'count', value: counted?.reuses ?? 0 },
      { name: 'v6-ia-pd-lease-reuses', kind: 'count', value: counted?.prefixReuses ?? 0 },
      ...eventReadings(
        ['cumulative-assigned-nas', 'cumulative-assigned-pds'],
        [counted?.addresses, counted?.prefixes],
      ),
      ...firstReadings('v6', counted?.unserved),
      ...[...nas].flatMap(([poolId, size]) => this.#pool(id, poolId, size)),
      ...[...pds].flatMap(([poolId, size]) => this.#pdPool(id, poolId, size)),
    ]
  }

  #pool(id: number, poolId: number, size: bigint): Reading[] {
    const { counters, table } = this.#measured
    const { assigned, declined } = table.counted.ofPool(id, poolId, false)
    const events = counters.places.of(id)?.addresses.ofPool(poolId)
    const pool = `pool[${poolId}].`
    return [
      { name: `${pool}total-nas`, kind: 'state', value: small(size) },
      { name: `${pool}assigned-nas`, kind: 'state', value: assigned + declined },
      { name: `${pool}declined-addresses`, kind: 'state', value: declined },
      ...eventReadings('cumulative-assigned-nas', [events], pool),
    ]
  }

  #pdPool(id: number, poolId: number, size: bigint): Reading[] {
    const { counters, table } = this.#measured
    const events = counters.places.of(id)?.prefixes.ofPool(poolId)
    const pool = `pd-pool[${poolId}].`
    const { assigned } = table.counted.ofPool(id, poolId, true)
    return [
      { name: `${pool}total-pds`, kind: 'state', value: small(size) },
      { name: `${pool}assigned-pds`, kind: 'state', value: assigned },
      { name: `${pool}cumulative-assigned-pds`, kind: 'count', value: events?.given ?? 0 },
      { name: `${pool}reclaimed-leases`, kind: 'count', value: events?.reclaimed ?? 0 },
    ]
  }

  beginAnew(): void {
    this.#measured.counters.places.beginAnew()
  }

  row(place: Place): Row {
    const subnet = place as Subnet6
    const { id } = subnet
    const { assigned, declined, prefixes } = this.#measured.table.counts(id)
    const counted = this.#measured.counters.places.of(id)
    const { nas, pds } = sizesOf(subnet)
    const addresses = [total(nas), counted?.addresses.given ?? 0, assigned - prefixes + declined]
    return [id, ...addresses, declined, total(pds), counted?.prefixes.given ?? 0, prefixes]
  }
}

function packets6({ counters }: Measured6): GlobalReading[] {
  const count = (name: string, read: () => number, isLate = false): GlobalReading => ({
    ...{ name: `pkt6-${name}`, kind: 'count', isLate },
    read,
  })
  return [
    count('received', () => counters.received),
    count('unknown-received', () => counters.receivedByType[0]!),
    ...Object.entries(RECEIVED6).map(([name, type]) =>
      count(`${name}-received`, () => counters.receivedByType[type]!, LATE.has(name)),
    ),
    count('sent', () => counters.sent),
    ...SENT.map((name) => count(`${name}-sent`, () => counters.sentByType[SENT6[name]]!)),
    ...NEVER_SENT.map((name) => count(`${name}-sent`, () => 0)),
    ...DROP_COUNTERS.map((name) => {
      const reasons = reasonsOf(DROP_COUNTERS6, name)
      return count(name, () => sumOf(counters.dropped, reasons))
    }),
  ]
}

function allocations6({ counters }: Measured6): GlobalReading[] {
  const { all } = counters.places
  const failed = UNSERVED_KINDS.map(
    ([kind, read]): GlobalReading => ({
      ...{ name: `v6-allocation-fail${kind}`, kind: 'count' },
      read: () => read(all.unserved),
    }),
  )
  return [
    ...failed,
    { name: 'v6-ia-na-lease-reuses', kind: 'count', read: () => all.reuses },
    { name: 'v6-ia-pd-lease-reuses', kind: 'count', read: () => all.prefixReuses },
  ]
}

function ofSubnets6({ counters, table }: Measured6): GlobalReading[] {
  const { all } = counters.places
  const { addresses, prefixes } = all
  const { counted } = table
  const nas = () => counted.all.assigned - counted.all.prefixes + counted.all.declined
  return [
    { name: 'assigned-nas', kind: 'state', read: nas },
    { name: 'assigned-pds', kind: 'state', read: () => counted.all.prefixes },
    { name: 'cumulative-assigned-nas', kind: 'count', read: () => addresses.given },
    { name: 'cumulative-assigned-pds', kind: 'count', read: () => prefixes.given },
    { name: 'cumulative-registered-nas', kind: 'count', read: () => all.registered },
    { name: 'declined-addresses', kind: 'state', read: () => counted.all.declined },
    {
      name: 'reclaimed-declined-addresses',
      kind: 'count',
      read: () => addresses.reclaimedDeclined,
    },
    {
      name: 'reclaimed-leases',
      kind: 'count',
      read: () => addresses.reclaimed + prefixes.reclaimed,
    },
  ]
}

interface Sizes {
  /** By id of the pool. */
  readonly nas: ReadonlyMap<number, bigint>
  readonly pds: ReadonlyMap<number, bigint>
}

/** Those of a subnet, reckoned once. */
const SIZES = new WeakMap<Subnet6, Sizes>()

export function sizesOf(subnet: Subnet6): Sizes {
  const known = SIZES.get(subnet)
  if (known !== undefined) return known
  const sizes = { nas: sizesByPool(subnet.pools), pds: sizesByPool(subnet.pdPools) }
  SIZES.set(subnet, sizes)
  return sizes
}

interface Pool {
  readonly id: number
  readonly range: Range<Prefix6>
}

function sizesByPool(pools: readonly Pool[]): ReadonlyMap<number, bigint> {
  const sizes = new Map<number, bigint>()
  for (const { id, range } of pools) sizes.set(id, (sizes.get(id) ?? 0n) + sizeOf(range))
  return sizes
}

/** Keys of the range, exactly. */
function sizeOf({ first, last }: Range<Prefix6>): bigint {
  return ((numberOf(last) - numberOf(first)) >> BigInt(128 - lengthOf(first))) + 1n
}

function numberOf(key: Prefix6): bigint {
  let number = 0n
  for (const octet of addressOf(key)) number = (number << 8n) | BigInt(octet.charCodeAt(0))
  return number
}

export function total(sizes: ReadonlyMap<number, bigint>): number | bigint {
  let sum = 0n
  for (const size of sizes.values()) sum += size
  return small(sum)
}

/** A plain number where one holds it. */
function small(size: bigint): number | bigint {
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : size
}
