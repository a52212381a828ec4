// Pools of a subnet, and the ranges that are searched for a free address.

import type { Ipv4, Ipv4Prefix, Ipv4Range } from '../../address/ipv4.ts'
import {
  ipv4FromText,
  prefixFromText,
  rangeContains,
  rangeOfPrefix,
  textFromIpv4,
  textFromPrefix,
} from '../../address/ipv4.ts'
import type { ClassMask } from '../../classify/class-set.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { PoolDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { OptionSet } from '../plan/option-set.ts'
import type { Pool4 } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import { compileNames } from './names.ts'
import type { OptionMerge } from './option-merge.ts'
import { compileOptions } from './options.ts'
import type { Scope } from './scope.ts'

const { 'pool-id': POOL_ID } = defaultsOf('pool', 'pool-id')

/** What the levels above hand down to pools. */
export interface PoolsLevel {
  readonly options: OptionSet
  readonly merge: OptionMerge
  readonly scope: Pick<Scope, 'given' | 'names' | 'naming'>
  readonly registry: OptionRegistry
  readonly classes: ClassLists
  /** Guards of the levels above. */
  readonly guards: readonly ClassMask[]
}

/**
 * A pool that is wrong is left out, and so is one that overlaps an earlier one. In document order.
 */
export function compilePools(
  documents: readonly PoolDocument[] | undefined,
  prefix: Ipv4Prefix,
  upper: PoolsLevel,
  site: Site,
): readonly Pool4[] {
  const pools: Pool4[] = []
  const indexes: number[] = []
  for (const [index, document] of (documents ?? []).entries()) {
    const at = site.at(index)
    const level = compileOptions(document['option-data'], at.entry.at('option-data'), upper)
    const { classes, guards } = upper
    const guard = classes.guard(document['client-classes'], guards, at.at('client-classes'))
    const range = compileRange(document.pool, prefix, at.at('pool'))
    if (range === undefined) continue
    const other = pools.findIndex((pool) => overlaps(pool.range, range))
    if (other >= 0) {
      const message = `${textFromRange(range)} overlaps pools[${indexes[other]}]`
      const hint = `which is ${textFromRange(pools[other]!.range)}`
      at.at('pool').error('pool-overlap', message, hint)
      continue
    }
    indexes.push(index)
    pools.push({
      id: document['pool-id'] ?? POOL_ID,
      range,
      guard,
      additional: classes.numbers(document['evaluate-additional-classes']),
      options: upper.merge.over(upper.options, 'pool', level),
      names: compileNames(document, upper.scope, at),
    })
  }
  return pools
}

function compileRange(text: string, subnet: Ipv4Prefix, site: Site): Ipv4Range | undefined {
  const range = rangeFromText(text)
  if (range === undefined) {
    const hint = '"192.0.2.10 - 192.0.2.99" or "192.0.2.64/26"'
    site.error('pool', `'${text}' is not a pool`, hint)
    return undefined
  }
  if (range.first > range.last) {
    const hint = `${textFromIpv4(range.last)} - ${textFromIpv4(range.first)}`
    site.error('pool', 'the last address is below the first', hint)
    return undefined
  }
  const whole = rangeOfPrefix(subnet)
  if (!rangeContains(whole, range.first) || !rangeContains(whole, range.last)) {
    const message = `${textFromRange(range)} is not in the subnet`
    site.error('outside-subnet', message, `inside ${textFromPrefix(subnet)}`)
    return undefined
  }
  warnOfEdges(range, subnet, site)
  return range
}

function rangeFromText(text: string): Ipv4Range | undefined {
  const ends = text.split('-')
  if (ends.length === 1) {
    const prefix = prefixFromText(text.trim())
    return prefix === undefined ? undefined : rangeOfPrefix(prefix)
  }
  const first = ipv4FromText(ends[0]!.trim())
  const last = ipv4FromText(ends[1]!.trim())
  if (ends.length > 2 || first === undefined || last === undefined) return undefined
  return { first, last }
}

/**
 * RFC 1122 §3.2.1.3: the all-zeros and all-ones host numbers are no hosts; RFC 3021: but in a /31.
 */
function edgesOf(subnet: Ipv4Prefix): readonly Ipv4[] {
  if (subnet.length > 30) return []
  const { first, last } = rangeOfPrefix(subnet)
  return [first, last]
}

function warnOfEdges(range: Ipv4Range, subnet: Ipv4Prefix, site: Site): void {
  const inside = edgesOf(subnet).filter((edge) => rangeContains(range, edge))
  if (inside.length === 0) return
  const which = inside.map(textFromIpv4).join(' and ')
  const verb = inside.length > 1 ? 'are not addresses of hosts' : 'is not an address of a host'
  const message = `${which} ${verb} in ${textFromPrefix(subnet)}`
  site.warning('pool-edge', message, 'left out when a free address is searched')
}

/**
 * The pools' ranges without the edges of the subnet: what clients may have, and of it what is found
 * by a search. Where `excludeFirstLast24` says so and the subnet is a /24 or larger, who does not
 * ask for it is given no address that ends in .0 or .255 (Kea does the same).
 */
export function rangesOfPools(
  pools: readonly Pool4[],
  subnet: Ipv4Prefix,
  excludeFirstLast24: boolean,
): { readonly ranges: readonly Ipv4Range[]; readonly dynamicRanges: readonly Ipv4Range[] } {
  const edges = edgesOf(subnet)
  const dynamicRanges = pools.flatMap(({ range }) => withoutEdges(range, edges))
  const isSplit = excludeFirstLast24 && subnet.length <= 24
  return { ranges: isSplit ? dynamicRanges.flatMap(splitBy24) : dynamicRanges, dynamicRanges }
}

function withoutEdges(range: Ipv4Range, edges: readonly Ipv4[]): readonly Ipv4Range[] {
  const first = range.first + (edges[0] === range.first ? 1 : 0)
  const last = range.last - (edges[1] === range.last ? 1 : 0)
  if (first === range.first && last === range.last) return [range]
  return first <= last ? [{ first, last }] : []
}

/** One range of at most 254 addresses for each /24 that the range touches. */
function splitBy24(range: Ipv4Range): readonly Ipv4Range[] {
  const ranges: Ipv4Range[] = []
  for (let base = range.first - (range.first % 256); base <= range.last; base += 256) {
    const first = Math.max(range.first, base + 1)
    const last = Math.min(range.last, base + 254)
    if (first <= last) ranges.push({ first, last })
  }
  return ranges
}

export function overlaps(a: Ipv4Range, b: Ipv4Range): boolean {
  return a.first <= b.last && b.first <= a.last
}

export function textFromRange(range: Ipv4Range): string {
  return `${textFromIpv4(range.first)} - ${textFromIpv4(range.last)}`
}
