// Kea's statistics as metrics, with the names and labels of Stork's agent and of kea-exporter. What
// statistic-reset does to a statistic does not touch them.

import { textFromPrefix6 } from '../../address/prefix6.ts'
import type { Subnet4 } from '../../config/plan/plan4.ts'
import type { Subnet6 } from '../../config/plan/plan6.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import type { Labels, Metric } from '../../ports/metrics.ts'
import type { Place, Source } from '../statistics/source.ts'
import {
  type MetricName,
  OPERATIONS,
  POOL_NAMES,
  SUBNET_NAMES4,
  SUBNET_NAMES6,
} from './kea-names.ts'
import { MetricList } from './metric-list.ts'

/** Subnets that are read in one turn. */
const AT_ONCE = 50

/** `undefined`: somebody else may have a turn. */
export function* keaMetrics(source: Source): Generator<Metric | undefined, void, undefined> {
  const list = new MetricList()
  addGlobals(source, list)
  let read = 0
  for (const place of source.subnets()) {
    addSubnet(source, place as Subnet4 | Subnet6, list)
    if (++read % AT_ONCE === 0) yield undefined
  }
  yield* list.all()
}

function addGlobals({ family, globals }: Source, list: MetricList): void {
  const values = new Map(globals.map(({ name, read }) => [name, read]))
  const told = (name: string) => values.get(name)?.() ?? 0
  const packets = (direction: 'received' | 'sent', operation: string, statistic: string) =>
    list.add(
      `kea_dhcp${family}_packets_${direction}_total`,
      `Messages of DHCPv${family} that were ${direction}, by type`,
      'counter',
      { operation },
      told(`pkt${family}-${statistic}`),
    )
  for (const direction of ['received', 'sent'] as const)
    for (const operation of OPERATIONS[family][direction])
      packets(direction, operation, `${operation}-${direction}`)
  packets('received', 'parse-failed', 'parse-failed')
  packets('received', 'drop', 'receive-drop')
  if (family === 6) addFourOverSix(list, told)
  for (const [kea, names] of family === 4 ? SUBNET_NAMES4 : SUBNET_NAMES6) {
    const read = values.get(kea)
    const first = names.find(({ context }) => context === undefined)
    if (read === undefined || first === undefined || isOfSubnetsOnly(kea)) continue
    const global = { ...first, name: `global${family}_${first.name}` }
    addNamed(list, family, global, {}, read())
  }
}

/** Stork's agent has no global value of what is leased now. */
function isOfSubnetsOnly(kea: string): boolean {
  return kea.startsWith('assigned-')
}

function addFourOverSix(list: MetricList, told: (name: string) => number): void {
  const help = 'Messages of DHCPv4 in those of DHCPv6'
  for (const operation of ['query', 'response'])
    list.add(
      'kea_dhcp6_packets_received_dhcp4_total',
      help,
      'counter',
      { operation },
      told(`pkt6-dhcpv4-${operation}-received`),
    )
  const sent = told('pkt6-dhcpv4-response-sent')
  list.add('kea_dhcp6_packets_sent_dhcp4_total', help, 'counter', { operation: 'response' }, sent)
}

const OF_POOL = /^(pd-)?pool\[(\d+)\]\.(.+)$/

function addSubnet(source: Source, subnet: Subnet4 | Subnet6, list: MetricList): void {
  const { family } = source
  const names = family === 4 ? SUBNET_NAMES4 : SUBNET_NAMES6
  const labels: Labels = {
    ...{ subnet: subnet.text, subnet_id: subnet.id, prefix: subnet.text },
    ...{ shared_network: subnet.network?.name ?? '', pool: '' },
  }
  for (const { name, value } of source.readings(subnet as Place)) {
    const [, isPd, poolId, rest = name] = OF_POOL.exec(name) ?? []
    if (poolId === undefined) {
      for (const one of names.get(name) ?? []) addNamed(list, family, one, labels, Number(value))
      continue
    }
    const pool = poolText(subnet, isPd !== undefined, Number(poolId))
    const own: Labels = { ...labels, pool, pool_id: poolId }
    const [shared] = names.get(rest) ?? []
    if (shared !== undefined) addNamed(list, family, shared, own, Number(value))
    for (const one of POOL_NAMES[isPd === undefined ? family : 'pd'].get(rest) ?? [])
      addNamed(list, family, one, own, Number(value))
  }
}

function addNamed(
  list: MetricList,
  family: 4 | 6,
  { name, help, kind, context }: MetricName,
  labels: Labels,
  value: number,
): void {
  const own = context === undefined ? labels : { ...labels, context }
  const type = kind === 'count' ? 'counter' : 'untyped'
  list.add(`kea_dhcp${family}_${name}`, help, type, own, value)
}

/** Of pools with the same id the first one's: as kea-exporter shows it. */
function poolText(subnet: Subnet4 | Subnet6, isPd: boolean, poolId: number): string {
  if (isPd && 'pdPools' in subnet) {
    const pool = subnet.pdPools.find(({ id }) => id === poolId)
    return pool === undefined ? '' : textFromPrefix6(pool.prefix)
  }
  for (const { id, range } of subnet.pools) {
    if (id !== poolId) continue
    const { first, last } = range
    return `${textFromKey(first)}-${textFromKey(last)}`
  }
  return ''
}
