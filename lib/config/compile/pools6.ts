// Pools of a subnet of DHCPv6, and the ranges that are searched for a free address.

import { ipv6FromText, textFromIpv6 } from '../../address/ipv6.ts'
import {
  ADDRESS_BITS,
  addressOf,
  isInside,
  lengthOf,
  type Prefix6,
  prefix6,
  prefix6FromText,
  textFromPrefix6,
} from '../../address/prefix6.ts'
import { hostRanges, partsOf, type Range6 } from '../../address/range6.ts'
import type { ClassMask } from '../../classify/class-set.ts'
import type { OptionRegistry } from '../../wire/options/registry.ts'
import type { PoolDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { OptionSet } from '../plan/option-set.ts'
import type { Pool6 } from '../plan/plan6.ts'
import type { Site } from '../text/site.ts'
import type { ClassLists } from './class-lists.ts'
import { compileNames } from './names.ts'
import type { OptionMerge } from './option-merge.ts'
import { compileOptions } from './options.ts'
import type { Scope6 } from './scope6.ts'

const { 'pool-id': POOL_ID } = defaultsOf('pool', 'pool-id')

/** What the levels above hand down to pools. */
export interface PoolsLevel6 {
  readonly options: OptionSet
  readonly merge: OptionMerge
  readonly scope: Pick<Scope6, 'given' | 'names' | 'naming'>
  readonly registry: OptionRegistry
  readonly classes: ClassLists
  /** Guards of the levels above. */
  readonly guards: readonly ClassMask[]
}

/** A pool that is wrong is left out. In document order. */
export function compilePools6(
  documents: readonly PoolDocument[] | undefined,
  prefix: Prefix6,
  upper: PoolsLevel6,
  site: Site,
): readonly Pool6[] {
  const pools: Pool6[] = []
  for (const [index, document] of (documents ?? []).entries()) {
    const at = site.at(index)
    const level = compileOptions(document['option-data'], at.entry.at('option-data'), upper)
    const { classes, guards } = upper
    const guard = classes.guard(document['client-classes'], guards, at.at('client-classes'))
    const range = compileRange(document.pool, prefix, at.at('pool'))
    if (range === undefined) continue
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

function compileRange(text: string, subnet: Prefix6, site: Site): Range6 | undefined {
  const range = rangeFromText6(text)
  if (range === undefined) {
    const hint = '"2001:db8::10 - 2001:db8::ffff" or "2001:db8::/80"'
    site.error('pool', `'${text}' is not a pool`, hint)
    return undefined
  }
  if (range.first > range.last) {
    const hint = textFromRange6({ first: range.last, last: range.first })
    site.error('pool', 'the last address is below the first', hint)
    return undefined
  }
  if (!isInside(range.first, subnet) || !isInside(range.last, subnet)) {
    const message = `${textFromRange6(range)} is not in the subnet`
    site.error('outside-subnet', message, `inside ${textFromPrefix6(subnet)}`)
    return undefined
  }
  warnOfReserved(range, subnet, site)
  return range
}

/** An IPv6 address has no hyphen. */
export function rangeFromText6(text: string): Range6 | undefined {
  const ends = text.split('-')
  if (ends.length === 1) {
    const prefix = text.includes('/') ? prefix6FromText(text.trim()) : undefined
    return prefix === undefined ? undefined : partsOf(prefix, ADDRESS_BITS)
  }
  const first = ipv6FromText(ends[0]!.trim())
  const last = ipv6FromText(ends[1]!.trim())
  if (ends.length > 2 || first === undefined || last === undefined) return undefined
  return { first: prefix6(first, ADDRESS_BITS), last: prefix6(last, ADDRESS_BITS) }
}

/** A small pool is written address by address: whoever counts on all of them is told. */
function warnOfReserved(range: Range6, subnet: Prefix6, site: Site): void {
  if (hostRanges(range, subnet).length > 0) return
  const message = `hosts may have no address of ${textFromRange6(range)}`
  site.warning('pool-edge', message, 'all are reserved by RFC 5453; nothing is given here')
}

/**
 * What clients may have, in the order of the pools: without the addresses that mean routers or
 * anycast groups (RFC 5453).
 */
export function rangesOfPools6(pools: readonly Pool6[], subnet: Prefix6): readonly Range6[] {
  return pools.flatMap(({ range }) => hostRanges(range, subnet))
}

export function textFromRange6({ first, last }: Range6): string {
  if (lengthOf(first) !== ADDRESS_BITS)
    return `${textFromPrefix6(first)} - ${textFromPrefix6(last)}`
  return `${textFromIpv6(addressOf(first))} - ${textFromIpv6(addressOf(last))}`
}
